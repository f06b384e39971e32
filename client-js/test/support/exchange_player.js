// Plays a written conversation to the client: its own lines by calling its API, the server's by a WebSocket without
// a network. tests/vectors/sample_exchanges.json says what the lines mean.

import assert from 'node:assert/strict'
import { Decoder } from '../../src/decoder.js'
import { io } from '../../src/index.js'
import { ACK, BINARY_ACK, BINARY_EVENT, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT } from '../../src/packet.js'
import { FakeWebSocket, settled } from './fake_websocket.js'

const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex, 'hex')).buffer
const toHex = (message) => (typeof message === 'string' ? message : `binary ${Buffer.from(message).toString('hex')}`)

export class ExchangePlayer {
  /** What the application has heard. */
  heard = []
  /** What it should have heard, by the server's lines. */
  expected = []
  #timers
  #sockets = new Map()
  #manager
  #reader = new Decoder(10)
  #writer = new Decoder(10)
  #held = []

  /** @param timers of the running test, mocked */
  constructor(timers) {
    FakeWebSocket.all = []
    this.#timers = timers
    this.main = io('http://a.example', { WebSocket: FakeWebSocket, forceNew: true, randomizationFactor: 0, autoConnect: false })
    this.#manager = this.main.io
  }

  get ws() { return FakeWebSocket.last }

  /** Plays what the client does, or what the server sends. */
  async play(line) {
    const words = line.slice(2)
    if (line.startsWith('# ')) return words === 'lost' && this.ws.drop()
    if (line.startsWith('‹ ')) return this.#receive(words)
    if (words === 'websocket') return this.#open()
    if (words === 'close') return assert.equal(this.ws.readyState, 3)
    await this.#send(words)
  }

  /** The client must still work, and have sent nothing that no line tells. */
  async isAlive() {
    this.main.emit('alive')
    assert.equal(this.ws.readyState, 1)
    assert.deepEqual(this.ws.sent.map(toHex), ['42["alive"]'])
  }

  close() { this.#manager.disconnect() }

  #open() {
    const count = FakeWebSocket.all.length
    if (count === 0) this.#manager.open()
    else this.#timers.tick(5000) // it comes back by itself
    assert.equal(FakeWebSocket.all.length, count + 1)
  }

  #socket(nsp) {
    let socket = this.#sockets.get(nsp)
    if (socket) return socket
    socket = nsp === '/' ? this.main : this.#manager.socket(nsp)
    this.#sockets.set(nsp, socket)
    socket.onAny((...args) => this.heard.push([nsp, ...args.filter((value) => typeof value !== 'function')]))
    socket.on('connect', () => this.heard.push([nsp, 'connect', socket.id, socket.recovered]))
    socket.on('connect_error', (error) => this.heard.push([nsp, 'connect_error', error.message, error.data]))
    socket.on('disconnect', (reason) => this.heard.push([nsp, 'disconnect', reason]))
    return socket
  }

  /** A message of the client: it is made to send it. A packet whose attachments follow is sent with the last one. */
  async #send(words) {
    this.#held.push(words)
    const packet = this.#writer.add(words.startsWith('binary ') ? bytesOf(words.slice(7)) : words.slice(1))
    if (!packet) return
    await this.#act(packet)
    for (const message of this.#held.splice(0)) assert.equal(toHex(this.ws.sent.shift()), message)
  }

  async #act({ type, nsp, id, data }) {
    const socket = this.#socket(nsp)
    switch (type) {
      case CONNECT: return this.#join(socket, data)
      case DISCONNECT: return void socket.disconnect()
      case EVENT: case BINARY_EVENT:
        return void socket.emit(...data, ...(id === undefined ? [] : [(...values) => this.heard.push([nsp, 'ack', ...values])]))
      default: assert.fail(`the client cannot be made to send a packet of type ${type}`)
    }
  }

  async #join(socket, auth = {}) {
    if (!socket.active) {
      const { pid, offset, ...own } = auth // those it adds by itself
      socket.auth = Object.keys(own).length ? own : undefined
      socket.connect()
    }
    await settled()
  }

  async #receive(words) {
    if (words === 'close') return this.ws.drop(1005)
    if (words.startsWith('0')) return this.ws.receive(words)
    const message = words.startsWith('binary ') ? bytesOf(words.slice(7)) : words
    this.#expect(typeof message === 'string' ? message.slice(1) : message)
    if (this.ws.readyState !== 3) this.ws.receive(message) // the client may have had enough already
    await settled()
  }

  /** Notes what the application has to hear of a packet; nothing of one that breaks a rule. */
  #expect(message) {
    let packet
    try {
      packet = this.#reader.add(message)
    } catch {
      return
    }
    const { type, nsp, data } = packet ?? {}
    const socket = this.#sockets.get(nsp)
    if (type === EVENT || type === BINARY_EVENT) {
      if (socket?.active) this.expected.push([nsp, ...data])
    } else if (type === ACK || type === BINARY_ACK) {
      if (packet.id < 99) this.expected.push([nsp, 'ack', ...data])
    } else if (type === CONNECT_ERROR && !socket.connected) {
      this.expected.push([nsp, 'connect_error', data.message, data.data])
    } else if (type === CONNECT && !socket.connected) {
      this.expected.push([nsp, 'connect', data.sid, this.#isRecovery(data)])
    } else if (type === DISCONNECT && socket.connected) {
      this.expected.push([nsp, 'disconnect', 'io server disconnect'])
    }
  }

  #pid
  #isRecovery({ pid }) {
    const isSame = !!pid && pid === this.#pid
    this.#pid = pid
    return isSame
  }
}
