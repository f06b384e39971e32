// WebSocket frames, built and read byte by byte (RFC 6455 section 5.2).
import { createHash } from 'node:crypto'
import { RawSocket } from './raw.js'

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }
export const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const mask = Buffer.from('a1b2c3d4', 'hex')

/** Of a `Sec-WebSocket-Key` (RFC 6455 section 4.2.2). */
export function acceptOf(key) {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** The head of an opening handshake: `changes` replaces header lines, or leaves out those that are null. */
export function openingHandshake(port, path = '/echo', changes = {}, start = `GET ${path} HTTP/1.1`) {
  const headers = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...changes
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}`))
  return `${[start, ...lines].join('\r\n')}\r\n\r\n`
}

// The extended length in its shortest form, or in the form asked for: 7, 16 or 64 bits.
function lengthField(length, bits = length < 126 ? 7 : length < 65536 ? 16 : 64) {
  if (bits === 7) return { short: length, extended: Buffer.alloc(0) }
  const extended = Buffer.alloc(bits / 8)
  if (bits === 16) extended.writeUInt16BE(length)
  else extended.writeBigUInt64BE(BigInt(length))
  return { short: bits === 16 ? 126 : 127, extended }
}

/**
 * A client's frame. `announced` says another length than the payload's, `bits` another form of it, `key` another
 * mask (null for none).
 */
export function frame(opcode, payload = '', { fin = true, rsv = 0, key = mask, bits, announced } = {}) {
  const body = Buffer.from(payload)
  const { short, extended } = lengthField(announced ?? body.length, bits)
  const first = (fin ? 0x80 : 0) | rsv << 4 | opcode
  const header = Buffer.from([first, (key ? 0x80 : 0) | short])
  if (!key) return Buffer.concat([header, extended, body])
  for (let i = 0; i < body.length; ++i) body[i] ^= key[i % 4]
  return Buffer.concat([header, extended, key, body])
}

export const text = (payload, how) => frame(opcodes.text, payload, how)
export const binary = (payload, how) => frame(opcodes.binary, payload, how)
export const continuation = (payload, how) => frame(opcodes.continuation, payload, how)
export const ping = (payload, how) => frame(opcodes.ping, payload, how)
export const pong = (payload, how) => frame(opcodes.pong, payload, how)
export const close = (code, reason) => frame(opcodes.close, closePayload(code, reason))

export function closePayload(code, reason = '') {
  if (code === undefined) return Buffer.alloc(0)
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
}

/** A message in frames of `size` bytes of payload each; `rsv` of the first of them. */
export function fragments(opcode, payload, size, rsv = 0) {
  const bytes = Buffer.from(payload)
  const frames = []
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    const isLast = at + size >= bytes.length
    frames.push(frame(at === 0 ? opcode : opcodes.continuation, bytes.subarray(at, at + size), { fin: isLast, rsv: at === 0 ? rsv : 0 }))
  }
  return Buffer.concat(frames)
}

/** What a server's frame says, in one word: `text Hello`, `binary 0102`, `close 1000 bye`. */
export function describe({ opcode, payload, isFinal }) {
  const more = isFinal ? '' : '...'
  switch (opcode) {
    case opcodes.text: return `text ${payload}${more}`
    case opcodes.binary: return `binary ${payload.toString('hex')}${more}`
    case opcodes.ping: return `ping ${payload}`
    case opcodes.pong: return `pong ${payload}`
    case opcodes.close:
      return ['close', ...(payload.length ? [payload.readUInt16BE(), payload.subarray(2)] : [])].join(' ').trim()
    default: return `opcode ${opcode}`
  }
}

export class RawWebSocket {
  /** Opens the endpoint; the head of the answer is in `head`. */
  static async open(port, path = '/echo', changes = {}, behind = Buffer.alloc(0)) {
    const socket = await RawSocket.connect(port)
    await socket.write(Buffer.concat([Buffer.from(openingHandshake(port, path, changes)), behind]))
    const head = (await socket.readUntil('\r\n\r\n')).toString('latin1')
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${head}`)
    return new RawWebSocket(socket, head)
  }

  constructor(socket, head) {
    this.socket = socket
    this.head = head
  }

  send(...frames) {
    return this.socket.write(Buffer.concat(frames))
  }

  /** The next frame of the server, or null at its end. Each one is checked: no reserved bit, and as below. */
  async receive() {
    const frame = await this.receiveExtended()
    if (frame?.rsv) throw new Error(`the server set a reserved bit: ${frame.rsv}`)
    return frame
  }

  /** The same where an extension may use the reserved bits. Each one is checked: never masked, shortest length. */
  async receiveExtended() {
    if (await this.socket.isAtEnd()) return null
    const [first, second] = await this.socket.read(2)
    if (second & 0x80) throw new Error('the server masked a frame')
    let length = second
    if (second === 126) length = (await this.socket.read(2)).readUInt16BE()
    if (second === 127) length = Number((await this.socket.read(8)).readBigUInt64BE())
    const shortest = length < 126 ? length : length < 65536 ? 126 : 127
    if (second !== shortest) throw new Error(`${length} bytes announced in the form ${second}`)
    const payload = length ? await this.socket.read(length) : Buffer.alloc(0)
    return { opcode: first & 0x0f, rsv: first >> 4 & 7, isFinal: (first & 0x80) !== 0, payload }
  }

  /** All frames until the server ends TCP. */
  async receiveAll() {
    const frames = []
    for (let next = await this.receive(); next; next = await this.receive()) frames.push(next)
    return frames
  }

  destroy() {
    this.socket.destroy()
  }
}

/**
 * Sends `bytes` on a new connection in segments of `cut` bytes, and answers what the server sent until it ended
 * TCP, each frame as `describe` says it. The client never ends first.
 */
export async function conversation(port, bytes, cut = Infinity, path = '/echo') {
  const client = await RawWebSocket.open(port, path)
  try {
    await client.socket.writeCut(bytes, cut)
    return (await client.receiveAll()).map(describe)
  } finally {
    client.destroy()
  }
}

/** How a conversation that the server failed ends: its close code. What came before is left out. */
export async function failure(port, bytes, cut) {
  const said = await conversation(port, bytes, cut)
  return Number(said.at(-1)?.split(' ')[1])
}

/** A connection of its own works. */
export async function checkEchoes(port) {
  const said = await conversation(port, Buffer.concat([text('alive'), close(1000)]))
  if (said.join() !== 'text alive,close 1000') throw new Error(`the server answered ${said}`)
}

/** Resolves once `value` has not changed while the server worked for 50 other connections. */
export async function stands(port, value) {
  for (let last, same = 0; same < 50;) {
    await checkEchoes(port)
    same = value() === last ? same + 1 : 0
    last = value()
  }
}
