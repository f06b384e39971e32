// What compression could be used for against a server: small messages that become big, headers that take long.
// After each test the process lives and serves a client that was there all the time.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { constants, deflateRawSync } from 'node:zlib'
import { answerTo, bomb, deflate, deflated, deflatedText, DeflatePeer, extension, inflate, inOneSegment, MiB, offer, rsv1 } from './deflate_peer.js'
import { EnginePeer, path as socketio } from './engine_peer.js'
import { PollingPeer } from './polling_peer.js'
import { memoryPeak, processorTimeOf } from './process.js'
import { refusedUpgrade } from './raw_http.js'
import { continuation, frame, opcodes, ping, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server, neighbour
before(async () => { server = await startFixture(['--deflate']) })
after(() => server.stop())
beforeEach(async () => { neighbour = await EnginePeer.join({ after() {} }, server.port) })
afterEach(async () => {
  await neighbour.isAlive()
  neighbour.destroy()
})

const megabyte = 1_000_000
const engineio = '/engine.io/?EIO=4&transport=websocket'
const limits = { '/echo': 64 * MiB, '/ws': megabyte, [socketio]: megabyte, [engineio]: megabyte }

/** Opens an endpoint, and takes what comes unasked. */
async function open(t, path = '/echo', ...parameters) {
  const peer = await DeflatePeer.open(t, server.port, { path, offered: offer(...parameters) })
  if (path !== '/echo') await peer.receive()
  return peer
}

/** The close frame, code and reason, that is the answer to `frames`. */
async function refusal(peer, frames) {
  const writing = peer.send(frames).catch(() => {}) // it may be closed while we are at it
  const heard = await peer.hearAll()
  await writing
  return heard.at(-1)
}

/** The code of the close frame that `bytes` end with; its reason is ASCII. */
function lastClose(bytes) {
  const at = bytes.lastIndexOf(0x88)
  assert.ok(at >= 0 && at + 2 + bytes[at + 1] === bytes.length, 'no close frame at the end')
  return bytes.readUInt16BE(at + 2)
}

describe('CVE-2018-1000518: 1 MB that would become 1 GB is 1009 as soon as the limit is passed', () => {
  for (const [path, limit] of Object.entries(limits)) {
    for (const [how, size, parameters] of [['in one frame', Infinity, []], ['in fragments', 5000, []], ['without context', Infinity, ['client_no_context_takeover']]]) {
      test(`${path}, ${how}`, async (t) => {
        const wire = bomb(950)
        assert.ok(wire.length < megabyte)
        const peer = await open(t, path, ...parameters)
        const peak = await memoryPeak(server.pid, async () => {
          assert.match(await refusal(peer, deflated(opcodes.binary, wire, size)), new RegExp(`^close 1009 .*limit is ${limit}$`))
        })
        assert.ok(peak < 6 * limit + 8 * MiB, `${peak} bytes more`) // 5 times is what a sanitizer may add
      })
    }
  }

  test('as text, in several messages of which only the last is too big', async (t) => {
    const peer = await open(t)
    await peer.send(deflatedText(bomb(2)), deflatedText(bomb(1, 'again')))
    for (const size of [2 * MiB, MiB + 5]) assert.equal((await peer.receive()).payload.length, size)
    assert.match(await refusal(peer, deflatedText(bomb(65))), /^close 1009 /)
  })

  test('by 100 clients at once: memory is what one of them may have', async (t) => {
    const peers = await Promise.all(Array.from({ length: 100 }, () => open(t, engineio, 'client_no_context_takeover')))
    const wire = deflatedText(bomb(20, '4'))
    const peak = await memoryPeak(server.pid, async () => {
      for (const said of await Promise.all(peers.map((peer) => refusal(peer, wire)))) assert.match(said, /^close 1009 /)
    })
    assert.ok(peak < 24 * MiB, `${peak} bytes more`)
  })

  test('in the segment of the handshake', async () => {
    for (const path of Object.keys(limits)) {
      const said = await inOneSegment(server.port, path, deflatedText(bomb(70, '4')))
      assert.equal(lastClose(said), 1009, path)
    }
  })
})

describe('the limit holds for both forms of a message', () => {
  for (const [what, make] of [['as text', (size) => `4${'x'.repeat(size - 1)}`], ['as binary', (size) => Buffer.alloc(size, 'x')]]) {
    test(`a message of exactly the limit comes back, one byte more is 1009, ${what}`, async (t) => {
      const opcode = what === 'as text' ? opcodes.text : opcodes.binary
      const peer = await open(t, engineio)
      await peer.send(deflated(opcode, await peer.deflater.message(make(megabyte)), 100))
      assert.ok((await peer.receive()).payload.equals(Buffer.from(make(megabyte))))
      await peer.send(deflated(opcode, await peer.deflater.message(make(megabyte + 1)), 100))
      assert.equal(await peer.failure(), 1009)
    })
  }

  test('64 MiB on the raw endpoint, and one byte more', async (t) => {
    const peer = await open(t)
    await peer.send(deflated(opcodes.binary, bomb(64)))
    assert.equal((await peer.receive()).payload.length, 64 * MiB)
    const more = Buffer.concat([deflateRawSync(Buffer.from('x'), { finishFlush: constants.Z_FULL_FLUSH }), bomb(64)])
    assert.match(await refusal(peer, deflated(opcodes.binary, more)), /^close 1009 .*limit is 67108864$/)
  })

  test('a compressed frame that announces more than the limit is 1009 before a byte of it comes, also summed', async (t) => {
    const first = frame(opcodes.text, 'x', { fin: false, rsv: rsv1 })
    for (const announced of [megabyte + 1, 2 ** 32, (1n << 63n) - 1n]) {
      const whole = frame(opcodes.text, '', { rsv: rsv1, announced, bits: 64 })
      const rest = frame(opcodes.continuation, '', { announced: announced === megabyte + 1 ? megabyte : announced, bits: 64 })
      for (const frames of [whole, Buffer.concat([first, rest])]) {
        assert.match(await refusal(await open(t, engineio), frames), /^close 1009 .*limit is 1000000$/)
      }
    }
  })

  test('what is incompressible and compressed all the same may be as long as the limit on the wire', async (t) => {
    const message = randomBytes(megabyte - 500)
    const peer = await open(t, engineio)
    await peer.send(deflated(opcodes.binary, await peer.deflater.message(message)))
    assert.ok((await peer.receive()).payload.equals(message))
  })
})

test('CVE-2026-48779: more than 131,072 fragments of a compressed message are 1008', async (t) => {
  const empty = continuation('', { fin: false })
  const atLimit = [frame(opcodes.text, '', { fin: false, rsv: rsv1 }), ...Array(131070).fill(empty)]
  const peer = await open(t)
  await peer.send(Buffer.concat(atLimit), continuation(await peer.deflater.message('last')))
  assert.equal(await peer.hear(), 'text last')
  assert.match(await refusal(peer, Buffer.concat([...atLimit, empty, continuation('x')])), /^close 1008 /)
})

test('200,000 empty blocks are one empty message, in linear time', async (t) => {
  const before = processorTimeOf(server.pid)
  const peer = await open(t, '/echo')
  await peer.send(deflatedText(Buffer.concat([...Array(199_999).fill(Buffer.from('000000ffff', 'hex')), Buffer.from([0])])))
  assert.equal(await peer.hear(), 'text ')
  assert.ok(processorTimeOf(server.pid) - before < 5000)
})

describe('a compressed message that was damaged is 1007, or what zlib makes of it', () => {
  const damages = {
    'one bit flipped': (wire) => Array.from({ length: wire.length * 8 }, (_, bit) => {
      const bytes = Buffer.from(wire)
      bytes[bit >> 3] ^= 1 << bit % 8
      return bytes
    }),
    'cut off': (wire) => Array.from(wire, (_, length) => wire.subarray(0, length)),
    'its beginning lost': (wire) => Array.from(wire, (_, length) => wire.subarray(length))
  }
  for (const [how, damage] of Object.entries(damages)) {
    test(`${how}, at every place`, async (t) => {
      const wire = await deflate('42["message",{"id":1,"text":"one, two, three, one, two, three"}]')
      const answers = new Set()
      for (const bytes of damage(wire)) {
        const peer = await open(t, '/echo')
        await peer.send(deflated(opcodes.binary, bytes))
        const { opcode, payload } = await peer.receive()
        answers.add(opcode)
        if (opcode === opcodes.binary) assert.ok(payload.equals(await inflate(bytes)), bytes.toString('hex'))
        else assert.equal(payload.readUInt16BE(), 1007, bytes.toString('hex'))
        peer.destroy()
      }
      assert.ok(answers.has(opcodes.close))
    })
  }
})

describe('CVE-2022-21676: wrong bits or data in the segment of the handshake end only this connection', () => {
  const wrong = {
    'RSV2': [1002, text('x', { rsv: 2 })],
    'RSV3': [1002, text('x', { rsv: 1 })],
    'RSV1 and RSV2': [1002, text('x', { rsv: 6 })],
    'RSV1 on a ping': [1002, ping('', { rsv: rsv1 })],
    'RSV1 on a continuation': [1002, Buffer.concat([text('4', { fin: false }), continuation('x', { rsv: rsv1 })])],
    'RSV1 and no mask': [1002, text('x', { rsv: rsv1, key: null })],
    'corrupt data': [1007, deflatedText(Buffer.from([6]))],
    'wrong UTF-8': [1007, deflatedText(deflateRawSync(Buffer.from([0x34, 0xff]), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4))]
  }
  for (const [what, [code, behind]] of Object.entries(wrong)) {
    test(`${what}: ${code}, directly and with the session of an upgrade`, async (t) => {
      for (const path of Object.keys(limits)) {
        assert.equal(lastClose(await inOneSegment(server.port, path, behind)), code, path)
      }
      for (const endpoint of ['/engine.io/', '/socket.io/']) {
        const peer = await PollingPeer.open(t, server.port, { endpoint })
        assert.equal(lastClose(await inOneSegment(server.port, peer.target('websocket'), behind)), code, endpoint)
      }
    })
  }

  test('compressed frames that are right are read from there', async (t) => {
    const peer = await DeflatePeer.open(t, server.port, { behind: Buffer.concat([deflatedText(await deflate('early')), text('too')]) })
    assert.deepEqual([await peer.hear(), await peer.hear()], ['text early', 'text too'])
  })
})

describe('GHSA-5v72-xg48-5rpm, CVE-2021-32640: headers take time in proportion to their length', () => {
  const long = (part, size = 15_000) => part.repeat(Math.ceil(size / part.length)).slice(0, size)
  const headers = {
    'parameters without end': `${extension}${long('; x')}`,
    'the same parameter': `${extension}${long('; server_no_context_takeover')}`,
    'offers without end': long(`${offer('x')}, `),
    'commas': long(','),
    'blanks': `${extension}${long(' ')}x`,
    'blanks and commas': long(' \t,'),
    'blanks in front of each sign': `${extension}${long('     ;     x     =     1')}`,
    'an open quote': `${extension}; x="${long('a')}`,
    'backslashes': `${extension}; x="${long('\\"')}`,
    'quoted values': `${extension}${long('; x="1"')}`,
    'one long name': long('x'),
    'one long value': `${offer('server_max_window_bits=')}${long('1')}`
  }
  /** Processor time of the server for 50 handshakes. */
  async function timeFor(value, name) {
    const before = processorTimeOf(server.pid)
    for (let i = 0; i < 50; i++) await answerTo(server.port, value, '/echo', name)
    return processorTimeOf(server.pid) - before
  }
  async function isCheap(value, name) {
    const plain = await timeFor(value, 'X-Other')
    const took = await timeFor(value, name)
    assert.ok(took < 5 * plain + 250, `${took} ms, ${plain} ms for a header that nobody reads`)
  }

  for (const [what, value] of Object.entries(headers)) {
    test(`${what}: like a header that nobody reads`, () => isCheap(value))

    test(`${what}, 64 KB of it: 431`, async () => {
      assert.equal((await refusedUpgrade(server.port, '/echo', { 'Sec-WebSocket-Extensions': long(value, 65_536) })).status, 431)
    })
  }

  test('blanks in the list of subprotocols: like a header that nobody reads', () => isCheap(`a${long(' ')},b`, 'Sec-WebSocket-Protocol'))
})
