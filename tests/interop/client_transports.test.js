// socket.io-client with each of its transports: what holds over WebSocket holds over polling and across an upgrade.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { Clients } from './clients.js'
import { collect, next, startFixture, until } from './support.js'
import { cutOff, isOn, losses, pollsAreHeld, ways } from './transports.js'

const maxPayload = 3_000_000
const megabyte = 1_000_000

let server
before(async () => { server = await startFixture(['--max-payload', `${maxPayload}`]) })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

/** What comes back for `message` with these arguments. */
async function roundTrip(socket, ...args) {
  const answer = next(socket, 'message-back')
  socket.emit('message', ...args)
  return answer
}

const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
const values = ['text', 'é 你好 😀 \u0000\u001e\u2028', 0.5, null, true, { deep: [{ a: [] }] }]
const binary = [bytes, Buffer.alloc(0), { deep: [randomBytes(5000), 'x'] }, bytes]

for (const [name, { options, last }] of Object.entries(ways)) describe(name, () => {
  const connect = (more) => clients.connect('/', { ...options, ...more })

  /** A client that is on its last transport, and whose poll is held if that is polling. */
  async function connectAndSettle(more) {
    const socket = await connect(more)
    await isOn(socket.io.engine, last)
    await pollsAreHeld(server)
    return socket
  }

  /** Resolves once a client that came back is on its last transport; one that tries all may have been quicker with another. */
  const isOnAgain = (socket) => options.tryAllTransports || isOn(socket.io.engine, last)

  test('events come back with their values, before and after an upgrade', async () => {
    const socket = await connect()
    for (const args of [[], values, binary, [...values, ...binary]]) assert.deepEqual(await roundTrip(socket, ...args), args)
    await isOn(socket.io.engine, last)
    for (const args of [[], values, binary, [...values, ...binary]]) assert.deepEqual(await roundTrip(socket, ...args), args)
  })

  test('acknowledgements go to the call that asked, text and binary', async () => {
    const socket = await connect()
    const answer = (...args) => new Promise((resolve) => socket.emit('message-with-ack', ...args, (...all) => resolve(all)))
    const asked = [[], values, binary, [1], [Buffer.from([1])]]
    assert.deepEqual(await Promise.all(asked.map((args) => answer(...args))), asked)
    const late = socket.emitWithAck('slow', 100)
    assert.equal(await socket.emitWithAck('ack', 'early'), 'early')
    assert.equal(await late, true)
  })

  test('1 MB in one event: text and binary, there and back', async () => {
    const socket = await connect()
    const args = ['é'.repeat(megabyte / 2), randomBytes(megabyte)]
    for (const arg of args) assert.deepEqual(await roundTrip(socket, arg), [arg])
    await isOn(socket.io.engine, last)
    assert.deepEqual(await roundTrip(socket, ...args), args)
  })

  test('10,000 events emitted before the connection come back in order, none lost and none twice', async () => {
    const socket = clients.open('/', options)
    const all = collect(socket, 'echo', 10_000)
    for (let i = 0; i < 10_000; i++) socket.emit('echo', i % 10 ? i : Buffer.from(`${i}`))
    assert.deepEqual((await all).map(([value]) => Number(value)), Array.from({ length: 10_000 }, (_, i) => i))
    assert.equal(await socket.emitWithAck('ack', 'the last'), 'the last')
  })

  test('binary as base64, for a client that takes no other', async () => {
    const socket = await connect({ forceBase64: true })
    await isOn(socket.io.engine, last)
    assert.deepEqual(await roundTrip(socket, ...binary), binary)
    assert.deepEqual(await socket.emitWithAck('ack', bytes), bytes)
  })

  test('namespaces share the connection, and are refused one by one', async () => {
    const main = await connect({ auth: { a: 'é' } })
    const custom = clients.share(main, '/custom', { auth: { b: 1 } })
    const denied = clients.share(main, '/denied')
    const refusal = next(denied, 'connect_error')
    assert.deepEqual(await next(custom, 'auth'), [{ b: 1 }])
    assert.deepEqual((await refusal)[0].data, { why: 'role' })
    assert.deepEqual(await Promise.all([main.emitWithAck('ack', 1), custom.emitWithAck('ack', bytes)]), [1, bytes])
  })

  for (const [what, leave, reason] of [
    ['the client disconnects', (socket) => socket.disconnect(), 'io client disconnect'],
    ['the client closes the connection', (socket) => socket.io.engine.close(), 'forced close'],
    ['the server ends the namespace', (socket) => socket.emit('kick', socket.id, false), 'io server disconnect'],
    ['the server ends the connection', (socket) => socket.emit('kick', socket.id, true), 'io server disconnect'],
    ['the client sends more attachments than allowed', (socket) => socket.emit('bin', ...Array(11).fill(bytes)), 'transport close']
  ]) {
    test(`${what}: "${reason}", and the server counts it no more`, async () => {
      const [observer, socket] = await Promise.all([clients.connect(), connectAndSettle({ reconnection: false })])
      await until(async () => await observer.emitWithAck('who') === 2) // those of the last test are gone
      const gone = next(socket, 'disconnect')
      leave(socket)
      assert.equal((await gone)[0], reason)
      await until(async () => await observer.emitWithAck('who') === 1)
    })
  }

  test('what was emitted before the server ends the connection arrives before its end', async () => {
    const socket = await connect()
    const heard = []
    socket.onAny((event, value) => heard.push(value))
    const gone = next(socket, 'disconnect')
    for (let i = 0; i < 100; i++) socket.emit('echo', i)
    socket.emit('kick', socket.id, true)
    assert.equal((await gone)[0], 'io server disconnect')
    assert.deepEqual(heard, Array.from({ length: 100 }, (_, i) => i))
  })

  const tooBig = last === 'polling' ? 'transport error' : 'transport close'
  test(`a message beyond max_payload is a "${tooBig}" for its sender, who comes back`, async () => {
    const socket = await connectAndSettle()
    const gone = next(socket, 'disconnect')
    const back = next(socket, 'auth')
    socket.emit('echo', 'x'.repeat(maxPayload))
    assert.equal((await gone)[0], tooBig)
    await back
    assert.equal(await socket.emitWithAck('ack', 1), 1)
  })

  test('a server that was shut down in order: "transport close", and all is well with the next one', async () => {
    const socket = await connectAndSettle()
    const gone = next(socket, 'disconnect')
    await server.stop()
    assert.equal((await gone)[0], 'transport close')
    const heard = collect(socket, 'echo', 100)
    for (let i = 0; i < 100; i++) socket.emit('echo', i)
    await server.start()
    assert.deepEqual((await heard).flat(), Array.from({ length: 100 }, (_, i) => i))
    await isOnAgain(socket)
    assert.deepEqual(await roundTrip(socket, ...binary), binary)
  })

  const crash = last === 'polling' ? 'transport error' : 'transport close'
  test(`a server that crashed: "${crash}", and all is well with the next one`, async () => {
    const socket = await connectAndSettle()
    const gone = next(socket, 'disconnect')
    const back = next(socket, 'auth')
    await server.kill()
    assert.equal((await gone)[0], crash)
    await server.start()
    await back
    await isOnAgain(socket)
    assert.deepEqual(await roundTrip(socket, ...binary), binary)
  })
})

describe('clients on different transports', () => {
  test('hear the same broadcasts in the same order, text and binary', async () => {
    const members = await Promise.all(Object.values(ways).map(({ options }) => clients.connect('/', options)))
    for (const member of members) await member.emitWithAck('join', 'all of us')
    const heard = members.map((member) => collect(member, 'room-msg', 300))
    for (let i = 0; i < 300; i++) members[0].emit('to-room', 'all of us', i, i % 3 ? 'é' : { file: Buffer.from(`${i}`) })
    const expected = Array.from({ length: 300 }, (_, i) => [i, i % 3 ? 'é' : { file: Buffer.from(`${i}`) }])
    for (const one of heard) assert.deepEqual(await one, expected)
  })

  test('each can be the sender, the peers are the others', async () => {
    const members = await Promise.all(Object.values(ways).map(({ options }) => clients.connect('/', options)))
    for (const member of members) await member.emitWithAck('join', 'us')
    for (const [i, sender] of members.entries()) {
      const heard = members.filter((member) => member !== sender).map((member) => next(member, 'peer-msg'))
      sender.emit('peers', 'us', i, bytes)
      for (const one of heard) assert.deepEqual(await one, [i, bytes])
    }
  })

  test('a broadcast of 1 MB reaches all', async () => {
    const members = await Promise.all(Object.values(ways).map(({ options }) => clients.connect('/', options)))
    const file = randomBytes(megabyte)
    const heard = members.map((member) => next(member, 'all-msg'))
    members[0].emit('all', file)
    for (const one of heard) assert.deepEqual(await one, [file])
  })
})

for (const [how, lose] of Object.entries(losses)) {
  test(`a held poll whose connection ${how}: "transport error", the server counts the client no more, and it comes back as another`, async () => {
    const agent = new Agent()
    const observer = await clients.connect('/chat')
    const socket = await clients.connect('/chat', { transports: ['polling'], agent })
    await until(async () => await observer.emitWithAck('who') === 2)
    await pollsAreHeld(server)
    const { id } = socket
    const gone = next(socket, 'disconnect')
    const repair = cutOff(agent, lose)
    assert.equal((await gone)[0], 'transport error')
    await until(async () => await observer.emitWithAck('who') === 1)
    const back = next(socket, 'auth')
    repair()
    await back
    assert.notEqual(socket.id, id)
    assert.equal(await observer.emitWithAck('who'), 2)
  })
}
