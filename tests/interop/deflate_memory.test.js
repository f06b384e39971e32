// What compression costs in memory, for connections that talk, that are silent, that are gone or do not read.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import { bomb, deflate, deflated, deflatedText, DeflatePeer, MiB, offer } from './deflate_peer.js'
import { memoryOf, memoryPeak } from './process.js'
import { close, opcodes, stands } from './raw_websocket.js'
import { startFixture } from './support.js'

let server // one for each test, in which nothing is left to be used again
beforeEach(async () => { server = await startFixture(['--deflate']) })
afterEach(() => server.stop())

const openMany = (count) => Promise.all(Array.from({ length: count }, () => DeflatePeer.open(server, server.port)))
const all = (peers, action) => Promise.all(peers.map(action))

const talk = async (peer) => {
  await peer.send(deflated(opcodes.binary, await deflate(randomBytes(1000))))
  await peer.receive()
}

const leave = async (peer) => {
  await peer.send(close(1000))
  await peer.hearAll()
}

test('a connection that says nothing has no compressor, though it agreed on one with context', async () => {
  let peers
  const silent = await memoryPeak(server.pid, async () => { peers = await openMany(100) })
  const talking = await memoryPeak(server.pid, () => all(peers, talk))
  assert.ok(silent < talking / 2, `${silent} bytes more, ${talking} once they talk`)
})

test('the compressors of connections that are gone are freed', { timeout: 120_000 }, async () => {
  const round = async () => {
    const peers = await openMany(100)
    await all(peers, talk)
    await all(peers, leave)
  }
  const first = await memoryPeak(server.pid, round)
  const others = await memoryPeak(server.pid, async () => { for (let i = 0; i < 5; i++) await round() })
  assert.ok(others < 2 * first, `${others} bytes more, ${first} in the first round`)
})

test('what a big message took is given back when it is answered', async () => {
  const peers = await openMany(8)
  await all(peers, talk)
  const before = memoryOf(server.pid)
  for (const peer of peers) {
    await peer.send(deflatedText(bomb(32)))
    assert.equal((await peer.receive()).payload.length, 32 * MiB)
  }
  assert.ok(memoryOf(server.pid) - before < 32 * MiB, `${memoryOf(server.pid) - before} bytes more`)
})

test('a client that sends 60 MB before it reads loses nothing, and memory stays bounded', { timeout: 120_000 }, async () => {
  const peer = await DeflatePeer.open(server, server.port, { offered: offer('client_no_context_takeover') })
  const payload = randomBytes(100_000) // farther apart than the window: it stays as long
  const message = deflated(opcodes.binary, await deflate(payload))
  const before = memoryOf(server.pid)
  let sent = 0
  const sending = (async () => { for (; sent < 600; sent++) await peer.send(message) })()
  await stands(server.port, () => sent) // the kernel's buffers are full, so the server does not read any more
  assert.ok(sent < 600, 'the server read on while nobody read its echoes')
  assert.ok(memoryOf(server.pid) - before < 24 * MiB, `${memoryOf(server.pid) - before} bytes more`)
  for (let i = 0; i < 600; i++) assert.ok((await peer.receive()).payload.equals(payload), `message ${i}`)
  await sending
  await peer.isAlive()
})

test('what compresses to nothing is bounded by what it becomes, though little of it waits to be sent', { timeout: 120_000 }, async () => {
  const peer = await DeflatePeer.open(server, server.port, { path: '/engine.io/?EIO=4&transport=websocket' })
  assert.match(await peer.hear(), /^text 0/)
  const payload = `4${'x'.repeat(900_000)}`
  const wires = []
  for (let i = 0; i < 100; i++) wires.push(await peer.deflatedText(payload))
  const peak = await memoryPeak(server.pid, async () => {
    await peer.send(...wires) // 90 MB, in 100 KB
    for (let i = 0; i < 100; i++) assert.ok((await peer.receive()).payload.equals(Buffer.from(payload)), `message ${i}`)
  })
  assert.ok(peak < 16 * MiB, `${peak} bytes more`)
})
