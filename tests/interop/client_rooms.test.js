// socket.io-client over WebSocket: rooms, broadcasts and who gets them.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Clients } from './clients.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

/** Clients called a, b, c … that have joined the rooms given for them, each with what it has heard so far. */
async function people(rooms) {
  const names = Object.keys(rooms)
  const sockets = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await clients.connect()])))
  const heard = Object.fromEntries(names.map((name) => [name, []]))
  for (const name of names) {
    sockets[name].onAny((event, ...args) => heard[name].push([event, ...args]))
    for (const room of rooms[name]) await sockets[name].emitWithAck('join', room)
  }
  return { sockets, heard }
}

/** What everyone has heard once the server is through with all that was sent so far. */
async function settled({ sockets, heard }, sender) {
  await sockets[sender].emitWithAck('ack', 0) // behind its events
  await Promise.all(Object.values(sockets).map((socket) => socket.emitWithAck('ack', 0)))
  return heard
}

const cases = [
  ['to a room reaches its members, the sender included if it is one',
    { a: ['r'], b: ['r'], c: [] }, 'a', ['to-room', 'r', 1, 'x'],
    { a: [['room-msg', 1, 'x']], b: [['room-msg', 1, 'x']], c: [] }],
  ['to a room from outside',
    { a: [], b: ['r'], c: ['s'] }, 'a', ['room', 'r', { v: 1 }],
    { a: [], b: [['room', { v: 1 }]], c: [] }],
  ['to several rooms reaches each of their members once',
    { a: [], b: ['r'], c: ['s'], d: ['r', 's'], e: ['t'] }, 'a', ['to-rooms', ['r', 's'], 1],
    { a: [], b: [['rooms-msg', 1]], c: [['rooms-msg', 1]], d: [['rooms-msg', 1]], e: [] }],
  ['to the peers of a room leaves the sender out',
    { a: ['r'], b: ['r'], c: [] }, 'a', ['peers', 'r', 1],
    { a: [], b: [['peer-msg', 1]], c: [] }],
  ['to a room except another',
    { a: [], b: ['r'], c: ['r', 's'], d: ['s'] }, 'a', ['to-except', 'r', 's', 1],
    { a: [], b: [['except-msg', 1]], c: [], d: [] }],
  ['to everyone except a room',
    { a: [], b: ['r'], c: ['s'] }, 'a', ['to-except', null, 's', 1],
    { a: [['except-msg', 1]], b: [['except-msg', 1]], c: [] }],
  ['to everyone',
    { a: [], b: ['r'] }, 'a', ['all', 1, null],
    { a: [['all-msg', 1, null]], b: [['all-msg', 1, null]] }],
  ['broadcast reaches the sender too',
    { a: [], b: [] }, 'a', ['broadcast', 'x'],
    { a: [['broadcast', 'x']], b: [['broadcast', 'x']] }],
  ['local reaches everyone of this process',
    { a: [], b: [] }, 'a', ['local', 1],
    { a: [['local-msg', 1]], b: [['local-msg', 1]] }],
  ['volatile reaches those that keep up',
    { a: ['r'], b: ['r'] }, 'a', ['volatile', 'r', 1],
    { a: [['vol-msg', 1]], b: [['vol-msg', 1]] }],
  ['to a room nobody is in', { a: [], b: [] }, 'a', ['to-room', 'nobody', 1], { a: [], b: [] }],
  ['the empty text is a room name', { a: [''], b: [] }, 'b', ['to-room', '', 1], { a: [['room-msg', 1]], b: [] }],
  ['a room name of 8 KiB', { a: ['é'.repeat(4096)], b: [] }, 'b', ['to-room', 'é'.repeat(4096), 1], { a: [['room-msg', 1]], b: [] }],
  ['to no rooms at all is to everyone', { a: [], b: [] }, 'a', ['to-rooms', [], 1], { a: [['rooms-msg', 1]], b: [['rooms-msg', 1]] }]
]

for (const [title, rooms, sender, event, expected] of cases) {
  test(title, async () => {
    const group = await people(rooms)
    group.sockets[sender].emit(...event)
    assert.deepEqual(await settled(group, sender), expected)
  })
}

test('a socket begins in the room of its own id', async () => {
  const group = await people({ a: [], b: [] })
  group.sockets.a.emit('to-room', group.sockets.b.id, 'for b')
  assert.deepEqual(await settled(group, 'a'), { a: [], b: [['room-msg', 'for b']] })
})

test('who has left a room hears no more of it; joining and leaving twice is as good as once', async () => {
  const group = await people({ a: ['r', 'r'], b: [] })
  group.sockets.b.emit('to-room', 'r', 1)
  await settled(group, 'b')
  await group.sockets.a.emitWithAck('leave', 'r')
  await group.sockets.a.emitWithAck('leave', 'r')
  await group.sockets.a.emitWithAck('leave', 'never joined')
  group.sockets.b.emit('to-room', 'r', 2)
  assert.deepEqual(await settled(group, 'b'), { a: [['room-msg', 1]], b: [] })
})

test('who has disconnected is in no room', async () => {
  const group = await people({ a: ['r'], b: [] })
  group.sockets.a.disconnect()
  group.sockets.a.connect()
  await new Promise((resolve) => group.sockets.a.once('auth', resolve))
  group.sockets.b.emit('to-room', 'r', 1)
  assert.deepEqual(await settled(group, 'b'), { a: [['auth', {}]], b: [] })
})

test('all of a room are moved to another, and taken out of one', async () => {
  const group = await people({ a: ['r'], b: ['r'], c: [] })
  group.sockets.c.emit('move', 'r', 's')
  group.sockets.c.emit('to-room', 's', 1)
  group.sockets.c.emit('unmove', 'r', 's')
  group.sockets.c.emit('to-room', 's', 2)
  assert.deepEqual(await settled(group, 'c'), { a: [['room-msg', 1]], b: [['room-msg', 1]], c: [] })
})

test('broadcasts of one sender keep their order at every receiver', async () => {
  const group = await people({ a: ['r'], b: ['r'], c: ['r'] })
  for (let i = 0; i < 500; i++) group.sockets.a.emit(i % 2 ? 'to-room' : 'peers', 'r', i)
  const heard = await settled(group, 'a')
  for (const name of ['b', 'c']) {
    assert.deepEqual(heard[name].map(([, value]) => value), Array.from({ length: 500 }, (_, i) => i))
  }
  assert.equal(heard.a.length, 250)
})

test('who and count answer the number of sockets of the namespace', async () => {
  const sockets = await Promise.all([clients.connect('/chat'), clients.connect('/chat'), clients.connect('/chat')])
  assert.equal(await sockets[0].emitWithAck('who'), 3)
  assert.equal(await sockets[1].emitWithAck('count'), 3)
})
