// Stock clients for tests: socket.io-client over WebSocket, ended with the test that opened them.
import { io } from 'socket.io-client'
import { next } from './support.js'

/** Opens clients of `server()`, and remembers them to close them all after a test. */
export class Clients {
  #server
  #open = []

  /** @param {() => { url: string }} server */
  constructor(server) { this.#server = server }

  /** A client that is connecting, with a connection of its own. */
  open(nsp = '/', options = {}) {
    const socket = io(this.#server().url + nsp, { transports: ['websocket'], forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 100, ...options })
    this.#open.push(socket)
    return socket
  }

  /** A client that is connected and has got `auth`, which is all that comes unasked. */
  async connect(nsp, options) {
    const socket = this.open(nsp, options)
    await next(socket, 'auth')
    return socket
  }

  /** Another namespace on the connection of `socket`. */
  share(socket, nsp, options) {
    const other = socket.io.socket(nsp, options)
    this.#open.push(other)
    return other
  }

  closeAll() {
    for (const socket of this.#open.splice(0)) {
      socket.removeAllListeners()
      socket.disconnect()
      socket.io.reconnection(false)
    }
  }
}
