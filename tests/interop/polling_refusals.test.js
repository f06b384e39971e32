// Which requests of polling are refused, with what code, and which check comes first.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { answersTo, answerTo, get, request } from './http_answers.js'
import { badRequest, brief, PollingPeer, unknownSession } from './polling_peer.js'
import { refusedUpgrade } from './raw_http.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const messages = ['Transport unknown', 'Session ID unknown', 'Bad handshake method', 'Bad request', 'Forbidden', 'Unsupported protocol version']
const bodyOf = (code) => JSON.stringify({ code, message: messages[code] })
const endpoints = ['/engine.io/', '/socket.io/']
const polling = 'EIO=4&transport=polling'

/** A request with `query`, as it stands in the first column of the tables. */
function requestOf(method, endpoint, query) {
  const body = method === 'POST' || method === 'PUT' ? '4x' : ''
  const length = body ? [`Content-Length: ${body.length}`] : []
  return request(`${method} ${endpoint}?${query} HTTP/1.1`, 'Host: localhost', ...length) + body
}

describe('the order of checks, by what is answered where two would fail', () => {
  for (const [what, method, query, code] of [
    ['no transport', 'GET', 'EIO=4', 0],
    ['an unknown transport', 'GET', 'EIO=4&transport=x', 0],
    ['a transport in capitals', 'GET', 'EIO=4&transport=Polling', 0],
    ['a transport with a blank', 'GET', 'EIO=4&transport=polling+', 0],
    ['a transport whose last value is unknown', 'GET', `${polling}&transport=x`, 0],
    ['the transport before the session', 'GET', 'EIO=4&transport=x&sid=unknown', 0],
    ['the transport before the method', 'POST', 'EIO=4&transport=x', 0],
    ['the transport before the revision', 'GET', 'EIO=3&transport=x', 0],
    ['an unknown session', 'GET', `${polling}&sid=unknown`, 1],
    ['an unknown session, POST', 'POST', `${polling}&sid=unknown`, 1],
    ['a session id with a NUL', 'GET', `${polling}&sid=%00`, 1],
    ['a blank for a session id', 'GET', `${polling}&sid=+`, 1],
    ['the session before the revision', 'GET', 'EIO=3&transport=polling&sid=unknown', 1],
    ['the session before the method', 'PUT', `${polling}&sid=unknown`, 1],
    ['POST without a session', 'POST', polling, 2],
    ['PUT without a session', 'PUT', polling, 2],
    ['DELETE without a session', 'DELETE', polling, 2],
    ['PATCH without a session', 'PATCH', polling, 2],
    ['OPTIONS without a session, where CORS is not configured', 'OPTIONS', polling, 2],
    ['an empty sid is none', 'POST', `${polling}&sid=`, 2],
    ['the method before the need for an Upgrade', 'POST', 'EIO=4&transport=websocket', 2],
    ['the method before the revision', 'POST', 'EIO=3&transport=polling', 2],
    ['a websocket without an Upgrade request', 'GET', 'EIO=4&transport=websocket', 3],
    ['the need for an Upgrade before the revision', 'GET', 'EIO=3&transport=websocket', 3],
    ['revision 3', 'GET', 'EIO=3&transport=polling', 5],
    ['revision 5', 'GET', 'EIO=5&transport=polling', 5],
    ['no revision', 'GET', 'transport=polling', 5],
    ['a revision that is no number', 'GET', 'EIO=abc&transport=polling', 5],
    ['an empty revision', 'GET', 'EIO=&transport=polling', 5],
    ['a revision whose last value is old', 'GET', `${polling}&EIO=3`, 5]
  ]) {
    for (const endpoint of endpoints) {
      test(`${endpoint}: ${what}: code ${code}`, async () => {
        assert.equal(brief(await answerTo(server.port, requestOf(method, endpoint, query))), `400 ${bodyOf(code)}`)
      })
    }
  }

  test('JSONP (j=…) is not supported: code 3', async () => {
    assert.equal(brief(await answerTo(server.port, get(`/engine.io/?${polling}&j=0`))), badRequest)
  })
})

describe('an error body', () => {
  test('is application/json with its length, and the connection goes on', async () => {
    const sent = requestOf('GET', '/engine.io/', 'EIO=4') + requestOf('POST', '/engine.io/', polling) + get('/healthz', 'Connection: close')
    const [first, second, last] = await answersTo(server.port, sent)
    for (const { headers, body } of [first, second]) {
      assert.equal(headers['content-type'], 'application/json')
      assert.equal(headers['content-length'], `${body.length}`)
      assert.notEqual(headers.connection, 'close')
    }
    assert.equal(brief(last), '200 ok')
  })

  test('of HEAD is left out, and the connection stays in step', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    const sent = requestOf('HEAD', '/engine.io/', polling)
    assert.equal(brief(await peer.polls.exchange(sent, { withoutBody: true })), '400')
    await peer.isAlive()
  })
})

describe('requests for a live polling session', () => {
  for (const [what, method, query] of [
    ['GET with another transport', 'GET', 'EIO=4&transport=websocket'], ['POST with another transport', 'POST', 'EIO=4&transport=websocket'],
    ['GET in another revision', 'GET', 'EIO=3&transport=polling'], ['POST in another revision', 'POST', 'EIO=5&transport=polling'],
    ['GET without a revision', 'GET', 'transport=polling'], ['POST without a revision', 'POST', 'transport=polling']
  ]) {
    test(`${what}: code 3, and the session is unharmed`, async (t) => {
      const peer = await PollingPeer.open(t, server.port)
      assert.equal(brief(await peer.posts.exchange(requestOf(method, '/engine.io/', `${query}&sid=${peer.handshake.sid}`))), badRequest)
      await peer.isAlive()
    })
  }

  for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
    test(`${method}: 405 with Allow: GET, POST, and the session is untouched`, async (t) => {
      const peer = await PollingPeer.open(t, server.port)
      await peer.hold()
      const sent = requestOf(method, '/engine.io/', `${polling}&sid=${peer.handshake.sid}`)
      const { status, headers } = await peer.posts.exchange(sent, { withoutBody: method === 'HEAD' })
      assert.deepEqual([status, headers.allow], [405, 'GET, POST'])
      await peer.post('4a')
      assert.equal(await peer.answer(), '200 4a', 'the poll was held all the time')
    })
  }

  test('a session belongs to its endpoint: at the other one it is unknown', async (t) => {
    for (const [endpoint, other] of [endpoints, endpoints.toReversed()]) {
      const peer = await PollingPeer.open(t, server.port, { endpoint })
      const target = peer.target().replace(endpoint, other)
      assert.equal(brief(await peer.polls.exchange(get(target))), unknownSession)
    }
  })

  for (const [what, change] of [
    ['without its last character', (sid) => sid.slice(0, -1)], ['with one more', (sid) => `${sid}A`], ['twice', (sid) => sid + sid],
    ['with another last character', (sid) => sid.slice(0, -1) + (sid.endsWith('A') ? 'B' : 'A')]
  ]) {
    test(`the sid is compared in whole: ${what} it is unknown`, async (t) => {
      const peer = await PollingPeer.open(t, server.port)
      const target = peer.target().replace(peer.handshake.sid, change(peer.handshake.sid))
      assert.equal(brief(await peer.polls.exchange(get(target))), unknownSession)
      await peer.isAlive()
    })
  }
})

test('polling requests for a session that began on WebSocket: code 3, and the session is unharmed', async (t) => {
  const peer = await EnginePeer.open(t, server.port, { target: '/engine.io/?EIO=4&transport=websocket' })
  for (const method of ['GET', 'POST']) {
    assert.equal(brief(await answerTo(server.port, requestOf(method, '/engine.io/', `${polling}&sid=${peer.handshake.sid}`))), badRequest)
  }
  await peer.exchange('4alive', ['4alive'])
})

describe('ordinary requests with transport=websocket for a session that is on WebSocket: code 3, and the session is unharmed', () => {
  const target = '/engine.io/?EIO=4&transport=websocket'
  for (const method of ['GET', 'POST']) {
    test(`${method}, where it began there`, async (t) => {
      const peer = await EnginePeer.open(t, server.port, { target })
      const { status, body } = await answerTo(server.port, requestOf(method, '/engine.io/', `EIO=4&transport=websocket&sid=${peer.handshake.sid}`))
      assert.equal(`${status} ${body}`, badRequest)
      await peer.exchange('4alive', ['4alive'])
    })

    test(`${method}, behind an upgrade`, async (t) => {
      const peer = await PollingPeer.open(t, server.port)
      const webSocket = await peer.upgrade()
      await webSocket.exchange('4a', ['4a'])
      const { status, body } = await peer.posts.exchange(requestOf(method, '/engine.io/', `EIO=4&transport=websocket&sid=${peer.handshake.sid}`))
      assert.equal(`${status} ${body}`, badRequest)
      await webSocket.exchange('4b', ['4b'])
    })
  }
})

describe('an Upgrade request with transport=polling: Bad request', () => {
  for (const endpoint of endpoints) {
    test(`${endpoint}: without a session`, async () => {
      const { start, headers, body } = await refusedUpgrade(server.port, `${endpoint}?${polling}`)
      assert.deepEqual([start, body], ['HTTP/1.1 400 Bad Request', 'Bad request'])
      assert.equal(headers['content-type'], 'text/html')
      assert.equal(headers['content-length'], '11')
      assert.equal(headers.connection.toLowerCase(), 'close')
    })
  }

  test('with a session, which is unharmed', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    const { status, body } = await refusedUpgrade(server.port, peer.target())
    assert.deepEqual([status, body], [400, 'Bad request'])
    await peer.isAlive()
  })
})

describe('an Upgrade request to the bare endpoint', () => {
  for (const [what, query, code] of [
    ['no transport', 'EIO=4', 0], ['an unknown transport', 'EIO=4&transport=x', 0], ['an unknown session', 'EIO=4&transport=websocket&sid=x', 1],
    ['revision 3, before any 101', 'EIO=3&transport=websocket', 5], ['no revision, before any 101', 'transport=websocket', 5]
  ]) {
    test(`${what}: 400 with the bare message, then the end`, async () => {
      const { start, headers, body } = await refusedUpgrade(server.port, `/engine.io/?${query}`)
      assert.deepEqual([start, body], ['HTTP/1.1 400 Bad Request', messages[code]])
      assert.equal(headers['content-type'], 'text/html')
      assert.equal(headers['content-length'], `${body.length}`)
      assert.equal(headers.connection.toLowerCase(), 'close')
    })
  }
})

for (const path of ['/engine.io', '/engine.io/any/thing', '/engine.io//', '/engine.io/socket.io.min.js', '/ENGINE.IO/', '/socket.io', '/socket.io/any']) {
  test(`the path ${path} is nobody's: 404, ordinary and Upgrade`, async () => {
    assert.equal((await answerTo(server.port, get(`${path}?${polling}`))).status, 404)
    assert.equal((await refusedUpgrade(server.port, `${path}?EIO=4&transport=websocket`)).status, 404)
  })
}
