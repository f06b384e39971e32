// Ping, pong and the closing handshake (RFC 6455 sections 5.5 and 7) as they go over TCP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { memoryOf } from './process.js'
import { RawSocket } from './raw.js'
import { binary, close, continuation, conversation, describe, failure, frame, openingHandshake, opcodes, ping, pong, RawWebSocket, stands, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

// --- ping and pong

for (const size of [0, 1, 2, 124, 125]) {
  test(`ping: one with ${size} bytes is answered with the same bytes`, async () => {
    const payload = Buffer.alloc(size, 'p')
    for (const cut of [Infinity, 1]) {
      assert.deepEqual(await conversation(server.port, Buffer.concat([ping(payload), close(1000)]), cut), [`pong ${payload}`, 'close 1000'])
    }
  })
}

test('ping: its bytes need not be UTF-8', async () => {
  const client = await RawWebSocket.open(server.port)
  await client.send(ping(Buffer.from('00fffeedfc', 'hex')))
  assert.deepEqual((await client.receive()).payload, Buffer.from('00fffeedfc', 'hex'))
  client.destroy()
})

for (const count of [10, 1000]) {
  test(`ping: ${count} in one segment are all answered, in order`, async () => {
    const words = Array.from({ length: count }, (_, i) => `payload-${i}`)
    const said = await conversation(server.port, Buffer.concat([...words.map((word) => ping(word)), close(1000)]))
    assert.deepEqual(said, [...words.map((word) => `pong ${word}`), 'close 1000'])
  })
}

test('ping: ten in segments of one byte are all answered, in order', async () => {
  const words = Array.from({ length: 10 }, (_, i) => `payload-${i}`)
  const said = await conversation(server.port, Buffer.concat([...words.map((word) => ping(word)), close(1000)]), 1)
  assert.deepEqual(said, [...words.map((word) => `pong ${word}`), 'close 1000'])
})

test('ping: answers and echoes keep the order of what they answer', async () => {
  const said = await conversation(server.port, Buffer.concat([text('1'), ping('2'), binary('3'), ping('4'), close(1000)]))
  assert.deepEqual(said, ['text 1', 'pong 2', 'binary 33', 'pong 4', 'close 1000'])
})

test('pong: one that nobody asked for is ignored', async () => {
  const said = await conversation(server.port, Buffer.concat([pong(''), pong('unsolicited'), ping('p'), pong('x'), close(1000)]))
  assert.deepEqual(said, ['pong p', 'close 1000'])
})

for (const [name, opcode] of Object.entries({ ping: opcodes.ping, pong: opcodes.pong, close: opcodes.close })) {
  test(`${name}: more than 125 bytes is 1002`, async () => {
    for (const size of [126, 127, 65536]) assert.equal(await failure(server.port, frame(opcode, Buffer.alloc(size, 'x'))), 1002)
  })

  test(`${name}: not final is 1002, also if it is continued`, async () => {
    assert.equal(await failure(server.port, Buffer.concat([frame(opcode, 'ab', { fin: false }), continuation('cd')])), 1002)
  })
}

// The server either leaves pongs out or stops reading; both bound what waits for this client.
test('ping: a client that sends 64 MB of pings before it reads does not fill the memory, and gets an answer to its last', async () => {
  const client = await RawWebSocket.open(server.port)
  const before = memoryOf(server.pid)
  const many = Buffer.concat(Array(8000).fill(ping(Buffer.alloc(125, 'p'))))
  let written = 0
  const writing = (async () => {
    for (; written < 64; ++written) await client.socket.write(many)
    await client.send(ping('last'), close(1000))
  })()
  await stands(server.port, () => written)
  assert.ok(memoryOf(server.pid) - before < 16e6, `${memoryOf(server.pid) - before} bytes more`)
  let [last, beforeLast] = []
  for (let next = await client.receive(); next; next = await client.receive()) [beforeLast, last] = [last, next]
  assert.deepEqual([beforeLast, last].map(describe), ['pong last', 'close 1000'])
  await writing
  client.destroy()
})

// --- close

test('close: an empty close frame is answered with an empty one', async () => {
  assert.deepEqual(await conversation(server.port, close()), ['close'])
})

const allowedCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
for (const code of allowedCodes) {
  test(`close: code ${code} is echoed`, async () => {
    assert.deepEqual(await conversation(server.port, close(code)), [`close ${code}`])
    assert.match((await conversation(server.port, close(code, 'a reason'), 1)).join(), new RegExp(`^close ${code}`))
  })
}

const forbiddenCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]
for (const code of forbiddenCodes) {
  test(`close: code ${code} is not one for the wire: 1002`, async () => {
    assert.equal(await failure(server.port, close(code)), 1002)
    assert.equal(await failure(server.port, close(code, 'why')), 1002)
  })
}

test('close: a payload of one byte is 1002', async () => {
  assert.equal(await failure(server.port, frame(opcodes.close, 'x')), 1002)
})

test('close: a reason of 123 bytes fits', async () => {
  assert.match((await conversation(server.port, close(1000, 'r'.repeat(123)))).join(), /^close 1000/)
})

for (const reason of ['ff', 'c3', 'eda080', 'cebac0']) {
  test(`close: a reason that is not UTF-8 (${reason}) is 1007`, async () => {
    assert.equal(await failure(server.port, close(1000, Buffer.from(reason, 'hex'))), 1007)
  })
}

test('close: it is echoed once, and frames behind it are discarded', async () => {
  const behind = [close(1000), text('late'), ping('late'), close(1001), frame(5, 'nonsense')]
  for (const cut of [Infinity, 1]) assert.deepEqual(await conversation(server.port, Buffer.concat(behind), cut), ['close 1000'])
})

test('close: what was sent before it is still echoed', async () => {
  const payload = 'x'.repeat(300000)
  assert.deepEqual(await conversation(server.port, Buffer.concat([text(payload), close(1000)])), [`text ${payload}`, 'close 1000'])
})

// Every conversation above also shows this: its client never ends TCP.
test('close: the server ends TCP first, after a close of the client', async () => {
  const client = await RawWebSocket.open(server.port)
  await client.send(close(1000))
  assert.equal(describe(await client.receive()), 'close 1000')
  assert.equal(await client.receive(), null)
  client.destroy()
})

test('close: a client that ends TCP without a close frame is no trouble', async () => {
  const client = await RawWebSocket.open(server.port)
  await client.send(text('last words'))
  client.socket.end()
  assert.equal(describe(await client.receive()), 'text last words')
  assert.equal(await client.receive(), null)
})

test('close: the client reads the code of a failure though the server had 8 MB of its input unread', async () => {
  const client = await RawWebSocket.open(server.port)
  await client.socket.write(Buffer.concat([text('x', { rsv: 7 }), Buffer.alloc(8e6)]))
  assert.match(describe(await client.receive()), /^close 1002 /)
  assert.equal(await client.receive(), null)
  client.destroy()
})

test('close: behind a failure it takes no more frames and waits for no echo', async () => {
  const said = await conversation(server.port, Buffer.concat([frame(3), text('late'), ping('late')]), 1)
  assert.equal(said.length, 1)
  assert.match(said[0], /^close 1002 /)
})

test('close: a failure names its rule in the reason', async () => {
  const [said] = await conversation(server.port, text('x', { key: null }))
  assert.match(said, /^close 1002 .*mask/)
})

test('close: a failure in the first frame that came with the handshake is told too', async () => {
  const socket = await RawSocket.connect(server.port)
  await socket.write(Buffer.concat([Buffer.from(openingHandshake(server.port)), text('x', { key: null }), Buffer.alloc(100000)]))
  const answer = await socket.readToEnd()
  assert.deepEqual([...answer.subarray(answer.indexOf('\r\n\r\n') + 4).subarray(0, 4)].filter((_, i) => i !== 1), [0x88, 0x03, 0xea])
  socket.destroy()
})
