// Bodies of POST: how long they may be, how they are read, and what their loss means.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { get, request } from './http_answers.js'
import { brief, HttpConnection, payload, PollingPeer } from './polling_peer.js'
import { startFixture } from './support.js'

const limit = 5000
let server
before(async () => { server = await startFixture(['--max-payload', `${limit}`]) })
after(() => server.stop())

const open = (t) => PollingPeer.open(t, server.port)
const headOf = (peer, ...headers) => request(`POST ${peer.target()} HTTP/1.1`, 'Host: localhost', ...headers)
const chunk = (body, extension = '') => `${Buffer.byteLength(body).toString(16)}${extension}\r\n${body}\r\n`

describe('the limit', () => {
  test('a body of exactly maxHttpBufferSize is allowed', async (t) => {
    const peer = await open(t)
    const packet = `4${'x'.repeat(limit - 1)}`
    assert.equal(await peer.post(packet), '200 ok')
    assert.equal(await peer.poll(), `200 ${packet}`)
  })

  test('it counts bytes, not characters', async (t) => {
    const peer = await open(t)
    assert.equal(await peer.post(`4${'é'.repeat(limit / 2)}`), '413')
    await peer.isAlive()
  })

  test('a body of one byte more gets 413 with an empty body, nothing of it is delivered, and the session stays open', async (t) => {
    const peer = await open(t)
    assert.equal(await peer.post('4a', `4${'x'.repeat(limit - 3)}`), '413')
    await peer.isAlive()
  })

  test('a poll that is held goes on being held when a POST gets 413', async (t) => {
    const peer = await open(t)
    await peer.hold()
    assert.equal(await peer.post('4a', 'x'.repeat(limit)), '413')
    await peer.post('4b')
    assert.equal(await peer.answer(), '200 4b')
  })

  test('a longer Content-Length is refused before a byte of the body', async (t) => {
    const peer = await open(t)
    assert.equal(brief(await peer.posts.exchange(headOf(peer, `Content-Length: ${limit + 1}`))), '413')
    await peer.isAlive()
  })

  test('a client that goes on sending a body much too long reads the 413', async (t) => {
    const peer = await open(t)
    await peer.posts.open()
    const sending = peer.posts.send(peer.toPost(`4${'x'.repeat(4e6)}`)).catch(() => {})
    assert.equal(brief(await peer.posts.answer()), '413')
    await sending
    await peer.isAlive()
  })

  test('chunks that together are exactly the limit are allowed', async (t) => {
    const peer = await open(t)
    const half = 'x'.repeat(limit / 2)
    assert.equal(brief(await peer.posts.exchange(`${headOf(peer, 'Transfer-Encoding: chunked')}${chunk(`4${half.slice(1)}`)}${chunk(half)}0\r\n\r\n`)), '200 ok')
    assert.equal(await peer.poll(), `200 4${half.slice(1)}${half}`)
  })

  test('chunks that together are longer get 413 while reading, though they never end, and nothing is delivered', async (t) => {
    const peer = await open(t)
    const half = 'x'.repeat(limit / 2)
    const sent = `${headOf(peer, 'Transfer-Encoding: chunked')}${chunk(`4a\x1e4${half}`)}${chunk(half)}`
    assert.equal(brief(await peer.posts.exchange(sent)), '413')
    peer.posts.destroy()
    await peer.isAlive()
  })
})

describe('how a body is read', () => {
  test('in chunks, with extensions and trailers', async (t) => {
    const peer = await open(t)
    const sent = `${headOf(peer, 'Transfer-Encoding: chunked')}${chunk('4h', ';a=b')}${chunk('i\x1e', ';c="d"')}${chunk('4you')}0\r\nTrailer: 1\r\n\r\n`
    assert.equal(brief(await peer.posts.exchange(sent)), '200 ok')
    assert.equal(await peer.poll(), `200 ${payload('4hi', '4you')}`)
  })

  for (const type of [
    undefined, 'text/plain', 'text/plain;charset=UTF-8', 'text/plain; charset=iso-8859-1', 'text/plain; charset=utf-16', 'application/json',
    'application/x-www-form-urlencoded', 'nonsense'
  ]) {
    test(`as UTF-8, with Content-Type ${type}`, async (t) => {
      const peer = await open(t)
      const bytes = peer.toPost('4h\u00e9', ...(type ? [`Content-Type: ${type}`] : []))
      assert.equal(brief(await peer.posts.exchange(bytes)), '200 ok')
      assert.equal(await peer.poll(), '200 4h\u00e9')
    })
  }

  test('application/octet-stream: 400 with an empty body, and the session is closed', async (t) => {
    const peer = await open(t)
    await peer.hold()
    assert.equal(brief(await peer.posts.exchange(peer.toPost('4a', 'Content-Type: application/octet-stream'))), '400')
    assert.equal(await peer.answer(), '200 1')
    await peer.isGone()
  })

  test('behind 100 Continue, if the client waits for it', async (t) => {
    const peer = await open(t)
    const { status } = await peer.posts.exchange(headOf(peer, 'Content-Length: 2', 'Expect: 100-continue'))
    assert.equal(status, 100)
    assert.equal(brief(await peer.posts.exchange('4a')), '200 ok')
    assert.equal(await peer.poll(), '200 4a')
  })

  test('a client that waits for 100 Continue with a body too long gets 413 instead', async (t) => {
    const peer = await open(t)
    assert.equal(brief(await peer.posts.exchange(headOf(peer, `Content-Length: ${limit + 1}`, 'Expect: 100-continue'))), '413')
    await peer.isAlive()
  })

  test('a body of GET is read and dropped, and the connection stays in step', async (t) => {
    const peer = await open(t)
    await peer.post('4a')
    await peer.polls.send(get(peer.target(), 'Content-Length: 5') + '4drop')
    assert.equal(await peer.answer(), '200 4a')
    await peer.isAlive()
  })

  test('the body of a refused POST is read and dropped, and the connection stays in step', async (t) => {
    const connection = new HttpConnection(t, server.port)
    const refused = `${request('POST /engine.io/?EIO=4&transport=polling HTTP/1.1', 'Host: localhost', 'Content-Length: 2')}4a`
    for (let i = 0; i < 3; i++) assert.equal((await connection.exchange(refused)).status, 400)
    assert.equal(brief(await connection.exchange(get('/healthz'))), '200 ok')
  })
})

describe('the answer', () => {
  test('does not wait for handlers', async (t) => {
    const peer = await PollingPeer.join(t, server.port)
    assert.equal(await peer.post('420["slow",1000000]'), '200 ok')
    assert.equal(await peer.post('421["ack",1]'), '200 ok')
    assert.equal(await peer.poll(), '200 431[1]')
  })

  test('does not wait for a poll: many POSTs in a row are answered, and one poll gets everything', async (t) => {
    const peer = await open(t)
    for (let i = 0; i < 20; i++) assert.equal(await peer.post(`4${i}`), '200 ok')
    assert.equal(await peer.poll(), `200 ${payload(...Array.from({ length: 20 }, (_, i) => `4${i}`))}`)
  })
})

describe('a connection that is lost before the body is complete closes the session', () => {
  const half = '4half of'
  for (const [what, lose] of [['end of input', (posts) => posts.end()], ['close', (posts) => posts.destroy()], ['reset', (posts) => posts.reset()]]) {
    for (const [when, sent] of [
      ['with nothing of it', (peer) => headOf(peer, 'Content-Length: 100')], ['in its middle', (peer) => headOf(peer, 'Content-Length: 100') + half],
      ['between two chunks', (peer) => headOf(peer, 'Transfer-Encoding: chunked') + chunk(half)]
    ]) {
      test(`${what} ${when}`, async (t) => {
        const peer = await open(t)
        await peer.hold()
        const posts = new HttpConnection(t, server.port)
        await posts.send(sent(peer))
        await peer.reaches()
        await lose(posts)
        assert.equal(await peer.answer(), '200 1')
        await peer.isGone()
      })
    }
  }

  test('but one that is lost in its head, before it is a request, does not', async (t) => {
    const peer = await open(t)
    await peer.posts.send(headOf(peer, 'Content-Length: 2').slice(0, -2))
    await peer.polls.exchange(get('/healthz'))
    peer.posts.reset()
    await peer.isAlive()
  })
})
