// Text messages are UTF-8 (RFC 6455 section 8.1, RFC 3629), binary ones are anything.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { binary, close, continuation, conversation, describe, failure, fragments, opcodes, ping, RawWebSocket, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const hex = (digits) => Buffer.from(digits.replaceAll(' ', ''), 'hex')

const valid = {
  'one byte, the smallest': '00',
  'one byte, the largest': '7f',
  'two bytes, the smallest': 'c2 80',
  'two bytes, the largest': 'df bf',
  'three bytes, the smallest': 'e0 a0 80',
  'three bytes, below the surrogates': 'ed 9f bf',
  'three bytes, above the surrogates': 'ee 80 80',
  'three bytes, the largest': 'ef bf bf',
  'a noncharacter': 'ef bf be',
  'the replacement character': 'ef bf bd',
  'a byte order mark': 'ef bb bf 61',
  'four bytes, the smallest': 'f0 90 80 80',
  'four bytes, the largest of all': 'f4 8f bf bf',
  'Greek': 'ce ba e1 bd b9 cf 83 ce bc ce b5',
  'a mixture': '48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 f0 9f 98 80 21'
}
for (const [what, digits] of Object.entries(valid)) {
  test(`text: ${what} comes back, in one frame and in fragments cut everywhere`, async () => {
    const payload = hex(digits)
    const expected = [`text ${payload}`, 'close 1000']
    assert.deepEqual(await conversation(server.port, Buffer.concat([text(payload), close(1000)])), expected)
    for (let size = 1; size < payload.length; ++size) {
      const sent = Buffer.concat([fragments(opcodes.text, payload, size), close(1000)])
      assert.deepEqual(await conversation(server.port, sent), expected, `fragments of ${size} bytes`)
    }
  })
}

const invalid = {
  'a continuation byte alone': '80',
  'two continuation bytes': '80 bf',
  'a first byte alone': 'c3',
  'two bytes of three': 'e2 82',
  'three bytes of four': 'f0 9f 98',
  'a first byte and something else': 'c3 28',
  'three bytes broken off by a letter': 'e2 82 61',
  'an overlong slash in two bytes': 'c0 af',
  'an overlong NUL in two bytes': 'c0 80',
  'the largest overlong in two bytes': 'c1 bf',
  'an overlong in three bytes': 'e0 80 af',
  'the largest overlong in three bytes': 'e0 9f bf',
  'an overlong in four bytes': 'f0 80 80 af',
  'the largest overlong in four bytes': 'f0 8f bf bf',
  'the first surrogate': 'ed a0 80',
  'the last surrogate': 'ed bf bf',
  'a pair of surrogates': 'ed a0 80 ed b0 80',
  'one above the largest': 'f4 90 80 80',
  'five bytes': 'f8 88 80 80 80',
  'six bytes': 'fc 84 80 80 80 80',
  'FE': 'fe',
  'FF': 'ff',
  'FE FE FF FF': 'fe fe ff ff',
  'a good beginning and a bad end': 'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64'
}
for (const [what, digits] of Object.entries(invalid)) {
  test(`text: ${what} is 1007, in one frame, in fragments and in segments of one byte`, async () => {
    const payload = hex(digits)
    for (const cut of [Infinity, 1]) assert.equal(await failure(server.port, text(payload), cut), 1007)
    for (let size = 1; size < payload.length; ++size) {
      assert.equal(await failure(server.port, fragments(opcodes.text, payload, size)), 1007, `fragments of ${size} bytes`)
    }
  })

  test(`text: ${what} is fine in a binary message`, async () => {
    const said = await conversation(server.port, Buffer.concat([binary(hex(digits)), close(1000)]))
    assert.deepEqual(said, [`binary ${digits.replaceAll(' ', '')}`, 'close 1000'])
  })
}

test('text: a message is refused with its first wrong fragment, before its end is sent', async () => {
  const client = await RawWebSocket.open(server.port)
  await client.send(text('Hello', { fin: false }), continuation(hex('f4 90'), { fin: false }))
  assert.match(describe(await client.receive()), /^close 1007 /)
  client.destroy()
})

test('text: a message is refused with its first wrong byte, before the rest of the frame is sent', async () => {
  for (const digits of ['ce ba c0', 'f4 90', 'ed a0', 'ff']) {
    const client = await RawWebSocket.open(server.port)
    await client.send(text(hex(digits), { announced: 1000 }))
    assert.match(describe(await client.receive()), /^close 1007 /)
    client.destroy()
  }
})

test('text: a ping between the two halves of a character changes nothing', async () => {
  const sent = Buffer.concat([text(hex('34 32 5b 22 68 c3'), { fin: false }), ping(''), continuation(hex('a9 22 5d')), close(1000)])
  for (const cut of [Infinity, 1]) {
    assert.deepEqual(await conversation(server.port, sent, cut), ['pong ', 'text 42["hé"]', 'close 1000'])
  }
})

test('text: an empty last fragment does not complete half a character', async () => {
  assert.equal(await failure(server.port, Buffer.concat([text(hex('c3'), { fin: false }), continuation('')])), 1007)
})

test('text: a character that one message begins is not continued by the next', async () => {
  assert.equal(await failure(server.port, Buffer.concat([text(hex('61 c3')), text(hex('a9'))])), 1007)
})
