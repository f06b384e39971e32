// At most one open GET and one open POST per session.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { get, request } from './http_answers.js'
import { brief, HttpConnection, PollingPeer, unknownSession } from './polling_peer.js'
import { refusedUpgrade } from './raw_http.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const open = (t, options) => PollingPeer.open(t, server.port, options)

/** Begins a POST on a connection of its own, whose body lacks its last byte. */
async function beginPost(t, peer, body) {
  const posts = new HttpConnection(t, server.port)
  await posts.send(request(`POST ${peer.target()} HTTP/1.1`, 'Host: localhost', `Content-Length: ${body.length}`) + body.slice(0, -1))
  await peer.reaches()
  return { posts, last: body.slice(-1) }
}

test('one of each together is normal', async (t) => {
  const peer = await open(t)
  await peer.hold()
  const { posts, last } = await beginPost(t, peer, '4ab')
  assert.equal(brief(await posts.exchange(last)), '200 ok')
  assert.equal(await peer.answer(), '200 4ab')
  await peer.isAlive()
})

test('a poll is answered while a POST is being read', async (t) => {
  const neighbour = await EnginePeer.join(t, server.port)
  const peer = await PollingPeer.join(t, server.port)
  const { posts, last } = await beginPost(t, peer, '42["message",1]')
  await peer.polls.send(get(peer.target()))
  await neighbour.send('42["broadcast","x"]')
  assert.equal(await peer.answer(), '200 42["broadcast","x"]')
  assert.equal(brief(await posts.exchange(last)), '200 ok')
  assert.equal(await peer.poll(), '200 42["message-back",1]')
})

describe('a GET while a GET is held', () => {
  for (const endpoint of ['/engine.io/', '/socket.io/']) {
    test(`${endpoint}: the first is answered 1, the second 400 with an empty body, and the session is closed`, async (t) => {
      const peer = await open(t, { endpoint })
      await peer.hold()
      const { status, headers, body } = await peer.posts.exchange(get(peer.target()))
      assert.deepEqual([status, headers['content-length'], `${body}`], [400, '0', ''])
      assert.equal(await peer.answer(), '200 1')
      await peer.isGone()
      const answer = await refusedUpgrade(server.port, peer.target('websocket'))
      assert.deepEqual([answer.status, answer.body], [400, 'Session ID unknown'])
    })
  }

  test('both connections go on', async (t) => {
    const peer = await open(t)
    await peer.hold()
    for (const [connection, expected] of [[peer.posts, '400'], [peer.polls, '200 1']]) {
      if (connection === peer.posts) await connection.send(get(peer.target()))
      const answer = await connection.answer()
      assert.equal(brief(answer), expected)
      assert.notEqual(answer.headers.connection, 'close')
      assert.equal(brief(await connection.exchange(get('/healthz'))), '200 ok')
    }
  })
})

describe('a POST while a POST is being read', () => {
  test('the first connection is aborted, the second gets 400 with an empty body, and the session is closed', async (t) => {
    const peer = await open(t)
    await peer.hold()
    const { posts } = await beginPost(t, peer, '4first')
    const { status, headers, body } = await peer.posts.exchange(peer.toPost('4second'))
    assert.deepEqual([status, headers['content-length'], `${body}`], [400, '0', ''])
    assert.ok(await posts.endsSilently())
    assert.equal(await peer.answer(), '200 1')
    await peer.isGone()
  })

  test('neither is delivered', async (t) => {
    const neighbour = await EnginePeer.join(t, server.port)
    const peer = await PollingPeer.join(t, server.port)
    const { posts } = await beginPost(t, peer, '42["broadcast","first"]')
    assert.equal(await peer.post('42["broadcast","second"]'), '400')
    assert.ok(await posts.endsSilently())
    const other = await PollingPeer.join(t, server.port)
    await other.post('42["broadcast","third"]')
    assert.equal(await neighbour.receive(), '42["broadcast","third"]')
  })
})

test('POSTs one behind the other on one connection do not overlap', async (t) => {
  const peer = await open(t)
  await peer.posts.send(Buffer.concat([peer.toPost('4a'), peer.toPost('4b'), peer.toPost('4c')]))
  for (let i = 0; i < 3; i++) assert.equal(brief(await peer.posts.answer()), '200 ok')
  assert.equal((await peer.receive(3)).join(), '4a,4b,4c')
})

test('a poll behind the answer of the last one does not overlap with it', async (t) => {
  const peer = await open(t)
  for (let i = 0; i < 50; i++) {
    await peer.hold()
    await peer.post(`4${i}`)
    assert.equal(await peer.answer(), `200 4${i}`)
  }
})

test('requests of two sessions never overlap', async (t) => {
  const [one, other] = [await open(t), await open(t)]
  await one.hold()
  await other.hold()
  const { posts, last } = await beginPost(t, one, '4one')
  assert.equal(await other.post('4other'), '200 ok')
  assert.equal(brief(await posts.exchange(last)), '200 ok')
  assert.deepEqual([await one.answer(), await other.answer()], ['200 4one', '200 4other'])
})

test('a session that was closed by an overlap is not revived by the packet that overlapped', async (t) => {
  const peer = await open(t)
  await beginPost(t, peer, '4first')
  assert.equal(await peer.post('40'), '400')
  assert.equal(await peer.post('40'), unknownSession)
})
