// The stock clients through nginx and HAProxy, configured as the documentation shows for one process.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import { describe, test } from 'node:test'
import { Clients } from '../interop/clients.js'
import { collect, next, startFixture, until } from '../interop/support.js'
import { cutOff, EngineClients, isOn, losses, pollsAreHeld, ways } from '../interop/transports.js'
import { proxies, replace, startProxy } from './proxy.js'

const megabyte = 1_000_000

/** A server, the proxy in front of it, and clients of both; all end with the test. */
async function start(t, name, { args = [], config = proxies[name].one } = {}) {
  const server = await startFixture(['--max-payload', '2000000', ...args])
  let proxy
  const clients = new Clients(() => proxy)
  const engineClients = new EngineClients(() => proxy)
  const direct = new Clients(() => server)
  t.after(() => {
    for (const all of [clients, engineClients, direct]) all.closeAll()
    return server.stop()
  })
  proxy = await startProxy(t, name, config, [server.port])
  return { server, proxy, clients, engineClients, direct }
}

for (const name of Object.keys(proxies)) describe(name, () => {
  for (const [way, { options, last }] of Object.entries(ways)) {
    test(`${way}: text, binary, acknowledgements and 1 MB pass, on the transport that was asked for`, async (t) => {
      const { clients } = await start(t, name)
      const socket = await clients.connect('/', options)
      await isOn(socket.io.engine, last)
      for (const value of ['é 😀', Buffer.from([0, 255]), 'é'.repeat(megabyte / 2), randomBytes(megabyte)]) {
        const answer = next(socket, 'message-back')
        socket.emit('message', value)
        assert.deepEqual(await answer, [value])
        assert.deepEqual(await socket.emitWithAck('ack', value), value)
      }
    })

    test(`${way}: 10,000 messages sent while upgrading come back in order`, async (t) => {
      const { engineClients } = await start(t, name)
      const socket = await engineClients.open(options)
      const echoes = collect(socket, 'message', 10_000)
      const messages = Array.from({ length: 10_000 }, (_, i) => `${i}`)
      for (const message of messages) socket.send(message)
      assert.deepEqual((await echoes).flat(), messages)
      await isOn(socket, last)
    })

    test(`${way}: the client is told when the server ends its connection, and when the server ends`, async (t) => {
      const { server, clients } = await start(t, name)
      const [kicked, other] = await Promise.all([clients.connect('/', options), clients.connect('/', options)])
      const gone = next(kicked, 'disconnect')
      kicked.emit('kick', kicked.id, true)
      assert.equal((await gone)[0], 'io server disconnect')
      await isOn(other.io.engine, last)
      await pollsAreHeld(server)
      const closed = next(other, 'disconnect')
      await server.stop()
      assert.equal((await closed)[0], 'transport close')
      const back = next(other, 'auth')
      await server.start()
      await back
      assert.equal(await other.emitWithAck('ack', 'back'), 'back')
    })
  }

  test('a page that comes through the proxy is of the own origin, and may upgrade', async (t) => {
    const { proxy, clients } = await start(t, name)
    const socket = await clients.connect('/', { transports: undefined, extraHeaders: { Origin: proxy.url } })
    await isOn(socket.io.engine, 'websocket')
    assert.equal(await socket.emitWithAck('ack', 1), 1)
  })

  test('a page of another origin may not', async (t) => {
    const { clients } = await start(t, name)
    const socket = clients.open('/', { transports: ['websocket'], reconnection: false, extraHeaders: { Origin: 'http://elsewhere.example' } })
    assert.equal((await next(socket, 'connect_error'))[0].message, 'websocket error')
  })

  for (const [how, lose] of Object.entries(losses)) {
    test(`a poll whose connection to the proxy ${how} ends the session at once`, async (t) => {
      const { server, clients, direct } = await start(t, name)
      const observer = await direct.connect('/chat')
      const agent = new Agent()
      await clients.connect('/chat', { transports: ['polling'], agent })
      await pollsAreHeld(server)
      await until(async () => await observer.emitWithAck('who') === 2)
      cutOff(agent, lose)
      await until(async () => await observer.emitWithAck('who') === 1)
    })
  }

  test('the server gets Host as it was sent, and the address of the client in place of what it claims', async (t) => {
    const backend = createServer((request, response) => response.end(JSON.stringify(request.headers))).listen(0, '127.0.0.1')
    await once(backend, 'listening')
    t.after(() => {
      backend.close()
      backend.closeAllConnections()
    })
    const proxy = await startProxy(t, name, proxies[name].one, [backend.address().port])
    const headers = { Host: 'chat.example:8080', 'X-Forwarded-For': '192.0.2.1' }
    const [answer] = await once(get(proxy.url, { headers, agent: false }), 'response')
    const seen = JSON.parse(Buffer.concat(await answer.toArray()).toString())
    assert.deepEqual([seen.host, seen['x-forwarded-for']], ['chat.example:8080', '127.0.0.1'])
  })

  describe('a proxy that waits for 2 s instead of 60', () => {
    const impatient = replace(proxies[name].one, '60s', '2s')

    test('keeps clients that are pinged more often, on each transport', async (t) => {
      const { clients } = await start(t, name, { config: impatient, args: ['--ping-interval', '500'] })
      const sockets = await Promise.all(Object.values(ways).map(({ options }) => clients.connect('/', options)))
      const ids = sockets.map((socket) => socket.id)
      const seconds = 5
      await Promise.all(sockets.map((socket) => collect(socket.io, 'ping', seconds * 2)))
      assert.deepEqual(sockets.map((socket) => socket.id), ids)
      assert.deepEqual(await Promise.all(sockets.map((socket) => socket.emitWithAck('ack', 1))), sockets.map(() => 1))
    })

    test('cuts those that are not: "transport error" for polling, "transport close" for WebSocket', async (t) => {
      const { clients } = await start(t, name, { config: impatient, args: ['--ping-interval', '60000'] })
      const reasons = await Promise.all(['polling', 'websocket'].map(async (transport) => {
        const socket = await clients.connect('/', { transports: [transport], reconnection: false })
        return (await next(socket, 'disconnect'))[0]
      }))
      assert.deepEqual(reasons, ['transport error', 'transport close'])
    })
  })
})
