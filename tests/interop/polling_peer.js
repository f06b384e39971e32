// An Engine.IO client on long-polling that does nothing by itself: each request is sent, and each answer taken, by
// the test. As browsers do, it uses one keep-alive connection for its polls and another one for its POSTs.
import assert from 'node:assert/strict'
import { EnginePeer } from './engine_peer.js'
import { get, readAnswer, request } from './http_answers.js'
import { RawSocket } from './raw.js'
import { RawWebSocket } from './raw_websocket.js'
import { within } from './support.js'

/** Packets as one payload: joined with the record separator. */
export const payload = (...packets) => packets.join('\x1e')

/** An answer in one line: `200 4hello`, `200 6` and so on; an empty body is left out. */
export const brief = ({ status, body }) => (body.length ? `${status} ${body}` : `${status}`)

export const unknownSession = '400 {"code":1,"message":"Session ID unknown"}'
export const badRequest = '400 {"code":3,"message":"Bad request"}'

/** A connection that is opened by its first request, and again behind an answer that ended it. */
export class HttpConnection {
  #port
  #socket = null

  /** @param {{ after: (cleanup: () => void) => void }} owner a test or a server, with which it ends */
  constructor(owner, port) {
    this.#port = port
    owner.after(() => this.destroy())
  }

  async open() { this.#socket ??= await RawSocket.connect(this.#port) }

  async send(bytes) {
    await this.open()
    await this.#socket.write(bytes)
  }

  async answer(options) {
    const answer = await within(readAnswer(this.#socket, options), 'no answer')
    if (answer.headers.connection?.toLowerCase() === 'close') this.destroy()
    return answer
  }

  async exchange(bytes, options) {
    await this.send(bytes)
    return this.answer(options)
  }

  /** True if the server ends the connection, or resets it, without another byte. */
  endsSilently() { return within(this.#socket.isAtEnd().catch(() => true), 'no end') }

  /** Sends FIN, and goes on reading. */
  end() { return this.#socket.end() }

  reset() {
    this.#socket.reset()
    this.#socket = null
  }

  destroy() {
    this.#socket?.destroy()
    this.#socket = null
  }
}

export class PollingPeer {
  /** Opens a session; the payload of its open packet is `handshake`. */
  static async open(owner, port, { endpoint = '/engine.io/', query = '', headers = [] } = {}) {
    const peer = new PollingPeer(owner, port, endpoint)
    peer.first = await peer.polls.exchange(get(`${endpoint}?EIO=4&transport=polling${query}`, ...headers))
    assert.equal(peer.first.status, 200, `${peer.first.body}`)
    peer.opening = `${peer.first.body}`
    peer.handshake = JSON.parse(peer.opening.slice(1))
    return peer
  }

  /** Opens a session, joins a namespace, and takes all that comes unasked. */
  static async join(owner, port, nsp = '/', options = {}) {
    const peer = await PollingPeer.open(owner, port, { endpoint: '/socket.io/', ...options })
    const prefix = nsp === '/' ? '' : `${nsp},`
    assert.equal(await peer.post(`40${prefix}`), '200 ok')
    const [joined, auth] = await peer.receive(2)
    assert.match(joined, new RegExp(`^40${prefix}\\{"sid":"[\\w-]{20}"\\}$`))
    assert.equal(auth, `42${prefix}["auth",{}]`)
    peer.id = JSON.parse(joined.slice(2 + prefix.length)).sid
    return peer
  }

  #owner

  constructor(owner, port, endpoint) {
    this.#owner = owner
    this.port = port
    this.endpoint = endpoint
    this.polls = new HttpConnection(owner, port)
    this.posts = new HttpConnection(owner, port)
  }

  /** The target of its requests. */
  target(transport = 'polling') { return `${this.endpoint}?EIO=4&transport=${transport}&sid=${this.handshake.sid}` }

  /** The bytes of a request with a body. */
  toPost(body, ...headers) {
    const bytes = Buffer.from(body)
    const lines = ['Host: localhost', `Content-Length: ${bytes.length}`, ...headers]
    return Buffer.concat([Buffer.from(request(`POST ${this.target()} HTTP/1.1`, ...lines)), bytes])
  }

  /** Sends packets in one payload; answers as `brief` says it. */
  async post(...packets) { return brief(await this.posts.exchange(this.toPost(payload(...packets)))) }

  /** Sends a poll, and takes its answer. */
  async poll() { return brief(await this.polls.exchange(get(this.target()))) }

  /** Sends a poll, which the server has when this resolves: it has answered a request that was sent behind it. */
  async hold() {
    await this.polls.send(get(this.target()))
    await this.reaches()
  }

  /** Resolves when the server has read what was sent before. */
  async reaches() { assert.equal((await this.posts.exchange(get('/healthz'))).status, 200) }

  /** The answer to the poll that was sent last. */
  async answer() { return brief(await this.polls.answer()) }

  /** Polls until there are `count` packets. */
  async receive(count) {
    const packets = []
    while (packets.length < count) {
      const [, body] = /^200 (.*)$/s.exec(await this.poll()) ?? assert.fail('the poll was refused')
      packets.push(...body.split('\x1e'))
    }
    return packets
  }

  /** Opens the WebSocket of an upgrade, and sends nothing on it. */
  async openWebSocket({ query = '', headers = {}, behind = Buffer.alloc(0) } = {}) {
    const webSocket = await within(RawWebSocket.open(this.port, this.target('websocket') + query, headers, behind), 'no 101')
    this.#owner.after(() => webSocket.destroy())
    return new EnginePeer(webSocket)
  }

  /** Opens the WebSocket of an upgrade, up to the answer to the probe. */
  async probe() {
    const webSocket = await this.openWebSocket()
    await webSocket.exchange('2probe', ['3probe'])
    return webSocket
  }

  /** Goes over to WebSocket; a poll may not be under way. */
  async upgrade() {
    const webSocket = await this.probe()
    await webSocket.send('5')
    return webSocket
  }

  /** The session must be alive on polling, and have sent nothing else meanwhile. Only on the endpoint that echoes. */
  async isAlive(word = 'alive') {
    assert.equal(await this.post(`4${word}`), '200 ok')
    assert.equal(await this.poll(), `200 4${word}`)
  }

  /** Every request with its id must be answered with code 1. */
  async isGone() {
    assert.equal(await this.poll(), unknownSession)
    assert.equal(await this.post('4x'), unknownSession)
  }

  destroy() {
    this.polls.destroy()
    this.posts.destroy()
  }
}
