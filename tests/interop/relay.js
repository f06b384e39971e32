// A relay in front of a server that breaks connections as networks do.
import { once } from 'node:events'
import net from 'node:net'

export class Relay {
  #listener
  #serverPort
  #pairs = new Set()
  #abandoned = new Set()

  /** Listens in front of the server at `port`. */
  static async open(port) {
    const relay = new Relay()
    relay.#serverPort = port
    relay.#listener = net.createServer((client) => relay.#relay(client)).listen(0, '127.0.0.1')
    await once(relay.#listener, 'listening')
    return relay
  }

  get url() { return `http://127.0.0.1:${this.#listener.address().port}` }

  /** Resets all connections, on both sides. */
  cut() {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  /** Takes all connections from the clients; the server notices nothing, and what it sends is lost. */
  abandon() {
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair)
      this.#abandoned.add(pair.server)
      pair.server.unpipe(pair.client).resume()
      pair.client.unpipe(pair.server).removeAllListeners('close')
      pair.client.resetAndDestroy()
    }
  }

  close() {
    this.#listener.close()
    for (const { client, server } of this.#pairs) {
      client.destroy()
      server.destroy()
    }
    for (const server of this.#abandoned) server.destroy()
  }

  #relay(client) {
    const pair = { client, server: net.connect(this.#serverPort, '127.0.0.1') }
    this.#pairs.add(pair)
    for (const [socket, other] of [[pair.client, pair.server], [pair.server, pair.client]]) {
      socket.setNoDelay().pipe(other)
      socket.on('error', () => {}).on('close', () => {
        this.#pairs.delete(pair)
        other.destroy()
      })
    }
  }
}
