// tests/servers/compat_server.cpp once more, with the official server.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { until } from '../support.js'
import { registerBroadcasts } from './broadcasts.js'
import { registerConversations } from './conversations.js'
import { registerNamespaces } from './namespaces.js'
import { registerSockets } from './sockets.js'

const options = { '--ping-interval': 'pingInterval', '--ping-timeout': 'pingTimeout', '--connect-timeout': 'connectTimeout', '--cleanup-namespaces': 'cleanupEmptyChildNamespaces' }

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
  for (const [nsp, target] of [[io.of('/'), io], [io.of('/api'), io.of('/api')]]) {
    registerSockets(nsp)
    registerBroadcasts(nsp, target)
  }
  registerNamespaces(io)
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
