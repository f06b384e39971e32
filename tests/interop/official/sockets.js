// tests/servers/compat_sockets.cpp with the official server: what one socket can do.

export function registerSockets(nsp) {
  nsp.on('connection', (socket) => {
    registerState(socket)
    registerSending(socket)
    registerHandlers(socket)
    registerCatchAlls(socket)
  })
}

function registerState(socket) {
  socket.on('state', (answer) => answer({
    id: socket.id,
    nsp: socket.nsp.name,
    connected: socket.connected,
    rooms: [...socket.rooms].sort(),
    recovered: socket.recovered,
    transport: socket.conn.transport.name
  }))
  socket.on('handshake', (answer) => {
    const { url, address, secure, xdomain, issued, query, headers, auth } = socket.handshake
    answer({ url, address, secure, xdomain, age: Date.now() - issued, who: query.who, header: headers['x-test'] ?? '', auth })
  })
  socket.on('set-data', (value, answer) => {
    socket.data = value
    answer(socket.data)
  })
  socket.on('join', (room, answer) => { socket.join(room); answer() })
  socket.on('leave', (room, answer) => { socket.leave(room); answer() })
  socket.on('disconnect-me', (close) => socket.disconnect(close))
}

function registerSending(socket) {
  socket.on('emit-me', (...args) => socket.emit(...args))
  socket.on('send-me', (...args) => socket.send(...args))
  socket.on('volatile-me', (...args) => socket.volatile.emit(...args))
  socket.on('compress-me', (...args) => socket.compress(false).emit(...args))
  socket.on('ask-me', (value, answer) => socket.emit('ask', value, (...values) => answer(...values)))
  socket.on('ask-me-within', (ms, answer) => socket.timeout(ms).emit('ask', (error, value) => answer(!!error, value ?? null)))
  socket.on('ask-me-promise', async (value, answer) => answer(await socket.emitWithAck('ask', value)))
  socket.on('to-others', (rooms, ...args) => socket.to(rooms).emit(...args))
  socket.on('in-others', (rooms, ...args) => socket.in(rooms).emit(...args))
  socket.on('except-others', (rooms, ...args) => socket.except(rooms).emit(...args))
  socket.on('broadcast', (...args) => socket.broadcast.emit(...args))
  socket.on('local-others', (...args) => socket.local.emit(...args))
}

function registerHandlers(socket) {
  const added = () => socket.emit('added-heard')
  const other = () => socket.emit('other-heard')
  socket.once('once', () => socket.emit('once-heard'))
  socket.on('add', (answer) => {
    socket.on('added', added)
    socket.on('added', other)
    answer()
  })
  socket.on('remove', (answer) => { socket.off('added', added); answer() })
  socket.on('remove-all', (answer) => { socket.removeAllListeners('added'); answer() })
}

function registerCatchAlls(socket) {
  const heard = []
  const listeners = new Map()
  const adding = {
    any: (listener) => socket.onAny(listener),
    'prepend-any': (listener) => socket.prependAny(listener),
    outgoing: (listener) => socket.onAnyOutgoing(listener),
    'prepend-outgoing': (listener) => socket.prependAnyOutgoing(listener)
  }
  socket.on('listen', (how, tag, answer) => {
    listeners.set(tag, (event, ...args) => {
      if (event === 'watched') heard.push([tag, ...args])
    })
    adding[how](listeners.get(tag))
    answer()
  })
  socket.on('unlisten', (tag, answer) => {
    socket.offAny(listeners.get(tag))
    socket.offAnyOutgoing(listeners.get(tag))
    answer()
  })
  socket.on('unlisten-all', (answer) => {
    socket.offAny()
    socket.offAnyOutgoing()
    answer()
  })
  socket.on('watched', () => heard.push(['handler']))
  socket.on('heard', (answer) => answer(heard.splice(0)))
}
