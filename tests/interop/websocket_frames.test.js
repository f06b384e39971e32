// Frames and fragments (RFC 6455 sections 5.1 to 5.4) as they go over TCP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { binary, close, continuation, conversation, failure, fragments, frame, opcodes, ping, RawWebSocket, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const bye = close(1000)

/** What comes back for `frames` and an orderly close; the answer to the close is checked and left out. */
async function echoOf(frames, cut) {
  const said = await conversation(server.port, Buffer.concat([...frames, bye]), cut)
  assert.equal(said.pop(), 'close 1000')
  return said
}

const bytesOf = (size) => Buffer.from(Array.from({ length: size }, (_, i) => 0x20 + i % 0x5f))

// Sizes around each change of the length field.
for (const size of [0, 1, 124, 125, 126, 127, 128, 65535, 65536, 70000]) {
  test(`frames: a text and a binary message of ${size} bytes come back as they went`, async () => {
    const payload = bytesOf(size)
    assert.deepEqual(await echoOf([text(payload), binary(payload)]), [`text ${payload}`, `binary ${payload.toString('hex')}`])
  })

  test(`frames: ${size} bytes arrive in segments of 997 bytes`, async () => {
    const payload = bytesOf(size)
    assert.deepEqual(await echoOf([text(payload)], 997), [`text ${payload}`])
  })
}

test('frames: the header may be cut at every byte, for each form of the length', async () => {
  for (const size of [5, 200, 65536]) {
    const whole = Buffer.concat([binary(bytesOf(size)), bye])
    for (let cut = 1; cut <= 14; ++cut) {
      const client = await RawWebSocket.open(server.port)
      await client.socket.write(whole.subarray(0, cut))
      await client.socket.writeCut(whole.subarray(cut), Infinity)
      assert.equal((await client.receive()).payload.length, size)
      client.destroy()
    }
  }
})

test('frames: a conversation may arrive in TCP segments of any size from 1 byte', async () => {
  const frames = [fragments(opcodes.text, 'Hello, Wörld', 3), ping('p'), binary(bytesOf(130)), text('')]
  const expected = ['text Hello, Wörld', 'pong p', `binary ${bytesOf(130).toString('hex')}`, 'text ']
  for (let cut = 1; cut <= 64; ++cut) assert.deepEqual(await echoOf(frames, cut), expected, `segments of ${cut} bytes`)
})

test('frames: many messages in one segment are answered in order', async () => {
  const words = Array.from({ length: 300 }, (_, i) => `message ${i}`)
  assert.deepEqual(await echoOf(words.map((word) => text(word))), words.map((word) => `text ${word}`))
})

for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
  test(`frames: reserved bits ${rsv.toString(2).padStart(3, '0')} end the connection with 1002`, async () => {
    assert.equal(await failure(server.port, text('x', { rsv })), 1002)
    assert.equal(await failure(server.port, ping('x', { rsv })), 1002)
    assert.deepEqual(await conversation(server.port, Buffer.concat([text('before'), binary('', { rsv }), text('after')]), 1).then((all) => all[0]), 'text before')
  })
}

test('frames: a reserved bit on a continuation frame is 1002', async () => {
  assert.equal(await failure(server.port, Buffer.concat([text('a', { fin: false }), continuation('b', { rsv: 4 })])), 1002)
})

for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  test(`frames: reserved opcode ${opcode} is 1002, with and without payload, and what is behind it is not read`, async () => {
    assert.equal(await failure(server.port, frame(opcode)), 1002)
    assert.equal(await failure(server.port, frame(opcode, 'reserved'), 1), 1002)
    const said = await conversation(server.port, Buffer.concat([text('before'), frame(opcode, 'x'), text('after')]))
    assert.deepEqual([said[0], said.length], ['text before', 2])
  })
}

test('frames: one without a mask is 1002, of any kind', async () => {
  for (const opcode of Object.values(opcodes)) {
    assert.equal(await failure(server.port, frame(opcode, '', { key: null })), 1002, `opcode ${opcode}`)
  }
  assert.equal(await failure(server.port, text(bytesOf(70000), { key: null })), 1002)
})

test('frames: byte i of the payload is masked with byte i mod 4 of the key, whatever the key and wherever it is cut', async () => {
  const keys = ['00000000', 'ffffffff', '01020304', '80007fff'].map((hex) => Buffer.from(hex, 'hex'))
  for (const key of keys) {
    for (const cut of [1, 2, 3, 5, 7, 100]) {
      assert.deepEqual(await echoOf([text(bytesOf(150), { key })], cut), [`text ${bytesOf(150)}`])
    }
  }
})

test('frames: the vector with "name" and "data", byte for byte', async () => {
  const sent = Buffer.from('819c112df8bd6a0f96dc7c48da8733408bda3301dad97059999f2b76c98f3d18a5c0', 'hex')
  assert.deepEqual(await echoOf([sent]), ['text {"name":"msg","data":[12,5]}'])
})

// Bits of the form, a length that a shorter one holds.
for (const [bits, size] of [[16, 0], [16, 125], [64, 0], [64, 125], [64, 126], [64, 65535]]) {
  test(`frames: a length of ${size} in the ${bits}-bit form is 1002`, async () => {
    assert.equal(await failure(server.port, binary(bytesOf(size), { bits })), 1002)
  })
}

for (const announced of [1n << 63n, (1n << 64n) - 1n, (1n << 63n) + 5n]) {
  test(`CVE-2026-50161: an announced length of ${announced}, top bit set, is 1002`, async () => {
    assert.equal(await failure(server.port, binary('', { announced, bits: 64 })), 1002)
  })
}

// --- fragments

test('fragments: a message in every size of fragment comes back whole', async () => {
  const payload = bytesOf(40)
  for (let size = 1; size <= 41; ++size) assert.deepEqual(await echoOf([fragments(opcodes.text, payload, size)]), [`text ${payload}`])
})

test('fragments: empty ones are legal, first, in the middle and last', async () => {
  assert.deepEqual(await echoOf([text('', { fin: false }), continuation('')]), ['text '])
  assert.deepEqual(await echoOf([text('', { fin: false }), continuation('', { fin: false }), continuation('middle', { fin: false }), continuation('')]), ['text middle'])
})

test('fragments: a ping between two of them is answered before the message is', async () => {
  const frames = [text('a', { fin: false }), ping('inside'), continuation('b', { fin: false }), ping('again'), continuation('c')]
  for (const cut of [Infinity, 1]) assert.deepEqual(await echoOf(frames, cut), ['pong inside', 'pong again', 'text abc'])
})

test('fragments: a ping is answered at once, though the message is not finished', async () => {
  const client = await RawWebSocket.open(server.port)
  await client.send(text('a', { fin: false }), ping('now'))
  assert.equal((await client.receive()).payload.toString(), 'now')
  client.destroy()
})

test('fragments: a close frame between two of them ends the connection, the message is dropped', async () => {
  assert.deepEqual(await conversation(server.port, Buffer.concat([text('a', { fin: false }), close(1001), continuation('b')])), ['close 1001'])
})

test('fragments: the kind of a message is that of its first frame', async () => {
  assert.deepEqual(await echoOf([binary('a', { fin: false }), continuation('b')]), ['binary 6162'])
})

const outOfOrder = {
  'a continuation without a message': [continuation('x')],
  'a continuation without a message, not final': [continuation('x', { fin: false }), continuation('y')],
  'a continuation behind a finished message': [text('a', { fin: false }), continuation('b'), continuation('c')],
  'a text inside a text': [text('a', { fin: false }), text('b')],
  'a binary inside a text': [text('a', { fin: false }), binary('b')],
  'a text inside a binary, not final': [binary('a', { fin: false }), text('b', { fin: false }), continuation('c')],
  'a new message behind fragments': [text('a', { fin: false }), continuation('b', { fin: false }), text('c')]
}
for (const [what, frames] of Object.entries(outOfOrder)) {
  test(`fragments: ${what} is 1002`, async () => {
    for (const cut of [Infinity, 1]) assert.equal(await failure(server.port, Buffer.concat(frames), cut), 1002)
  })
}

test('frames: a client that vanishes at any byte of a frame does its neighbours no harm', async () => {
  const whole = Buffer.concat([text('a', { fin: false }), ping('p'), continuation(bytesOf(200)), close(1000)])
  const neighbour = await RawWebSocket.open(server.port)
  for (let cut = 1; cut <= whole.length; ++cut) {
    const client = await RawWebSocket.open(server.port)
    await client.socket.write(whole.subarray(0, cut))
    client.socket.reset()
  }
  await neighbour.send(text('still here'))
  assert.equal((await neighbour.receive()).payload.toString(), 'still here')
  neighbour.destroy()
})
