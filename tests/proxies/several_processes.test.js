// Polling clients of several processes behind nginx and HAProxy, configured as the documentation shows.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Clients } from '../interop/clients.js'
import { next, startFixture } from '../interop/support.js'
import { isOn } from '../interop/transports.js'
import { proxies, replace, startProxy } from './proxy.js'

/** Two servers, the proxy in front of them, and its clients; all end with the test. */
async function start(t, name, config = proxies[name].several) {
  const servers = await Promise.all([startFixture(['--node', 'one']), startFixture(['--node', 'two'])])
  let proxy
  const clients = new Clients(() => proxy)
  t.after(async () => {
    clients.closeAll()
    for (const server of servers) await server.stop()
  })
  proxy = await startProxy(t, name, config, servers.map(({ port }) => port))
  return { servers, clients }
}

/** The processes that six clients with these options talk to, one name each. */
async function nodesOf(clients, options, last) {
  const nodes = []
  for (let i = 0; i < 6; i++) {
    const socket = await clients.connect('/', options)
    await isOn(socket.io.engine, last)
    const { node } = await socket.emitWithAck('whoami')
    for (let question = 0; question < 5; question++) assert.equal((await socket.emitWithAck('whoami')).node, node)
    nodes.push(node)
  }
  return [...new Set(nodes)].sort()
}

const ways = {
  'polling only': [{ transports: ['polling'] }, 'polling'],
  'default options': [{ transports: undefined }, 'websocket']
}

describe('nginx, by address', () => {
  for (const [way, [options, last]] of Object.entries(ways)) {
    test(`${way}: all requests of a client reach one process, and so do all clients of a network`, async (t) => {
      const { clients } = await start(t, 'nginx')
      assert.equal((await nodesOf(clients, options, last)).length, 1)
    })
  }
})

describe('HAProxy, by cookie', () => {
  for (const [way, [options, last]] of Object.entries(ways)) {
    test(`${way}, withCredentials: all requests of a client reach one process, and clients reach all processes`, async (t) => {
      const { clients } = await start(t, 'HAProxy')
      assert.deepEqual(await nodesOf(clients, { ...options, withCredentials: true }, last), ['one', 'two'])
    })
  }

  test('when the process of a client ends, the client comes back to the other', async (t) => {
    const { servers, clients } = await start(t, 'HAProxy')
    const socket = await clients.connect('/', { transports: ['polling'], withCredentials: true })
    const { node } = await socket.emitWithAck('whoami')
    const back = next(socket, 'auth')
    await servers[node === 'one' ? 0 : 1].kill()
    await back
    assert.equal((await socket.emitWithAck('whoami')).node, node === 'one' ? 'two' : 'one')
    await servers[node === 'one' ? 0 : 1].start()
  })
})

// What the lines are for: without them these clients do not get through.
for (const [name, line] of [['nginx', 'ip_hash;\n'], ['HAProxy', 'cookie process insert indirect nocache httponly\n']]) {
  const spread = name === 'nginx' ? replace(proxies.nginx.several, line, '') :
    replace(replace(proxies.HAProxy.several, line, ''), 'balance leastconn', 'balance roundrobin')

  describe(`${name} with nothing that sticks`, () => {
    test('polling only: the requests of a client reach processes that do not know it', async (t) => {
      const { clients } = await start(t, name, spread)
      const socket = clients.open('/', { transports: ['polling'] })
      const [error] = await Promise.race([next(socket, 'connect_error'), next(socket, 'disconnect')])
      assert.ok(error)
    })

    test('WebSocket only: clients need nothing that sticks', async (t) => {
      const { clients } = await start(t, name, spread)
      assert.deepEqual(await nodesOf(clients, { transports: ['websocket'] }, 'websocket'), ['one', 'two'])
    })
  })
}
