// An Engine.IO client that does nothing by itself: each packet is sent, and each answer taken, by the test.
import assert from 'node:assert/strict'
import { binary, close, describe, opcodes, RawWebSocket, text } from './raw_websocket.js'
import { within } from './support.js'

export const path = '/socket.io/?EIO=4&transport=websocket'

export class EnginePeer {
  /**
   * Opens a session; the payload of its open packet is `handshake`.
   * @param {{ after: (cleanup: () => void) => void }} owner a test or a server, with which it ends
   */
  static async open(owner, port, { target = path, headers = {}, behind = [] } = {}) {
    const webSocket = await within(RawWebSocket.open(port, target, headers, Buffer.concat(behind.map(toFrame))), 'no 101')
    owner.after(() => webSocket.destroy())
    const peer = new EnginePeer(webSocket)
    peer.opening = await peer.receive()
    peer.handshake = JSON.parse(peer.opening.slice(1))
    return peer
  }

  /** Opens a session, joins the namespace, and takes all that comes unasked. */
  static async join(owner, port, nsp = '/', options) {
    const peer = await EnginePeer.open(owner, port, options)
    peer.id = await peer.join(nsp)
    return peer
  }

  constructor(webSocket) { this.webSocket = webSocket }

  /** Text packets as strings, binary ones as buffers; all in one write. */
  send(...packets) { return this.webSocket.send(...packets.map(toFrame)) }

  /** Joins a namespace; answers the id there. */
  async join(nsp = '/') {
    const prefix = nsp === '/' ? '' : `${nsp},`
    await this.send(`40${prefix}`)
    const answer = await this.receive()
    assert.match(answer, new RegExp(`^40${prefix}\\{"sid":"[\\w-]{20}"\\}$`))
    assert.equal(await this.receive(), `42${prefix}["auth",{}]`)
    return JSON.parse(answer.slice(2 + prefix.length)).sid
  }

  /** The next packet: a string, or a buffer if it is binary. `close`, with its code, once the server closes. */
  async receive() {
    const frame = await within(this.webSocket.receive(), 'no packet')
    if (!frame) return 'end'
    if (frame.opcode === opcodes.text) return frame.payload.toString()
    if (frame.opcode === opcodes.binary) return frame.payload
    if (frame.opcode === opcodes.close) await this.webSocket.send(close()).catch(() => {})
    return describe(frame)
  }

  /** Everything until the server has closed the WebSocket and TCP. */
  async receiveAll() {
    const packets = []
    while (packets.at(-1) !== 'end') packets.push(await this.receive())
    return packets
  }

  /** Sends, and takes as many packets as are expected. */
  async exchange(sent, expected) {
    await this.send(...[sent].flat())
    for (const packet of expected) assert.deepEqual(await this.receive(), packet)
  }

  /** The session must be alive, and have sent nothing else meanwhile. `/` must have been joined. */
  isAlive() { return this.exchange('42999["ack","alive"]', ['43999["alive"]']) }

  /** The server must close the session without another packet. */
  async isClosed(frame = 'close') { assert.deepEqual(await this.receiveAll(), [frame, 'end']) }

  destroy() { this.webSocket.destroy() }
}

function toFrame(packet) { return typeof packet === 'string' ? text(packet) : binary(packet) }
