// Big messages, many messages, slow readers: what a raw endpoint bears, and what it does not (RFC 6455 section
// 10.4).
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { descriptorsOf, memoryOf } from './process.js'
import { binary, checkEchoes, close, continuation, conversation, describe, failure, fragments, frame, opcodes, ping, RawWebSocket, stands, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const MiB = 1024 * 1024
const limit = 64 * MiB
const hash = (bytes) => createHash('sha1').update(bytes).digest('hex')

/** Sends while it reads: one message back, and how it compares. */
async function checkEcho(client, sent, payload, opcode) {
  const writing = client.socket.write(sent)
  const { opcode: its, payload: back } = await client.receive()
  await writing
  assert.equal(its, opcode)
  assert.equal(back.length, payload.length)
  assert.equal(hash(back), hash(payload))
}

for (const size of [64 * 1024, 256 * 1024, MiB, 4 * MiB, 8 * MiB, 16 * MiB]) {
  test(`big: a text and a binary message of ${size} bytes come back`, async () => {
    const payload = Buffer.alloc(size, 'Grüße, ')
    payload.fill('.', size - size % Buffer.byteLength('Grüße, '))  // no half character at the end
    const client = await RawWebSocket.open(server.port)
    await checkEcho(client, text(payload), payload, opcodes.text)
    await checkEcho(client, binary(payload), payload, opcodes.binary)
    client.destroy()
  })
}

for (const size of [64, 1024, 65536, MiB]) {
  test(`big: 4 MiB in fragments of ${size} bytes come back whole`, async () => {
    const payload = Buffer.alloc(4 * MiB, 'abcdefg')
    const client = await RawWebSocket.open(server.port)
    await checkEcho(client, fragments(opcodes.binary, payload, size), payload, opcodes.binary)
    client.destroy()
  })
}

for (const size of [1, 0]) {
  test(`big: 65,536 fragments of ${size} bytes are one message`, async () => {
    const payload = Buffer.alloc(65536 * size, 'x')
    const middle = continuation(size ? 'x' : '', { fin: false })
    const sent = Buffer.concat([text(size ? 'x' : '', { fin: false }), ...Array(65534).fill(middle), continuation(size ? 'x' : '')])
    const client = await RawWebSocket.open(server.port)
    await checkEcho(client, sent, payload, opcodes.text)
    client.destroy()
  })
}

test('CVE-2026-48779: more than 131,072 fragments, empty ones too, are 1008', async () => {
  const empty = continuation('', { fin: false })
  const atLimit = [text('', { fin: false }), ...Array(131070).fill(empty)]
  assert.deepEqual(await conversation(server.port, Buffer.concat([...atLimit, continuation('last'), close(1000)])), ['text last', 'close 1000'])
  assert.equal(await failure(server.port, Buffer.concat([...atLimit, empty, continuation('one more')])), 1008)
})

test('CVE-2026-48779: the memory of a message in fragments of one byte grows with its bytes, not with their number', async () => {
  const client = await RawWebSocket.open(server.port)
  const before = memoryOf(server.pid)
  await client.socket.write(Buffer.concat([text('x', { fin: false }), ...Array(130000).fill(continuation('x', { fin: false }))]))
  await client.send(ping('arrived'))
  await client.receive()
  assert.ok(memoryOf(server.pid) - before < 4e6, `${memoryOf(server.pid) - before} bytes more`)
  client.destroy()
})

// --- limits by the announced length

for (const [what, announced] of [['one byte above the limit', limit + 1], ['2^32', 2 ** 32], ['2^63-1', (1n << 63n) - 1n]]) {
  test(`CVE-2016-10542: a frame that announces ${what} is 1009 before a byte of it comes`, async () => {
    const client = await RawWebSocket.open(server.port)
    const before = memoryOf(server.pid)
    await client.send(binary('', { announced, bits: 64 }))
    assert.match(describe(await client.receive()), /^close 1009 .*limit is 67108864/)
    assert.ok(memoryOf(server.pid) - before < 8e6)
    client.destroy()
  })
}

test('limits: announced lengths are summed over the fragments', async () => {
  const client = await RawWebSocket.open(server.port)
  const half = binary(Buffer.alloc(limit / 2), { fin: false })
  const writing = client.send(half, frame(opcodes.continuation, '', { announced: limit / 2 + 1, bits: 64 }))
  assert.match(describe(await client.receive()), /^close 1009 /)
  await writing
  client.destroy()
})

test('limits: a message of exactly the limit comes back', async () => {
  const payload = Buffer.alloc(limit, 'full')
  const client = await RawWebSocket.open(server.port)
  await checkEcho(client, binary(payload), payload, opcodes.binary)
  client.destroy()
})

test('limits: 200 clients that announce 64 MiB and send none of it cost no memory', async () => {
  const before = memoryOf(server.pid)
  const clients = await Promise.all(Array.from({ length: 200 }, () => RawWebSocket.open(server.port)))
  for (const client of clients) await client.send(binary('begin', { announced: limit, bits: 64 }))
  await checkAlive()
  assert.ok(memoryOf(server.pid) - before < 32e6, `${memoryOf(server.pid) - before} bytes more`)
  for (const client of clients) client.destroy()
})

const checkAlive = () => checkEchoes(server.port)

// --- many messages

test('many: 100,000 small messages sent at once come back, in order', async () => {
  const client = await RawWebSocket.open(server.port)
  const count = 100000
  const writing = client.socket.write(Buffer.concat([...Array.from({ length: count }, (_, i) => text(`${i}`)), close(1000)]))
  for (let i = 0; i < count; ++i) {
    const { payload } = await client.receive()
    if (payload.toString('latin1') !== `${i}`) assert.fail(`${payload} in the place of ${i}`)
  }
  assert.equal(describe(await client.receive()), 'close 1000')
  await writing
  client.destroy()
})

for (const size of [0, 16, 64, 256, 1024, 4096, 16384, 65536]) {
  test(`many: 200 messages of ${size} bytes, each sent when the one before is back`, async () => {
    const client = await RawWebSocket.open(server.port)
    const payload = Buffer.alloc(size, 'x')
    for (let i = 0; i < 200; ++i) {
      await client.send(binary(payload))
      assert.equal((await client.receive()).payload.length, size)
    }
    client.destroy()
  })
}

// --- back-pressure

test('back-pressure: a client that sends 60 MB before it reads loses nothing, and memory stays bounded', { timeout: 120000 }, async () => {
  const client = await RawWebSocket.open(server.port)
  const payload = Buffer.alloc(100000, 'slow reader ')
  const message = binary(payload)
  const count = 600
  const before = memoryOf(server.pid)
  let written = 0
  const writing = (async () => {
    for (; written < count; ++written) await client.socket.write(message)
    await client.send(close(1000))
  })()
  await stands(server.port, () => written)  // the kernel's buffers are full, so the server does not read any more
  assert.ok(written < count, 'the server read on while nobody read its echoes')
  assert.ok(memoryOf(server.pid) - before < 24e6, `${memoryOf(server.pid) - before} bytes more`)
  await checkAlive()
  for (let i = 0; i < count; ++i) assert.ok((await client.receive()).payload.equals(payload), `message ${i}`)
  assert.equal(describe(await client.receive()), 'close 1000')
  await writing
  client.destroy()
})

test('back-pressure: 50 clients that never read their echoes cost at most the high-water mark each', { timeout: 120000 }, async () => {
  const before = memoryOf(server.pid)
  const clients = await Promise.all(Array.from({ length: 50 }, () => RawWebSocket.open(server.port)))
  const message = binary(Buffer.alloc(100000))
  let written = 0
  for (const client of clients) {
    const send = () => client.socket.write(message).then(() => { written += 1; return send() }, () => {})
    send()
  }
  await stands(server.port, () => written)
  assert.ok(memoryOf(server.pid) - before < 50 * 2.5e6, `${memoryOf(server.pid) - before} bytes more`)
  for (const client of clients) client.destroy()
  await checkAlive()
})

test('churn: 5,000 connections that open, send, and leave in different ways leave no descriptor behind', { timeout: 120000 }, async () => {
  const before = descriptorsOf(server.pid)
  for (let round = 0; round < 100; ++round) {
    await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const client = await RawWebSocket.open(server.port)
      await client.send(text('x'))
      if (i % 3 === 0) return client.socket.reset()
      if (i % 3 === 1) return client.destroy()
      await client.send(close(1000))
      await client.receiveAll()
      client.destroy()
    }))
  }
  await server.settles(() => descriptorsOf(server.pid) <= before)
  await checkAlive()
})
