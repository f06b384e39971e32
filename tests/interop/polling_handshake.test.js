// How a polling session is opened, and the headers of its answers.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { answerTo, get } from './http_answers.js'
import { payload, PollingPeer } from './polling_peer.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture(['--ping-interval', '7000', '--ping-timeout', '8000', '--max-payload', '90000']) })
after(() => server.stop())

const endpoints = ['/engine.io/', '/socket.io/']
const open = (t, options) => PollingPeer.open(t, server.port, options)

describe('the open packet on polling', () => {
  for (const endpoint of endpoints) {
    test(`${endpoint}: it is the whole body of the handshake's answer, has exactly five keys, and offers websocket`, async (t) => {
      const { opening, handshake } = await open(t, { endpoint })
      assert.match(handshake.sid, /^[\w-]+$/)
      assert.equal(opening, `0{"sid":"${handshake.sid}","upgrades":["websocket"],"pingInterval":7000,"pingTimeout":8000,"maxPayload":90000}`)
    })

    test(`${endpoint}: it has the defaults where nothing else is said`, async (t) => {
      const plain = await startFixture()
      t.after(() => plain.stop())
      const { sid, ...rest } = (await PollingPeer.open(plain, plain.port, { endpoint })).handshake
      assert.deepEqual(rest, { upgrades: ['websocket'], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 })
    })
  }

  test('a sid has 24 characters out of A-Z a-z 0-9 - _', async (t) => {
    assert.match((await open(t)).handshake.sid, /^[A-Za-z0-9_-]{24}$/)
  })

  test('each session has a sid of its own', async (t) => {
    const peers = []
    for (let i = 0; i < 50; i++) peers.push(await open(t))
    assert.equal(new Set(peers.map(({ handshake }) => handshake.sid)).size, 50)
  })

  test('the sid is not reused as a Socket.IO id, and the ids of a session differ between namespaces', async (t) => {
    const peer = await PollingPeer.join(t, server.port)
    await peer.post('40/custom,')
    const [joined] = await peer.receive(2)
    const ids = [peer.handshake.sid, peer.id, JSON.parse(joined.slice('40/custom,'.length)).sid]
    assert.equal(new Set(ids).size, 3)
  })
})

describe('the session behind the handshake', () => {
  test('the handshake is a finished poll: the next GET is the first to be held, and gets what comes then', async (t) => {
    const peer = await open(t)
    await peer.hold()
    assert.equal(await peer.post('4a'), '200 ok')
    assert.equal(await peer.answer(), '200 4a')
  })

  test('it accepts POST as soon as the open packet is there, before any GET', async (t) => {
    const peer = await open(t)
    assert.equal(await peer.post('4a', '4b'), '200 ok')
    assert.equal(await peer.poll(), `200 ${payload('4a', '4b')}`)
  })

  test('a GET of the same connection in the same segment as the handshake opens another session, not a poll', async (t) => {
    const peer = await open(t)
    await peer.polls.send(get('/engine.io/?EIO=4&transport=polling').repeat(2))
    const sids = []
    for (let i = 0; i < 2; i++) sids.push(JSON.parse(`${(await peer.polls.answer()).body}`.slice(1)).sid)
    assert.equal(new Set([...sids, peer.handshake.sid]).size, 3)
  })
})

describe('a query that opens a polling session', () => {
  for (const query of [
    'EIO=4&transport=polling', 'transport=polling&EIO=4&t=abc&any=thing', 'EIO=4&transport=polling&sid=', 'EIO=4&transport=polling&sid',
    'EIO=%34&tr%61nsport=%70olling', '&&EIO=4&&transport=polling&', 'EIO=3&transport=websocket&EIO=4&transport=polling',
    'EIO=4&transport=polling&sid=x&sid=', 'EIO=4&transport=polling&a=%zz&b=%', 'EIO=4&transport=polling&%zz=%&%', 'EIO=4&transport=polling&b64=1',
    'EIO=4&transport=polling&__proto__=1&constructor=2'
  ]) {
    test(`?${query}`, async () => {
      const { status, body } = await answerTo(server.port, get(`/engine.io/?${query}`))
      assert.equal(status, 200)
      assert.match(`${body}`, /^0\{"sid":"[\w-]+",/)
    })
  }

  test('t is ignored, on every request of a session', async (t) => {
    const peer = await open(t, { query: '&t=1' })
    await peer.post('4a')
    const { status, body } = await peer.polls.exchange(get(`${peer.target()}&t=2`))
    assert.deepEqual([status, `${body}`], [200, '4a'])
  })

  test('a sid may be percent-encoded', async (t) => {
    const peer = await open(t)
    await peer.post('4a')
    const encoded = peer.handshake.sid.replace(/./g, (char) => `%${char.charCodeAt().toString(16)}`)
    const { status, body } = await peer.polls.exchange(get(`/engine.io/?EIO=4&transport=polling&sid=${encoded}`))
    assert.deepEqual([status, `${body}`], [200, '4a'])
  })
})

describe('headers of success', () => {
  test('the answer to a polling GET: 200, text/plain; charset=UTF-8, its length in bytes, no-store', async (t) => {
    const peer = await open(t)
    await peer.post('4héllo')
    const second = await peer.polls.exchange(get(peer.target()))
    assert.equal(`${second.body}`, '4héllo')
    for (const { status, headers, body } of [peer.first, second]) {
      assert.equal(status, 200)
      assert.equal(headers['content-type'], 'text/plain; charset=UTF-8')
      assert.equal(headers['content-length'], `${body.length}`)
      assert.equal(headers['cache-control'], 'no-store')
    }
  })

  test('the answer to a POST: 200, text/html, 2 bytes, no-store, body ok', async (t) => {
    const peer = await open(t)
    const { status, headers, body } = await peer.posts.exchange(peer.toPost('4a'))
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/html')
    assert.equal(headers['content-length'], '2')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(`${body}`, 'ok')
  })

  test('no cookie, no CORS header and no compression unless asked for', async (t) => {
    const peer = await open(t, { headers: ['Origin: http://evil.example'] })
    for (const name of ['set-cookie', 'access-control-allow-origin', 'access-control-allow-credentials', 'content-encoding']) {
      assert.equal(peer.first.headers[name], undefined, name)
    }
  })
})
