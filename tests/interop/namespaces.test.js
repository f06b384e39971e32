// socket.io-client in namespaces that come into being when they are asked for.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Clients } from './clients.js'
import { next, startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

test('a dynamic namespace works as a static one does', async () => {
  const socket = await clients.connect('/dynamic-7')
  assert.equal(await socket.emitWithAck('ack', 'x'), 'x')
  socket.emit('echo', { v: 1 })
  assert.deepEqual(await next(socket, 'echo'), [{ v: 1 }])
})

test('a name that no rule matches is refused with the literal text', async () => {
  const socket = clients.open('/dynamic-x')
  const [error] = await next(socket, 'connect_error')
  assert.equal(error.message, 'Invalid namespace')
})

test('instances of one rule do not hear each other', async () => {
  const [a, b, c] = await Promise.all(['/dynamic-1', '/dynamic-1', '/dynamic-2'].map((nsp) => clients.connect(nsp)))
  let strangers = 0
  c.on('broadcast', () => { strangers += 1 })
  a.emit('broadcast', 'hi')
  assert.deepEqual(await next(b, 'broadcast'), ['hi'])
  assert.equal(await a.emitWithAck('who'), 2)
  assert.equal(await c.emitWithAck('who'), 1)
  assert.equal(strangers, 0)
})

test('several dynamic namespaces share a connection with a static one', async () => {
  const main = await clients.connect()
  const [one, two] = await Promise.all(['/dynamic-1', '/dynamic-2'].map(async (nsp) => {
    const socket = clients.share(main, nsp)
    await next(socket, 'auth')
    return socket
  }))
  assert.notEqual(one.id, two.id)
  one.disconnect()
  assert.deepEqual(await two.emitWithAck('ack', 5), 5)
  assert.deepEqual(await main.emitWithAck('ack', 6), 6)
})

test('rooms of a dynamic namespace are its own', async () => {
  const [a, b] = await Promise.all(['/dynamic-1', '/dynamic-2'].map((nsp) => clients.connect(nsp)))
  await a.emitWithAck('join', 'r')
  await b.emitWithAck('join', 'r')
  a.emit('to-room', 'r', 1)
  assert.deepEqual(await next(a, 'room-msg'), [1])
  b.once('room-msg', () => assert.fail('heard in another namespace'))
  await b.emitWithAck('ack', 0)
})
