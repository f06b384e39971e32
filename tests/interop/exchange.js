// Plays a written conversation to a server: sends the client's lines, and expects the server's.
// tests/vectors/sample_exchanges.json says what the lines mean.
import assert from 'node:assert/strict'
import { EnginePeer } from './engine_peer.js'
import { get, request } from './http_answers.js'
import { brief, HttpConnection } from './polling_peer.js'
import { RawWebSocket } from './raw_websocket.js'
import { within } from './support.js'

const target = '/socket.io/?EIO=4&transport='

export class Exchange {
  #owner
  #port
  #interval
  #ids = new Map()
  #session = null
  #peer = null
  #polls
  #posts

  /**
   * @param {{ after: (cleanup: () => void) => void }} owner a test, with which it ends
   * @param {number} pingInterval of the server; the lines say 25000, and nobody waits that long
   */
  constructor(owner, port, pingInterval = 25_000) {
    this.#owner = owner
    this.#port = port
    this.#interval = pingInterval
    this.#polls = new HttpConnection(owner, port)
    this.#posts = new HttpConnection(owner, port)
  }

  /** The WebSocket's peer. */
  get peer() { return this.#peer }

  async play(line) {
    const words = line.slice(2).replaceAll('␞', '\x1e')
    return line.startsWith('› ') ? this.#send(this.#spoken(words)) : this.#expect(words)
  }

  /** The connection breaks off without a word. */
  lose() {
    this.#peer.destroy()
    this.#session = null
  }

  async #send(words) {
    const [kind, rest] = /^(GET held|GET|POST|websocket|frame|binary|close) ?(.*)$/s.exec(words)?.slice(1) ?? ['text', words]
    switch (kind) {
      case 'GET': return this.#polls.send(get(this.#target('polling')))
      case 'GET held':
        await this.#polls.send(get(this.#target('polling')))
        // Whatever is answered on another connection was sent behind it.
        return this.#posts.exchange(get('/nothing'))
      case 'POST': return this.#posts.send(this.#post(rest))
      case 'websocket': return this.#open()
      case 'frame': return this.#peer.webSocket.socket.write(Buffer.from(rest, 'hex'))
      case 'binary': return this.#peer.send(Buffer.from(rest, 'hex'))
      case 'close': return // EnginePeer has answered
      default: return this.#peer.send(rest)
    }
  }

  /** The next that comes must be what the line says; ids that are new in it are remembered. */
  async #expect(words) {
    const said = await within(this.#receive(words), words)
    const names = []
    const text = this.#spoken(words).replace('"pingInterval":25000', `"pingInterval":${this.#interval}`)
    const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/"([SCPO]\d)"/g, (quoted, name) => {
      names.push(name)
      return '"([^"]+)"'
    })
    const values = new RegExp(`^${pattern}$`, 's').exec(said) ?? assert.fail(`${said} instead of ${words}`)
    names.forEach((name, i) => this.#ids.set(name, values[i + 1]))
    if (names[0]?.startsWith('S')) this.#session = values[1]
  }

  /** What comes, written as the lines are. */
  async #receive(words) {
    if (words.startsWith('GET')) return `GET ${brief(await this.#polls.answer())}`
    if (words.startsWith('POST')) return `POST ${brief(await this.#posts.answer())}`
    if (words === '101') return words
    if (words.startsWith('frame')) return `frame ${(await this.#peer.webSocket.socket.read(words.length / 2 - 3)).toString('hex')}`
    const packet = await this.#peer.receive()
    return typeof packet === 'string' ? packet : `binary ${packet.toString('hex')}`
  }

  async #open() {
    const webSocket = await within(RawWebSocket.open(this.#port, this.#target('websocket')), 'no 101')
    this.#owner.after(() => webSocket.destroy())
    this.#peer = new EnginePeer(webSocket)
  }

  #target(transport) { return `${target}${transport}${this.#session ? `&sid=${this.#session}` : ''}` }

  #post(body) {
    const bytes = Buffer.from(body)
    const head = request(`POST ${this.#target('polling')} HTTP/1.1`, 'Host: localhost', `Content-Length: ${bytes.length}`)
    return Buffer.concat([Buffer.from(head), bytes])
  }

  /** With the server's ids in place of "C1" and the like, where they are known. */
  #spoken(words) {
    return words.replace(/"([SCPO]\d)"/g, (quoted, name) => (this.#ids.has(name) ? `"${this.#ids.get(name)}"` : quoted))
  }
}
