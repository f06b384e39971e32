// The server that the fixture tests talk to: the one at BANTER_TEST_URL, or else the
// official implementation in this process, with the same events.

import { createServer } from 'node:http'
import { once } from 'node:events'
import { Server } from 'socket.io'

/** @returns {Promise<{ url: string, close: () => Promise<void> }>} */
export async function startFixture() {
  const url = process.env.BANTER_TEST_URL
  if (url) return { url, close: async () => {} }
  const http = createServer()
  const io = new Server(http)
  for (const name of ['/', '/custom', '/chat', /^\/dynamic-\d+$/]) {
    io.of(name).on('connection', (socket) => serve(socket))
  }
  io.of('/denied').use((socket, next) => next(Object.assign(new Error('denied'), { data: { why: 'role' } })))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { url: `http://127.0.0.1:${http.address().port}`, close: () => io.close() }
}

/**
 * For the `skip` of a test: why the server at BANTER_TEST_URL cannot pass it, or false. BANTER_TEST_LACKS lists what
 * that server does not have yet, separated by blanks.
 */
export function lacking(feature) {
  const lacks = (process.env.BANTER_TEST_LACKS ?? '').split(' ')
  return lacks.includes(feature) && `the server lacks ${feature}`
}

/** The events of the fixture server that the tests use. */
function serve(socket) {
  const { nsp } = socket
  socket.emit('auth', socket.handshake.auth)
  for (const name of ['msg', 'echo', 'bin']) socket.on(name, (...args) => socket.emit(name, ...args))
  socket.on('message', (...args) => socket.emit('message-back', ...args))
  socket.on('message-with-ack', (...args) => args.pop()(...args))
  socket.on('ack', (value, ack) => ack(value))
  socket.on('join', (room, ack) => { socket.join(room); ack() })
  socket.on('leave', (room, ack) => { socket.leave(room); ack() })
  socket.on('room', (room, value) => nsp.to(room).emit('room', value))
  socket.on('peers', (room, ...args) => socket.to(room).emit('peer-msg', ...args))
  socket.on('broadcast', (value) => nsp.emit('broadcast', value))
  socket.on('slow', (ms, ack) => setTimeout(() => ack(true), ms).unref())
  socket.on('kick', (room, close = false) => nsp.in(room).disconnectSockets(close))
  socket.on('flood', (count, bytes) => {
    const text = 'x'.repeat(bytes)
    for (let i = 0; i < count; i++) socket.emit('flood', text)
  })
  socket.on('bcast-ack-in', async (room, ms, payload, ack) => {
    const answer = await nsp.to(room).timeout(ms).emitWithAck('ask', payload)
      .then((responses) => ({ err: null, responses }), (error) => ({ err: error.message, responses: error.responses }))
    ack(answer)
  })
}
