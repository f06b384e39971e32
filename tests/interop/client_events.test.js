// socket.io-client over WebSocket: events, acknowledgements, binary.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Clients } from './clients.js'
import { collect, next, startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

/** What comes back for `message` with these arguments. */
async function roundTrip(socket, ...args) {
  const answer = next(socket, 'message-back')
  socket.emit('message', ...args)
  return answer
}

const deep = (levels) => (levels === 0 ? [] : [deep(levels - 1)])

const values = {
  'no argument': [],
  'null, true, false': [null, true, false],
  'numbers': [0, -0, 1, -1, 1.5, 1e21, -1e-7, 5e-324, 2 ** 53, Number.MAX_VALUE],
  'numbers that JSON does not have': [NaN, Infinity],
  'empty values': ['', [], {}],
  'text with escapes': ['"\\/\b\f\n\r\t\u0000\u001e\u007f\u2028'],
  'text in many scripts': ['Grüße', 'привет', '你好', 'مرحبا', '👩‍👩‍👧‍👦', '\u{10ffff}'],
  'nested values': [{ a: [{ b: { c: [null, [[]]] } }] }],
  'values nested 500 levels deep': [deep(500)],
  'keys of all kinds': [JSON.parse('{"":1,"__proto__":2,"a b":3,"é":4,"constructor":5}')],
  'a placeholder that is data': [{ _placeholder: true, num: 0 }],
  'many arguments': Array.from({ length: 2000 }, (_, i) => i)
}

describe('events', () => {
  for (const [what, args] of Object.entries(values)) {
    test(`${what} come back as JSON has them`, async () => {
      const socket = await clients.connect()
      assert.deepEqual(await roundTrip(socket, ...args), JSON.parse(JSON.stringify(args)))
    })
  }

  test('a text of nearly 1 MB comes back', async () => {
    const socket = await clients.connect()
    const text = 'é'.repeat(499_000)
    assert.deepEqual(await roundTrip(socket, text), [text])
  })

  test('event names may be any text that is not reserved', async () => {
    const socket = await clients.connect()
    for (const name of ['error', 'connection', 'ping', 'new_namespace', '', 'é', 'x'.repeat(8192)]) socket.emit(name, 1)
    assert.equal(await socket.emitWithAck('ack', 'nobody minds'), 'nobody minds')
  })

  test('an event nobody handles, and arguments that do not fit, are ignored', async () => {
    const socket = await clients.connect()
    socket.emit('nobody handles this', {})
    socket.emit('flood', 'many', [])
    socket.emit('join', { not: 'a room' }, () => assert.fail('acknowledged'))
    socket.emit('join')
    socket.emit('bin', 'not bytes')
    assert.equal(await socket.emitWithAck('ack', 1), 1)
  })

  test('10,000 events come back in order', async () => {
    const socket = await clients.connect()
    const all = collect(socket, 'echo', 10_000)
    for (let i = 0; i < 10_000; i++) socket.emit('echo', i)
    assert.ok((await all).every(([value], i) => value === i))
  })

  test('12 MB of events in one go arrive whole', async () => {
    const socket = await clients.connect()
    const all = collect(socket, 'flood', 1200)
    socket.emit('flood', 1200, 10_000)
    assert.ok((await all).every(([text]) => text === 'x'.repeat(10_000)))
  })

  test('text and binary events keep their order', async () => {
    const socket = await clients.connect()
    const all = collect(socket, 'echo', 200)
    for (let i = 0; i < 200; i++) socket.emit('echo', i % 3 ? i : Buffer.from([i]))
    assert.deepEqual((await all).map(([value]) => (Buffer.isBuffer(value) ? value[0] : value)), Array.from({ length: 200 }, (_, i) => i))
  })

  test('a handler that throws harms nobody', async () => {
    const [thrower, neighbour] = await Promise.all([clients.connect(), clients.connect()])
    thrower.emit('throw')
    assert.equal(await thrower.emitWithAck('ack', 'here'), 'here')
    assert.equal(await neighbour.emitWithAck('ack', 'here too'), 'here too')
  })
})

describe('acknowledgements', () => {
  test('carry all values, or none', async () => {
    const socket = await clients.connect()
    const answer = (...args) => new Promise((resolve) => socket.emit(...args, (...values) => resolve(values)))
    assert.deepEqual(await answer('message-with-ack', 1, 'b', null, { c: [] }), [1, 'b', null, { c: [] }])
    assert.deepEqual(await answer('message-with-ack'), [])
    assert.deepEqual(await answer('join', ''), [])
    assert.deepEqual(await answer('set-data', { any: 'value' }), [true])
  })

  test('go to the call that asked, whichever is answered first', async () => {
    const socket = await clients.connect()
    const order = []
    const late = socket.emitWithAck('slow', 50).then((value) => order.push(['late', value]))
    const early = socket.emitWithAck('ack', 'x').then((value) => order.push(['early', value]))
    await Promise.all([late, early])
    assert.deepEqual(order, [['early', 'x'], ['late', true]])
  })

  test('are not sent to a client that did not ask', async () => {
    const socket = await clients.connect()
    const packets = []
    socket.io.engine.on('packet', ({ type, data }) => packets.push(type === 'message' ? data : type))
    socket.emit('ack', 1)
    socket.emit('message-with-ack', 1)
    assert.equal(await socket.emitWithAck('ack', 2), 2)
    assert.deepEqual(packets, ['30[2]'])
  })

  test('time out on the client, and a late one is ignored', async () => {
    const socket = await clients.connect()
    await assert.rejects(socket.timeout(20).emitWithAck('slow', 100), { message: 'operation has timed out' })
    assert.equal(await socket.emitWithAck('slow', 200), true)
  })

  test('fail when the socket leaves first', async () => {
    const socket = await clients.connect()
    const pending = assert.rejects(socket.emitWithAck('slow', 60_000), { message: 'socket has been disconnected' })
    socket.emit('kick', socket.id, false)
    await pending
  })

  test('whoami says who is asked', async () => {
    const socket = await clients.connect()
    const answer = await socket.emitWithAck('whoami')
    assert.deepEqual(answer, { sid: socket.id, node: `node-${server.port}`, pid: server.pid, recovered: false })
  })
})

describe('binary', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

  for (const [what, args] of Object.entries({
    'one attachment': [bytes],
    'an empty attachment': [Buffer.alloc(0)],
    'attachments beside other values': ['a', bytes, 1, Buffer.from('b'), null],
    'attachments deep in the data': [{ a: [{ b: Buffer.from('1') }, [Buffer.from('2')]], c: { d: Buffer.from('3') } }],
    'ten attachments': Array.from({ length: 10 }, (_, i) => Buffer.from([i])),
    'an attachment of nearly 1 MB': [Buffer.alloc(990_000, 'x')]
  })) {
    test(`${what}: there and back, in events and acknowledgements`, async () => {
      const socket = await clients.connect()
      assert.deepEqual(await roundTrip(socket, ...args), args)
      const acked = await new Promise((resolve) => socket.emit('message-with-ack', ...args, (...values) => resolve(values)))
      assert.deepEqual(acked, args)
    })
  }

  test('a handler takes bytes and sends them on', async () => {
    const socket = await clients.connect()
    const answer = next(socket, 'bin')
    socket.emit('bin', bytes)
    assert.deepEqual(await answer, [bytes])
  })

  test('attachments reach everyone of a room', async () => {
    const [first, second] = await Promise.all([clients.connect(), clients.connect()])
    await Promise.all([first.emitWithAck('join', 'bin'), second.emitWithAck('join', 'bin')])
    const heard = Promise.all([next(first, 'room-msg'), next(second, 'room-msg')])
    first.emit('to-room', 'bin', { file: bytes }, Buffer.from('z'))
    assert.deepEqual(await heard, [[{ file: bytes }, Buffer.from('z')], [{ file: bytes }, Buffer.from('z')]])
  })

  test('attachments that were dropped with an argument are not sent on', async () => {
    const [member, other] = await Promise.all([clients.connect(), clients.connect()])
    await member.emitWithAck('join', 'rest')
    const heard = next(member, 'except-msg')
    // The handler decodes the first two arguments, and passes on what is behind them.
    other.emit('to-except', 'rest', 'nobody', Buffer.from('kept'))
    assert.deepEqual(await heard, [Buffer.from('kept')])
  })
})

describe('limits', () => {
  test('a message beyond max_payload is a "transport close" for its sender, who comes back', async () => {
    const [sender, neighbour] = await Promise.all([clients.connect(), clients.connect()])
    const gone = next(sender, 'disconnect')
    const back = next(sender, 'auth')
    sender.emit('echo', 'x'.repeat(1_000_001))
    assert.equal((await gone)[0], 'transport close')
    await back
    assert.equal(await sender.emitWithAck('ack', 1), 1)
    assert.equal(await neighbour.emitWithAck('ack', 2), 2)
  })

  test('a message of exactly max_payload is taken', async () => {
    const socket = await clients.connect()
    const text = 'x'.repeat(1_000_000 - '42["echo",""]'.length)
    const answer = next(socket, 'echo')
    socket.emit('echo', text)
    assert.deepEqual(await answer, [text])
  })

  test('more than ten attachments end the connection', async () => {
    const socket = await clients.connect('/', { reconnection: false })
    const gone = next(socket, 'disconnect')
    socket.emit('message', ...Array.from({ length: 11 }, () => Buffer.alloc(1)))
    assert.equal((await gone)[0], 'transport close')
  })
})
