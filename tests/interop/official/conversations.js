// tests/servers/compat_conversations.cpp with the official server.

export function registerConversations(io) {
  const undecided = []
  const denied = Object.assign(new Error('denied'), { data: { why: 'role' } })
  for (const name of ['/', '/custom', '/slow']) io.of(name).on('connection', registerReplies)
  io.on('connection', (socket) => {
    socket.on('emit-all', (...args) => io.emit(...args))
    socket.on('volatile-all', (...args) => io.volatile.emit(...args))
    socket.on('ask-all', (...args) => io.emit(...args, () => {}))
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
  socket.on('bye', () => socket.disconnect(true))
}
