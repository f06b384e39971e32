// Engine.IO: how a session is opened, and how requests that open none are refused.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { refusedUpgrade, request } from './raw_http.js'
import { RawWebSocket } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture(['--ping-interval', '7000', '--ping-timeout', '8000', '--max-payload', '90000']) })
after(() => server.stop())

describe('the open packet', () => {
  test('is the first message, and has exactly five keys', async (t) => {
    const { opening, handshake } = await EnginePeer.open(t, server.port)
    assert.match(handshake.sid, /^[\w-]{24}$/)
    assert.equal(opening, `0{"sid":"${handshake.sid}","upgrades":[],"pingInterval":7000,"pingTimeout":8000,"maxPayload":90000}`)
  })

  test('has the defaults where nothing else is said', async (t) => {
    const plain = await startFixture()
    t.after(() => plain.stop())
    const { sid, ...rest } = (await EnginePeer.open(plain, plain.port)).handshake
    assert.deepEqual(rest, { upgrades: [], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 })
  })

  test('names another session for each connection', async (t) => {
    const peers = await Promise.all(Array.from({ length: 50 }, () => EnginePeer.open(t, server.port)))
    assert.equal(new Set(peers.map(({ handshake }) => handshake.sid)).size, 50)
  })

  test('nothing but the answer to CONNECT and what the handlers send follows', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await peer.isAlive()
  })
})

describe('a query that opens a session', () => {
  for (const query of [
    'EIO=4&transport=websocket',
    'transport=websocket&EIO=4&t=abc&any=thing',
    'EIO=4&transport=websocket&sid=',
    'EIO=%34&tr%61nsport=%77ebsocket',
    '&&EIO=4&&transport=websocket&',
    'EIO=3&transport=polling&EIO=4&transport=websocket',
    'EIO=4&transport=websocket&a=%zz&b=%',
    'EIO=4&transport=websocket&__proto__=1&constructor=2'
  ]) {
    test(`?${query}`, async (t) => {
      const peer = await EnginePeer.open(t, server.port, { target: `/socket.io/?${query}` })
      await peer.join()
    })
  }
})

const messages = ['Transport unknown', 'Session ID unknown', 'Bad handshake method', 'Bad request', 'Forbidden', 'Unsupported protocol version']
const ws = 'transport=websocket'

// Query, code for an ordinary request, code for an Upgrade request (null: it opens a session).
const refusals = [
  ['no query', '', 0, 0],
  ['no transport', '?EIO=4', 0, 0],
  ['an unknown transport', '?EIO=4&transport=carrier-pigeon', 0, 0],
  ['an empty transport', '?EIO=4&transport=', 0, 0],
  ['a transport in other letters', '?EIO=4&transport=WebSocket', 0, 0],
  ['webtransport, which is not offered', '?EIO=4&transport=webtransport', 0, 0],
  ['a transport whose last value is unknown', `?EIO=4&${ws}&transport=x`, 0, 0],
  ['a transport that decodes to another one', '?EIO=4&transport=web+socket', 0, 0],
  ['an unknown transport and an unknown session: the transport comes first', '?EIO=3&transport=x&sid=y', 0, 0],
  ['an unknown session', `?EIO=4&${ws}&sid=AAAAAAAAAAAAAAAAAAAAAAAA`, 1, 1],
  ['a session id of another form', `?EIO=4&${ws}&sid=x`, 1, 1],
  ['an endless session id', `?EIO=4&${ws}&sid=${'A'.repeat(4000)}`, 1, 1],
  ['an unknown session in an old revision: the session comes first', `?EIO=3&${ws}&sid=x`, 1, 1],
  ['an ordinary request for a WebSocket', `?EIO=4&${ws}`, 3, null],
  ['an old revision', `?EIO=3&${ws}`, 3, 5],
  ['no revision', `?${ws}`, 3, 5],
  ['a revision that is no number', `?EIO=abc&${ws}`, 3, 5],
  ['a revision with a blank', `?EIO=4+&${ws}`, 3, 5],
  ['a revision whose last value is old', `?EIO=4&EIO=3&${ws}`, 3, 5]
]

describe('an ordinary request that is refused', () => {
  for (const [what, query, code] of refusals) {
    test(`${what}: code ${code}`, async () => {
      const answer = await request(server.port, `/socket.io/${query}`)
      assert.equal(answer.start, 'HTTP/1.1 400 Bad Request')
      assert.equal(answer.body, `{"code":${code},"message":"${messages[code]}"}`)
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.equal(answer.headers['content-length'], String(answer.body.length))
      assert.equal(answer.headers['access-control-allow-origin'], undefined)
    })
  }

  for (const [what, method, query, code] of [
    ['a POST that names no session', 'POST', `?EIO=4&${ws}`, 2],
    ['a PUT that names no session', 'PUT', `?EIO=4&${ws}`, 2],
    ['a POST in an old revision: the method comes first', 'POST', `?EIO=3&${ws}`, 2],
    ['a POST for an unknown session', 'POST', `?EIO=4&${ws}&sid=x`, 1],
    ['a POST for an unknown transport', 'POST', '?EIO=4&transport=x', 0]
  ]) {
    test(`${what}: code ${code}`, async () => {
      const answer = await request(server.port, `/socket.io/${query}`, { method, body: method === 'POST' ? '40' : '' })
      assert.deepEqual([answer.status, answer.body], [400, `{"code":${code},"message":"${messages[code]}"}`])
    })
  }

  test('a live session, without a WebSocket: code 3, and the session is unharmed', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    const sid = encodeURIComponent(peer.handshake.sid)
    for (const query of [`EIO=4&${ws}&sid=${sid}`, `EIO=3&${ws}&sid=${sid}`]) {
      const answer = await request(server.port, `/socket.io/?${query}`)
      assert.deepEqual([answer.status, answer.body], [400, '{"code":3,"message":"Bad request"}'])
    }
    await peer.isAlive()
  })
})

describe('an Upgrade request that is refused', () => {
  for (const [what, query, , code] of refusals.filter(([, , , code]) => code !== null)) {
    test(`${what}: ${messages[code]}`, async () => {
      const answer = await refusedUpgrade(server.port, `/socket.io/${query}`)
      assert.equal(answer.start, 'HTTP/1.1 400 Bad Request')
      assert.equal(answer.body, messages[code])
      assert.equal(answer.headers['content-type'], 'text/html')
      assert.equal(answer.headers['content-length'], String(answer.body.length))
      assert.equal(answer.headers.connection.toLowerCase(), 'close')
      assert.equal(answer.headers['sec-websocket-accept'], undefined)
    })
  }

  test('an id whose session is over is unknown', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await peer.send('1')
    await peer.isClosed()
    const answer = await refusedUpgrade(server.port, `/socket.io/?EIO=4&${ws}&sid=${peer.handshake.sid}`)
    assert.deepEqual([answer.status, answer.body], [400, 'Session ID unknown'])
  })

  test('a live session in an old revision: Bad request, and the session is unharmed', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    const answer = await refusedUpgrade(server.port, `/socket.io/?EIO=3&${ws}&sid=${peer.handshake.sid}`)
    assert.deepEqual([answer.status, answer.body], [400, 'Bad request'])
    await peer.isAlive()
  })

  for (const path of ['/', '/socket.io', '/socket.io/any/thing', '/engine.io', '/nothing']) {
    test(`a path nobody owns, ${path}: 404`, async () => {
      assert.equal((await refusedUpgrade(server.port, `${path}?EIO=4&${ws}`)).status, 404)
    })
  }
})

test('a second WebSocket of a session is accepted and closed, the first is unharmed', async (t) => {
  const peer = await EnginePeer.join(t, server.port)
  const second = new EnginePeer(await RawWebSocket.open(server.port, `/socket.io/?EIO=4&${ws}&sid=${peer.handshake.sid}`))
  t.after(() => second.destroy())
  await second.isClosed()
  await peer.isAlive()
})
