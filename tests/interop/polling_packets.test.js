// Packets and payloads as they are written on polling, and what each type does there.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { get } from './http_answers.js'
import { brief, payload, PollingPeer } from './polling_peer.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const open = (t) => PollingPeer.open(t, server.port)
const refused = '400'

/** Sends `body` while a poll is held; answers how the POST and the poll were answered. */
async function exchange(t, body) {
  const peer = await open(t)
  await peer.hold()
  const post = brief(await peer.posts.exchange(peer.toPost(body)))
  return { peer, post, poll: await peer.answer() }
}

describe('a message', () => {
  for (const [what, sent, echoed] of [
    ['text is type 4 and the text', '4hello'], ['an empty text is the type alone', '4'], ['text is UTF-8', '4h\u00e9 \u20ac \u{1f600}'],
    ['text may hold any other control character', '4\u0000\n\r\t\u001d\u001f\u007f'], ['text that looks like base64 is text', '4bAQIDBA=='],
    ['text that begins with a byte order mark keeps it', '4\ufeffa'],
    ['binary is b and standard base64 with padding, without a type', 'bAQIDBA=='], ['binary uses the characters + and /', 'b+/+/'],
    ['a lone b is an empty binary message', 'b'], ['one byte', 'b/w=='], ['two bytes', 'b//8=']
  ]) {
    test(`${what}: ${JSON.stringify(sent)}`, async (t) => {
      const { post, poll } = await exchange(t, sent)
      assert.deepEqual([post, poll], ['200 ok', `200 ${echoed ?? sent}`])
    })
  }

  test('every byte survives as base64', async (t) => {
    const all = `b${Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('base64')}`
    assert.equal((await exchange(t, all)).poll, `200 ${all}`)
  })
})

describe('a payload', () => {
  test('is packets joined with 0x1E, text and binary mixed, delivered in order', async (t) => {
    const peer = await open(t)
    assert.equal(brief(await peer.posts.exchange(peer.toPost('4a\x1ebAQIDBA==\x1e4\x1eb\x1e4z'))), '200 ok')
    assert.equal(await peer.poll(), '200 4a\x1ebAQIDBA==\x1e4\x1eb\x1e4z')
  })

  test('has no limit on the number of packets: 300,000 of one byte in one POST', { timeout: 120_000 }, async (t) => {
    const peer = await open(t)
    const body = Array.from({ length: 300_000 }, (_, i) => `4${i % 10}`).join('\x1e')
    assert.equal(await peer.post(body), '200 ok')
    assert.ok(await peer.poll() === `200 ${body}`)
  })

  for (const size of [1, 2, 3, 7]) {
    test(`may come in segments of ${size} bytes, cut in characters and separators`, async (t) => {
      const peer = await open(t)
      const bytes = peer.toPost(payload('4h\u00e9', 'bAQIDBA==', '4\u{1f600}'))
      for (let at = 0; at < bytes.length; at += size) await peer.posts.send(bytes.subarray(at, at + size))
      assert.equal(brief(await peer.posts.answer()), '200 ok')
      assert.equal(await peer.poll(), `200 ${payload('4h\u00e9', 'bAQIDBA==', '4\u{1f600}')}`)
    })
  }
})

describe('a packet that a client sends outside of an upgrade', () => {
  for (const [what, packet] of [
    ['a pong nobody asked for', '3'], ['a pong with a payload', '3probe'], ['open', '0'], ['open with a payload', '0{"sid":"x"}'], ['upgrade', '5'],
    ['upgrade with a payload', '5x'], ['noop', '6'], ['noop with a payload', '6x']
  ]) {
    test(`${what}, ${packet}, is ignored`, async (t) => {
      const { peer, post, poll } = await exchange(t, payload(packet, '4behind'))
      assert.deepEqual([post, poll], ['200 ok', '200 4behind'])
      await peer.isAlive()
    })
  }

  test('close, 1: the poll is answered 6, the POST ok, and the session is over', async (t) => {
    const { peer, post, poll } = await exchange(t, '1')
    assert.deepEqual([post, poll], ['200 ok', '200 6'])
    await peer.isGone()
  })

  test('close, 1, with a payload closes as well', async (t) => {
    const { peer, post } = await exchange(t, '1x')
    assert.equal(post, '200 ok')
    await peer.isGone()
  })

  for (const [what, packet] of [['a ping, the wrong way round', '2'], ['a probe', '2probe'], ['a ping with a payload', '2x']]) {
    test(`${what}, ${packet}: the POST gets 400, and the session is over`, async (t) => {
      const { peer, post, poll } = await exchange(t, packet)
      assert.deepEqual([post, poll], [refused, '200 1'])
      await peer.isGone()
    })
  }

  for (const [what, body] of [
    ['an empty body', ''], ['a leading separator', '\x1e4a'], ['a trailing separator', '4a\x1e'], ['a double separator', '4a\x1e\x1e4b'], ['a lone separator', '\x1e'],
    ['an unknown type', '7'], ['a letter', 'x'], ['a blank', ' 4a'], ['JSON', '{"name":"msg"}'], ['a control character', '\u0000'], ['a line end behind the base64', 'bAQIDBA==\n'],
    ['base64 of a wrong character', 'b?'], ['base64 without padding', 'bAQ'], ['base64 with too much padding', 'bAQIDBA==='], ['base64 with padding inside', 'bAQ==AQ=='],
    ['base64 with bits left over', 'bAR=='], ['url-safe base64', 'b-_-_'], ['the length prefix of older revisions', '2:4a'],
    ['a text packet that is not UTF-8', Buffer.from('34ff', 'hex')], ['half a character at the end', Buffer.from('34c3', 'hex')],
    ['an overlong character', Buffer.from('34c0af', 'hex')], ['a surrogate', Buffer.from('34eda080', 'hex')], ['not UTF-8 in the second packet', Buffer.from('34611e34ff', 'hex')]
  ]) {
    test(`${what} is a parse error: the POST gets 400 with an empty body, a held poll an answer, and the session is over`, async (t) => {
      const { peer, post, poll } = await exchange(t, body)
      assert.equal(post, refused)
      assert.match(poll, /^200 (1|4a|4a\x1e1)$/)
      await peer.isGone()
    })
  }
})

describe('behind a packet that closes the session', () => {
  /** What a neighbour hears of a payload with a broadcast in front and behind of `packet`. */
  async function heardBy(t, ...packets) {
    const neighbour = await PollingPeer.join(t, server.port)
    const peer = await PollingPeer.join(t, server.port)
    const answer = await peer.post('42["broadcast","in front"]', ...packets, '42["broadcast","behind"]')
    const another = await PollingPeer.join(t, server.port)
    await another.post('42["broadcast","last"]')
    const heard = []
    while (heard.at(-1) !== '42["broadcast","last"]') heard.push(...await neighbour.receive(1))
    await peer.isGone()
    return { answer, heard }
  }

  const before = ['42["broadcast","in front"]', '42["broadcast","last"]']
  for (const [what, packet, expected] of [
    ['a parse error', 'x', refused], ['an empty packet', '', refused], ['a wrong-direction ping', '2', refused], ['1', '1', '200 ok']
  ]) {
    test(`${what}: the packets before it have been delivered, the rest of the payload is ignored`, async (t) => {
      assert.deepEqual(await heardBy(t, packet), { answer: expected, heard: before })
    })
  }
})

test('a POST for a session that Socket.IO closes is answered ok, and the rest of the payload is ignored', async (t) => {
  const peer = await PollingPeer.join(t, server.port)
  await peer.hold()
  assert.equal(await peer.post('42["connect"]', '42["message","behind"]'), '200 ok')
  assert.equal(await peer.answer(), '200 1')
  await peer.isGone()
})

test('a packet is taken once: a second GET finds nothing of what the first was given', async (t) => {
  const peer = await open(t)
  await peer.post('4a')
  assert.equal(await peer.poll(), '200 4a')
  await peer.polls.send(get(peer.target()))
  await peer.reaches()
  await peer.post('4b')
  assert.equal(await peer.answer(), '200 4b')
})
