// One event to many connections that have agreed on different things: with context and without, with windows of
// several sizes, uncompressed, on long-polling, with plain JSON. Each reads the same (RFC 7692 section 7.1.1).
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { Clients } from './clients.js'
import { DeflatePeer, extension, Inflater, offer } from './deflate_peer.js'
import { EnginePeer, path as socketio } from './engine_peer.js'
import { binary, opcodes, text } from './raw_websocket.js'
import { startFixture } from './support.js'
import { isOn } from './transports.js'

let server
before(async () => { server = await startFixture(['--deflate', '--max-payload', '3000000']) })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

// --- as it is on the wire

/** A raw Socket.IO client that has joined `/` and the room `r`. It inflates with the window that was agreed. */
async function join(t, ...parameters) {
  const peer = await DeflatePeer.open(t, server.port, { path: socketio, offered: offer(...parameters) })
  await peer.send(text('40'), text('421["join","r"]'))
  for (const packet of [/^text 0\{/, /^text 40\{/, /^text 42\["auth",\{\}\]$/, /^text 431\[\]$/]) assert.match(await peer.hear(), packet)
  return peer
}

/** The same with plain JSON. */
async function joinNative(t, ...parameters) {
  const peer = await DeflatePeer.open(t, server.port, { path: '/ws', offered: offer(...parameters) })
  await peer.send(text('{"id":1,"name":"join","data":["r"]}'))
  for (const packet of [/^text \{"name":"connect"/, /^text \{"name":"auth"/, /^text \{"id":1,"data":\[\]\}$/]) assert.match(await peer.hear(), packet)
  return peer
}

const long = `"${'the same words again and again, '.repeat(50)}"`
const event = (data) => `42["room","r",${data}]`

describe('a broadcast', () => {
  test('is the same bytes for all connections without server context, which need nothing before it', async (t) => {
    const [one, two] = [await join(t, 'server_no_context_takeover'), await join(t, 'server_no_context_takeover', 'client_no_context_takeover')]
    const late = await join(t, 'server_no_context_takeover', 'client_max_window_bits=9')
    const wires = []
    for (let i = 0; i < 3; i++) {
      await one.send(text(event(long)))
      for (const peer of [one, two, late]) {
        const { isDeflated, wire, payload } = await peer.receive() // inflates it by itself
        assert.deepEqual([isDeflated, `${payload}`], [true, `42["room",${long}]`])
        wires.push(wire)
      }
    }
    for (const wire of wires) assert.deepEqual(wire, wires[0])
  })

  test('is compressed for each connection with context by itself: smaller each time, whatever else it was sent', async (t) => {
    const [one, two] = [await join(t), await join(t)]
    await two.send(text(`42["echo","only for two"]`))
    assert.equal(await two.hear(), 'text 42["echo","only for two"]')
    const sizes = []
    for (let i = 0; i < 4; i++) {
      await one.send(text(event(long)))
      for (const peer of [one, two]) {
        const { wire, payload } = await peer.receive()
        assert.equal(`${payload}`, `42["room",${long}]`)
        sizes.push(wire.length)
      }
    }
    assert.ok(Math.max(...sizes.slice(2)) < Math.min(...sizes.slice(0, 2)), `${sizes}`)
  })

  test('never refers farther back than a small window, though it is made once for the large ones', async (t) => {
    const far = `"${randomBytes(6000).toString('base64')}"`
    const message = `42["room",[${far},${far}]]`
    const small = []
    for (const bits of [9, 10, 11, 12]) {
      for (const more of [[], ['server_no_context_takeover']]) small.push(await join(t, `server_max_window_bits=${bits}`, ...more))
    }
    const large = await join(t, 'server_no_context_takeover')
    await large.send(text(event(`[${far},${far}]`)))
    const { wire } = await large.receive()
    await assert.rejects(new Inflater({ windowBits: 12 }).message(wire), /invalid distance/)
    for (const peer of small) assert.equal(await peer.hear(), `text ${message}`)
  })

  test('is uncompressed for those that have not agreed', async (t) => {
    const plain = await EnginePeer.join(t, server.port)
    const peer = await join(t, 'server_no_context_takeover')
    await plain.exchange('421["join","r"]', ['431[]'])
    await peer.send(text(event(long)))
    assert.equal(await plain.receive(), `42["room",${long}]`) // EnginePeer refuses RSV1
    assert.equal(await peer.hear(), `text 42["room",${long}]`)
  })

  test('has attachments that are compressed too, behind their packet', async (t) => {
    const peers = [await join(t), await join(t, 'server_no_context_takeover')]
    const bytes = Buffer.alloc(10_000, 'attachment')
    await peers[0].send(text('451-["to-room","r",{"_placeholder":true,"num":0}]'), binary(bytes))
    for (const peer of peers) {
      assert.equal(await peer.hear(), 'text 451-["room-msg",{"_placeholder":true,"num":0}]')
      const { opcode, isDeflated, wire, payload } = await peer.receive()
      assert.deepEqual([opcode, isDeflated, wire.length < 200], [opcodes.binary, true, true])
      assert.ok(payload.equals(bytes))
    }
  })

  test('reaches those with plain JSON in their own form, the same bytes for all without context', async (t) => {
    const native = [await joinNative(t, 'server_no_context_takeover'), await joinNative(t, 'server_no_context_takeover'), await joinNative(t)]
    const sender = await join(t, 'server_no_context_takeover')
    for (let i = 0; i < 3; i++) {
      await sender.send(text(event(long)))
      assert.equal(await sender.hear(), `text 42["room",${long}]`)
      const [one, two, other] = await Promise.all(native.map((peer) => peer.receive()))
      for (const { isDeflated, payload } of [one, two, other]) assert.deepEqual([isDeflated, `${payload}`], [true, `{"name":"room","data":[${long}]}`])
      assert.deepEqual(one.wire, two.wire)
      assert.ok(other.wire.length < one.wire.length, 'it has a context')
    }
  })

  test('that is volatile and left out leaves no gap in the context', async (t) => {
    const [sender, lazy] = [await join(t, 'client_no_context_takeover'), await join(t)]
    const count = 400
    const one = JSON.stringify(randomBytes(60_000).toString('base64'))
    for (let i = 0; i < count; i++) {
      await sender.send(text(`42["volatile","r",${i},${one.slice(0, -1 - i)}"]`)) // no repetition is in the window
      assert.match(await sender.hear(), new RegExp(`^text 42\\["vol-msg",${i},`))
    }
    await lazy.send(text('429["ack","behind them"]'))
    const heard = []
    for (let said; said !== 'text 439["behind them"]'; heard.push(said.slice(0, 25))) said = await lazy.hear()
    assert.ok(heard.length > 1 && heard.length < count, `${heard.length} of ${count}`)
    assert.equal(new Set(heard).size, heard.length)
    await sender.send(text(event('"to both"')))
    assert.equal(await lazy.hear(), 'text 42["room","to both"]')
  })
})

// --- with clients

const kinds = {
  'with context': { perMessageDeflate: { threshold: 0 } },
  'without context': { perMessageDeflate: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true } },
  'without context, a window of 9': { perMessageDeflate: { threshold: 0, serverNoContextTakeover: true, serverMaxWindowBits: 9 } },
  'a window of 10': { perMessageDeflate: { threshold: 0, serverMaxWindowBits: 10, clientMaxWindowBits: 10 } },
  'as by default': {},
  'uncompressed': { perMessageDeflate: false },
  'base64': { perMessageDeflate: { threshold: 0 }, forceBase64: true },
  'from polling': { transports: ['polling', 'websocket'] },
  'on polling': { transports: ['polling'] }
}

/** A client of each kind, in one room, and what each has heard. */
async function people() {
  const sockets = []
  const heard = []
  for (const [kind, options] of Object.entries(kinds)) {
    const socket = await clients.connect('/chat', options)
    await isOn(socket.io.engine, kind === 'on polling' ? 'polling' : 'websocket')
    assert.equal(socket.io.engine.transport.ws?.extensions || 'none', ['on polling', 'uncompressed'].includes(kind) ? 'none' : extension)
    await socket.emitWithAck('join', 'all')
    const its = []
    socket.onAny((...event) => its.push(event))
    sockets.push(socket)
    heard.push(its)
  }
  return { sockets, heard }
}

/** Once the server is through with all that was sent so far. */
async function settled({ sockets }) {
  for (const socket of sockets) await socket.emitWithAck('ack', 0)
  for (const socket of sockets) await socket.emitWithAck('ack', 0)
}

describe('in a room of stock clients of every kind', () => {
  test('everyone hears the same, whoever sends it: text, binary, 1 MB', async () => {
    const group = await people()
    const args = ['', 'Grüße '.repeat(100), { bytes: [Buffer.alloc(3000, 7), Buffer.alloc(0)] }, randomBytes(500), 'é'.repeat(500_000)]
    const expected = []
    for (const [i, socket] of group.sockets.entries()) {
      for (const arg of args) {
        socket.emit('to-room', 'all', i, arg)
        expected.push(['room-msg', i, arg])
      }
      await settled(group)
    }
    for (const [i, kind] of Object.keys(kinds).entries()) assert.deepEqual(group.heard[i], expected, kind)
  })

  test('events for one and for all keep their order for each', async () => {
    const group = await people()
    const [sender] = group.sockets
    for (let i = 0; i < 300; i++) {
      for (const socket of group.sockets) if (socket !== sender) socket.emit('echo', i)
      sender.emit('to-room', 'all', `event ${i}`)
    }
    await settled(group)
    const numbers = Array.from({ length: 300 }, (_, i) => i)
    for (const [i, kind] of Object.keys(kinds).entries()) {
      const of = (name) => group.heard[i].filter(([event]) => event === name).map(([, value]) => value)
      assert.deepEqual(of('room-msg'), numbers.map((number) => `event ${number}`), kind)
      assert.deepEqual(of('echo'), i ? numbers : [], kind)
    }
  })

  test('volatile ones reach everyone who keeps up, and nobody is confused by those left out', async () => {
    const group = await people()
    const [sender] = group.sockets
    for (let i = 0; i < 100; i++) sender.emit('volatile', 'all', i, 'x'.repeat(i * 10))
    sender.emit('to-room', 'all', 'end')
    await settled(group)
    for (const [i, kind] of Object.keys(kinds).entries()) {
      assert.deepEqual(group.heard[i].pop(), ['room-msg', 'end'], kind)
      const numbers = group.heard[i].map(([, number]) => number)
      assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b), kind)
      for (const [name, number, padding] of group.heard[i]) assert.deepEqual([name, padding.length], ['vol-msg', number * 10], kind)
    }
  })
})
