// The two panels: rooms at the left, people at the right. On narrow screens they
// are drawers over the log.

import { byId, make, makeName, reconcile } from './dom.js'
import { cleanRoom, roomProblem } from './rules.js'
import { fillAvatar } from './text.js'

const showAtMost = 200

/** The lists of rooms and the form that opens another one. */
export class RoomsView {
  #onOpen
  #onLeave

  constructor({ onOpen, onLeave }) {
    this.#onOpen = onOpen
    this.#onLeave = onLeave
    byId('create').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit(byId('new-room'))
    })
    byId('new-room').addEventListener('input', () => this.showProblem(''))
  }

  /** @param {import('./room.js').Room[]} mine @param {string[]} others @param {string} active */
  show(mine, others, active) {
    const rows = mine.map((room) => ({ key: room.name, room }))
    reconcile(byId('mine'), rows, (row) => this.#createMine(row.room.name), (element, { room }) => {
      const button = element.firstElementChild
      if (room.name === active) button.setAttribute('aria-current', 'true')
      else button.removeAttribute('aria-current')
      this.#showUnread(button.querySelector('.badge'), room.unread)
      element.querySelector('.leave').hidden = mine.length === 1
    })
    reconcile(byId('others'), others.map((name) => ({ key: name })), (row) => this.#createOther(row.key))
    byId('others-block').hidden = others.length === 0
    const unread = mine.reduce((sum, room) => sum + (room.name === active ? 0 : room.unread), 0)
    byId('all-unread').hidden = unread === 0
  }

  showProblem(text) {
    byId('new-room-error').textContent = text
    byId('new-room').toggleAttribute('aria-invalid', text !== '')
  }

  #submit(input) {
    const room = cleanRoom(input.value)
    const problem = roomProblem(room)
    this.showProblem(problem)
    if (problem) return
    input.value = ''
    this.#onOpen(room)
  }

  #showUnread(badge, unread) {
    badge.hidden = unread === 0
    badge.replaceChildren(String(Math.min(unread, 99)), make('span', 'visually-hidden', ' unread'))
  }

  #createMine(name) {
    const element = make('li')
    const badge = make('span', 'badge')
    const leave = make('button', 'leave icon', '×')
    leave.type = 'button'
    leave.setAttribute('aria-label', `Leave ${name}`)
    leave.addEventListener('click', () => this.#onLeave(name))
    element.append(this.#roomButton(name, badge), leave)
    return element
  }

  #createOther(name) {
    const element = make('li')
    element.append(this.#roomButton(name))
    return element
  }

  #roomButton(name, ...more) {
    const button = make('button', 'room')
    button.type = 'button'
    const hash = make('span', 'hash', '#')
    hash.setAttribute('aria-hidden', 'true')
    button.append(hash, makeName(name, 'room-name'), ...more)
    button.addEventListener('click', () => this.#onOpen(name))
    return button
  }
}

/** @param {import('./room.js').Room} room @param {string} me */
export function showPeople({ members, isJoined }, me) {
  byId('people').classList.toggle('stale', !isJoined)
  const others = members.filter((name) => name !== me).sort((a, b) => a.localeCompare(b))
  const isHere = members.includes(me)
  const rows = [...(isHere ? [me] : []), ...others].slice(0, showAtMost).map((name) => ({ key: name, name }))
  const hidden = members.length - rows.length
  if (hidden > 0) rows.push({ key: '\n', more: `and ${hidden} more` })
  reconcile(byId('people'), rows, createPerson, (element, row) => {
    if (row.more) element.textContent = row.more
    else element.querySelector('.you').hidden = row.name !== me
  })
  byId('people-count').textContent = String(members.length)
}

function createPerson({ name, more }) {
  const element = make('li', 'person')
  if (more) return element
  const avatar = make('span', 'avatar small')
  avatar.setAttribute('aria-hidden', 'true')
  fillAvatar(avatar, name)
  element.append(avatar, makeName(name, 'person-name'), make('span', 'you', 'you'))
  return element
}

/** Opens and closes the drawers: one at a time, focus goes in and comes back. */
export class Drawers {
  #open = null
  #opener = null

  constructor() {
    for (const button of document.querySelectorAll('[data-open]')) {
      button.addEventListener('click', () => this.open(button.dataset.open, button))
    }
    for (const button of document.querySelectorAll('[data-close]')) {
      button.addEventListener('click', () => this.close())
    }
    byId('scrim').addEventListener('click', () => this.close())
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close()
    })
    matchMedia('(min-width: 1000px)').addEventListener('change', () => this.close())
  }

  open(id, opener) {
    this.close()
    this.#open = byId(id)
    this.#opener = opener
    this.#open.classList.add('open')
    opener.setAttribute('aria-expanded', 'true')
    byId('scrim').hidden = false
    byId('main').inert = true
    this.#open.querySelector('button:not([hidden]), input')?.focus()
  }

  close() {
    if (!this.#open) return
    this.#open.classList.remove('open')
    this.#opener.setAttribute('aria-expanded', 'false')
    byId('scrim').hidden = true
    byId('main').inert = false
    this.#opener.focus()
    this.#open = null
  }
}
