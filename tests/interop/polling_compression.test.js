// Compressed answers to polls.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gunzipSync, inflateSync } from 'node:zlib'
import { get } from './http_answers.js'
import { payload, PollingPeer } from './polling_peer.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const threshold = 1024
const unpack = { gzip: gunzipSync, deflate: inflateSync, undefined: (body) => body }

/** Has `packets` echoed into one poll, which accepts `encodings`. */
async function answerWith(t, encodings, ...packets) {
  const peer = await PollingPeer.open(t, server.port)
  await peer.post(...packets)
  return peer.polls.exchange(get(peer.target(), ...(encodings === undefined ? [] : [`Accept-Encoding: ${encodings}`])))
}

const big = `4${'héllo '.repeat(1000)}`

// Accept-Encoding, Content-Encoding.
for (const [accepted, expected] of [
  [undefined, undefined], ['', undefined], ['identity', undefined], ['br', undefined], ['x-gzipped', undefined], ['gzip', 'gzip'], ['GZIP', 'gzip'], ['deflate', 'deflate'],
  ['br, gzip', 'gzip'], ['gzip;q=0.5, br', 'gzip'], ['gzip;q=0', undefined], ['gzip; q=0.000', undefined], ['gzip;q=0, deflate', 'deflate'], ['deflate;q=0, gzip', 'gzip'],
  ['gzip;q=0, deflate;q=0', undefined], ['*;q=0', undefined], ['gzip;q=0.001', 'gzip']
]) {
  test(`a poll with Accept-Encoding ${accepted} is answered ${expected ? `with ${expected}` : 'as it is'}`, async (t) => {
    const { status, headers, body } = await answerWith(t, accepted, big)
    assert.equal(status, 200)
    assert.equal(headers['content-encoding'], expected)
    assert.equal(headers['content-length'], `${body.length}`)
    assert.equal(headers['content-type'], 'text/plain; charset=UTF-8')
    assert.equal(unpack[expected](body).toString(), big)
    if (expected) assert.ok(body.length < big.length / 2)
  })
}

for (const accepted of ['gzip, deflate', 'gzip, deflate, br, zstd', '*']) {
  test(`a poll with Accept-Encoding ${accepted} is answered with one that it names`, async (t) => {
    const { headers, body } = await answerWith(t, accepted, big)
    assert.ok(['gzip', 'deflate'].includes(headers['content-encoding']), headers['content-encoding'])
    assert.equal(unpack[headers['content-encoding']](body).toString(), big)
  })
}

describe('the threshold', () => {
  test(`of ${threshold} bytes is reached by ${threshold} bytes, and not by one less`, async (t) => {
    for (const [size, expected] of [[threshold - 1, undefined], [threshold, 'gzip']]) {
      const { headers } = await answerWith(t, 'gzip', `4${'x'.repeat(size - 1)}`)
      assert.equal(headers['content-encoding'], expected, `${size} bytes`)
    }
  })

  test('counts the payload, not the packets', async (t) => {
    const packets = Array.from({ length: 600 }, (_, i) => `4${i}`)
    const { headers, body } = await answerWith(t, 'gzip', ...packets)
    assert.equal(headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(body).toString(), payload(...packets))
  })

  test('the open packet stays below it', async (t) => {
    const peer = await PollingPeer.open(t, server.port, { headers: ['Accept-Encoding: gzip'] })
    assert.equal(peer.first.headers['content-encoding'], undefined)
  })
})

test('a poll that was held is compressed as it asked, when the answer comes', async (t) => {
  const peer = await PollingPeer.open(t, server.port)
  await peer.polls.send(get(peer.target(), 'Accept-Encoding: gzip'))
  await peer.reaches()
  await peer.post(big)
  const { headers, body } = await peer.polls.answer()
  assert.equal(headers['content-encoding'], 'gzip')
  assert.equal(gunzipSync(body).toString(), big)
})

test('the answer to a POST is never compressed, nor an error', async (t) => {
  const peer = await PollingPeer.open(t, server.port)
  const { headers, body } = await peer.posts.exchange(peer.toPost(big, 'Accept-Encoding: gzip'))
  assert.deepEqual([headers['content-encoding'], `${body}`], [undefined, 'ok'])
  const refused = await peer.posts.exchange(get('/engine.io/?EIO=4&transport=x', 'Accept-Encoding: gzip'))
  assert.equal(refused.headers['content-encoding'], undefined)
})
