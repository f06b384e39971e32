// What the official server's documentation says of a Socket, with the stock client; see docs/compatibility.md.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { startCompat } from './compat.js'
import { answers, CompatClients, record } from './compat_clients.js'
import { next } from './support.js'

let server
before(async () => { server = await startCompat() })
after(() => server.stop())
const clients = new CompatClients(() => server)
afterEach(() => clients.closeAll())

const connect = (options) => clients.connect('/api', options)

describe('state', () => {
  test('id, nsp, connected, rooms, recovered and transport are what the client sees', async () => {
    const socket = await connect()
    assert.deepEqual(await socket.emitWithAck('state'), {
      id: socket.id, nsp: '/api', connected: true, rooms: [socket.id], recovered: false, transport: 'websocket'
    })
  })

  test('rooms follow join and leave', async () => {
    const socket = await connect()
    const rooms = async () => (await socket.emitWithAck('state')).rooms
    await answers(socket, 'join', 'a')
    await answers(socket, 'join', 'a')
    await answers(socket, 'join', ['b', 'c'])
    assert.deepEqual(await rooms(), [socket.id, 'a', 'b', 'c'].sort())
    await answers(socket, 'leave', 'b')
    await answers(socket, 'leave', 'never joined')
    assert.deepEqual(await rooms(), [socket.id, 'a', 'c'].sort())
  })

  test('data is what was set', async () => {
    const socket = await connect()
    assert.deepEqual(await socket.emitWithAck('set-data', { name: 'Zoë', tags: [1, null] }), { name: 'Zoë', tags: [1, null] })
  })

  test('the handshake has url, address, query, headers, auth and the time', async () => {
    const socket = await connect({ query: { who: 'ä&=' }, extraHeaders: { 'X-Test': 'yes' }, auth: { token: 't1' } })
    const { age, url, address, ...rest } = await socket.emitWithAck('handshake')
    assert.ok(age >= 0 && age < 60_000, `${age}`)
    assert.match(url, /^\/socket\.io\/\?.*EIO=4/)
    assert.match(address, /127\.0\.0\.1$/)
    assert.deepEqual(rest, { secure: false, xdomain: false, who: 'ä&=', header: 'yes', auth: { token: 't1' } })
  })

  test('the transport is told anew after the upgrade', async () => {
    const socket = await connect({ transports: ['polling', 'websocket'] })
    if (socket.io.engine.transport.name === 'polling') await next(socket.io.engine, 'upgrade')
    assert.equal((await socket.emitWithAck('state')).transport, 'websocket')
    const polling = await connect({ transports: ['polling'] })
    assert.equal((await polling.emitWithAck('state')).transport, 'polling')
  })
})

describe('sending', () => {
  for (const how of ['emit-me', 'volatile-me', 'compress-me']) {
    test(`${how.slice(0, -3)}: the event reaches the client, text and binary`, async () => {
      const socket = await connect()
      const heard = next(socket, 'news')
      socket.emit(how, 'news', 1, { deep: [Buffer.from('x')] })
      assert.deepEqual(await heard, [1, { deep: [Buffer.from('x')] }])
    })
  }

  test('send is the event message', async () => {
    const socket = await connect()
    const heard = next(socket, 'message')
    socket.emit('send-me', 'a', 2)
    assert.deepEqual(await heard, ['a', 2])
  })

  test('emit with a callback: the client\'s answer', async () => {
    const socket = await connect()
    socket.on('ask', (value, answer) => answer({ value }))
    assert.deepEqual(await answers(socket, 'ask-me', 7), [{ value: 7 }])
  })

  test('emitWithAck: the client\'s answer', async () => {
    const socket = await connect()
    socket.on('ask', (value, answer) => answer([value]))
    assert.deepEqual(await answers(socket, 'ask-me-promise', 7), [[7]])
  })

  test('timeout: an answer in time, an error without one, and a late answer does no harm', async () => {
    const socket = await connect()
    socket.on('ask', (answer) => answer('in time'))
    assert.deepEqual(await answers(socket, 'ask-me-within', 60_000), [false, 'in time'])
    socket.off('ask')
    let late
    socket.on('ask', (answer) => { late = answer })
    assert.deepEqual(await answers(socket, 'ask-me-within', 30), [true, null])
    late('late')
    assert.equal((await socket.emitWithAck('state')).connected, true)
  })
})

describe('to others', () => {
  for (const how of ['to-others', 'in-others']) {
    test(`${how.slice(0, 2)}: the members of a room or of several, each once, without the sender`, async () => {
      const group = await clients.group('/api', [['r', 's'], ['r', 's'], []])
      group.sockets[0].emit(how, 'r', 'one', 1)
      group.sockets[0].emit(how, ['r', 's'], 'several', 2)
      assert.deepEqual(await group.hears(), [[], [['one', 1], ['several', 2]], []])
    })
  }

  test('except: everyone but the sender and the members of rooms', async () => {
    const group = await clients.group('/api', [[], ['r'], []])
    group.sockets[0].emit('except-others', 'r', 'one', 1)
    group.sockets[0].emit('except-others', ['r', 's'], 'several', 2)
    assert.deepEqual(await group.hears(), [[], [], [['one', 1], ['several', 2]]])
  })

  for (const how of ['broadcast', 'local-others']) {
    test(`${how.replace('-others', '')}: everyone but the sender`, async () => {
      const group = await clients.group('/api', [[], [], []])
      group.sockets[0].emit(how, 'news', 1)
      assert.deepEqual(await group.hears(), [[], [['news', 1]], [['news', 1]]])
    })
  }
})

describe('handlers', () => {
  test('on, off and removeAllListeners', async () => {
    const socket = await connect()
    const heard = record(socket)
    const after = async (what) => {
      await answers(socket, what)
      socket.emit('added')
      await socket.emitWithAck('state')
      return heard.splice(0).flat()
    }
    assert.deepEqual(await after('add'), ['added-heard', 'other-heard'])
    assert.deepEqual(await after('remove'), ['other-heard'])
    assert.deepEqual(await after('remove-all'), [])
  })

  test('once: the first event alone', async () => {
    const socket = await connect()
    const heard = record(socket)
    socket.emit('once')
    socket.emit('once')
    await socket.emitWithAck('state')
    assert.deepEqual(heard, [['once-heard']])
  })

  test('onAny, prependAny, offAny: before the handlers, in their order', async () => {
    const socket = await connect()
    await answers(socket, 'listen', 'any', 'a')
    await answers(socket, 'listen', 'any', 'b')
    await answers(socket, 'listen', 'prepend-any', 'c')
    socket.emit('watched', 1)
    assert.deepEqual(await socket.emitWithAck('heard'), [['c', 1], ['a', 1], ['b', 1], ['handler']])
    await answers(socket, 'unlisten', 'a')
    socket.emit('watched', 2)
    assert.deepEqual(await socket.emitWithAck('heard'), [['c', 2], ['b', 2], ['handler']])
    await answers(socket, 'unlisten-all')
    socket.emit('watched', 3)
    assert.deepEqual(await socket.emitWithAck('heard'), [['handler']])
  })

  test('onAnyOutgoing, prependAnyOutgoing, offAnyOutgoing: emits and broadcasts that go to the socket', async () => {
    const [socket, other] = await Promise.all([connect(), connect()])
    await answers(socket, 'listen', 'outgoing', 'a')
    await answers(socket, 'listen', 'prepend-outgoing', 'b')
    socket.emit('emit-me', 'watched', 1)
    assert.deepEqual(await socket.emitWithAck('heard'), [['b', 1], ['a', 1]])
    other.emit('to', socket.id, 'watched', 2)
    await other.emitWithAck('state')
    assert.deepEqual(await socket.emitWithAck('heard'), [['b', 2], ['a', 2]])
    await answers(socket, 'unlisten', 'b')
    socket.emit('emit-me', 'watched', 3)
    assert.deepEqual(await socket.emitWithAck('heard'), [['a', 3]])
    await answers(socket, 'unlisten-all')
    socket.emit('emit-me', 'watched', 4)
    assert.deepEqual(await socket.emitWithAck('heard'), [])
  })
})

describe('disconnect', () => {
  for (const [close, what] of [[false, 'the other namespaces stay'], [true, 'the connection ends']]) {
    test(`disconnect(${close}): "io server disconnect", ${what}`, async () => {
      const socket = await connect()
      const other = clients.share(socket, '/custom')
      await next(other, 'connect')
      const gone = next(socket, 'disconnect')
      const otherGone = close ? next(other, 'disconnect') : null
      socket.emit('disconnect-me', close)
      assert.equal((await gone)[0], 'io server disconnect')
      assert.equal(socket.active, false)
      if (close) assert.equal((await otherGone)[0], 'io server disconnect')
      else assert.equal(await other.emitWithAck('sum', 1, 2), 3)
    })
  }
})
