// The reference implementation as a server to compare with: the events of the test server that bench-load uses.
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const http = createServer()
const io = new Server(http, { serveClient: false })

io.on('connection', (socket) => {
  socket.emit('auth', socket.handshake.auth)
  socket.on('echo', (value) => socket.emit('echo', value))
  socket.on('broadcast', (value) => io.emit('broadcast', value))
})

http.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`)
})
