// A relay in front of a server that lets WebSockets pass in stages: a test decides what happens in between.
import { once } from 'node:events'
import net from 'node:net'

// What a client sends on the WebSocket of an upgrade: its opening handshake, then these masked frames (RFC 6455
// section 5.2: 2 bytes, 4 of the mask, the payload), then anything.
const probeLength = 6 + '2probe'.length

const headEnd = '\r\n\r\n'

/** Bytes a client may have sent once it is in a stage. */
const lengths = {
  closed: () => 0,
  handshake: (head) => head,
  probe: (head) => head + probeLength,
  upgrade: () => Infinity
}

export class UpgradeGate {
  #listener
  #serverPort
  #webSockets = new Set()
  #sockets = new Set()
  #stage = 'closed'

  /** Listens in front of the server at `port`; at first no WebSocket passes, and everything else does. */
  static async open(port) {
    const gate = new UpgradeGate()
    gate.#serverPort = port
    gate.#listener = net.createServer((client) => gate.#relay(client)).listen(0, '127.0.0.1')
    await once(gate.#listener, 'listening')
    return gate
  }

  get url() { return `http://127.0.0.1:${this.#listener.address().port}` }

  /** WebSockets that are open. */
  get webSockets() { return this.#webSockets.size }

  /**
   * Lets through what clients send up to the end of `stage`, of WebSockets that are there and of new ones.
   * @param {'handshake' | 'probe' | 'upgrade'} stage
   */
  letPass(stage) {
    this.#stage = stage
    for (const webSocket of this.#webSockets) this.#forward(webSocket)
  }

  /** Whether a client waits at the gate with more than `stage`. @param {'closed' | 'handshake' | 'probe'} stage */
  isHeldAfter(stage) {
    return [...this.#webSockets].some(({ head, received }) => head > 0 && received > lengths[stage](head))
  }

  /** Breaks the WebSockets, as a network does. */
  cut() {
    for (const { client, server } of this.#webSockets) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  close() {
    this.#listener.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #relay(client) {
    const server = net.connect(this.#serverPort, '127.0.0.1')
    for (const [socket, other] of [[client, server], [server, client]]) {
      this.#sockets.add(socket.setNoDelay())
      socket.on('error', () => {}).on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    server.pipe(client)
    this.#readHead(client, server)
  }

  // The head of a connection's first request says what the connection is for.
  #readHead(client, server) {
    let start = Buffer.alloc(0)
    const read = (chunk) => {
      start = Buffer.concat([start, chunk])
      const end = start.indexOf(headEnd)
      if (end < 0) return
      client.off('data', read)
      const isUpgrade = /^upgrade: *websocket/im.test(start.subarray(0, end).toString('latin1'))
      if (isUpgrade) return this.#hold(client, server, start, end + headEnd.length)
      server.write(start)
      client.pipe(server)
    }
    client.on('data', read)
  }

  #hold(client, server, start, head) {
    const webSocket = { client, server, head, held: start, received: start.length, forwarded: 0 }
    this.#webSockets.add(webSocket)
    client.on('data', (chunk) => {
      webSocket.held = Buffer.concat([webSocket.held, chunk])
      webSocket.received += chunk.length
      this.#forward(webSocket)
    })
    client.on('close', () => this.#webSockets.delete(webSocket))
    this.#forward(webSocket)
  }

  #forward(webSocket) {
    const allowed = lengths[this.#stage](webSocket.head) - webSocket.forwarded
    const passing = webSocket.held.subarray(0, Math.max(0, allowed))
    webSocket.held = webSocket.held.subarray(passing.length)
    webSocket.forwarded += passing.length
    if (passing.length > 0) webSocket.server.write(passing)
  }
}
