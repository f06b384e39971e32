// Clients that do not read: what they cost is bounded, and nobody else notices.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { memoryOf } from './process.js'
import { opcodes, frame, RawWebSocket, stands } from './raw_websocket.js'
import { startFixture } from './support.js'

const megabyte = 1e6

/** Asks for `who` until only `count` sockets are left. */
function settlesTo(server, peer, count) {
  return server.settles(async () => {
    await peer.send('421["who"]')
    return await peer.receive() === `431[${count}]`
  })
}

test('max_queue: who would pass it is dropped, memory stays bounded, neighbours are served', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  const neighbour = await EnginePeer.join(server, server.port)
  const before = memoryOf(server.pid)
  const lazy = await Promise.all([1, 2, 3].map(() => EnginePeer.join(server, server.port)))
  // 200 MB each, for clients that read nothing from here on.
  await Promise.all(lazy.map((peer) => peer.send('42["flood",20000,10000]')))
  await settlesTo(server, neighbour, 1)
  assert.ok(memoryOf(server.pid) - before < 96 * megabyte, `${memoryOf(server.pid) - before} bytes more`)
  await neighbour.isAlive()
})

test('a packet that alone would pass max_queue ends its receiver, not the sender or the others', async (t) => {
  const server = await startFixture(['--high-water', '100000', '--max-queue', '1000000'])
  t.after(() => server.stop())
  const [sender, lazy, reader] = await Promise.all([1, 2, 3].map(() => EnginePeer.join(server, server.port)))
  for (const peer of [lazy, reader]) await peer.exchange('421["join","r"]', ['431[]'])
  const payload = 'x'.repeat(400_000)
  for (let i = 0; i < 40; i++) {
    await sender.send(`42["to-room","r","${payload}"]`)
    assert.equal((await reader.receive()).length, payload.length + '42["room-msg",""]'.length)
  }
  await settlesTo(server, sender, 2)
})

test('stall_timeout: above high_water and nothing taken for so long ends a client, a slow reader lives', async (t) => {
  const server = await startFixture(['--high-water', '65536', '--stall-timeout', '400'])
  t.after(() => server.stop())
  const [neighbour, lazy, slow] = await Promise.all([1, 2, 3].map(() => EnginePeer.join(server, server.port)))
  await lazy.send('42["flood",1000,10000]')
  await slow.send('42["flood",1000,10000]')
  // Reads a little at a time, so it always makes some progress.
  for (let i = 0; i < 1000; i++) assert.equal((await slow.receive()).length, 10_000 + '42["flood",""]'.length)
  await settlesTo(server, neighbour, 2)
  await slow.isAlive()
})

test('a raw endpoint stops reading from a client that does not read: 60 MB of echoes come back whole', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  const before = memoryOf(server.pid)
  const webSocket = await RawWebSocket.open(server.port, '/echo')
  server.after(() => webSocket.destroy())
  const size = 60_000
  const message = frame(opcodes.binary, Buffer.alloc(size, 7))
  let sent = 0
  const sending = (async () => { for (; sent < 1000; sent++) await webSocket.send(message) })()
  // Nothing is read until the server has stopped reading too: the sender makes no more progress.
  await stands(server.port, () => sent)
  assert.ok(sent < 1000, 'the server read everything')
  assert.ok(memoryOf(server.pid) - before < 16 * megabyte, `${memoryOf(server.pid) - before} bytes more`)
  for (let i = 0; i < 1000; i++) {
    const { opcode, payload } = await webSocket.receive()
    assert.ok(opcode === opcodes.binary && payload.length === size && payload[size - 1] === 7)
  }
  await sending
})

test('with the defaults, who stops reading for a while loses nothing: not 12 MB of events', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  const [neighbour, lazy] = await Promise.all([1, 2].map(() => EnginePeer.join(server, server.port)))
  await lazy.send('42["flood",1200,10000]', '421["ack","behind it"]')
  for (let i = 0; i < 20; i++) await neighbour.isAlive()
  for (let i = 0; i < 1200; i++) assert.equal((await lazy.receive()).length, 10_000 + '42["flood",""]'.length)
  assert.equal(await lazy.receive(), '431["behind it"]')
})

test('a raw endpoint echoes a message of 64 MiB, though it is more than max_queue', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  const webSocket = await RawWebSocket.open(server.port, '/echo')
  server.after(() => webSocket.destroy())
  const message = Buffer.alloc(64 * 1024 * 1024, 'x')
  await webSocket.send(frame(opcodes.binary, message))
  assert.ok((await webSocket.receive()).payload.equals(message))
})

test('volatile events to a client that does not read are left out, and cost nothing', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  const [sender, lazy] = await Promise.all([1, 2].map(() => EnginePeer.join(server, server.port)))
  await lazy.exchange('421["join","r"]', ['431[]'])
  const before = memoryOf(server.pid)
  const packet = `42["volatile","r","${'x'.repeat(100_000)}"]`
  for (let i = 0; i < 600; i++) await sender.send(packet)
  await sender.isAlive()
  assert.ok(memoryOf(server.pid) - before < 16 * megabyte, `${memoryOf(server.pid) - before} bytes more`)
  // It still lives, and gets what is sent now, behind the few that had begun to leave.
  await lazy.send('429["ack","still here"]')
  let volatiles = 0
  while (await lazy.receive() !== '439["still here"]') volatiles++
  assert.ok(volatiles < 600, `${volatiles}`)
})
