// The connection that the namespaces of one server share, and its reconnection.
//
//              open()                  open packet
//   closed -------------> opening --------------------> open
//     ^                    |   ^                          |
//     |             failed |   | delay over, or online    | lost
//     | no more attempts   v   |                          v
//     +----------------- waiting <------------------------+
//
// Nobody left who wants the connection: closed, from every state.

import { backoff } from './backoff.js'
import { Decoder } from './decoder.js'
import { Emitter } from './emitter.js'
import { Session } from './session.js'
import { Socket } from './socket.js'
import { parseUrl, sessionUrl } from './url.js'

/**
 * @typedef {object} ManagerOptions
 * @property {string} [path] request path, not the namespace. Default `/socket.io/`
 * @property {Record<string, any>} [query] parameters for the server's `handshake.query`
 * @property {boolean} [autoConnect] connect at once. Default true
 * @property {boolean} [reconnection] Default true
 * @property {number} [reconnectionAttempts] in a row before giving up. Default Infinity
 * @property {number} [reconnectionDelay] before the first attempt, in milliseconds. Default 1000
 * @property {number} [reconnectionDelayMax] Default 5000
 * @property {number} [randomizationFactor] 0 to 1. Default 0.5
 * @property {number | false} [timeout] of one attempt, in milliseconds. Default 20000
 * @property {number} [sendBufferSize] packets that one socket keeps while it is not connected.
 *     Default 1000; see `Socket.emit` for what happens to the next one
 * @property {number} [maxAttachments] binary values in one packet, either way; the server has the
 *     same limit. At most 99. Default 10
 * @property {number} [ackTimeout] deadline of every acknowledgement, as `timeout(ms)`. Default none
 * @property {new (...args: any[]) => import('./session.js').WebSocketLike} [WebSocket] Default the global one
 * @property {string | string[]} [protocols] WebSocket subprotocols
 * @property {object} [webSocketOptions] third argument of the WebSocket's constructor (`ws`: headers, agent ...)
 * @property {EventTarget} [network] sends `online` and `offline`. Default the page or worker
 */

const defaults = {
  autoConnect: true,
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  randomizationFactor: 0.5,
  /** @type {number | false} */
  timeout: 20000,
  sendBufferSize: 1000,
  maxAttachments: 10,
}

/** @typedef {ManagerOptions & typeof defaults & { WebSocket: NonNullable<ManagerOptions['WebSocket']> }} Settings */

/** @typedef {'closed' | 'opening' | 'open' | 'waiting'} State as in the picture */

/**
 * Events: `open`, `close` (reason, details), `error` (error: a failed attempt, or a packet that had
 * to be dropped), `ping`, `reconnect_attempt` (n), `reconnect` (n), `reconnect_error` (error),
 * `reconnect_failed`.
 */
export class Manager extends Emitter {
  /**
   * May be changed; the next attempt uses what it finds here.
   * @type {Settings}
   */
  opts

  /** @type {Map<string, Socket>} */
  #sockets = new Map()
  #target
  /** @type {State} */
  #state = 'closed'
  /** Attempts since a namespace was last joined. */
  #attempts = 0
  #maxPayload = Infinity
  /** @type {Session | undefined} */
  #session
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #network
  /** @type {Decoder | undefined} of the session */
  #decoder

  /**
   * Throws for a bad URL or option. Connects when the first socket does.
   * @param {string} [url]
   * @param {ManagerOptions} [options]
   */
  constructor(url, options = {}) {
    super()
    this.#target = parseUrl(url)
    this.opts = withDefaults(options)
    this.#network = options.network ?? globalThis
  }

  /**
   * The socket of a namespace; made, and connected unless `autoConnect` is off, if there is none yet.
   * @param {string} nsp
   * @param {import('./socket.js').SocketOptions} [options]
   */
  socket(nsp, options) {
    let socket = this.#sockets.get(nsp)
    if (!socket) {
      socket = new Socket(this, nsp, options)
      this.#sockets.set(nsp, socket)
    }
    if (this.opts.autoConnect) socket.connect()
    return socket
  }

  /** Opens the connection. Without effect while it is open, being opened, or waiting for its next attempt. */
  open() {
    if (this.#state === 'closed') this.#attempt()
    return this
  }

  /** Ends the connection for all its sockets, with the reason `forced close` and no reconnection. */
  disconnect() {
    if (this.#state !== 'closed') this.#stop('forced close', new Error('forced close'), false)
    return this
  }

  /**
   * @internal
   * @param {string} nsp
   */
  _has(nsp) { return this.#sockets.has(nsp) }

  /**
   * The session that is open or being opened.
   * @internal
   */
  get _session() { return this.#session }

  /**
   * Why the server would not take a packet, if that is known now.
   * @internal
   * @param {import('./packet.js').Messages} messages
   * @returns {Error | undefined}
   */
  _refusal([text, ...attachments]) {
    const { maxAttachments } = this.opts
    const count = attachments.length
    if (count > maxAttachments) return new RangeError(`${count} attachments exceed maxAttachments (${maxAttachments})`)
    const limit = this.#maxPayload
    const size = Math.max(1 + byteLength(text, limit), ...attachments.map(sizeOf))
    if (size > limit) return new RangeError(`${size} bytes exceed the server's maxPayload (${limit})`)
  }

  /**
   * A namespace was joined: this is when the server has proved to work again.
   * @internal
   */
  _onJoin() { this.#attempts = 0 }

  /**
   * A socket lost interest.
   * @internal
   */
  _onLeave() {
    if (![...this.#sockets.values()].some((socket) => socket.active)) this.disconnect()
  }

  /**
   * @internal
   * @param {Session} session
   */
  _onSessionOpen(session) {
    this.#state = 'open'
    this.#maxPayload = session.maxPayload
    this._fire('open')
    for (const socket of this.#activeSockets()) socket._onOpen()
    if (this.#attempts) this._fire('reconnect', this.#attempts)
  }

  /**
   * @internal
   * @param {Session} session
   * @param {string | ArrayBuffer} message
   */
  _onMessage(session, message) {
    let packet
    try {
      packet = this.#decoder?.add(message)
    } catch (error) {
      return session.close('parse error', /** @type {Error} */ (error))
    }
    if (packet) this.#sockets.get(packet.nsp)?._onPacket(packet)
  }

  /**
   * @internal
   * @param {Session} session
   * @param {string} reason
   * @param {Error} details
   */
  _onSessionClose(session, reason, details) {
    if (session === this.#session) this.#stop(reason, details, true)
  }

  #attempt() {
    this.#decoder = new Decoder(this.opts.maxAttachments)
    this.#session = new Session(sessionUrl(this.#target, this.opts), this.opts, this)
    this.#state = 'opening'
    this.#watchNetwork('addEventListener')
  }

  /**
   * The attempt or the connection is over. Puts everything in its new state first and
   * tells about it then: listeners may connect and disconnect as they like.
   * @param {string} reason
   * @param {Error} details
   * @param {boolean} mayRetry
   */
  #stop(reason, details, mayRetry) {
    const wasOpen = this.#state === 'open'
    const attempts = this.#attempts
    const sockets = this.#activeSockets()
    const { reconnection, reconnectionAttempts } = this.opts
    const isWanted = mayRetry && reconnection && sockets.length > 0
    const willRetry = isWanted && attempts < reconnectionAttempts
    this.#endAttempt()
    if (willRetry) this.#wait()
    else this.#rest()

    const hasFailed = mayRetry && !wasOpen
    if (wasOpen) this._fire('close', reason, details)
    if (hasFailed) this._fire('error', details)
    for (const socket of sockets) socket._onClose(reason, details, willRetry)
    if (hasFailed && attempts) this._fire('reconnect_error', details)
    if (isWanted && !willRetry) this._fire('reconnect_failed')
  }

  #endAttempt() {
    clearTimeout(this.#timer)
    const session = this.#session
    this.#session = undefined // so that its onClose is not heard
    session?.close('forced close')
  }

  #wait() {
    this.#state = 'waiting'
    this.#timer = setTimeout(this.#retry, backoff(this.#attempts++, this.opts))
  }

  #rest() {
    this.#state = 'closed'
    this.#attempts = 0
    this.#watchNetwork('removeEventListener')
  }

  #retry = () => {
    clearTimeout(this.#timer)
    this._fire('reconnect_attempt', this.#attempts)
    // A listener may have ended it.
    if (this.#state === 'waiting') this.#attempt()
  }

  /** @param {'addEventListener' | 'removeEventListener'} method the first adds only once, however often it is called */
  #watchNetwork(method) {
    for (const name of ['online', 'offline']) this.#network[method]?.(name, this.#onNetwork)
  }

  /** @param {Event} event */
  #onNetwork = ({ type }) => {
    if (type === 'offline') this.#session?.close('transport close')
    else if (this.#state === 'waiting') this.#retry()
  }

  #activeSockets() {
    return [...this.#sockets.values()].filter((socket) => socket.active)
  }
}

/**
 * @param {ManagerOptions} options
 * @returns {Settings}
 */
function withDefaults(options) {
  /** @type {Record<string, any>} */
  const settings = { ...options }
  settings.WebSocket ??= globalThis.WebSocket
  if (!settings.WebSocket) throw new TypeError('no global WebSocket here: pass one, io(url, { WebSocket })')
  for (const [name, value] of Object.entries(defaults)) {
    const given = settings[name] ??= value
    // A `false` passes too: it switches `timeout` off and is 0 elsewhere.
    if (typeof value === 'number' && !(given >= 0)) throw new TypeError(`option ${name} is not a number: ${given}`)
  }
  return /** @type {Settings} */ (settings)
}

/**
 * @param {string} text
 * @param {number} limit
 * @returns {number} bytes of UTF-8, counted only if they might pass the limit
 */
function byteLength(text, limit) {
  return text.length * 3 < limit ? text.length : new TextEncoder().encode(text).length
}

/** @param {import('./binary.js').Binary} value */
function sizeOf(value) {
  return 'byteLength' in value ? value.byteLength : value.size
}
