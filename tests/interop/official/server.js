// tests/servers/compat_server.cpp once more, with the official server.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { until } from '../support.js'
import { registerBroadcasts } from './broadcasts.js'
import { registerConversations } from './conversations.js'
import { registerNamespaces } from './namespaces.js'
import { registerSockets } from './sockets.js'

const isOn = (value) => value === '1'
const options = {
  '--ping-interval': (to, value) => { to.pingInterval = Number(value) },
  '--ping-timeout': (to, value) => { to.pingTimeout = Number(value) },
  '--connect-timeout': (to, value) => { to.connectTimeout = Number(value) },
  '--upgrade-timeout': (to, value) => { to.upgradeTimeout = Number(value) },
  '--max-payload': (to, value) => { to.maxHttpBufferSize = Number(value) },
  '--recovery': (to, value) => { to.connectionStateRecovery = { maxDisconnectionDuration: Number(value) } },
  '--cors': (to, value) => { to.cors = { origin: value } },
  '--deflate': (to) => { to.perMessageDeflate = { threshold: 0 } },
  '--path': (to, value) => { to.path = value },
  '--serve-client': (to, value) => { to.serveClient = isOn(value) },
  '--polling': (to, value) => { if (!isOn(value)) to.transports = ['websocket'] },
  '--websocket': (to, value) => { if (!isOn(value)) to.transports = ['polling'] },
  '--allow-upgrades': (to, value) => { to.allowUpgrades = isOn(value) },
  '--cookie': (to, value) => { to.cookie = { name: value } },
  '--compress-polls-from': (to, value) => { to.httpCompression = { threshold: Number(value) } },
  '--cleanup-namespaces': (to, value) => { to.cleanupEmptyChildNamespaces = isOn(value) }
}

/** @returns what `startFixture` returns, as far as the tests use it */
export async function startOfficial(args) {
  const settings = { allowRequest: (request, decide) => (/refuse=me/.test(request.url) ? decide('not you', false) : decide(null, true)) }
  for (let at = 0; at < args.length; at += args[at] === '--deflate' ? 1 : 2) options[args[at]](settings, args[at + 1])
  const http = createServer((request, response) => response.writeHead(404, { 'Content-Length': 0 }).end())
  const io = new Server(http, settings)
  registerHandshakes(io)
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

function registerHandshakes(io) {
  const errors = []
  io.engine.on('initial_headers', (headers) => { headers['X-First'] = 'once' })
  io.engine.on('headers', (headers) => { headers['X-Every'] = 'time' })
  io.engine.on('connection_error', ({ code, message }) => errors.push([code, message]))
  io.on('connection', (socket) => socket.on('connection-errors', (answer) => answer(errors)))
}
