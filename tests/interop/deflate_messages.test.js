// Compressed messages, as they are on the wire (RFC 7692 sections 6 and 7.2).
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { deflate, deflated, deflatedText, Deflater, DeflatePeer, inflate, offer, rsv1 } from './deflate_peer.js'
import { binary, close, closePayload, continuation, frame, opcodes, ping, pong, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture(['--deflate']) })
after(() => server.stop())

const open = (t, ...parameters) => DeflatePeer.open(t, server.port, { offered: offer(...parameters) })
const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** Sends frames, and answers all that is said until the server ends. */
async function conversation(t, ...frames) {
  const peer = await open(t)
  await peer.send(...frames)
  return peer.hearAll()
}

/** The close code with which frames are answered, and nothing else. */
async function failure(t, ...frames) {
  const peer = await open(t)
  await peer.send(...frames)
  return peer.failure()
}

// --- the examples of section 7.2.3

const hello = hex('f2 48 cd c9 c9 07 00')
const examples = {
  '7.2.3.1: one block': hello,
  '7.2.3.3: a stored block': hex('00 05 00 fa ff 48 65 6c 6c 6f 00'),
  '7.2.3.4: a final block, and an empty one behind it': hex('f3 48 cd c9 c9 07 00 00'),
  '7.2.3.4: a final block alone, as some send it': hex('f3 48 cd c9 c9 07 00'),
  '7.2.3.5: two blocks': hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'),
  '7.2.3: a stored block that is final': hex('01 05 00 fa ff 48 65 6c 6c 6f 00'),
  '7.2.3: empty blocks in front': Buffer.concat([hex('00 00 00 ff ff 00 00 00 ff ff'), hello])
}
for (const [what, wire] of Object.entries(examples)) {
  test(`section ${what} is read, whole and in frames of every size`, async (t) => {
    for (let size = 1; size <= wire.length; size++) {
      assert.deepEqual(await conversation(t, deflatedText(wire, size), close(1000)), ['text Hello', 'close 1000'], `${size}`)
    }
  })
}

test('what is sent: raw DEFLATE with a sync flush, without its 00 00 ff ff, and RSV1 (section 7.2.1)', async (t) => {
  const peer = await open(t)
  await peer.send(text('Hello'))
  assert.deepEqual(await peer.webSocket.socket.read(9), hex('c1 07 f2 48 cd c9 c9 07 00'))
  await peer.send(text('Hello'))
  assert.deepEqual(await peer.webSocket.socket.read(7), hex('c1 05 f2 00 11 00 00'), 'with context: section 7.2.3.2')
  await peer.send(text(''))
  assert.deepEqual(await peer.webSocket.socket.read(3), hex('c1 01 00'), 'an empty message: section 7.2.3.6')
})

test('a Socket.IO packet as the first message of a connection', async (t) => {
  const peer = await open(t)
  await peer.send(text('42["hello"]'))
  assert.deepEqual(await peer.webSocket.socket.read(15), hex('c1 0d 32 31 8a 56 ca 48 cd c9 c9 57 8a 05 00'))
})

for (const [what, wire] of [['one byte 00', hex('00')], ['an empty final block', hex('03 00')], ['an empty block and its flush', hex('02 00')]]) {
  test(`empty messages: ${what}: is one, text or binary, and is answered with one byte 00`, async (t) => {
    const peer = await open(t)
    await peer.send(deflated(opcodes.text, wire), deflated(opcodes.binary, wire))
    for (const opcode of [opcodes.text, opcodes.binary]) {
      const message = await peer.receive()
      assert.deepEqual([message.opcode, message.isDeflated, message.wire, message.payload.length], [opcode, true, hex('00'), 0])
    }
  })
}

test('with a threshold of 0 every message is sent compressed, one of no bytes or of one byte too, and the answer to one that was not', async (t) => {
  const peer = await open(t)
  for (const message of ['', 'x', 'ab', 'x'.repeat(200_000)]) {
    await peer.send(text(message), binary(message))
    for (const opcode of [opcodes.text, opcodes.binary]) {
      const back = await peer.receive()
      assert.deepEqual([back.opcode, back.isDeflated, `${back.payload}`], [opcode, true, message])
    }
  }
})

test('uncompressed messages stay legal between compressed ones, and are no part of the context', async (t) => {
  const peer = await open(t)
  await peer.send(deflatedText(hello), text('Howdy'), binary('12345'), deflatedText(hex('f2 00 11 00 00')), close(1000))
  assert.deepEqual(await peer.hearAll(), ['text Hello', 'text Howdy', 'binary 3132333435', 'text Hello', 'close 1000'])
})

// --- RSV1, and the other bits (section 6, RFC 6455 section 5.2)

const wrongBits = {
  'on a continuation': [frame(opcodes.text, hello.subarray(0, 3), { fin: false, rsv: rsv1 }), continuation(hello.subarray(3), { rsv: rsv1 })],
  'on a continuation of a message that is not compressed': [text('a', { fin: false }), continuation('b', { rsv: rsv1 })],
  'on a continuation in the middle': [text('a', { fin: false }), continuation('b', { rsv: rsv1, fin: false })],
  'on a ping': [ping('', { rsv: rsv1 })],
  'on a pong': [pong('', { rsv: rsv1 })],
  'on a close frame': [frame(opcodes.close, closePayload(1000), { rsv: rsv1 })],
  'on an unknown opcode': [frame(3, 'x', { rsv: rsv1 })]
}
for (const [where, frames] of Object.entries(wrongBits)) {
  test(`RSV1 ${where}: 1002`, async (t) => assert.equal(await failure(t, ...frames), 1002))
}
for (const rsv of [1, 2, 3, 5, 6, 7]) {
  test(`RSV bits ${rsv.toString(2).padStart(3, '0')}: 1002, since nothing gives RSV2 and RSV3 a meaning`, async (t) => {
    for (const opcode of [opcodes.text, opcodes.binary]) assert.equal(await failure(t, frame(opcode, hello, { rsv })), 1002)
  })
}

test('control frames come between the fragments of a compressed message, and are answered uncompressed', async (t) => {
  const [first, ...rest] = [...hello].map((byte, i, { length }) =>
    frame(i ? opcodes.continuation : opcodes.text, Buffer.from([byte]), { fin: i === length - 1, rsv: i ? 0 : rsv1 }))
  const frames = rest.flatMap((one, i) => [ping(`${i}`), one])
  assert.deepEqual(await conversation(t, first, ...frames, close(1000)), [...rest.map((_, i) => `pong ${i}`), 'text Hello', 'close 1000'])
})

test('a compressed message may come a byte at a time, with empty fragments at every place', async (t) => {
  const empty = continuation('', { fin: false })
  const frames = [frame(opcodes.text, '', { fin: false, rsv: rsv1 }), ...[...hello].flatMap((byte) => [empty, continuation(Buffer.from([byte]), { fin: false })]), continuation('')]
  const peer = await open(t)
  await peer.webSocket.socket.writeCut(Buffer.concat([...frames, deflatedText(hex('f2 00 11 00 00'), 2)]), 1)
  assert.deepEqual([await peer.hear(), await peer.hear()], ['text Hello', 'text Hello'])
})

// --- what is inside

test('text is checked for UTF-8 when it is inflated, whole: 1007', async (t) => {
  for (const bytes of ['c3', 'c3 28', 'a0', 'ed a0 80', 'f4 90 80 80', '41 42 f0 9f 98']) {
    const wire = await deflate(hex(bytes))
    assert.equal(await failure(t, deflatedText(wire)), 1007, bytes)
    assert.equal(await failure(t, deflatedText(wire, 1)), 1007, bytes)
    assert.deepEqual(await conversation(t, deflated(opcodes.binary, wire), close(1000)), [`binary ${bytes.replaceAll(' ', '')}`, 'close 1000'])
  }
})

test('text is not checked as it is on the wire, where characters may be cut anywhere', async (t) => {
  const message = 'Grüße, 你好, 👩‍👩‍👧‍👦, \u{10ffff}'
  const wire = await deflate(message)
  const stored = await deflate(message, { level: 0 })
  for (let size = 1; size <= wire.length; size++) {
    assert.deepEqual(await conversation(t, deflatedText(wire, size), deflatedText(stored, size), close(1000)), [`text ${message}`, `text ${message}`, 'close 1000'])
  }
})

const corrupt = {
  'no bytes at all, which with the tail are the beginning of a block': Buffer.alloc(0),
  'a block of the type that is reserved': hex('06'),
  'a stored block whose length does not fit its complement': hex('00 05 00 fa fe 48 65 6c 6c 6f 00'),
  'a reference to what is in front of the first message': hex('f2 00 11 00 00'),
  'a message that ends inside a block': hello.subarray(0, 4),
  'a stored block that is longer than the message': hex('00 ff 00 00 ff 48'),
  'codes for the lengths that are no code': hex('04 e0 ff ff ff ff ff ff ff'),
  'what is no DEFLATE': Buffer.from('Hello'),
  'something wrong behind the final block': hex('f3 48 cd c9 c9 07 00 06')
}
for (const [what, wire] of Object.entries(corrupt)) {
  test(`corrupt: ${what}: 1007, text or binary`, async (t) => {
    for (const opcode of [opcodes.text, opcodes.binary]) {
      assert.equal(await failure(t, deflated(opcode, wire)), 1007)
      assert.equal(await failure(t, deflated(opcode, wire, 1)), 1007)
    }
  })
}

// --- context (section 7.1.1)

const filler = randomBytes(500)

test('both sides keep their context: the same message again is far smaller', async (t) => {
  const peer = await open(t)
  const wires = []
  for (let i = 0; i < 50; i++) {
    await peer.send(deflated(opcodes.binary, await peer.deflater.message(filler)))
    const { payload, wire } = await peer.receive()
    assert.ok(payload.equals(filler))
    wires.push(wire.length)
  }
  assert.ok(wires[0] >= filler.length && wires.slice(1).every((length) => length < 30), `${wires}`)
})

test('the context goes on behind a final block', async (t) => {
  const again = deflatedText(hex('f2 00 11 00 00'))
  assert.deepEqual(await conversation(t, deflatedText(hex('f3 48 cd c9 c9 07 00 00')), again, close(1000)), ['text Hello', 'text Hello', 'close 1000'])
})

test('client_no_context_takeover: each message is read by itself, one that refers to the last is 1007', async (t) => {
  const peer = await open(t, 'client_no_context_takeover')
  await peer.send(deflatedText(hello), deflatedText(hello), deflatedText(hex('f2 00 11 00 00')))
  assert.deepEqual([await peer.hear(), await peer.hear()], ['text Hello', 'text Hello'])
  assert.equal(await peer.failure(), 1007)
})

test('server_no_context_takeover: each message is made by itself, the same one from the same bytes', async (t) => {
  const peer = await open(t, 'server_no_context_takeover')
  for (let i = 0; i < 5; i++) {
    await peer.sendText('Hello')
    const { wire, payload } = await peer.receive()
    assert.deepEqual([wire, `${payload}`], [hello, 'Hello'])
  }
})

test('connections do not share a context: what one has said nobody else can refer to', async (t) => {
  for (const parameters of [[], ['client_no_context_takeover', 'server_no_context_takeover']]) {
    const [one, other] = [await open(t, ...parameters), await open(t, ...parameters)]
    await one.send(deflatedText(hello))
    assert.equal(await one.hear(), 'text Hello')
    await other.send(deflatedText(hex('f2 00 11 00 00')))
    assert.equal(await other.failure(), 1007)
    await one.isAlive()
  }
})

describe('windows (section 7.1.2)', () => {
  // Repetitions at every distance up to 60 KB.
  const words = Array.from({ length: 300 }, (_, i) => randomBytes(200 + i % 7))
  const message = Buffer.concat([...words, ...words.reverse()])

  for (const bits of [9, 10, 11, 12, 13, 14, 15]) {
    test(`server_max_window_bits=${bits}: what is sent refers back ${2 ** bits} bytes at most`, async (t) => {
      const peer = await open(t, `server_max_window_bits=${bits}`)
      for (let i = 0; i < 3; i++) {
        await peer.send(binary(message)) // `receive` reads with such a window
        assert.ok((await peer.receive()).payload.equals(message))
      }
    })
  }

  test('without it, up to 32 KiB: a smaller window could not read it', async (t) => {
    const peer = await open(t)
    await peer.send(binary(message))
    const { wire } = await peer.receive()
    await assert.rejects(inflate(wire, { windowBits: 14 }), /invalid distance too far back/)
    assert.ok((await inflate(wire)).equals(message))
  })

  for (const bits of [8, 9, 10, 11, 12, 13, 14, 15]) {
    test(`client_max_window_bits=${bits}: what is made with such a window is read, with context and without`, async (t) => {
      for (const more of [[], ['client_no_context_takeover']]) {
        const peer = await open(t, `client_max_window_bits=${bits}`, ...more)
        const kept = new Deflater({ windowBits: bits })
        for (let i = 0; i < 3; i++) {
          const deflater = more.length ? new Deflater({ windowBits: bits }) : kept
          await peer.send(deflated(opcodes.binary, await deflater.message(message), 5000))
          assert.ok((await peer.receive()).payload.equals(message))
        }
      }
    })
  }
})
