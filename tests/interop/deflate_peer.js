// A WebSocket client with permessage-deflate (RFC 7692) that does nothing by itself: each frame is sent, and each
// message taken, by the test, which sees the bytes as they were on the wire.
import assert from 'node:assert/strict'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib'
import { RawSocket } from './raw.js'
import { describe, fragments, opcodes, openingHandshake, RawWebSocket } from './raw_websocket.js'
import { within } from './support.js'

export const extension = 'permessage-deflate'
export const rsv1 = 4
export const MiB = 1024 * 1024
const tail = Buffer.from([0, 0, 0xff, 0xff])

/** A header value as `extension; parameter; parameter`. */
export const offer = (...parameters) => [extension, ...parameters].join('; ')

/** A zlib stream that makes or reads one message after another, with what went before as context. */
class Context {
  #stream
  #chunks = []

  constructor(stream) {
    this.#stream = stream
    stream.on('data', (chunk) => this.#chunks.push(chunk))
  }

  /** All that comes out for these bytes. */
  put(...parts) {
    const done = new Promise((resolve, reject) => {
      this.#stream.once('error', reject)
      for (const part of parts) this.#stream.write(part)
      this.#stream.flush(constants.Z_SYNC_FLUSH, () => {
        this.#stream.off('error', reject)
        resolve(Buffer.concat(this.#chunks.splice(0)))
      })
    })
    return within(done, 'zlib answers nothing')
  }
}

/** Compresses messages (RFC 7692 section 7.2.1), with context unless a new one is made for each. */
export class Deflater extends Context {
  constructor(options) { super(createDeflateRaw(options)) }

  async message(payload) {
    if (!payload.length) return Buffer.from([0]) // section 7.2.3.6
    return (await this.put(Buffer.from(payload))).subarray(0, -tail.length)
  }
}

/**
 * The opposite (section 7.2.2). With a window given, it refuses what refers farther back: zlib would otherwise look
 * at what it wrote in the same go, which therefore is little.
 */
export class Inflater extends Context {
  constructor({ windowBits } = {}) { super(createInflateRaw(windowBits ? { windowBits, chunkSize: 64 } : { chunkSize: 1 << 20 })) }

  message(payload) { return this.put(payload, tail) }
}

/** One message, without context. */
export const deflate = (payload, options) => new Deflater(options).message(payload)
export const inflate = (payload, options) => new Inflater(options).message(payload)

/** A message that becomes `count` MiB of zeros: about a thousandth of that. */
export function bomb(count, first = '') {
  const one = deflateRawSync(Buffer.alloc(MiB), { finishFlush: constants.Z_FULL_FLUSH })
  const start = deflateRawSync(Buffer.from(first), { finishFlush: constants.Z_FULL_FLUSH })
  return Buffer.concat([first ? start : Buffer.alloc(0), ...Array(count).fill(one)]).subarray(0, -4)
}

/** A compressed message, from what is to be on the wire, in frames of `size` bytes. */
export const deflated = (opcode, wire, size = Infinity) => fragments(opcode, wire, size, rsv1)
export const deflatedText = (wire, size) => deflated(opcodes.text, Buffer.from(wire), size)

/**
 * The value of Sec-WebSocket-Extensions that a handshake is answered with, undefined if there is none. It must be
 * answered 101.
 * @param {string | string[]} offered one header line, or several
 */
export async function answerTo(port, offered, path = '/echo', name = 'Sec-WebSocket-Extensions') {
  const client = await within(RawWebSocket.open(port, path, { [name]: offered }), 'no 101')
  client.destroy()
  return extensionsOf(client.head)
}

/** The same from the head of an answer, in which the header may stand once at most. */
export function extensionsOf(head) {
  const values = [...head.matchAll(/^sec-websocket-extensions:[ \t]*([^\r]*)\r$/gim)].map(([, value]) => value)
  assert.ok(values.length < 2, `${values.length} times Sec-WebSocket-Extensions`)
  return values[0]
}

export class DeflatePeer {
  /**
   * Opens a WebSocket, for which the extension must be agreed upon.
   * @param {{ after: (cleanup: () => void) => void }} owner a test or a server, with which it ends
   */
  static async open(owner, port, { path = '/echo', offered = extension, behind } = {}) {
    const webSocket = await within(RawWebSocket.open(port, path, { 'Sec-WebSocket-Extensions': offered }, behind), 'no 101')
    owner.after(() => webSocket.destroy())
    const peer = new DeflatePeer(webSocket)
    assert.match(peer.extensions ?? '', /^permessage-deflate(;|$)/)
    return peer
  }

  constructor(webSocket) {
    this.webSocket = webSocket
    this.extensions = extensionsOf(webSocket.head)
    const keeps = (side) => !this.extensions?.includes(`${side}_no_context_takeover`)
    // Of the window that the server has promised, so that it is held to it.
    const bits = /server_max_window_bits=(\d+)/.exec(this.extensions)?.[1]
    this.newInflater = () => new Inflater({ windowBits: bits && Number(bits) })
    this.inflater = keeps('server') ? this.newInflater() : null
    this.deflater = keeps('client') ? new Deflater() : null
  }

  send(...frames) { return this.webSocket.send(...frames) }

  /** Sends a compressed text message, with context if that is agreed. */
  async sendText(payload, size) { await this.send(await this.deflatedText(payload, size)) }

  async deflatedText(payload, size) { return deflatedText(await (this.deflater ?? new Deflater()).message(payload), size) }

  /**
   * The server's next frame; a data message has to be in one, or in fragments of which only the first has RSV1.
   * `wire` is what was sent, `payload` what it means; null at the end.
   */
  async receive() {
    const first = await within(this.webSocket.receiveExtended(), 'no message')
    if (!first || first.opcode > opcodes.binary) {
      assert.ok(!first?.rsv, 'a control frame with a reserved bit')
      return first
    }
    assert.notEqual(first.opcode, opcodes.continuation)
    assert.equal(first.rsv & ~rsv1, 0, 'RSV2 or RSV3')
    const wire = [first.payload]
    for (let last = first; !last.isFinal; wire.push(last.payload)) {
      last = await within(this.webSocket.receiveExtended(), 'no continuation')
      assert.deepEqual([last.opcode, last.rsv], [opcodes.continuation, 0])
    }
    return this.#message(first, Buffer.concat(wire))
  }

  async #message({ opcode, rsv }, wire) {
    const isDeflated = rsv === rsv1
    const payload = isDeflated ? await (this.inflater ?? this.newInflater()).message(wire) : wire
    return { opcode, isDeflated, isFinal: true, wire, payload }
  }

  /** The next message as `describe` says it, with `plain` in front if it is not compressed; `end` at the end. */
  async hear() {
    const message = await this.receive()
    if (!message) return 'end'
    return `${message.isDeflated === false ? 'plain ' : ''}${describe(message)}`
  }

  /** Everything until the server has ended TCP, as `hear` says it. */
  async hearAll() {
    const heard = []
    while (heard.at(-1) !== 'end') heard.push(await this.hear())
    return heard.slice(0, -1)
  }

  /** The code with which the server fails the connection, having said nothing else. */
  async failure() {
    const [first, ...more] = await this.hearAll()
    assert.deepEqual(more, [])
    return Number(/^close (\d+) ./.exec(first)?.[1] ?? assert.fail(`${first}`))
  }

  /** The connection must work, in both directions with compression, and nothing else have been said. */
  async isAlive() {
    await this.sendText('alive')
    assert.equal(await this.hear(), 'text alive')
  }

  destroy() { this.webSocket.destroy() }
}

/** Sends a handshake, which must agree, and what is behind it in one segment; all that comes until the end. */
export async function inOneSegment(port, path, behind) {
  const socket = await RawSocket.connect(port)
  try {
    await socket.write(Buffer.concat([Buffer.from(openingHandshake(port, path, { 'Sec-WebSocket-Extensions': extension })), behind]))
    assert.equal(extensionsOf((await socket.readUntil('\r\n\r\n')).toString()), extension)
    return await within(socket.readToEnd(), 'no end')
  } finally {
    socket.destroy()
  }
}
