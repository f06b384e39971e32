// socket.io-client over WebSocket: connecting, namespaces, leaving and coming back.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Clients } from './clients.js'
import { collect, next, startFixture, until } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

describe('connecting', () => {
  test('gives a public id of 20 characters that is not the session id', async () => {
    const socket = await clients.connect()
    assert.match(socket.id, /^[\w-]{20}$/)
    assert.notEqual(socket.id, socket.io.engine.id)
    assert.equal(socket.io.engine.transport.name, 'websocket')
  })

  for (const [what, auth, seen] of [
    ['an object', { token: 't1', nested: { ok: [true, null] } }, { token: 't1', nested: { ok: [true, null] } }],
    ['an object with text beyond ASCII', { name: 'Zoë 😀' }, { name: 'Zoë 😀' }],
    ['a function that answers later', (send) => setImmediate(send, { n: 1 }), { n: 1 }],
    ['nothing', undefined, {}],
    ['a key called __proto__', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')]
  ]) {
    test(`auth as ${what} reaches the connection handler`, async () => {
      assert.deepEqual(await next(clients.open('/', { auth }), 'auth'), [seen])
    })
  }

  test('a middleware refuses with its message and data, and the connection goes on', async () => {
    const main = await clients.connect()
    const denied = clients.share(main, '/denied')
    const [error] = await next(denied, 'connect_error')
    assert.deepEqual([error.message, error.data, denied.connected], ['denied', { why: 'role' }, false])
    assert.equal(await main.emitWithAck('ack', 1), 1)
  })

  test('an unknown namespace is refused with "Invalid namespace", again and again', async () => {
    const main = await clients.connect()
    const unknown = clients.share(main, '/unknown')
    for (const attempt of [1, 2, 3]) {
      const [error] = await next(unknown, 'connect_error')
      assert.equal(error.message, 'Invalid namespace', `attempt ${attempt}`)
      unknown.connect()
    }
    await next(unknown, 'connect_error')
    assert.equal(await main.emitWithAck('ack', 1), 1)
  })

  test('what is emitted before the connection arrives behind it, in order', async () => {
    const socket = clients.open()
    for (let i = 0; i < 20; i++) socket.emit('echo', i)
    assert.deepEqual((await collect(socket, 'echo', 20)).flat(), Array.from({ length: 20 }, (_, i) => i))
  })
})

describe('namespaces on one connection', () => {
  test('each has an id, an auth and events of its own', async () => {
    const main = await clients.connect()
    const custom = clients.share(main, '/custom', { auth: { who: 'custom' } })
    const chat = clients.share(main, '/chat', { auth: { who: 'chat' } })
    const auths = await Promise.all([next(custom, 'auth'), next(chat, 'auth')])
    assert.deepEqual(auths, [[{ who: 'custom' }], [{ who: 'chat' }]])
    assert.equal(new Set([main.id, custom.id, chat.id]).size, 3)
    assert.deepEqual(await Promise.all([main.emitWithAck('ack', 1), custom.emitWithAck('ack', 2), chat.emitWithAck('ack', 3)]), [1, 2, 3])
  })

  test('a broadcast stays in its namespace', async () => {
    const main = await clients.connect()
    const custom = clients.share(main, '/custom')
    await next(custom, 'auth')
    const strays = []
    main.on('all-msg', (...args) => strays.push(args))
    custom.emit('all', 'only here')
    assert.deepEqual(await next(custom, 'all-msg'), ['only here'])
    await main.emitWithAck('ack', 0)
    assert.deepEqual(strays, [])
  })

  test('leaving one leaves the others, and it can be joined again', async () => {
    const main = await clients.connect()
    const custom = clients.share(main, '/custom')
    await next(custom, 'auth')
    const before = main.id
    const gone = next(main, 'disconnect')
    main.disconnect()
    assert.equal((await gone)[0], 'io client disconnect')
    assert.equal(await custom.emitWithAck('ack', 'here'), 'here')
    main.connect()
    await next(main, 'connect')
    assert.notEqual(main.id, before)
    assert.equal(main.io.engine, custom.io.engine)
  })

  test('a client that has left every namespace may stay and join again', async () => {
    const socket = await clients.connect('/', { forceNew: true })
    const other = clients.share(socket, '/custom')
    await next(other, 'auth')
    other.disconnect()
    assert.equal(await socket.emitWithAck('ack', 1), 1)
    other.connect()
    await next(other, 'connect')
  })
})

describe('disconnected by the server', () => {
  test('from one namespace: "io server disconnect", the others stay, no reconnection', async () => {
    const main = await clients.connect()
    const custom = clients.share(main, '/custom')
    await next(custom, 'auth')
    const gone = next(main, 'disconnect')
    main.emit('kick', main.id, false)
    assert.equal((await gone)[0], 'io server disconnect')
    assert.equal(main.active, false)
    assert.equal(await custom.emitWithAck('ack', 'still there'), 'still there')
    main.connect()
    await next(main, 'connect')
  })

  test('a missing `close` counts as false', async () => {
    const main = await clients.connect()
    const custom = clients.share(main, '/custom')
    await next(custom, 'auth')
    const gone = next(main, 'disconnect')
    main.emit('kick', main.id)
    assert.equal((await gone)[0], 'io server disconnect')
    assert.equal(await custom.emitWithAck('ack', 1), 1)
  })

  test('from the connection: every namespace gets "io server disconnect"', async () => {
    const main = await clients.connect()
    const custom = clients.share(main, '/custom')
    await next(custom, 'auth')
    const gone = Promise.all([next(main, 'disconnect'), next(custom, 'disconnect')])
    main.emit('kick', main.id, true)
    assert.deepEqual((await gone).map(([reason]) => reason), ['io server disconnect', 'io server disconnect'])
  })

  test('a whole room is disconnected, and nobody else', async () => {
    const [first, second, bystander] = await Promise.all([clients.connect(), clients.connect(), clients.connect()])
    await Promise.all([first.emitWithAck('join', 'out'), second.emitWithAck('join', 'out')])
    const gone = Promise.all([next(first, 'disconnect'), next(second, 'disconnect')])
    bystander.emit('kick', 'out', true)
    assert.deepEqual((await gone).map(([reason]) => reason), ['io server disconnect', 'io server disconnect'])
    assert.equal(await bystander.emitWithAck('ack', 1), 1)
  })
})

describe('leaving and coming back', () => {
  test('a client that disconnects is counted no more', async () => {
    const [observer, leaver] = await Promise.all([clients.connect('/chat'), clients.connect('/chat')])
    assert.equal(await observer.emitWithAck('who'), 2)
    leaver.disconnect()
    await until(async () => await observer.emitWithAck('who') === 1)
  })

  test('a client whose network is gone is counted no more', async () => {
    const [observer, lost] = await Promise.all([clients.connect('/chat'), clients.connect('/chat')])
    lost.io.reconnection(false)
    lost.io.engine.transport.ws._socket.resetAndDestroy()
    await until(async () => await observer.emitWithAck('who') === 1)
  })

  test('a server that is shut down in order is a "transport close"; clients come back to the next one', async () => {
    const socket = await clients.connect()
    const gone = next(socket, 'disconnect')
    await server.stop()
    assert.equal((await gone)[0], 'transport close')
    socket.emit('echo', 'said while away')
    const heard = next(socket, 'echo')
    await server.start()
    assert.deepEqual(await heard, ['said while away'])
  })

  test('a server that crashed: clients come back to the next one', async () => {
    const socket = await clients.connect()
    const back = Promise.all([next(socket, 'disconnect'), next(socket, 'connect')])
    await server.kill()
    await server.start()
    await back
    assert.equal(await socket.emitWithAck('ack', 1), 1)
  })
})
