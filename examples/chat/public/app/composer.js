// The box one writes in: Enter sends, the box grows, the length is counted when it
// matters, and the others hear that somebody is typing.

import { byId } from './dom.js'
import { cleanText, lengthOf, limits } from './rules.js'

const sayTypingEvery = 3000
const idleAfter = 5000

export class Composer {
  #text = byId('text')
  #send = byId('composer').querySelector('.send')
  #onSend
  #onTyping
  #saidAt = 0
  #idle = null
  #drafts = new Map()
  #room = ''

  constructor({ onSend, onTyping }) {
    this.#onSend = onSend
    this.#onTyping = onTyping
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#text.addEventListener('input', () => this.#changed())
    this.#text.addEventListener('keydown', (event) => {
      // While an input method is composing, Enter chooses a word.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.#submit()
    })
    this.#show()
  }

  /** Each room keeps what was begun in it. */
  setRoom(room) {
    if (room === this.#room) return
    this.#stopTyping()
    this.#drafts.set(this.#room, this.#text.value)
    this.#room = room
    this.#text.value = this.#drafts.get(room) ?? ''
    this.#text.placeholder = `Message #${room}`
    this.#show()
  }

  focus() { this.#text.focus() }

  #submit() {
    const text = cleanText(this.#text.value)
    if (!text || lengthOf(text) > limits.text) return
    this.#stopTyping()
    this.#text.value = ''
    this.#show()
    this.#text.focus()
    this.#onSend(text)
  }

  #changed() {
    this.#show()
    if (cleanText(this.#text.value)) this.#sayTyping()
    else this.#stopTyping()
  }

  #sayTyping() {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#stopTyping(), idleAfter)
    if (Date.now() - this.#saidAt < sayTypingEvery) return
    this.#saidAt = Date.now()
    this.#onTyping(this.#room, true)
  }

  #stopTyping() {
    clearTimeout(this.#idle)
    if (this.#saidAt === 0) return
    this.#saidAt = 0
    this.#onTyping(this.#room, false)
  }

  #show() {
    const text = cleanText(this.#text.value)
    const left = limits.text - lengthOf(text)
    const counter = byId('text-counter')
    counter.textContent = left < 0 ? `${-left} too many` : left <= limits.text / 10 ? `${left} left` : ''
    counter.classList.toggle('over', left < 0)
    this.#text.toggleAttribute('aria-invalid', left < 0)
    this.#send.disabled = text === '' || left < 0
    this.#text.style.height = 'auto'
    this.#text.style.height = `${this.#text.scrollHeight}px`
  }
}
