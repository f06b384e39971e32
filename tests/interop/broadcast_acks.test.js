// Questions to many: broadcasts with acknowledgements, queries, and what is done to sockets that were asked for.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Clients } from './clients.js'
import { EnginePeer } from './engine_peer.js'
import { RawWebSocket } from './raw_websocket.js'
import { next, startFixture, until } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

/** A client in `rooms` that answers `ask` with what `reply(...args)` gives; undefined: it stays silent. */
async function member(rooms, reply, options) {
  const socket = await clients.connect('/', options)
  for (const room of rooms) await socket.emitWithAck('join', room)
  socket.on('ask', (...args) => {
    const ack = args.pop()
    const value = reply(...args)
    if (value !== undefined) ack(value)
  })
  return socket
}

/** A browser's own WebSocket that has joined `/`. */
async function nativeMember(t, room) {
  const peer = new EnginePeer(await RawWebSocket.open(server.port, '/ws'))
  t.after(() => peer.destroy())
  const [{ sid }] = JSON.parse(await peer.receive()).data
  await peer.receive() // auth
  await peer.exchange(JSON.stringify({ name: 'join', data: [room], id: 0 }), ['{"id":0,"data":[]}'])
  return { peer, sid }
}

const sorted = (list) => [...list].sort()
const polling = { transports: ['polling'] }

describe('a broadcast with acknowledgements', () => {
  test('collects the answers of everybody, the asking client included', async () => {
    const asking = await member([], () => 'a')
    await member([], () => 'b')
    await member([], () => 'c', polling)
    assert.deepEqual(sorted(await asking.emitWithAck('bcast-ack')), ['a', 'b', 'c'])
  })

  test('asks the members of a room and nobody else, and carries a payload', async () => {
    const asking = await member([], () => assert.fail('asked'))
    await member(['r1'], (value) => value + 1)
    await member(['r1', 'other'], (value) => value + 2, polling)
    const { err, responses } = await asking.emitWithAck('bcast-ack-in', 'r1', 20_000, 40)
    assert.equal(err, null)
    assert.deepEqual(sorted(responses), [41, 42])
  })

  test('takes binary both ways', async () => {
    const asking = await member([], () => undefined)
    for (const options of [{}, polling]) await member(['r2'], (bytes) => Buffer.concat([bytes, Buffer.from([3])]), options)
    const { err, responses } = await asking.emitWithAck('bcast-ack-in', 'r2', 20_000, Buffer.from([1, 2]))
    assert.equal(err, null)
    assert.deepEqual(responses, [Buffer.from([1, 2, 3]), Buffer.from([1, 2, 3])])
  })

  test('of an answer only the first value counts; none at all is null', async () => {
    const asking = await member([], () => undefined)
    const one = await clients.connect()
    await one.emitWithAck('join', 'r3')
    one.once('ask', (payload, ack) => ack(1, 2))
    assert.deepEqual(await asking.emitWithAck('bcast-ack-in', 'r3', 20_000, 0), { err: null, responses: [1] })
    one.once('ask', (payload, ack) => ack())
    assert.deepEqual(await asking.emitWithAck('bcast-ack-in', 'r3', 20_000, 0), { err: null, responses: [null] })
  })

  test('reaches plain JSON clients, whose answers count alike', async (t) => {
    const asking = await member([], () => undefined)
    await member(['r4'], () => 'packets')
    const { peer } = await nativeMember(t, 'r4')
    const answered = asking.emitWithAck('bcast-ack-in', 'r4', 20_000, { x: 1 })
    const question = JSON.parse(await peer.receive())
    assert.deepEqual({ ...question, id: 0 }, { name: 'ask', id: 0, data: [{ x: 1 }] })
    await peer.exchange(JSON.stringify({ id: question.id, data: ['native', 'more'] }), [])
    const { err, responses } = await answered
    assert.equal(err, null)
    assert.deepEqual(sorted(responses), ['native', 'packets'])
  })

  test('a plain JSON client asks all others', async (t) => {
    await member(['r5'], (value) => value * 2)
    const { peer } = await nativeMember(t, 'elsewhere')
    await peer.exchange('{"name":"bcast-ack-in","data":["r5",20000,21],"id":1}', ['{"id":1,"data":[{"err":null,"responses":[42]}]}'])
  })

  test('gives what has come when the time is over', async () => {
    const asking = await member([], () => undefined)
    await member(['r6'], () => 'quick')
    await member(['r6'], () => undefined)
    const { err, responses } = await asking.emitWithAck('bcast-ack-in', 'r6', 1500, 0)
    assert.equal(err, 'no acknowledgement within the deadline')
    assert.deepEqual(responses, ['quick'])
  })

  test('does not wait for who leaves', async () => {
    const asking = await member([], () => undefined)
    await member(['r7'], () => 'here')
    const leaving = await clients.connect()
    await leaving.emitWithAck('join', 'r7')
    leaving.on('ask', () => leaving.disconnect())
    const { err, responses } = await asking.emitWithAck('bcast-ack-in', 'r7', 3_600_000, 0)
    assert.equal(err, 'the socket is gone')
    assert.deepEqual(responses, ['here'])
  })

  test('to a room that nobody is in is complete at once', async () => {
    const asking = await member([], () => undefined)
    assert.deepEqual(await asking.emitWithAck('bcast-ack-in', 'nobody', 3_600_000, 0), { err: null, responses: [] })
  })

  test('a second answer, and one to an id that was never given, change nothing', async (t) => {
    const asking = await member([], () => undefined)
    await member(['r8'], () => undefined).then((silent) => silent.once('ask', (payload, ack) => setTimeout(ack, 50, 'last')))
    const { peer } = await nativeMember(t, 'r8')
    const answered = asking.emitWithAck('bcast-ack-in', 'r8', 20_000, 0)
    const { id } = JSON.parse(await peer.receive())
    await peer.exchange(JSON.stringify({ id, data: [1] }), [])
    await peer.exchange(JSON.stringify({ id, data: [2] }), [])
    await peer.exchange(JSON.stringify({ id: id + 1000, data: [3] }), [])
    assert.deepEqual(sorted((await answered).responses.map(String)), ['1', 'last'])
    await peer.exchange('{"id":99,"name":"ack","data":["alive"]}', ['{"id":99,"data":["alive"]}'])
  })

  test('many at a time keep their answers apart', async () => {
    const asking = await member([], () => undefined)
    for (let i = 0; i < 5; i++) await member(['r9'], (value) => value)
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => asking.emitWithAck('bcast-ack-in', 'r9', 20_000, i)))
    assert.deepEqual(all, Array.from({ length: 50 }, (_, i) => ({ err: null, responses: Array(5).fill(i) })))
  })
})

describe('queries', () => {
  test('count, count-in and who tell how many there are', async () => {
    const sockets = await Promise.all([clients.connect('/chat'), clients.connect('/chat'), clients.connect('/chat', polling)])
    for (const room of ['x', 'y']) await sockets[0].emitWithAck('join', room)
    await sockets[1].emitWithAck('join', 'x')
    assert.equal(await sockets[0].emitWithAck('count'), 3)
    assert.equal(await sockets[0].emitWithAck('who'), 3)
    assert.equal(await sockets[0].emitWithAck('count-in', 'x'), 2)
    assert.equal(await sockets[0].emitWithAck('count-in', 'nobody'), 0)
  })

  test('fetch tells what is known of each socket of a room', async (t) => {
    const socket = await clients.connect('/', { auth: { token: 'abc' }, query: { q: 'ä b' } })
    await socket.emitWithAck('join', 'f1')
    await socket.emitWithAck('set-data', { n: 1 })
    const { sid } = await nativeMember(t, 'f1')
    const found = await socket.emitWithAck('fetch', 'f1')
    assert.equal(found.length, 2)
    assert.deepEqual(found.find(({ id }) => id === socket.id), {
      id: socket.id,
      rooms: [socket.id, 'f1'],
      data: { n: 1 },
      auth: { token: 'abc' },
      address: '127.0.0.1',
      query: { EIO: '4', transport: 'websocket', q: 'ä b' }
    })
    assert.deepEqual(found.find(({ id }) => id === sid).rooms, [sid, 'f1'])
    assert.deepEqual(await socket.emitWithAck('fetch', 'nobody'), [])
  })

  test('a server that is alone counts one, and gets no answers from others', async () => {
    const socket = await clients.connect()
    assert.equal(await socket.emitWithAck('server-count'), 1)
    assert.deepEqual(await socket.emitWithAck('sse', 1, 'x'), { err: null, responses: [] })
    socket.on('sse-notice', () => assert.fail('a server does not hear itself'))
    socket.emit('sse-cast', 1)
    await socket.emitWithAck('ack', 0)
  })
})

describe('a socket that may be elsewhere', () => {
  test('gets events, with what they carry', async () => {
    const [sender, receiver] = await Promise.all([clients.connect(), clients.connect()])
    const got = next(receiver, 'remote-msg')
    sender.emit('remote-emit', receiver.id, 1, Buffer.from([1]), 'x')
    assert.deepEqual(await got, [1, Buffer.from([1]), 'x'])
  })

  test('is asked, and its answer is one value', async () => {
    const asking = await member([], () => undefined)
    const other = await member([], (value) => [value, Buffer.from([7])])
    assert.deepEqual(await asking.emitWithAck('remote-ack', other.id, 'p'), { err: null, response: ['p', Buffer.from([7])] })
    assert.equal((await asking.emitWithAck('remote-ack', 'nobody', 'p')).response, null)
  })

  test('joins, leaves and is sent away', async () => {
    const [sender, other] = await Promise.all([clients.connect(), clients.connect()])
    sender.emit('move', other.id, 'm1')
    assert.equal(await sender.emitWithAck('count-in', 'm1'), 1)
    sender.emit('unmove', other.id, 'm1')
    assert.equal(await sender.emitWithAck('count-in', 'm1'), 0)
    sender.emit('kick', other.id, false)
    await until(() => !other.connected)
  })
})
