// The client against the official server, where the test has to hold both ends.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { Server } from 'socket.io'
import WebSocket from 'ws'
import { io } from '../src/index.js'
import { collect, next } from './support/events.js'

/** Starts a server; it is closed, and its clients with it, when the test is over. */
async function start(t, options = {}, port = 0) {
  const http = createServer()
  const server = new Server(http, options)
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  t.after(() => server.close())
  return { server, port: http.address().port, url: `http://127.0.0.1:${http.address().port}` }
}

function open(t, url, options = {}) {
  const socket = io(url, { WebSocket, forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 20, ...options })
  t.after(() => socket.io.disconnect())
  return socket
}

test('handshake: query of URL and options, path, headers and subprotocol arrive', async (t) => {
  const { server, url } = await start(t, { path: '/custom-path', allowEIO3: false })
  const socket = open(t, `${url}/?a=1`, {
    path: '/custom-path', query: { b: 'ä&=' }, webSocketOptions: { headers: { 'x-test': 'yes' } }, protocols: ['first'],
  })
  const [[peer]] = await Promise.all([next(server, 'connection'), next(socket, 'connect')])
  const { query, headers } = peer.handshake
  assert.equal(query.a, '1')
  assert.equal(query.b, 'ä&=')
  assert.equal(headers['x-test'], 'yes')
  assert.equal(headers['sec-websocket-protocol'], 'first')
  const left = next(peer, 'disconnect')
  socket.disconnect()
  assert.equal((await left)[0], 'client namespace disconnect')
})

test('a server that dies and comes back: reconnects, new id, nothing emitted meanwhile is lost', async (t) => {
  const first = await start(t)
  const socket = open(t, first.url)
  await next(socket, 'connect')
  const { id } = socket
  const lost = next(socket, 'disconnect')
  await first.server.close()
  assert.equal((await lost)[0], 'transport close')
  assert.equal(socket.active, true)
  for (let i = 0; i < 20; i++) socket.emit('note', i)
  socket.volatile.emit('note', 'volatile')
  const attempt = next(socket.io, 'reconnect_error')
  const answer = socket.emitWithAck('last')
  await attempt
  const { server } = await start(t, {}, first.port)
  const seen = []
  server.on('connection', (peer) => {
    peer.onAny((name, value) => seen.push(value))
    peer.on('last', (ack) => ack('done'))
  })
  await next(socket, 'connect')
  assert.equal(await answer, 'done')
  assert.deepEqual(seen.slice(0, 20), Array.from({ length: 20 }, (_, i) => i))
  assert.equal(seen.length, 21)
  assert.notEqual(socket.id, id)
})

test('all namespaces come back after a reconnection, and handlers are not called twice', async (t) => {
  const { server, url } = await start(t)
  server.of('/other').on('connection', (peer) => peer.emit('hello'))
  const main = open(t, url)
  const other = main.io.socket('/other')
  let hellos = 0
  other.on('hello', () => hellos++)
  await Promise.all([next(main, 'connect'), next(other, 'hello')])
  const again = Promise.all([next(main, 'connect'), next(other, 'hello')])
  for (const connection of Object.values(server.engine.clients)) connection.close()
  await again
  assert.equal(hellos, 2)
})

test('the server calls the client: emitWithAck, with values and with binary', async (t) => {
  const { server, url } = await start(t)
  const socket = open(t, url)
  socket.on('sum', (a, b, answer) => answer(a + b))
  socket.on('bytes', (bytes, answer) => answer(new Uint8Array(bytes).reverse()))
  const [peer] = await next(server, 'connection')
  assert.equal(await peer.timeout(5000).emitWithAck('sum', 1, 2), 3)
  assert.deepEqual([...await peer.timeout(5000).emitWithAck('bytes', Buffer.of(1, 2, 3))], [3, 2, 1])
})

test('events that middleware emits before CONNECT are delivered after it', async (t) => {
  const { server, url } = await start(t)
  server.use((peer, done) => {
    peer.emit('early', 1)
    setTimeout(done, 20)
  })
  const socket = open(t, url)
  const seen = []
  socket.on('connect', () => seen.push(socket.connected))
  socket.on('early', (value) => seen.push(value))
  await next(socket, 'connect')
  assert.deepEqual(seen, [1, true])
})

test('heartbeats keep an idle connection', async (t) => {
  const { server, url } = await start(t, { pingInterval: 30, pingTimeout: 200 })
  const socket = open(t, url)
  let drops = 0
  socket.on('disconnect', () => drops++)
  await next(socket, 'connect')
  await collect(socket.io, 'ping', 10)
  assert.equal(drops, 0)
  assert.equal(server.engine.clientsCount, 1)
})

test('a message beyond the limit of the server, from a server: parse, then go on', async (t) => {
  const { server, url } = await start(t)
  const socket = open(t, url)
  const [peer] = await next(server, 'connection')
  const big = 'x'.repeat(5_000_000)
  peer.emit('big', big)
  assert.deepEqual(await next(socket, 'big'), [big])
})

test('refused handshake: connect_error, still active, tries again', async (t) => {
  let isOpen = false
  const { url } = await start(t, { allowRequest: (request, done) => done(null, isOpen) })
  const socket = open(t, url)
  const [error] = await next(socket, 'connect_error')
  assert.equal(error.message, 'websocket error')
  assert.equal(socket.active, true)
  isOpen = true
  await next(socket, 'connect')
})

test('recovery: missed events arrive once, and recovered is true', async (t) => {
  const { server, url } = await start(t, { connectionStateRecovery: {} })
  const socket = open(t, url)
  const news = []
  socket.on('news', (value) => news.push(value))
  const [peer] = await next(server, 'connection')
  peer.emit('news', 1)
  await next(socket, 'news')
  const { id } = socket
  const gone = next(peer, 'disconnect')
  peer.conn.close()
  await gone
  server.emit('news', 2)
  await next(socket, 'connect')
  assert.equal(socket.recovered, true)
  assert.equal(socket.id, id)
  assert.deepEqual(news, [1, 2])
})

test('leaving a namespace before the server has answered leaves no ghost there', async (t) => {
  const { server, url } = await start(t)
  const main = open(t, url)
  await next(main, 'connect')
  const asked = new Promise((resolve) => server.of('/slow').use((peer, done) => resolve(done)))
  const slow = main.io.socket('/slow')
  const accept = await asked
  slow.disconnect()
  const joined = next(server.of('/slow'), 'connection')
  accept()
  const [ghost] = await joined
  assert.equal((await next(ghost, 'disconnect'))[0], 'client namespace disconnect')
  assert.equal(main.connected, true)
})

test('after disconnect nothing holds the process: connected, connecting, waiting to reconnect', async (t) => {
  const { url } = await start(t)
  const program = `
    import WebSocket from 'ws'
    import { io } from '${new URL('../src/index.js', import.meta.url)}'
    const connected = io('${url}', { WebSocket })
    connected.on('connect', () => {
      connected.timeout(60_000).emit('never answered', () => {})
      connected.disconnect()
    })
    io('${url}', { WebSocket, forceNew: true }).disconnect()
    const waiting = io('http://127.0.0.1:1', { WebSocket, reconnectionDelay: 60_000, reconnectionDelayMax: 60_000 })
    waiting.on('connect_error', () => waiting.disconnect())`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program],
    { cwd: new URL('..', import.meta.url), stdio: 'inherit', timeout: 20_000 })
  assert.deepEqual(await once(child, 'exit'), [0, null])
})
