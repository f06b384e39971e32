// tests/servers/compat_server.cpp once more, with the official server.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { until } from './support.js'

const options = { '--ping-interval': 'pingInterval', '--ping-timeout': 'pingTimeout', '--connect-timeout': 'connectTimeout' }

/** @returns what `startFixture` returns, as far as the tests use it */
export async function startOfficial(args) {
  const settings = {}
  for (let at = 0; at < args.length; at += 2) {
    const value = Number(args[at + 1])
    if (args[at] === '--recovery') settings.connectionStateRecovery = { maxDisconnectionDuration: value }
    else settings[options[args[at]] ?? args[at]] = value
  }
  const http = createServer((request, response) => response.writeHead(404, { 'Content-Length': 0 }).end())
  const io = new Server(http, settings)
  registerConversations(io)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address()
  const cleanups = []
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    after: (cleanup) => cleanups.push(cleanup),
    settles: until,
    stop: async () => {
      cleanups.splice(0).forEach((cleanup) => cleanup())
      http.closeAllConnections()
      await io.close()
    }
  }
}

function registerConversations(io) {
  const undecided = []
  const denied = Object.assign(new Error('denied'), { data: { why: 'role' } })
  for (const name of ['/', '/custom', '/slow']) io.of(name).on('connection', registerReplies)
  io.on('connection', (socket) => {
    socket.on('emit-all', (...args) => io.emit(...args))
    socket.on('volatile-all', (...args) => io.volatile.emit(...args))
    socket.on('count', async (answer) => answer((await io.fetchSockets()).length))
    socket.on('decide', (done) => {
      undecided.splice(0).forEach((next) => next())
      done()
    })
  })
  io.of('/slow').use((socket, next) => undecided.push(next))
  io.of('/denied').use((socket, next) => next(denied))
  io.of('/admin').use((socket, next) => next(socket.handshake.auth.token === 'good' ? undefined : denied))
  io.of('/admin').on('connection', (socket) => socket.on('who', (answer) => answer('root')))
}

function registerReplies(socket) {
  socket.on('ack', (...args) => args.pop()(...args))
  socket.on('sum', (a, b, answer) => answer(a + b))
  socket.on('say', (...args) => socket.emit(...args))
  socket.on('hé', () => socket.emit('heard'))
  socket.on('kick', () => socket.disconnect())
  socket.on('leave', () => socket.disconnect(true))
}
