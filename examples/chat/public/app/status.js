// Says how the connection is, and what goes wrong.

import { byId } from './dom.js'

const words = {
  idle: 'not connected',
  connecting: 'connecting…',
  connected: 'connected',
  reconnecting: 'reconnecting…',
  offline: 'offline',
}

const showErrorFor = 10_000

export class StatusView {
  #state = 'idle'
  #since = 0
  #ticker = null
  #errorTimer = null

  constructor({ onTryNow }) {
    byId('try-now').addEventListener('click', onTryNow)
    byId('error-close').addEventListener('click', () => this.#hideError())
    addEventListener('offline', () => this.#render())
    addEventListener('online', () => this.#render())
  }

  /** @param {import('./session.js').State} state */
  show(state) {
    if (state === 'connected') this.#hideError()
    if (state === 'reconnecting' && this.#state !== 'reconnecting') this.#since = Date.now()
    this.#state = state
    clearInterval(this.#ticker)
    if (state === 'reconnecting') this.#ticker = setInterval(() => this.#render(), 1000)
    this.#render()
  }

  error(text) {
    byId('error-text').textContent = text
    byId('error-notice').hidden = false
    clearTimeout(this.#errorTimer)
    this.#errorTimer = setTimeout(() => this.#hideError(), showErrorFor)
  }

  // Without a network a server on this machine still answers: "offline" only
  // explains why there is no connection.
  #render() {
    const isDown = this.#state === 'reconnecting'
    const state = isDown && !navigator.onLine ? 'offline' : this.#state
    const status = byId('status')
    if (status.dataset.state !== state) {
      status.dataset.state = state
      status.querySelector('.status-text').textContent = words[state]
    }
    byId('offline-notice').hidden = !isDown
    if (!isDown) return
    const seconds = Math.round((Date.now() - this.#since) / 1000)
    const cause = state === 'offline' ? 'This device is offline' : 'The connection is lost'
    const since = seconds < 2 ? '' : ` (${duration(seconds)} ago)`
    byId('offline-text').textContent = `${cause}${since}. What you write is kept, and sent when it is back.`
  }

  #hideError() {
    clearTimeout(this.#errorTimer)
    byId('error-notice').hidden = true
  }
}

const duration = (seconds) => (seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`)
