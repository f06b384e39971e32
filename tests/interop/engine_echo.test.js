// The bare Engine.IO endpoint over WebSocket: it echoes every message, text as text and binary as binary.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { close, continuation, fragments, opcodes, text } from './raw_websocket.js'
import { startFixture } from './support.js'

const path = '/engine.io/?EIO=4&transport=websocket'
const limit = 90000
let server
before(async () => { server = await startFixture(['--max-payload', `${limit}`]) })
after(() => server.stop())

const open = (t, options) => EnginePeer.open(t, server.port, { target: path, ...options })

test('the open packet is the first message, has exactly five keys, and offers no upgrade', async (t) => {
  const { opening, handshake } = await open(t)
  assert.match(handshake.sid, /^[\w-]+$/)
  assert.equal(opening, `0{"sid":"${handshake.sid}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":${limit}}`)
})

describe('one packet per WebSocket message', () => {
  for (const [what, packet] of [
    ['text is type 4 and the text', '4hello'], ['an empty text is the type alone', '4'], ['text is UTF-8', '4h\u00e9 \u20ac \u{1f600}'],
    ['a record separator is nothing special', '4a\x1e4b'], ['binary is the bytes, without a type', Buffer.from([1, 2, 3, 4])],
    ['an empty binary message', Buffer.alloc(0)], ['binary that looks like a packet is binary', Buffer.from('1')], ['every byte', Buffer.from(Array.from({ length: 256 }, (_, i) => i))]
  ]) {
    test(what, async (t) => {
      const peer = await open(t)
      await peer.exchange([packet, '4behind'], [packet, '4behind'])
    })
  }

  test('base64 text is accepted as binary', async (t) => {
    const peer = await open(t)
    await peer.exchange(['bAQIDBA==', 'b'], [Buffer.from([1, 2, 3, 4]), Buffer.alloc(0)])
  })

  test('with b64=1 binary goes out as base64 text', async (t) => {
    const peer = await open(t, { target: `${path}&b64=1` })
    await peer.exchange([Buffer.from([1, 2, 3, 4]), Buffer.alloc(0), '4a'], ['bAQIDBA==', 'b', '4a'])
  })

  test('fragments are joined first; the type is that of the first frame', async (t) => {
    const peer = await open(t)
    await peer.webSocket.send(text('4h', { fin: false }), continuation('ell', { fin: false }), continuation('o'))
    assert.equal(await peer.receive(), '4hello')
    await peer.webSocket.send(fragments(opcodes.binary, Buffer.from('4hello'), 2))
    assert.deepEqual(await peer.receive(), Buffer.from('4hello'))
  })

  test('packets may come in the segment of the handshake', async (t) => {
    const peer = await open(t, { behind: ['4a', Buffer.from([1])] })
    assert.equal(await peer.receive(), '4a')
    assert.deepEqual(await peer.receive(), Buffer.from([1]))
  })
})

describe('the limit on a message', () => {
  test('exactly maxHttpBufferSize is allowed', async (t) => {
    const peer = await open(t)
    for (const packet of [`4${'x'.repeat(limit - 1)}`, Buffer.alloc(limit, 7)]) await peer.exchange(packet, [packet])
  })

  for (const [what, sent] of [
    ['one byte more', text(`4${'x'.repeat(limit)}`)], ['in fragments', fragments(opcodes.binary, Buffer.alloc(limit + 1), 10000)],
    ['by its announced length, before it is there', text('', { announced: limit + 1 })]
  ]) {
    test(`a longer one gets close code 1009: ${what}`, async (t) => {
      const peer = await open(t)
      await peer.webSocket.send(sent)
      assert.match(await peer.receive(), /^close 1009\b/)
      assert.equal(await peer.receive(), 'end')
    })
  }
})

describe('packets from a client', () => {
  for (const packet of ['3', '3probe', '0', '0{"sid":"x"}', '5', '5x', '6', '6x']) {
    test(`${packet} is ignored`, async (t) => {
      const peer = await open(t)
      await peer.exchange([packet, '4behind'], ['4behind'])
    })
  }

  for (const packet of ['1', '2', '2probe', '7', 'x', '', 'b?', 'bAQ', ' 4a']) {
    test(`"${packet}" closes the session with a close frame and nothing else; what is behind it is ignored`, async (t) => {
      const peer = await open(t)
      await peer.send('4before', packet, '4behind')
      assert.deepEqual(await peer.receiveAll(), ['4before', 'close', 'end'])
    })
  }

  test('text that is not UTF-8 gets close code 1007', async (t) => {
    const peer = await open(t)
    await peer.webSocket.send(text(Buffer.from('34ff', 'hex')))
    assert.match(await peer.receive(), /^close 1007\b/)
  })

  test('a close frame is answered, and ends the session', async (t) => {
    const peer = await open(t)
    await peer.send('4last')
    await peer.webSocket.send(close(1000))
    assert.deepEqual(await peer.receiveAll(), ['4last', 'close 1000', 'end'])
  })
})
