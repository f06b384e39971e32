// What the official server's documentation says of a Server, a Namespace and what they select, with the stock client;
// see docs/compatibility.md.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { isOfficial, startCompat } from './compat.js'
import { answers, CompatClients } from './compat_clients.js'
import { collect, next, until } from './support.js'

let server
before(async () => { server = await startCompat() })
after(() => server.stop())
const clients = new CompatClients(() => server)
afterEach(() => clients.closeAll())

/** Rooms and what they hold are the namespace's: tests that watch them begin when all others have left. */
const isEmpty = (nsp) => until(async () => {
  const socket = await clients.connect(nsp)
  const [sockets] = await answers(socket, 'fetch-all')
  socket.disconnect()
  return sockets.length === 1
})

for (const [what, nsp] of [['the server', '/'], ['a namespace', '/api']]) describe(what, () => {
  const group = async (...rooms) => {
    await isEmpty(nsp)
    return clients.group(nsp, rooms)
  }

  describe('emits', () => {
    const cases = [
      ['emit: to everyone', ['all', 'news', 1], [true, true, true, true]],
      ['to: the members of a room', ['to', 'r', 'news', 1], [true, true, false, false]],
      ['to: the members of several rooms, each once', ['to', ['r', 's'], 'news', 1], [true, true, true, false]],
      ['in: the same as to', ['in', ['r', 's'], 'news', 1], [true, true, true, false]],
      ['except: everyone but the members of a room', ['except', 'r', 'news', 1], [false, false, true, true]],
      ['except: everyone but the members of several rooms', ['except', ['r', 's'], 'news', 1], [false, false, false, true]],
      ['to and except, chained: a union, and who is left out', ['chain', 'r', 's', 'both', 'news', 1], [true, false, true, false]],
      ['volatile: to everyone who keeps up', ['volatile', 'news', 1], [true, true, true, true]],
      ['compress: to everyone, uncompressed', ['compress', 'news', 1], [true, true, true, true]],
      ['local: to everyone of this server', ['local', 'news', 1], [true, true, true, true]]
    ]
    for (const [title, event, reached] of cases) {
      test(title, async () => {
        const people = await group(['r'], ['r', 's', 'both'], ['s'], [])
        people.sockets[0].emit(...event)
        assert.deepEqual(await people.hears(), reached.map((isReached) => (isReached ? [['news', 1]] : [])))
      })
    }

    test('send: the event message', async () => {
      const people = await group([], [])
      people.sockets[0].emit('send', 'a', 2)
      assert.deepEqual(await people.hears(), [[['message', 'a', 2]], [['message', 'a', 2]]])
    })
  })

  describe('asks', () => {
    test('everyone: one answer of each', async () => {
      const { sockets } = await group([], [], [])
      sockets.forEach((socket, i) => socket.on('ask', (value, answer) => answer(value * 10 + i)))
      const [failed, values] = await answers(sockets[0], 'ask-everyone', 60_000, 7)
      assert.deepEqual([failed, values.sort()], [false, [70, 71, 72]])
    })

    test('a room: binary in question and answers', async () => {
      const { sockets } = await group(['r'], [], ['r'])
      sockets.forEach((socket) => socket.on('ask', (value, answer) => answer({ back: value })))
      const [failed, values] = await answers(sockets[1], 'ask-room', 'r', 60_000, Buffer.from('q'))
      assert.deepEqual([failed, values], [false, [{ back: Buffer.from('q') }, { back: Buffer.from('q') }]])
    })

    test('somebody who does not answer: an error after the timeout, with the answers there are', async () => {
      const { sockets } = await group([], [], [])
      sockets[0].on('ask', (value, answer) => answer('zero'))
      sockets[2].on('ask', (value, answer) => answer('two'))
      const [failed, values] = await answers(sockets[1], 'ask-everyone', 100, 1)
      assert.deepEqual([failed, values.sort()], [true, ['two', 'zero']])
    })

    test('nobody: no answers, at once', async () => {
      const { sockets } = await group([])
      assert.deepEqual(await answers(sockets[0], 'ask-room', 'nobody is here', 60_000, 1), [false, []])
    })
  })

  describe('knows its sockets', () => {
    test('fetchSockets: id, rooms, data and handshake of those selected', async () => {
      await isEmpty(nsp)
      const [first, second] = await Promise.all(['one', 'two'].map((name) => clients.connect(nsp, { auth: { name } })))
      await answers(first, 'join', 'r')
      await answers(first, 'set-data', { level: 7 })
      assert.deepEqual(await answers(second, 'fetch', 'r'), [[{ id: first.id, rooms: [first.id, 'r'].sort(), data: { level: 7 }, auth: { name: 'one' } }]])
      const [all] = await answers(second, 'fetch-all')
      assert.deepEqual(all.map(({ id, auth }) => [id, auth.name]), [[first.id, 'one'], [second.id, 'two']].sort(([a], [b]) => (a < b ? -1 : 1)))
      assert.deepEqual(await answers(second, 'fetch', 'nobody is here'), [[]])
    })

    test('socketsJoin and socketsLeave: of a room, and of everyone', async () => {
      const people = await group(['r'], ['r'], [])
      const [a] = people.sockets
      const whoHears = async (room) => {
        a.emit('to', room, 'news')
        return (await people.hears()).map((heard) => heard.length)
      }
      await answers(a, 'sockets-join', 'r', ['s', 't'])
      assert.deepEqual([await whoHears('s'), await whoHears('t')], [[1, 1, 0], [1, 1, 0]])
      await answers(a, 'sockets-leave', 'r', 's')
      assert.deepEqual(await whoHears('s'), [0, 0, 0])
      await answers(a, 'all-join', 'u')
      assert.deepEqual(await whoHears('u'), [1, 1, 1])
      await answers(a, 'all-leave', 'u')
      assert.deepEqual(await whoHears('u'), [0, 0, 0])
    })

    for (const close of [false, true]) {
      test(`disconnectSockets(${close}): those of a room, with "io server disconnect"`, async () => {
        const { sockets: [a, b, c] } = await group(['r'], [], [])
        const shared = clients.share(a, '/custom')
        await next(shared, 'connect')
        const gone = next(a, 'disconnect')
        const sharedGone = close ? next(shared, 'disconnect') : null
        b.emit('disconnect-sockets', 'r', close)
        assert.equal((await gone)[0], 'io server disconnect')
        if (close) assert.equal((await sharedGone)[0], 'io server disconnect')
        else assert.equal(await shared.emitWithAck('sum', 1, 2), 3)
        assert.equal((await answers(c, 'fetch-all'))[0].length, 2)
      })
    }
  })

  describe('a socket that was fetched', () => {
    test('emit, join, leave', async () => {
      const people = await group([], [])
      const [a, b] = people.sockets
      a.emit('remote-emit', b.id, 'news', { x: Buffer.from('y') })
      await until(async () => (await people.hears())[1].length === 1)
      await answers(a, 'remote-join', b.id, 'r')
      a.emit('to', 'r', 'joined')
      assert.deepEqual(await people.hears(), [[], [['joined']]])
      await answers(a, 'remote-leave', b.id, 'r')
      a.emit('to', 'r', 'left')
      assert.deepEqual(await people.hears(), [[], []])
    })

    test('timeout: its answer, or an error without one', async () => {
      const { sockets: [a, b] } = await group([], [])
      assert.equal((await answers(a, 'remote-ask', b.id, 50, 1))[0], true)
      b.on('ask', (value, answer) => answer(value + 1))
      const [failed, answer] = await answers(a, 'remote-ask', b.id, 60_000, 1)
      assert.deepEqual([failed, [answer].flat()], [false, [2]])
    })

    test('disconnect: "io server disconnect"', async () => {
      const { sockets: [a, b] } = await group([], [])
      const gone = next(b, 'disconnect')
      a.emit('remote-disconnect', b.id, true)
      assert.equal((await gone)[0], 'io server disconnect')
    })
  })

  test('create-room and delete-room: with the first member and the last', async () => {
    const { sockets: [a, b] } = await group([], [])
    await answers(a, 'room-events')
    for (const [socket, what] of [[a, 'join'], [b, 'join'], [a, 'leave'], [b, 'leave']]) await answers(socket, what, `watched ${what}`.slice(0, 7))
    assert.deepEqual(await answers(a, 'room-events'), [[['create-room', 'watched'], ['delete-room', 'watched']]])
    await answers(b, 'join', 'watched')
    b.disconnect()
    const events = []
    await until(async () => events.push(...(await answers(a, 'room-events'))[0]) === 2)
    assert.deepEqual(events, [['create-room', 'watched'], ['delete-room', 'watched']])
  })

  test('serverSideEmit: no other server, so no answers, at once', { skip: isOfficial && 'its in-memory adapter cannot' }, async () => {
    const { sockets: [a] } = await group([])
    await answers(a, 'server-side-cast')
    assert.deepEqual(await answers(a, 'server-side'), [false, []])
  })
})

test('broadcasts stay in their namespace, and keep their order', async () => {
  const [main, api] = await Promise.all([clients.connect('/'), clients.connect('/api')])
  const heard = collect(api, 'news', 100)
  main.on('news', () => assert.fail('in another namespace'))
  for (let i = 0; i < 100; i++) api.emit(i % 2 ? 'all' : 'local', 'news', i)
  assert.deepEqual((await heard).flat(), Array.from({ length: 100 }, (_, i) => i))
  await answers(main, 'state')
})
