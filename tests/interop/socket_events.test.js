// socket.io-client: what it can see of one socket's events, their acknowledgements and limits.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Clients } from './clients.js'
import { next, startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

test('send() is the event message', async () => {
  const socket = await clients.connect()
  socket.send('a', 1)
  assert.deepEqual(await next(socket, 'message-back'), ['a', 1])
})

test('an event name of 8 KiB passes; a longer one ends the connection', async () => {
  const socket = await clients.connect()
  socket.emit('x'.repeat(8 * 1024))
  assert.equal(await socket.emitWithAck('ack', 1), 1)
  const left = next(socket, 'disconnect')
  socket.emit('x'.repeat(8 * 1024 + 1))
  assert.equal((await left)[0], 'transport close')
})

test('answers that nobody asked for, or twice, are ignored', async () => {
  const socket = await clients.connect()
  for (let i = 0; i < 3; ++i) socket.io.engine.write(`399${i}[]`)
  assert.equal(await socket.emitWithAck('ack', 1), 1)
})

test('handlers that throw, or have nobody to answer, leave the connection alone', async () => {
  const socket = await clients.connect()
  socket.emit('throw')
  socket.emit('no such event', 1, () => assert.fail('answered'))
  assert.equal(await socket.emitWithAck('ack', 1), 1)
})

test('catch-alls of the client hear what the server emits, and the server what they send', async () => {
  const socket = await clients.connect()
  const heard = []
  socket.onAny((event, ...args) => heard.push(['in', event, ...args]))
  socket.onAnyOutgoing((event, ...args) => heard.push(['out', event, ...args]))
  socket.emit('echo', 1)
  await next(socket, 'echo')
  assert.deepEqual(heard, [['out', 'echo', 1], ['in', 'echo', 1]])
})

test('the order of events holds, across transports and namespaces', async () => {
  const main = await clients.connect('/', { transports: ['polling', 'websocket'] })
  const custom = clients.share(main, '/custom')
  await next(custom, 'auth')
  const heard = []
  for (const [name, socket] of [['main', main], ['custom', custom]])
    socket.on('echo', (x) => heard.push(`${name} ${x}`))
  for (let i = 0; i < 50; ++i) (i % 2 ? custom : main).emit('echo', i)
  await main.emitWithAck('ack', 0)
  await custom.emitWithAck('ack', 0)
  assert.deepEqual(heard, Array.from({ length: 50 }, (_, i) => `${i % 2 ? 'custom' : 'main'} ${i}`))
})
