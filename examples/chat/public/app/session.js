// The connection: one socket, its state in words, and requests that are answered
// or fail. Reconnecting is the library's job; two cases it leaves to the
// application are handled here: the server ended the connection, and the server
// refused to let us in.

const answerTimeout = 10_000

/** Spread out, so that thousands of pages do not return in the same second. */
const pauseBeforeRetry = (random = Math.random) => 1000 + 2000 * random()

/**
 * @typedef {'idle' | 'connecting' | 'connected' | 'reconnecting'} State
 */

export class Session {
  #socket
  #onState
  #onRefused
  #timer = null
  #hasBeenConnected = false

  /** @type {State} */
  state = 'idle'

  /**
   * @param {object} parts
   * @param {() => object} parts.auth asked at every attempt
   * @param {(state: State) => void} parts.onState
   * @param {(problem: { message: string, suggestion?: string }) => void} parts.onRefused the name will not do, say
   * @param {Record<string, (data: any) => void>} parts.on what the server sends
   */
  constructor({ auth, onState, onRefused, on }) {
    this.#onState = onState
    this.#onRefused = onRefused
    this.#socket = io({ autoConnect: false, auth: (give) => give(auth()) })
    for (const [event, handler] of Object.entries(on)) this.#socket.on(event, handler)
    this.#socket.on('connect', () => this.#connected())
    this.#socket.on('disconnect', (reason) => this.#disconnected(reason))
    this.#socket.on('connect_error', (error) => this.#failed(error))
    addEventListener('online', () => this.retryNow())
  }

  get isConnected() { return this.#socket.connected }

  /** Connects; anew, if there is a connection (another name was chosen). */
  start() {
    this.#hasBeenConnected = false
    this.#setState('connecting')
    this.#connectAnew()
  }

  /** Does not wait for the next attempt. */
  retryNow() {
    if (this.state === 'reconnecting' || this.state === 'connecting') this.#connectAnew()
  }

  /** @returns {Promise<any>} the server's answer; rejects if none comes */
  request(event, ...args) {
    if (!this.isConnected) return Promise.reject(new Error('There is no connection.'))
    return new Promise((resolve, reject) => {
      this.#socket.timeout(answerTimeout).emit(event, ...args, (error, answer) => {
        if (error) reject(new Error('The server did not answer.'))
        else resolve(answer)
      })
    })
  }

  /** Sends what is worthless later: dropped without a connection. */
  notify(event, ...args) {
    if (this.isConnected) this.#socket.emit(event, ...args)
  }

  #connectAnew() {
    clearTimeout(this.#timer)
    this.#socket.disconnect()
    this.#socket.connect()
  }

  #connected() {
    this.#hasBeenConnected = true
    this.#setState('connected')
  }

  #disconnected(reason) {
    if (reason === 'io client disconnect') return
    this.#setState('reconnecting')
    if (!this.#socket.active) this.#retryLater()
  }

  #failed(error) {
    if (this.#socket.active) return this.#setState(this.#hasBeenConnected ? 'reconnecting' : 'connecting')
    if (!error.data?.code) return this.#retryLater()
    this.#setState('idle')
    this.#onRefused({ message: error.message, suggestion: error.data.suggestion })
  }

  #retryLater() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#socket.connect(), pauseBeforeRetry())
  }

  #setState(state) {
    if (state === this.state) return
    this.state = state
    this.#onState(state)
  }
}
