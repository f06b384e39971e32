// tests/servers/compat_broadcasts.cpp with the official server: what reaches many.

/** `target` is the server, for which `nsp` is the main namespace, or the namespace itself. */
export function registerBroadcasts(nsp, target) {
  const roomEvents = []
  for (const event of ['create-room', 'delete-room']) {
    nsp.adapter.on(event, (room) => room.startsWith('watched') && roomEvents.push([event, room]))
  }
  target.on('hello', () => { throw new Error('the own server must not hear it') })
  nsp.on('connection', (socket) => {
    registerEmits(socket, target)
    registerQuestions(socket, target)
    registerChanges(socket, target)
    registerRemote(socket, nsp)
    socket.on('room-events', (answer) => answer(roomEvents.splice(0)))
    socket.on('server-side', (answer) => target.serverSideEmit('hello', 1, (error, answers) => answer(!!error, answers)))
    socket.on('server-side-cast', (answer) => { target.serverSideEmit('hello', 1); answer() })
  })
}

function registerEmits(socket, target) {
  socket.on('all', (...args) => target.emit(...args))
  socket.on('send', (...args) => target.send(...args))
  socket.on('to', (rooms, ...args) => target.to(rooms).emit(...args))
  socket.on('in', (rooms, ...args) => target.in(rooms).emit(...args))
  socket.on('except', (rooms, ...args) => target.except(rooms).emit(...args))
  socket.on('chain', (first, second, except, ...args) => target.to(first).to(second).except(except).emit(...args))
  socket.on('volatile', (...args) => target.volatile.emit(...args))
  socket.on('compress', (...args) => target.compress(false).emit(...args))
  socket.on('local', (...args) => target.local.emit(...args))
}

function registerQuestions(socket, target) {
  socket.on('ask-room', (room, ms, value, answer) => {
    target.to(room).timeout(ms).emit('ask', value, (error, values) => answer(!!error, values))
  })
  socket.on('ask-everyone', (ms, value, answer) => {
    target.timeout(ms).emit('ask', value, (error, values) => answer(!!error, values))
  })
  socket.on('fetch', async (room, answer) => answer(described(await target.in(room).fetchSockets())))
  socket.on('fetch-all', async (answer) => answer(described(await target.fetchSockets())))
}

const described = (sockets) => sockets
  .map(({ id, rooms, data, handshake }) => ({ id, rooms: [...rooms].sort(), data: data ?? null, auth: handshake.auth }))
  .sort((a, b) => (a.id < b.id ? -1 : 1))

function registerChanges(socket, target) {
  socket.on('sockets-join', (from, to, answer) => { target.in(from).socketsJoin(to); answer() })
  socket.on('sockets-leave', (from, room, answer) => { target.in(from).socketsLeave(room); answer() })
  socket.on('all-join', (room, answer) => { target.socketsJoin(room); answer() })
  socket.on('all-leave', (room, answer) => { target.socketsLeave(room); answer() })
  socket.on('disconnect-sockets', (room, close) => target.in(room).disconnectSockets(close))
}

function registerRemote(socket, nsp) {
  const remote = async (id) => (await nsp.in(id).fetchSockets())[0]
  socket.on('remote-emit', async (id, ...args) => (await remote(id)).emit(...args))
  socket.on('remote-ask', async (id, ms, value, answer) => {
    (await remote(id)).timeout(ms).emit('ask', value, (error, values) => answer(!!error, values))
  })
  socket.on('remote-join', async (id, room, answer) => { (await remote(id)).join(room); answer() })
  socket.on('remote-leave', async (id, room, answer) => { (await remote(id)).leave(room); answer() })
  socket.on('remote-disconnect', async (id, close) => (await remote(id)).disconnect(close))
}
