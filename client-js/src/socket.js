// One namespace of one server, as the application sees it.
//
//   inactive -- connect() --> active -- CONNECT answered --> connected
//       ^                      |  ^                              |
//       |     refused, given up|  +-- connection lost, retried --+
//       +----------------------+---------------------------------+
//              disconnect(), by either side; connection lost for good

import { Acks } from './acks.js'
import { callSafely, Emitter } from './emitter.js'
import { ACK, BINARY_ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, encode, isReserved } from './packet.js'

/**
 * @typedef {object} SocketOptions
 * @property {Record<string, any> | ((send: (data?: Record<string, any>) => void) => void)} [auth]
 *     goes with every CONNECT; a function is asked each time, and may answer later
 * @property {number} [ackTimeout] deadline of every acknowledgement, as `timeout(ms)`
 */

/** @typedef {{ id?: number, messages: import('./packet.js').Messages }} Queued */

/**
 * Events: `connect`, `connect_error` (error, with the server's `data`), `disconnect` (reason, details),
 * and those of the server. A listener gets the acknowledgement callback, if the server asked for
 * one, as its last argument. Binary values arrive as ArrayBuffer.
 */
export class Socket extends Emitter {
  /** @type {import('./manager.js').Manager} */
  io
  /** @type {string} */
  nsp
  /**
   * Given by the server; undefined while not connected.
   * @type {string | undefined}
   */
  id
  /** Whether events reach the server now. */
  connected = false
  /** Whether the server restored the rooms and missed events of the last connection. */
  recovered = false
  /** @type {SocketOptions['auth']} */
  auth

  #ackTimeout
  #acks = new Acks()
  #isActive = false
  /**
   * The session in which CONNECT was sent and not answered yet.
   * @type {import('./session.js').Session | undefined}
   */
  #joiningIn
  /** Counts requests to join: an answer of `auth` to an old one is void. */
  #joinCount = 0
  /** @type {string | undefined} */
  #pid
  /** @type {string | undefined} */
  #offset
  /** @type {Queued[]} */
  #sendBuffer = []
  /** @type {import('./packet.js').Packet[]} */
  #receiveBuffer = []
  /** @type {import('./emitter.js').Listener[]} */
  #anyListeners = []
  /**
   * For the next emit. `takesError`: its acknowledgement takes an error first, timeout or not.
   * @type {{ isVolatile?: boolean, timeout?: number, takesError?: boolean }}
   */
  #flags = {}

  /**
   * @param {import('./manager.js').Manager} io
   * @param {string} nsp
   * @param {SocketOptions} [options]
   */
  constructor(io, nsp, { auth, ackTimeout } = {}) {
    super()
    this.io = io
    this.nsp = nsp
    this.auth = auth
    this.#ackTimeout = ackTimeout
  }

  get disconnected() { return !this.connected }

  /**
   * Whether the socket is connected, or will be without your doing. After `connect_error`
   * and `disconnect` this tells a passing failure (true) from a final one (false).
   */
  get active() { return this.#isActive }

  /** Without effect on an active socket. */
  connect() {
    if (this.#isActive) return this
    this.io.open()
    this.#isActive = true
    if (this.io._session?.isOpen) this._onOpen()
    return this
  }

  /** The same as `connect`. */
  open() { return this.connect() }

  /** Leaves the namespace; the last one to leave closes the connection. Nothing of it will be retried. */
  disconnect() {
    if (this.connected) this.#sendDisconnect()
    this.#leave('io client disconnect')
    return this
  }

  /** The same as `disconnect`. */
  close() { return this.disconnect() }

  /**
   * Sends an event; a function as the last argument is called with the server's answer.
   *
   * While not connected, `sendBufferSize` events are kept in order and sent after the next
   * CONNECT. What does not fit is dropped: an acknowledgement that takes an error gets it,
   * otherwise the manager fires `error`. A volatile event is dropped, silently unless it has
   * such an acknowledgement, if it cannot be sent at once or more than 16 KiB are waiting.
   *
   * Data is read now; binary values are not copied, so leave them alone until they are sent.
   * Throws a TypeError for a reserved name and for data that is not JSON, a RangeError for a
   * packet larger than the server takes.
   * @param {string} name
   * @param {any[]} args
   */
  emit(name, ...args) {
    const { isVolatile, timeout, takesError } = this.#flags
    this.#flags = {}
    if (typeof name !== 'string' || isReserved(name)) throw new TypeError(`event name "${name}" is reserved or no string`)
    const ack = typeof args.at(-1) === 'function' ? args.pop() : undefined
    const id = ack && this.#acks.nextId
    const packet = { id, messages: this.#encode({ type: EVENT, nsp: this.nsp, id, data: [name, ...args] }) }
    if (ack) {
      const limit = timeout ?? this.#ackTimeout ?? (takesError ? Infinity : undefined)
      this.#acks.add(ack, limit, () => this.#unqueue(packet))
    }
    this.#transmit(packet, !!isVolatile)
    return this
  }

  /**
   * `emit`, with the first value of the answer as a promise. It is rejected when the
   * connection ends before, or when a timeout passes.
   * @param {string} name
   * @param {any[]} args
   * @returns {Promise<any>}
   */
  emitWithAck(name, ...args) {
    return new Promise((resolve, reject) => {
      this.#flags.takesError = true
      /** @type {(error: Error | null, answer?: any) => void} */
      const ack = (error, answer) => error ? reject(error) : resolve(answer)
      this.emit(name, ...args, ack)
    })
  }

  /** @param {any[]} args of the event `message` */
  send(...args) { return this.emit('message', ...args) }

  /**
   * Gives the next emit a deadline for its acknowledgement, whose callback then takes an error first.
   * @param {number} milliseconds
   */
  timeout(milliseconds) {
    this.#flags.timeout = milliseconds
    return this
  }

  /** Makes the next emit one that is dropped rather than kept for later. */
  get volatile() {
    this.#flags.isVolatile = true
    return this
  }

  /** @param {import('./emitter.js').Listener} listener gets `(name, ...args)` of every event, before the others */
  onAny(listener) {
    this.#anyListeners = [...this.#anyListeners, listener]
    return this
  }

  /** @param {import('./emitter.js').Listener} [listener] none: all of them */
  offAny(listener) {
    this.#anyListeners = this.#anyListeners.filter((entry) => listener && entry !== listener)
    return this
  }

  /**
   * The connection is open: ask to join.
   * @internal
   */
  async _onOpen() {
    // Left and come back before the answer: that answer will do.
    if (this.#isJoining) return
    const count = ++this.#joinCount
    try {
      const auth = await this.#askAuth()
      if (count === this.#joinCount) this.#join(auth)
    } catch (error) {
      if (count === this.#joinCount) this.#onRefused(/** @type {Error} */ (error))
    }
  }

  /**
   * The connection was lost, or could not be made.
   * @internal
   * @param {string} reason
   * @param {Error} details
   * @param {boolean} willRetry
   */
  _onClose(reason, details, willRetry) {
    if (this.#reset(willRetry)) this.#onDisconnected(reason, details)
    else this._fire('connect_error', details)
  }

  /**
   * @internal
   * @param {import('./packet.js').Packet} packet of this namespace
   */
  _onPacket(packet) {
    const { type, id, data } = packet
    if (type === CONNECT) this.#onConnect(data)
    else if (type === CONNECT_ERROR) this.#onConnectError(data)
    else if (type === DISCONNECT) this.connected && this.#leave('io server disconnect')
    else if (type === ACK || type === BINARY_ACK) this.#acks.answer(/** @type {number} */ (id), data)
    else if (this.connected) this.#deliver(packet)
    else if (this.#isActive && this.#isJoining) this.#receiveBuffer.push(packet)
  }

  get #isJoining() { return !!this.#joiningIn && this.#joiningIn === this.io._session }

  /** @returns {Promise<any>} rejected also with what an `auth` function throws */
  async #askAuth() {
    const { auth } = this
    if (typeof auth !== 'function') return auth
    return new Promise((resolve, reject) => {
      Promise.resolve(auth(resolve)).catch(reject)
    })
  }

  /** @param {any} auth */
  #join(auth) {
    if (auth != null && typeof auth !== 'object') throw new TypeError('auth must be an object')
    const data = this.#pid ? { pid: this.#pid, offset: this.#offset, ...auth } : auth ?? undefined
    this.#send({ type: CONNECT, nsp: this.nsp, data })
    this.#joiningIn = this.io._session
  }

  /** @param {{ sid?: unknown, pid?: string }} [data] */
  #onConnect({ sid, pid } = {}) {
    if (!this.#isJoining) return
    this.#joiningIn = undefined
    if (!this.#isActive) return this.#sendDisconnect()
    if (typeof sid !== 'string') return this.#onRefused(new Error('the server speaks an older protocol'))
    this.id = sid
    this.connected = true
    this.recovered = !!pid && pid === this.#pid
    this.#pid = pid
    this.io._onJoin()
    for (const packet of this.#receiveBuffer.splice(0)) {
      if (this.connected) this.#deliver(packet)
    }
    this.#flush()
    if (this.connected) this._fire('connect')
  }

  /** @param {string | { message?: string, data?: any }} data */
  #onConnectError(data) {
    if (!this.#isJoining) return
    this.#joiningIn = undefined
    if (!this.#isActive) return
    const { message, data: why } = typeof data === 'string' ? { message: data } : data
    this.#onRefused(Object.assign(new Error(message), { data: why }))
  }

  /** @param {Error} error why this namespace cannot be joined; trying again is up to the application */
  #onRefused(error) {
    this.#leave()
    this._fire('connect_error', error)
  }

  /** @param {string} [reason] */
  #leave(reason) {
    const wasConnected = this.#reset(false)
    this.io._onLeave()
    if (wasConnected) this.#onDisconnected(reason)
  }

  /**
   * @param {boolean} isActive whether it stays active
   * @returns {boolean} whether it was connected
   */
  #reset(isActive) {
    const wasConnected = this.connected
    this.#isActive &&= isActive
    this.connected = false
    this.id = undefined
    this.#joinCount++
    this.#receiveBuffer = []
    return wasConnected
  }

  /**
   * @param {string} [reason]
   * @param {Error} [details]
   */
  #onDisconnected(reason, details) {
    this._fire('disconnect', reason, details)
    const isWaiting = (/** @type {number} */ id) => this.#sendBuffer.some((packet) => packet.id === id)
    this.#acks.failAll(new Error('socket has been disconnected'), isWaiting)
  }

  /** @param {import('./packet.js').Packet} packet an event */
  #deliver({ id, data }) {
    if (id !== undefined) data.push(this.#answer(id))
    for (const listener of this.#anyListeners) callSafely(listener, data, this)
    this._fire(data[0], ...data.slice(1))
    const last = data.at(-1)
    if (this.#pid && typeof last === 'string') this.#offset = last
  }

  /** @param {number} id */
  #answer(id) {
    const owner = this.id
    let isSent = false
    /** @param {any[]} args */
    return (...args) => {
      if (isSent || !owner || owner !== this.id) return
      this.#send({ type: ACK, nsp: this.nsp, id, data: args })
      isSent = true
    }
  }

  /**
   * @param {Queued} packet
   * @param {boolean} isVolatile
   */
  #transmit(packet, isVolatile) {
    // Behind those that wait, if any: order is kept.
    const session = this.connected && !this.#sendBuffer.length ? this.io._session : undefined
    if (isVolatile && !session?.isIdle) this.#drop(packet, new Error('volatile event dropped'), true)
    else if (session?.isWritable) session.send(packet.messages)
    else if (this.#sendBuffer.length < this.io.opts.sendBufferSize) this.#sendBuffer.push(packet)
    else this.#drop(packet, new Error('send buffer is full, event dropped'), false)
  }

  /** @param {import('./packet.js').Packet} packet */
  #encode(packet) {
    const messages = encode(packet)
    const refusal = this.io._refusal(messages)
    if (refusal) throw refusal
    return messages
  }

  /** @param {import('./packet.js').Packet} packet that is part of the session's own talk */
  #send(packet) { this.io._session?.send(this.#encode(packet)) }

  #flush() {
    for (const packet of this.#sendBuffer.splice(0)) {
      // The server's limit may not have been known when it was emitted.
      const refusal = this.io._refusal(packet.messages)
      if (refusal) this.#drop(packet, refusal, false)
      else this.#transmit(packet, false)
    }
  }

  /** @param {Queued} packet */
  #unqueue(packet) {
    this.#sendBuffer = this.#sendBuffer.filter((entry) => entry !== packet)
  }

  /**
   * Tells on a later microtask, never from within `emit`.
   * @param {Queued} packet
   * @param {Error} error
   * @param {boolean} isSilent if there is no acknowledgement to tell it
   */
  #drop({ id }, error, isSilent) {
    queueMicrotask(() => {
      if (!(id !== undefined && this.#acks.fail(id, error)) && !isSilent) this.io._fire('error', error)
    })
  }

  #sendDisconnect() { this.#send({ type: DISCONNECT, nsp: this.nsp }) }
}
