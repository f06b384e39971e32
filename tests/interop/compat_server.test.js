// What the official server's documentation says of its options and of handshakes, with the stock client;
// see docs/compatibility.md.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { io } from 'socket.io-client'
import { isOfficial, startCompat } from './compat.js'
import { CompatClients } from './compat_clients.js'
import { next, until } from './support.js'

/** A server with these options, and clients of it, for one test. */
async function start(t, ...args) {
  const server = await startCompat(args)
  const clients = new CompatClients(() => server)
  t.after(() => server.stop())
  t.after(() => clients.closeAll())
  return { server, clients, works: async (options, nsp = '/') => works(await clients.connect(nsp, options)) }
}

async function works(socket) {
  assert.equal(await socket.emitWithAck('sum', 1, 2), 3)
  return socket
}

const polling = { transports: ['polling'] }

/** Why a client cannot connect. */
async function refusal(clients, options) {
  const [error] = await next(clients.open('/', { reconnection: false, ...options }), 'connect_error')
  return error
}

const get = (server, path, headers = {}) => fetch(server.url + path, { headers })
const handshake = '/socket.io/?EIO=4&transport=polling'

describe('options', { concurrency: 4 }, () => {
  test('path: clients are served there, and nowhere else', async (t) => {
    const { server, clients, works } = await start(t, '--path', '/elsewhere/')
    await works({ path: '/elsewhere/' })
    await works({ path: '/elsewhere', ...polling })
    assert.equal((await get(server, handshake)).status, 404)
    assert.equal((await refusal(clients, {})).message, 'websocket error')
  })

  test('serveClient: the client under the path, or not', async (t) => {
    const { server, works } = await start(t, '--serve-client', '0')
    await works()
    assert.notEqual((await get(server, '/socket.io/socket.io.js')).status, 200)
  })

  test('transports: one that is not enabled is refused with code 0', async (t) => {
    for (const [option, enabled, disabled] of [['--polling', 'websocket', 'polling'], ['--websocket', 'polling', 'websocket']]) {
      const { server, clients, works } = await start(t, option, '0')
      await works({ transports: [enabled] })
      assert.match((await refusal(clients, { transports: [disabled] })).message, /error/)
      if (disabled === 'polling') assert.equal((await (await get(server, handshake)).json()).code, 0)
    }
  })

  test('allowUpgrades: a client that begins with polling goes over to WebSocket, or stays', async (t) => {
    const both = { transports: ['polling', 'websocket'] }
    const { works } = await start(t)
    const upgrading = await works(both)
    if (upgrading.io.engine.transport.name === 'polling') await next(upgrading.io.engine, 'upgrade')
    const { server, works: worksToo } = await start(t, '--allow-upgrades', '0')
    const staying = await worksToo(both)
    assert.equal(staying.io.engine.transport.name, 'polling')
    assert.deepEqual(JSON.parse((await (await get(server, handshake)).text()).slice(1)).upgrades, [])
  })

  test('maxHttpBufferSize: a message of that size is taken, a larger one ends the client', async (t) => {
    const { clients } = await start(t, '--max-payload', '2000')
    for (const [transports, reason] of [[['websocket'], 'transport close'], [['polling'], 'transport error']]) {
      const socket = await clients.connect('/', { transports, reconnection: false })
      const exactly = 'x'.repeat(2000 - '420["ack",""]'.length)
      assert.equal(await socket.emitWithAck('ack', exactly), exactly)
      const gone = next(socket, 'disconnect')
      socket.emit('ack', 'x'.repeat(2000))
      assert.equal((await gone)[0], reason)
    }
  })

  test('pingInterval and pingTimeout: what the client is told, and pings come', async (t) => {
    const { clients } = await start(t, '--ping-interval', '150', '--ping-timeout', '3000')
    const socket = await clients.connect('/')
    const { _pingInterval, _pingTimeout, pingInterval = _pingInterval, pingTimeout = _pingTimeout } = socket.io.engine
    assert.deepEqual([pingInterval, pingTimeout], [150, 3000])
    for (let i = 0; i < 3; ++i) await next(socket.io, 'ping')
    await works(socket)
  })

  test('cookie: on the handshake, named as wished, with the session\'s id', async (t) => {
    const { server, clients } = await start(t, '--cookie', 'sticky')
    const socket = await clients.connect('/', { ...polling, withCredentials: true })
    assert.equal(new Map(socket.io.engine._cookieJar.cookies).get('sticky').value, socket.io.engine.id)
    const answer = await get(server, handshake)
    const { sid } = JSON.parse((await answer.text()).slice(1))
    assert.equal(answer.headers.get('set-cookie'), `sticky=${sid}; Path=/; HttpOnly; SameSite=Lax`)
    const post = await fetch(`${server.url}${handshake}&sid=${sid}`, { method: 'POST', body: '40' })
    assert.deepEqual([post.status, post.headers.get('set-cookie')], [200, null])
  })

  test('cors: the allowed origin, for the stock client too', async (t) => {
    const origin = 'https://page.example'
    const { server, works } = await start(t, '--cors', origin)
    await works({ extraHeaders: { Origin: origin } })
    await works({ extraHeaders: { Origin: origin }, ...polling })
    const answer = await get(server, handshake, { Origin: origin })
    assert.equal(answer.headers.get('access-control-allow-origin'), origin)
  })

  test('perMessageDeflate: the stock client agrees on it, and all arrives', async (t) => {
    const { works, clients } = await start(t, '--deflate')
    const socket = await works()
    assert.match(socket.io.engine.transport.ws.extensions, /permessage-deflate/)
    const text = 'x'.repeat(100_000)
    assert.equal(await socket.emitWithAck('ack', text), text)
    const plain = await clients.connect('/', { perMessageDeflate: false })
    assert.equal(plain.io.engine.transport.ws.extensions, '')
  })

  test('httpCompression: polls above the threshold are compressed', async (t) => {
    const { server, works } = await start(t, '--compress-polls-from', '20')
    await works(polling)
    const opened = await get(server, handshake)
    const session = `${handshake}&sid=${JSON.parse((await opened.text()).slice(1)).sid}`
    await fetch(server.url + session, { method: 'POST', body: '40' })
    const poll = await get(server, session, { 'Accept-Encoding': 'gzip' })
    assert.equal(poll.headers.get('content-encoding'), 'gzip')
    assert.match(await poll.text(), /^40\{"sid"/)
  })

  test('connectionStateRecovery: what was missed comes back, with id, rooms and data', async (t) => {
    const { clients } = await start(t, '--recovery', '60000')
    const [socket, other] = [await clients.connect('/api'), await clients.connect('/api')]
    await new Promise((resolve) => socket.emit('join', 'r', resolve))
    await socket.emitWithAck('set-data', { level: 7 })
    const first = next(socket, 'news')
    other.emit('to', 'r', 'news', 1)
    await first
    const before = await socket.emitWithAck('state')
    socket.io.reconnection(false) // it comes back when it is told to
    socket.io.engine.close()
    await until(async () => (await new Promise((resolve) => other.emit('fetch-all', resolve))).length === 1)
    const missed = next(socket, 'news')
    other.emit('to', 'r', 'news', 2)
    await new Promise((resolve) => other.emit('state', resolve)) // behind it
    const back = next(socket, 'connect')
    socket.connect()
    assert.equal((await missed)[0], 2)
    await back
    assert.equal(socket.recovered, true)
    assert.deepEqual(await socket.emitWithAck('state'), { ...before, recovered: true })
    const [fetched] = await new Promise((resolve) => other.emit('fetch', 'r', resolve))
    assert.deepEqual([fetched.id, fetched.data], [socket.id, { level: 7 }])
  })

  test('connectionStateRecovery: one that is too long ago is a new socket', async (t) => {
    const { clients } = await start(t, '--recovery', '1')
    const socket = await clients.connect('/api')
    const heard = next(socket, 'news')
    socket.emit('all', 'news', 1)
    await heard
    const { id } = socket
    const back = next(socket, 'connect')
    socket.io.engine.close()
    await back
    assert.deepEqual([socket.recovered, socket.id === id], [false, false])
  })
})

describe('handshakes', () => {
  test('allowRequest: refused with 403 and its message, on either transport; the stock client hears of it', async (t) => {
    const { server, clients, works } = await start(t)
    const answer = await get(server, `${handshake}&refuse=me`)
    assert.deepEqual([answer.status, await answer.json()], [403, { code: 4, message: 'not you' }])
    for (const transports of [['polling'], ['websocket']]) {
      const error = await refusal(clients, { transports, query: { refuse: 'me' } })
      assert.match(error.message, /^(xhr poll|websocket) error$/)
    }
    await works()
  })

  test('initial_headers and headers: on the first answer of a session, and on all', async (t) => {
    const { server, clients } = await start(t)
    const { headers } = (await next(clients.open('/').io.engine.transport.ws, 'upgrade'))[0]
    assert.deepEqual([headers['x-first'], headers['x-every']], ['once', 'time'])
    const first = await get(server, handshake)
    const { sid } = JSON.parse((await first.text()).slice(1))
    const post = await fetch(`${server.url}${handshake}&sid=${sid}`, { method: 'POST', body: '40' })
    const second = await get(server, `${handshake}&sid=${sid}`)
    const has = ({ headers }) => [headers.get('x-first'), headers.get('x-every')]
    assert.deepEqual([first, post, second].map(has), [['once', 'time'], [null, 'time'], [null, 'time']])
  })

  const requests = [
    [0, 'Transport unknown', '/socket.io/?EIO=4&transport=carrier-pigeon'],
    [1, 'Session ID unknown', `${handshake}&sid=nobody`],
    [2, 'Bad handshake method', handshake, 'POST'],
    [3, 'Bad request', '/socket.io/?EIO=4&transport=websocket'],
    [4, 'not you', `${handshake}&refuse=me`],
    [5, 'Unsupported protocol version', '/socket.io/?EIO=3&transport=polling']
  ]
  for (const [code, message, path, method = 'GET'] of requests) {
    test(`connection_error: code ${code}, for the client and for the handler`, async (t) => {
      const { server, clients } = await start(t)
      const answer = await fetch(server.url + path, { method })
      assert.equal(answer.status, code === 4 ? 403 : 400)
      assert.deepEqual(await answer.json(), { code, message })
      const socket = await clients.connect('/')
      // The handler of a refusal by allowRequest hears "Forbidden" from the official server, and the message from ours.
      const heard = code === 4 && isOfficial ? 'Forbidden' : message
      assert.deepEqual(await socket.emitWithAck('connection-errors'), [[code, heard]])
    })
  }
})

test('close: clients hear "transport close" and come back', async (t) => {
  const server = await startCompat()
  const socket = io(server.url, { transports: ['websocket'], forceNew: true })
  t.after(() => socket.disconnect())
  await next(socket, 'connect')
  const gone = next(socket, 'disconnect')
  await server.stop()
  assert.equal((await gone)[0], 'transport close')
  assert.equal(socket.active, true)
})
