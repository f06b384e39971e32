// engine.io-client on a bare Engine.IO endpoint that echoes, with each of its transports.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { collect, next, startFixture, until } from './support.js'
import { cutOff, EngineClients, isForgotten, isOn, losses, pollsAreHeld, ways } from './transports.js'

let server
before(async () => { server = await startFixture(['--max-payload', '3000000', '--ping-interval', '200']) })
after(() => server.stop())
const clients = new EngineClients(() => server)
afterEach(() => clients.closeAll())

/** What comes back for these messages. */
async function echoesOf(socket, messages) {
  const answers = collect(socket, 'message', messages.length)
  for (const message of messages) socket.send(message)
  return (await answers).flat()
}

const allBytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
const texts = ['text', 'Grüße, 你好, 👩‍👩‍👧‍👦, \u{10ffff}', '"\\/\u0000\u007f\u2028', 'bQUJD', '2probe', '0{}', ' ']
const binaries = [allBytes, Buffer.alloc(0), Buffer.from([0]), Buffer.from('4text'), randomBytes(70_000)]
const megabyte = 1_000_000

for (const [name, { options, last }] of Object.entries(ways)) describe(name, () => {
  test('text and binary messages come back as what they were, in order', async () => {
    const socket = await clients.open(options)
    const messages = [...texts, ...binaries, ...texts]
    assert.deepEqual(await echoesOf(socket, messages), messages)
    await isOn(socket, last)
    assert.deepEqual(await echoesOf(socket, messages), messages)
  })

  test('messages of 1 MB come back, text and binary', async () => {
    const socket = await clients.open(options)
    const messages = ['é'.repeat(megabyte / 2), randomBytes(megabyte)]
    assert.deepEqual(await echoesOf(socket, messages), messages)
    await isOn(socket, last)
    assert.deepEqual(await echoesOf(socket, messages), messages)
  })

  test('10,000 messages sent as soon as the session is open come back in order, none lost and none twice', async () => {
    const socket = await clients.open(options)
    const messages = Array.from({ length: 10_000 }, (_, i) => (i % 10 ? `${i}` : Buffer.from(`${i}`)))
    assert.deepEqual(await echoesOf(socket, messages), messages)
    await isOn(socket, last)
    assert.deepEqual(await echoesOf(socket, ['the last']), ['the last'])
  })

  test('binary as base64, for a client that takes no other', async () => {
    const socket = await clients.open({ ...options, forceBase64: true })
    await isOn(socket, last)
    const frames = []
    socket.transport.ws?.on('message', (data, isBinary) => frames.push(isBinary))
    const messages = ['text', ...binaries]
    assert.deepEqual(await echoesOf(socket, messages), messages)
    assert.ok(frames.every((isBinary) => !isBinary), 'a binary frame')
    assert.equal(frames.filter((isBinary) => !isBinary).length >= messages.length, last === 'websocket')
  })

  test('pings keep the session', async () => {
    const socket = await clients.open(options)
    const { id } = socket
    await collect(socket, 'ping', 4)
    assert.deepEqual(await echoesOf(socket, ['still here']), ['still here'])
    assert.deepEqual([socket.id, socket.transport.name], [id, last])
  })

  test('a client that closes is forgotten', async () => {
    const socket = await clients.open(options)
    await isOn(socket, last)
    const { id } = socket
    assert.equal(await isForgotten(server, id), false)
    const closed = next(socket, 'close')
    socket.close()
    assert.equal((await closed)[0], 'forced close')
    await until(() => isForgotten(server, id))
  })

  test('a client that closes at once, whatever is under way, is forgotten', async () => {
    const socket = await clients.open(options)
    const { id } = socket
    socket.send('behind this')
    socket.close()
    await next(socket, 'close')
    await until(() => isForgotten(server, id))
  })

  test('a server that ends in order is a "transport close"', async (t) => {
    const other = await startFixture()
    t.after(() => other.kill())
    const theirs = new EngineClients(() => other)
    const socket = await theirs.open(options)
    await isOn(socket, last)
    await pollsAreHeld(other)
    const closed = next(socket, 'close')
    await other.stop()
    assert.equal((await closed)[0], 'transport close')
  })
})

for (const [how, lose] of Object.entries(losses)) {
  test(`a held poll whose connection ${how} ends the session, and nobody else's`, async () => {
    const agent = new Agent()
    const neighbour = await clients.open({ transports: ['polling'] })
    const socket = await clients.open({ transports: ['polling'], agent })
    await pollsAreHeld(server)
    const { id } = socket
    const closed = next(socket, 'close')
    cutOff(agent, lose)
    assert.equal((await closed)[0], 'transport error')
    await until(() => isForgotten(server, id))
    assert.deepEqual(await echoesOf(neighbour, ['here']), ['here'])
  })
}

describe('options of the client', () => {
  test('upgrade: false stays with polling', async () => {
    const socket = await clients.open({ upgrade: false })
    await collect(socket, 'ping', 2)
    assert.equal(socket.transport.name, 'polling')
  })

  test('rememberUpgrade begins with WebSocket the next time', async () => {
    await isOn(await clients.open({ rememberUpgrade: true }), 'websocket')
    const socket = await clients.open({ rememberUpgrade: true })
    assert.equal(socket.transport.name, 'websocket')
    assert.deepEqual(await echoesOf(socket, texts), texts)
  })

  test('withCredentials and extraHeaders are no hindrance', async () => {
    const extraHeaders = { Authorization: 'Bearer é'.normalize('NFC'), 'X-Empty': '', Cookie: 'a=b; c="d e"' }
    const socket = await clients.open({ withCredentials: true, extraHeaders })
    await isOn(socket, 'websocket')
    assert.deepEqual(await echoesOf(socket, texts), texts)
  })

  test('timestampParam, query and a path without a slash at the end', async () => {
    const socket = await clients.open({ timestampParam: 'cache-buster', query: { 'a b': 'é&=%', empty: '' }, path: '/engine.io' })
    await isOn(socket, 'websocket')
    assert.deepEqual(await echoesOf(socket, texts), texts)
  })
})

describe('pages of another origin, as a program can pretend to be one', () => {
  const foreign = { extraHeaders: { Origin: 'http://elsewhere.example' } }

  test('WebSocket only: refused', async () => {
    const socket = clients.connecting({ transports: ['websocket'], ...foreign })
    assert.equal((await next(socket, 'close'))[0], 'transport error')
  })

  test('default options: the upgrade is refused, and polling goes on', async () => {
    const socket = await clients.open(foreign)
    await next(socket, 'upgradeError')
    assert.deepEqual(await echoesOf(socket, texts), texts)
    assert.equal(socket.transport.name, 'polling')
  })

  test('WebSocket first, tryAllTransports: polling takes over', async () => {
    const socket = await clients.open({ transports: ['websocket', 'polling'], tryAllTransports: true, ...foreign })
    assert.equal(socket.transport.name, 'polling')
    assert.deepEqual(await echoesOf(socket, texts), texts)
  })

  test('once they are named, they connect and upgrade', async (t) => {
    const other = await startFixture(['--cors', 'http://elsewhere.example'])
    const theirs = new EngineClients(() => other)
    t.after(() => {
      theirs.closeAll()
      return other.stop()
    })
    const socket = await theirs.open(foreign)
    await isOn(socket, 'websocket')
    assert.deepEqual(await echoesOf(socket, texts), texts)
  })
})
