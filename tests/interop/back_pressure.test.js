// Clients that do not keep up: what they cost the server, who of them may stay, and that the others notice nothing.
import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Clients } from './clients.js'
import { EnginePeer } from './engine_peer.js'
import { PollingPeer } from './polling_peer.js'
import { memoryPeak } from './process.js'
import { next, startFixture } from './support.js'

const megabyte = 1e6

/** Asks for `who` until only `count` sockets are left. */
function settlesTo(server, peer, count) {
  return server.settles(async () => {
    await peer.send('421["who"]')
    return await peer.receive() === `431[${count}]`
  })
}

describe('a client that stops reading while 100 MB are sent to it costs no more than max_queue', () => {
  const maxQueue = 16 * megabyte
  for (const [transport, Peer] of [['WebSocket', EnginePeer], ['long-polling', PollingPeer]]) {
    test(transport, async (t) => {
      const server = await startFixture(['--max-queue', `${maxQueue}`])
      t.after(() => server.stop())
      const neighbour = await EnginePeer.join(server, server.port)
      const lazy = await Peer.join(server, server.port)
      const flood = '42["flood",10000,10000]'
      const peak = await memoryPeak(server.pid, async () => {
        await (lazy.post ? lazy.post(flood) : lazy.send(flood))
        await settlesTo(server, neighbour, 1)
      })
      assert.ok(peak < maxQueue + 8 * megabyte, `${peak} bytes more`)
      await neighbour.isAlive()
    })
  }
})

describe('who reads slowly but steadily is not cut off', () => {
  const options = ['--high-water', '65536', '--stall-timeout', '600']

  test('WebSocket: 10 MB, 50 kB at a time', async (t) => {
    const server = await startFixture(options)
    t.after(() => server.stop())
    const slow = await EnginePeer.join(server, server.port)
    await slow.send('42["flood",1000,10000]')
    for (let i = 0; i < 1000; i++) {
      assert.equal((await slow.receive()).length, 10_000 + '42["flood",""]'.length)
      if (i % 5 === 0) await delay(10)
    }
    await slow.isAlive()
  })

  test('long-polling: a poll now and then, while more than high_water comes in between', async (t) => {
    const server = await startFixture(options)
    t.after(() => server.stop())
    const slow = await PollingPeer.join(server, server.port)
    for (let i = 0; i < 8; i++) {
      await slow.post('42["flood",20,10000]')
      await delay(200)
      assert.equal((await slow.receive(20)).length, 20)
    }
  })
})

test('long-polling: above high_water and no poll for stall_timeout ends a client', async (t) => {
  const server = await startFixture(['--high-water', '65536', '--stall-timeout', '300'])
  t.after(() => server.stop())
  const neighbour = await EnginePeer.join(server, server.port)
  const lazy = await PollingPeer.join(server, server.port)
  await lazy.post('42["flood",10,10000]')
  await settlesTo(server, neighbour, 1)
})

describe('a snapshot above high_water, sent on connect, is no reason to reconnect', () => {
  const clients = new Clients(() => server)
  let server
  afterEach(async () => {
    clients.closeAll()
    await server.stop()
  })

  for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    test(transports.join(', then '), async () => {
      server = await startFixture(['--high-water', '10000', '--stall-timeout', '300', '--max-payload', '4000000'])
      const snapshot = 'x'.repeat(3_000_000)
      const socket = clients.open('/', { transports, auth: { snapshot } })
      let [connects, ends] = [0, 0]
      socket.on('connect', () => connects++)
      socket.on('disconnect', () => ends++)
      const [auth] = await next(socket, 'auth')
      assert.equal(auth.snapshot, snapshot)
      await delay(600) // twice the time in which a client that takes nothing is ended
      assert.equal(await socket.timeout(5000).emitWithAck('ack', 'still'), 'still')
      assert.deepEqual([connects, ends], [1, 0])
    })
  }
})

test('200 slow clients together do not exceed the budget', async (t) => {
  const [budget, highWater] = [40 * megabyte, 50_000]
  const server = await startFixture(['--high-water', `${highWater}`, '--max-queue', '4000000', '--budget', `${budget}`])
  t.after(() => server.stop())
  const neighbour = await EnginePeer.join(server, server.port)
  const lazy = await Promise.all(Array.from({ length: 200 }, () => EnginePeer.join(server, server.port)))
  const peak = await memoryPeak(server.pid, async () => {
    // Less than max_queue, and together more than the budget and all that the kernel takes.
    await Promise.all(lazy.map((peer) => peer.send('42["flood",350,10000]')))
    for (let i = 0; i < 50; i++) await neighbour.isAlive()
  })
  assert.ok(peak < budget + 200 * highWater + 10 * megabyte, `${peak} bytes more`)
  await neighbour.send('421["who"]')
  const [, left] = /^431\[(\d+)\]$/.exec(await neighbour.receive())
  assert.ok(Number(left) < 201, `${left} are left`)
  assert.ok(Number(left) > 1, 'some may stay')
})
