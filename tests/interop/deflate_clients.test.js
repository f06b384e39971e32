// Other implementations of permessage-deflate against ours: the `ws` client with each of its settings, and the stock
// clients over it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { after, afterEach, before, describe, test } from 'node:test'
import WebSocket from 'ws'
import { Clients } from './clients.js'
import { extension, offer } from './deflate_peer.js'
import { collect, next, startFixture, within } from './support.js'
import { EngineClients, isOn, ways } from './transports.js'

let server
before(async () => { server = await startFixture(['--deflate', '--max-payload', '3000000', '--ping-interval', '300']) })
after(() => server.stop())
const clients = new Clients(() => server)
const engines = new EngineClients(() => server)
afterEach(() => {
  clients.closeAll()
  engines.closeAll()
})

const megabyte = 1_000_000

/** Text that compresses as events do: the same words, other numbers. */
function textOf(length) {
  let text = ''
  for (let i = 0; text.length < length; i++) text += `42["message",{"id":${i * 7919 % 10007},"text":"Grüße"}]`
  return text.slice(0, length)
}

describe('the ws client', () => {
  async function open(t, perMessageDeflate, path = '/echo') {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { perMessageDeflate })
    t.after(() => socket.terminate())
    const [[answer]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])
    return Object.assign(socket, { agreed: answer.headers['sec-websocket-extensions'] })
  }

  /** What comes back for these messages, sent at once. */
  async function echoesOf(socket, messages, options) {
    const answers = collect(socket, 'message', messages.length)
    for (const message of messages) socket.send(message, options)
    return (await answers).map(([data, isBinary]) => (isBinary ? data : data.toString()))
  }

  // The sizes of the public suite's section on compression, and those around the forms of a length.
  const sizes = [0, 1, 2, 16, 64, 125, 126, 127, 256, 1024, 4096, 8192, 16384, 32768, 65535, 65536, 131072]
  const messages = sizes.flatMap((size) => [textOf(size), randomBytes(size), Buffer.from(textOf(size))])
  const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const both = { serverNoContextTakeover: true, clientNoContextTakeover: true }

  const settings = [
    [true, offer()],
    [{ threshold: 0 }, offer()],
    [{ serverNoContextTakeover: true }, offer('server_no_context_takeover')],
    [{ clientNoContextTakeover: true }, offer('client_no_context_takeover')],
    [both, offer('server_no_context_takeover', 'client_no_context_takeover')],
    ...range(9, 15).map((bits) => [{ serverMaxWindowBits: bits }, offer(`server_max_window_bits=${bits}`)]),
    ...range(8, 15).map((bits) => [{ clientMaxWindowBits: bits }, offer(`client_max_window_bits=${bits}`)]),
    ...[9, 12, 15].map((bits) => [{ ...both, serverMaxWindowBits: bits, clientMaxWindowBits: bits },
      offer('server_no_context_takeover', 'client_no_context_takeover', `server_max_window_bits=${bits}`, `client_max_window_bits=${bits}`)]),
    [{ serverMaxWindowBits: 8 }, undefined],
    [false, undefined]
  ]
  for (const [setting, agreed] of settings) describe(JSON.stringify(setting), () => {
    const options = setting && { threshold: 0, ...setting }

    test(`agrees on ${agreed ?? 'nothing'}, and messages of each size come back`, async (t) => {
      const socket = await open(t, options)
      assert.equal(socket.agreed, agreed)
      for (let round = 0; round < 2; round++) assert.deepEqual(await echoesOf(socket, messages), messages)
      assert.deepEqual(await echoesOf(socket, messages, { compress: false }), messages, 'uncompressed ones')
    })

    test('2,000 small messages, and one in parts', async (t) => {
      const socket = await open(t, options)
      assert.equal(socket.agreed, agreed)
      const many = Array.from({ length: 2000 }, (_, i) => textOf(i % 300))
      assert.deepEqual(await echoesOf(socket, many), many)
      for (const part of [textOf(5000), '', textOf(70000)]) socket.send(part, { fin: false })
      assert.deepEqual(await echoesOf(socket, ['end']), [`${textOf(5000)}${textOf(70000)}end`])
    })
  })

  test('1 MB that compresses costs a fraction of it in either direction, 1 MB that does not little more', async (t) => {
    const socket = await open(t, true)
    const { _socket: tcp } = socket
    assert.deepEqual(await echoesOf(socket, [textOf(megabyte)]), [textOf(megabyte)])
    assert.ok(tcp.bytesRead < megabyte / 4 && tcp.bytesWritten < megabyte / 4, `${tcp.bytesRead} bytes read, ${tcp.bytesWritten} written`)
    const before = tcp.bytesRead
    const random = randomBytes(megabyte)
    assert.deepEqual(await echoesOf(socket, [random]), [random])
    assert.ok(tcp.bytesRead - before < megabyte * 1.01)
  })

  test('pings are answered between compressed messages, and closing works', async (t) => {
    const socket = await open(t, true)
    socket.send(textOf(100_000))
    socket.ping('are you there')
    const [[pong]] = await Promise.all([once(socket, 'pong'), once(socket, 'message')])
    assert.equal(`${pong}`, 'are you there')
    socket.close(1000, 'bye')
    assert.equal((await once(socket, 'close'))[0], 1000)
  })

  test('200 clients at once, each with a context of its own', async (t) => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => open(t, { threshold: 0 })))
    assert.ok(sockets.every(({ agreed }) => agreed === extension))
    for (let round = 0; round < 3; round++) {
      const sent = sockets.map((_, i) => [textOf(500), `mine is ${i}`])
      assert.deepEqual(await Promise.all(sockets.map((socket, i) => echoesOf(socket, sent[i]))), sent)
    }
  })

  test('plain JSON events', async (t) => {
    const socket = await open(t, { threshold: 0 }, '/ws')
    const heard = collect(socket, 'message', 102) // two come unasked
    const echoes = Array.from({ length: 100 }, (_, i) => JSON.stringify({ name: 'echo', data: [textOf(i * 10)] }))
    for (const one of echoes) socket.send(one)
    assert.deepEqual((await heard).slice(2).map(([data]) => `${data}`), echoes)
  })
})

// What engine.io-client does by itself, and everything compressed.
const thresholds = { 'as it is by default': {}, 'compressing everything': { perMessageDeflate: { threshold: 0 } } }

for (const [how, compression] of Object.entries(thresholds)) {
  for (const [way, { options, last }] of Object.entries(ways)) {
    if (last === 'polling') continue
    describe(`engine.io-client ${how}, ${way}`, () => {
      test('10,000 messages sent as soon as the session is open come back in order, over the upgrade too', async () => {
        const socket = await engines.open({ ...options, ...compression })
        const messages = Array.from({ length: 10_000 }, (_, i) => (i % 10 ? textOf(i % 200) : Buffer.from(textOf(i % 2000))))
        const answers = collect(socket, 'message', messages.length)
        for (const message of messages) socket.send(message)
        assert.deepEqual((await answers).flat(), messages)
        await isOn(socket, last)
        assert.equal(socket.transport.ws.extensions, extension)
      })
    })
  }

  describe(`socket.io-client ${how}`, () => {
    /** A client on a WebSocket with compression. */
    async function connect(options) {
      const socket = await clients.connect('/', { ...compression, ...options })
      await isOn(socket.io.engine, 'websocket')
      assert.equal(socket.io.engine.transport.ws.extensions, extension)
      return socket
    }

    for (const transports of [['websocket'], ['polling', 'websocket']]) {
      test(`events, binary and acknowledgements with ${transports}`, async () => {
        const socket = await connect({ transports })
        const args = [textOf(3000), { bytes: [randomBytes(2000), Buffer.alloc(5000)] }, null, '', Buffer.alloc(0)]
        for (let i = 0; i < 20; i++) assert.deepEqual(await socket.emitWithAck('ack', args), args)
      })
    }

    test('events of 1 MB, text and binary, and 12 MB of them unasked', async () => {
      const socket = await connect()
      for (const one of [textOf(megabyte), 'é'.repeat(megabyte), randomBytes(megabyte), Buffer.alloc(2 * megabyte)]) {
        assert.deepEqual(await socket.emitWithAck('ack', one), one)
      }
      const flood = collect(socket, 'flood', 1200)
      socket.emit('flood', 1200, 10_000)
      assert.ok((await flood).every(([text]) => text.length === 10_000))
    })

    test('who comes back after the connection was cut off begins with a new context', async () => {
      const socket = await connect()
      for (let i = 0; i < 5; i++) {
        assert.equal(await socket.emitWithAck('ack', textOf(3000)), textOf(3000))
        const back = next(socket, 'auth')
        socket.io.engine.transport.ws.terminate()
        await back
      }
      assert.equal(await socket.emitWithAck('ack', textOf(3000)), textOf(3000))
    })

    test('the heartbeat goes on: no ping is missed', async () => {
      const socket = await connect()
      await within(collect(socket.io, 'ping', 4), 'no four pings')
      assert.ok(socket.connected)
    })
  })
}
