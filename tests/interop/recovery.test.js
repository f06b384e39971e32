// Connection state recovery with the stock client: every transport, every way to lose a connection.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Clients } from './clients.js'
import { EnginePeer } from './engine_peer.js'
import { Relay } from './relay.js'
import { next, startFixture, until, within } from './support.js'

let server
let relay
let driver
let clients
let relayed

before(async () => {
  server = await startFixture(['--recovery', '120000'])
  relay = await Relay.open(server.port)
  clients = new Clients(() => server)
  relayed = new Clients(() => relay)
})
afterEach(() => {
  clients.closeAll()
  relayed.closeAll()
})
after(async () => {
  relay.close()
  await server.stop()
})

/** A client behind the relay that comes back only when it is told to, and its events, without `auth` and without offsets. */
async function connect(transports, nsp = '/', options = {}) {
  const socket = relayed.open(nsp, { transports, reconnection: false, ...options })
  const events = []
  socket.onAny((name, ...args) => { if (name !== 'auth') events.push([name, ...args.slice(0, -1)]) })
  const upgraded = transports.length > 1 ? next(socket.io, 'open').then(() => next(socket.io.engine, 'upgrade')) : null
  await next(socket, 'auth')
  await upgraded
  return { socket, events }
}

const ask = (socket, ...args) => within(socket.emitWithAck(...args), `no answer to ${args[0]}`)

/** Comes back; resolves when everything that was missed has come. */
async function comeBack(socket) {
  socket.connect()
  await next(socket, 'auth')
}

/** Emitted by the server in this order, and done. */
async function emitAll(...commands) {
  for (const command of commands) driver.emit(...command)
  await ask(driver, 'who')
}

const transportLists = { polling: ['polling'], websocket: ['websocket'], 'polling, upgraded': ['polling', 'websocket'] }

const losses = {
  'the engine is closed': (socket) => socket.io.engine.close(),
  // A client that polls may have no connection at the moment.
  'TCP is reset': async (socket) => {
    for (; socket.connected; await delay(1)) relay.cut()
  },
  'TCP is gone, and the server has not noticed': (socket) => {
    relay.abandon()
    socket.io.engine.close()
  }
}

for (const [transport, transports] of Object.entries(transportLists)) {
  describe(`recovery over ${transport}`, () => {
    before(async () => { clients.closeAll() })

    for (const [loss, lose] of Object.entries(losses)) {
      test(`${loss}: the same socket comes back, with its rooms, its data and what it missed, in order`, async () => {
        driver = await clients.connect()
        const { socket, events } = await connect(transports)
        const { id } = socket
        await ask(socket, 'join', 'red')
        await ask(socket, 'set-data', { name: 'ann' })
        await emitAll(['all', 'before'])
        await until(() => events.length === 1)
        assert.equal(socket.recovered, false)

        const gone = next(socket, 'disconnect')
        lose(socket)
        await gone
        await emitAll(
          ['all', 1], ['room', 'red', 2], ['room', 'blue', 'not for it'], ['to-except', null, 'red', 'nor this'], ['to-rooms', ['blue', 'red'], 3],
          ['volatile', 'red', 'fleeting'], ['room', id, 4], ['broadcast', Buffer.from([9, 8])], ['all', 'last', 'text'])
        await comeBack(socket)

        assert.equal(socket.id, id)
        assert.equal(socket.recovered, true)
        // What the server did not know to be lost was offered as volatile, too: it is gone all the same.
        assert.deepEqual(events.slice(1), [['all-msg', 1], ['room', 2], ['rooms-msg', 3], ['room', 4], ['broadcast', Buffer.from([9, 8])], ['all-msg', 'last', 'text']])
        assert.equal((await ask(socket, 'whoami')).recovered, true)
        await emitAll(['room', 'red', 'live'])
        await until(() => events.length === 8)
        assert.deepEqual(events.at(-1), ['room', 'live'])
      })
    }

    test('lost again and again: nothing is lost, nothing comes twice', async (t) => {
      driver = await clients.connect()
      const { socket, events } = await connect(transports)
      const { id } = socket
      let sent = 0
      const timer = setInterval(() => driver.emit('all', sent++), 2)
      t.after(() => clearInterval(timer))
      for (let round = 0; round < 10; ++round) {
        const wanted = sent + 10
        await until(() => events.length > wanted)
        const gone = next(socket, 'disconnect')
        Object.values(losses)[round % 3](socket)
        await gone
        await until(() => sent > events.length + 20)
        await comeBack(socket)
        assert.equal(socket.recovered, true)
        assert.equal(socket.id, id)
      }
      clearInterval(timer)
      await until(() => events.length === sent)
      assert.deepEqual(events, Array.from({ length: sent }, (_, i) => ['all-msg', i]))
    })
  })
}

describe('recovery', () => {
  test('namespaces of one connection come back each for itself', async () => {
    driver = await clients.connect('/chat')
    const { socket } = await connect(['websocket'])
    const chat = relayed.share(socket, '/chat')
    const heard = []
    chat.on('all-msg', (...args) => heard.push(args[0]))
    await next(chat, 'auth')
    const ids = [socket.id, chat.id]
    const gone = Promise.all([next(socket, 'disconnect'), next(chat, 'disconnect')])
    relay.cut()
    await gone
    await emitAll(['all', 'missed'])
    const back = Promise.all([next(socket, 'auth'), next(chat, 'auth')])
    socket.connect()
    chat.connect()
    await back
    assert.deepEqual([socket.id, chat.id], ids)
    assert.deepEqual([socket.recovered, chat.recovered], [true, true])
    assert.deepEqual(heard, ['missed'])
  })

  test('a client that left is a fresh one when it comes again', async () => {
    const { socket } = await connect(['websocket'])
    const { id } = socket
    socket.disconnect()
    await comeBack(socket)
    assert.notEqual(socket.id, id)
    assert.equal(socket.recovered, false)
  })

  test('volatile events and acknowledgements do not spoil the offset', async () => {
    driver = await clients.connect()
    const { socket, events } = await connect(['websocket'])
    await ask(socket, 'join', 'red')
    await emitAll(['volatile', 'red'], ['volatile', 'red', 'some text'])
    await until(() => events.length === 2)
    assert.deepEqual(events, [['vol-msg'], ['vol-msg', 'some text']])
    const gone = next(socket, 'disconnect')
    relay.cut()
    await gone
    await emitAll(['all', 'missed'])
    await comeBack(socket)
    assert.equal(socket.recovered, true)
    assert.deepEqual(events.at(-1), ['all-msg', 'missed'])
  })

  test('the exchange of the protocol', async (t) => {
    driver = await clients.connect()
    const peer = await EnginePeer.open(t, server.port)
    await peer.send('40')
    const { sid, pid } = JSON.parse((await peer.receive()).slice(2))
    assert.match(pid, /^[\w-]{20}$/)
    const [, , offset] = JSON.parse((await peer.receive()).slice(2))
    peer.destroy()
    await until(async () => await ask(driver, 'who') === 1)
    await emitAll(['broadcast', 2], ['volatile', sid, 'ping?'], ['broadcast', Buffer.from([9])])

    const back = await EnginePeer.open(t, server.port)
    await back.send(`40${JSON.stringify({ pid, offset, token: 't1' })}`)
    const offsets = []
    const without = (packet) => packet.replace(/,"([^"]*)"\]$/, (_, found) => {
      offsets.push(found)
      return ']'
    })
    assert.equal(without(await back.receive()), '42["broadcast",2]')
    assert.equal(without(await back.receive()), '451-["broadcast",{"_placeholder":true,"num":0}]')
    assert.deepEqual(await back.receive(), Buffer.from([9]))
    assert.equal(await back.receive(), `40${JSON.stringify({ sid, pid })}`)
    assert.deepEqual(JSON.parse(without(await back.receive()).slice(2)), ['auth', { pid, offset, token: 't1' }])
    assert.equal(new Set([offset, ...offsets]).size, 4)
  })

  test('whatever is sent as pid and offset, the answer is a fresh socket', async (t) => {
    driver = await clients.connect()
    const victim = await EnginePeer.open(t, server.port)
    await victim.send('40')
    const { sid, pid } = JSON.parse((await victim.receive()).slice(2))
    const [, , offset] = JSON.parse((await victim.receive()).slice(2))
    victim.destroy()
    await until(async () => await ask(driver, 'who') === 1)
    const odd = [1, -1, 1e308, true, false, null, [], {}, '', 'x', '\0', 'é'.repeat(10), 'x'.repeat(20), 'x'.repeat(100_000), '__proto__', ['a'], { a: 1 }, '../../etc', '%00', '👍'.repeat(5)]
    const requests = [...odd.map((value) => ({ pid: value, offset })), ...odd.map((value) => ({ pid: value, offset: value })), { pid: sid, offset }, { pid }]
    for (const request of requests) {
      const peer = await EnginePeer.open(t, server.port)
      await peer.send(`40${JSON.stringify(request)}`)
      const answer = JSON.parse((await peer.receive()).slice(2))
      assert.notEqual(answer.sid, sid)
      assert.notEqual(answer.pid, pid)
      peer.destroy()
    }
    const peer = await EnginePeer.open(t, server.port)
    await peer.send(`40/chat,${JSON.stringify({ pid, offset })}`)
    assert.notEqual(JSON.parse((await peer.receive()).slice('40/chat,'.length)).pid, pid)
    await peer.send(`40${JSON.stringify({ pid, offset })}`)
    const packets = [await peer.receive(), await peer.receive()]
    assert.ok(packets.some((packet) => packet === `40${JSON.stringify({ sid, pid })}`))
  })

  test('one pid from many connections at once: the session goes to one after the other, and never twice', async (t) => {
    const first = await EnginePeer.open(t, server.port)
    await first.send('40')
    const { sid, pid } = JSON.parse((await first.receive()).slice(2))
    const [, , offset] = JSON.parse((await first.receive()).slice(2))
    const peers = await Promise.all(Array.from({ length: 10 }, () => EnginePeer.open(t, server.port)))
    await Promise.all(peers.map((peer) => peer.send(`40${JSON.stringify({ pid, offset })}`)))
    const readUpTo = (...lasts) => Promise.all(peers.map(async (peer) => {
      const seen = []
      while (!lasts.some((last) => seen.at(-1)?.startsWith(last))) seen.push(await peer.receive())
      return seen
    }))
    await readUpTo('40{', 'end')
    driver = await clients.connect()
    await emitAll(['room', sid, 'to the one'], ['all', 'that is all'])
    const packets = await readUpTo('42["all-msg","that is all"', 'end')
    assert.equal(packets.flat().filter((packet) => packet.startsWith('42["room","to the one"')).length, 1)
  })
})
