// Stock clients of compat-server, and what they hear.
import { Clients } from './clients.js'
import { next } from './support.js'

export class CompatClients extends Clients {
  /** A client that is connected; compat-server sends nothing unasked. */
  async connect(nsp = '/api', options = {}) {
    const socket = this.open(nsp, options)
    await next(socket, 'connect')
    return socket
  }

  /**
   * Connected clients that are in the rooms given for each.
   * @param {string[][]} rooms
   */
  async group(nsp, rooms) {
    const sockets = await Promise.all(rooms.map(() => this.connect(nsp)))
    for (const [i, socket] of sockets.entries()) {
      for (const room of rooms[i]) await answers(socket, 'join', room)
    }
    return new Group(sockets)
  }
}

class Group {
  constructor(sockets) {
    this.sockets = sockets
    this.heard = sockets.map(record)
  }

  /** What each has heard since the last call, once the server is through with all that was sent so far. */
  async hears() {
    for (const socket of [...this.sockets, ...this.sockets]) await answers(socket, 'state')
    return this.heard.map((heard) => heard.splice(0))
  }
}

/** All that a client hears from now on. */
export function record(socket) {
  const heard = []
  socket.onAny((...args) => heard.push(args))
  return heard
}

/** All values of the server's answer. */
export const answers = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...values) => resolve(values)))
