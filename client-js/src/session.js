// One Engine.IO session (protocol revision 4) over one WebSocket.
//
//   opening -- open packet --> open
//      \------------------------\--> closed (final: a new attempt is a new Session)

/**
 * The part of a WebSocket that is used, so that others than the global one do.
 * @typedef {object} WebSocketLike
 * @property {number} readyState
 * @property {number} bufferedAmount
 * @property {any} binaryType
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onerror
 * @property {((event: any) => void) | null} onclose
 * @property {(data: any) => void} send
 * @property {(code?: number, reason?: string) => void} close
 */

/**
 * Who hears of a Session. Never called from its methods, but for `close`.
 * @typedef {object} SessionOwner
 * @property {(session: Session) => void} _onSessionOpen
 * @property {(name: 'ping') => void} _fire
 * @property {(session: Session, message: string | ArrayBuffer) => void} _onMessage
 * @property {(session: Session, reason: string, details: Error) => void} _onSessionClose once, and
 *     last. The `cause` of `details` is the WebSocket's event, if there was one
 */

/**
 * @typedef {object} SessionOptions
 * @property {new (...args: any[]) => WebSocketLike} WebSocket
 * @property {string | string[]} [protocols]
 * @property {object} [webSocketOptions]
 * @property {number | false} timeout milliseconds until the open packet must be there
 */

const OPEN = 1 // WebSocket.readyState
const volatileLimit = 16384
const maxTimer = 2 ** 31 - 1

export class Session {
  /** Longest message the server takes, in bytes. Known once the session is open. */
  maxPayload = Infinity
  isOpen = false

  #ws
  #owner
  #isClosed = false
  #heartbeat = 0
  #deadline = Infinity
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /**
   * Throws what the WebSocket's constructor throws (bad URL, insecure address on a secure page).
   * @param {string} url
   * @param {SessionOptions} options
   * @param {SessionOwner} owner
   */
  constructor(url, { WebSocket, protocols, webSocketOptions, timeout }, owner) {
    this.#owner = owner
    const ws = this.#ws = new WebSocket(url, protocols, webSocketOptions)
    ws.binaryType = 'arraybuffer'
    ws.onmessage = ({ data }) => this.#receive(data)
    ws.onerror = (event) => this.#fail('websocket error', event)
    ws.onclose = (event) => this.close('transport close', new Error('websocket closed', { cause: event }))
    if (timeout !== false) this.#timer = setTimeout(() => this.#fail('timeout'), timeout)
  }

  /** Whether what is sent now has a chance to arrive. */
  get isWritable() {
    return this.isOpen && this.#ws.readyState === OPEN && !this.#hasExpired()
  }

  /** Whether little enough is waiting for the network that a volatile packet is still fresh. */
  get isIdle() {
    return this.isWritable && !(this.#ws.bufferedAmount > volatileLimit)
  }

  /** @param {import('./packet.js').Messages} messages of one packet */
  send([text, ...attachments]) {
    this.#ws.send(`4${text}`)
    for (const attachment of attachments) this.#ws.send(attachment)
  }

  /**
   * @param {string} reason
   * @param {Error} [details]
   */
  close(reason, details = new Error(reason)) {
    if (this.#isClosed) return
    this.#isClosed = true
    this.isOpen = false
    clearTimeout(this.#timer)
    // Not onerror: closing during the WebSocket handshake is an error, and `ws` wants it heard.
    this.#ws.onmessage = this.#ws.onclose = null
    this.#ws.close()
    this.#owner._onSessionClose(this, reason, details)
  }

  /**
   * @param {string} message
   * @param {any} [cause] an event or another error
   */
  #fail(message, cause) {
    this.close('transport error', new Error(message, { cause }))
  }

  /** @param {string | ArrayBuffer} data */
  #receive(data) {
    if (!this.isOpen) return this.#open(data)
    if (typeof data !== 'string') return this.#owner._onMessage(this, data)
    const type = data[0]
    if (type === '4') this.#owner._onMessage(this, data.slice(1))
    else if (type === '2') this.#pong()
    else if (type === '1') this.close('transport close')
    // Open, pong, upgrade and noop mean nothing here.
    else if (!/[0356]/.test(type)) this.#fail('invalid Engine.IO packet')
  }

  /** @param {any} data the first message, which must be an open packet */
  #open(data) {
    try {
      const { sid, pingInterval, pingTimeout, maxPayload } = JSON.parse(data.slice(1))
      if (data[0] !== '0' || typeof sid !== 'string' || !(pingInterval > 0 && pingTimeout > 0)) throw new Error(data)
      this.#heartbeat = Math.min(pingInterval + pingTimeout, maxTimer)
      if (maxPayload > 0) this.maxPayload = maxPayload
    } catch (cause) {
      return this.#fail('invalid handshake', cause)
    }
    this.isOpen = true
    this.#restartDeadline()
    this.#owner._onSessionOpen(this)
  }

  #pong() {
    this.#restartDeadline()
    if (this.#ws.readyState === OPEN) this.#ws.send('3')
    this.#owner._fire('ping')
  }

  #restartDeadline() {
    clearTimeout(this.#timer)
    this.#deadline = Date.now() + this.#heartbeat
    this.#timer = setTimeout(() => this.#expire(), this.#heartbeat)
  }

  /**
   * Timers stand still while a tab or a machine sleeps, the clock does not. What is
   * found here is reported on a later microtask: callers are in the midst of sending.
   */
  #hasExpired() {
    if (Date.now() < this.#deadline) return false
    queueMicrotask(() => this.#expire())
    return true
  }

  #expire() {
    this.close('ping timeout')
  }
}
