// CORS on polling: which pages of other origins may read the answers.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { answerTo, get, request } from './http_answers.js'
import { PollingPeer } from './polling_peer.js'
import { refusedUpgrade } from './raw_http.js'
import { startFixture } from './support.js'

const polling = 'EIO=4&transport=polling'
const foreign = 'https://evil.example'
const allowed = ({ headers }) => headers['access-control-allow-origin']
const variesBy = ({ headers }, name) => (headers.vary ?? '').toLowerCase().split(/\s*,\s*/).includes(name.toLowerCase())
const preflight = (target, origin, ...lines) =>
  request(`OPTIONS ${target} HTTP/1.1`, 'Host: localhost', `Origin: ${origin}`, 'Access-Control-Request-Method: POST', ...lines)

/** One answer of each kind, all with `Origin: origin`, by what it is. */
async function answersOf(t, server, origin, endpoint = '/engine.io/') {
  const from = `Origin: ${origin}`
  const peer = await PollingPeer.open(t, server.port, { endpoint, headers: [from] })
  const answers = { 'the handshake': peer.first }
  answers['a POST'] = await peer.posts.exchange(peer.toPost('4a', from))
  if (endpoint === '/engine.io/') answers['a GET'] = await peer.polls.exchange(get(peer.target(), from))
  answers['a request with an unknown transport'] = await answerTo(server.port, get(`${endpoint}?EIO=4&transport=x`, from))
  answers['a request with an unknown sid'] = await answerTo(server.port, get(`${endpoint}?${polling}&sid=x`, from))
  answers['a POST without a sid'] = await answerTo(server.port, request(`POST ${endpoint}?${polling} HTTP/1.1`, 'Host: a', from, 'Content-Length: 0'))
  answers['a handshake of revision 3'] = await answerTo(server.port, get(`${endpoint}?EIO=3&transport=polling`, from))
  answers['a PUT'] = await peer.posts.exchange(request(`PUT ${peer.target()} HTTP/1.1`, 'Host: a', from, 'Content-Length: 0'))
  answers['a POST that is too long'] = await peer.posts.exchange(peer.toPost('x'.repeat(1_000_001), from))
  answers['a POST of another type'] = await peer.posts.exchange(peer.toPost('4a', from, 'Content-Type: application/octet-stream'))
  return Object.entries(answers)
}

describe('with *', () => {
  let server
  before(async () => { server = await startFixture(['--cors', '*']) })
  after(() => server.stop())

  for (const origin of [foreign, 'null', 'file://']) {
    for (const endpoint of ['/engine.io/', '/socket.io/']) {
      test(`${endpoint}: every answer to ${origin} says Access-Control-Allow-Origin: *, errors too, and allows no credentials`, async (t) => {
        for (const [what, answer] of await answersOf(t, server, origin, endpoint)) {
          assert.equal(allowed(answer), '*', what)
          assert.equal(answer.headers['access-control-allow-credentials'], undefined, what)
        }
      })
    }
  }

  test('a preflight: 204, Content-Length: 0, the methods, and the headers that were asked for, by which the answer then varies', async () => {
    for (const endpoint of ['/engine.io/', '/socket.io/']) {
      const answer = await answerTo(server.port, preflight(`${endpoint}?${polling}`, foreign, 'Access-Control-Request-Headers: x-one, content-type'))
      assert.equal(answer.status, 204)
      assert.equal(answer.headers['content-length'], '0')
      assert.equal(allowed(answer), '*')
      assert.equal(answer.headers['access-control-allow-methods'], 'GET,HEAD,PUT,PATCH,POST,DELETE')
      assert.equal(answer.headers['access-control-allow-headers'], 'x-one, content-type')
      assert.ok(variesBy(answer, 'Access-Control-Request-Headers'))
      for (const name of ['access-control-max-age', 'access-control-expose-headers']) assert.equal(answer.headers[name], undefined)
    }
  })

  test('a preflight that asks for no headers is told of none', async () => {
    const answer = await answerTo(server.port, preflight(`/engine.io/?${polling}`, foreign))
    assert.equal(answer.status, 204)
    assert.equal(answer.headers['access-control-allow-headers'], undefined)
  })

  test('a preflight comes before every other check, and does not touch the session', async (t) => {
    for (const query of ['', '?EIO=4&transport=x', `?${polling}&sid=x`, '?EIO=3&transport=polling']) {
      assert.equal((await answerTo(server.port, preflight(`/engine.io/${query}`, foreign))).status, 204, query)
    }
    const peer = await PollingPeer.open(t, server.port)
    assert.equal((await peer.posts.exchange(preflight(peer.target(), foreign))).status, 204)
    await peer.isAlive()
  })

  test('an upgrade from any page passes', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    const webSocket = await peer.openWebSocket({ headers: { Origin: foreign } })
    await webSocket.exchange(['2probe', '5', '4a'], ['3probe', '4a'])
  })
})

describe('with a list', () => {
  const listed = ['https://one.example', 'http://two.example:8080']
  let server
  before(async () => { server = await startFixture(['--cors', listed.join()]) })
  after(() => server.stop())

  for (const origin of listed) {
    test(`every answer to ${origin} names it, and varies by Origin`, async (t) => {
      for (const [what, answer] of await answersOf(t, server, origin)) {
        assert.equal(allowed(answer), origin, what)
        assert.ok(variesBy(answer, 'Origin'), what)
      }
    })
  }

  for (const origin of [foreign, 'null', 'http://one.example', 'https://one.example:444', 'https://one.example.evil', 'https://sub.one.example', 'one.example']) {
    test(`no answer to ${origin} allows it, and all vary by Origin`, async (t) => {
      for (const [what, answer] of await answersOf(t, server, origin)) {
        assert.equal(allowed(answer), undefined, what)
        assert.ok(variesBy(answer, 'Origin'), what)
      }
    })
  }

  test('an answer to a request without Origin varies by it as well', async (t) => {
    const { first } = await PollingPeer.open(t, server.port)
    assert.equal(allowed(first), undefined)
    assert.ok(variesBy(first, 'Origin'))
  })

  test('a preflight from a listed origin is allowed, one from another is answered without permission', async () => {
    for (const [origin, expected] of [[listed[0], listed[0]], [foreign, undefined]]) {
      const answer = await answerTo(server.port, preflight(`/engine.io/?${polling}`, origin, 'Access-Control-Request-Headers: x-one'))
      assert.equal(answer.status, 204)
      assert.equal(allowed(answer), expected)
      assert.ok(variesBy(answer, 'Origin') && variesBy(answer, 'Access-Control-Request-Headers'))
    }
  })

  test('the same list decides upgrades: a listed page passes, another gets 403 and the session goes on', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    assert.equal((await refusedUpgrade(server.port, peer.target('websocket'), { Origin: foreign })).status, 403)
    await peer.isAlive()
    const webSocket = await peer.openWebSocket({ headers: { Origin: listed[1] } })
    await webSocket.exchange(['2probe', '5', '4a'], ['3probe', '4a'])
  })
})

describe('with one origin', () => {
  const own = 'https://one.example'
  let server
  before(async () => { server = await startFixture(['--cors', own]) })
  after(() => server.stop())

  test('every answer to it names it, and varies by Origin', async (t) => {
    for (const [what, answer] of await answersOf(t, server, own)) {
      assert.equal(allowed(answer), own, what)
      assert.ok(variesBy(answer, 'Origin'), what)
    }
  })

  test('no answer to another names that one, and all vary by Origin', async (t) => {
    for (const [what, answer] of await answersOf(t, server, foreign)) {
      assert.ok([own, undefined].includes(allowed(answer)), what)
      assert.ok(variesBy(answer, 'Origin'), what)
    }
  })
})

describe('without the option', () => {
  let server
  before(async () => { server = await startFixture() })
  after(() => server.stop())

  test('no answer lets a page of another origin read it', async (t) => {
    for (const [what, answer] of await answersOf(t, server, foreign)) {
      for (const name of Object.keys(answer.headers)) assert.doesNotMatch(name, /^access-control-/, what)
    }
  })

  test('a preflight is an OPTIONS like others: code 2 without a session', async () => {
    assert.equal(`${(await answerTo(server.port, preflight(`/engine.io/?${polling}`, foreign))).body}`, '{"code":2,"message":"Bad handshake method"}')
  })
})

test('an Origin may hold any byte that a header value may', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  for (const origin of ['a\tb', 'a b', '\x80\xff', '~!"#']) {
    const { status } = await answerTo(server.port, get(`/engine.io/?${polling}`, `Origin: ${origin}`))
    assert.equal(status, 200, JSON.stringify(origin))
  }
})
