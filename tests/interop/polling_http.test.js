// HTTP as polling clients use it: versions, connections, methods, segments.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { answersTo, answerTo, get, readAnswer, request } from './http_answers.js'
import { badRequest, brief, payload, PollingPeer } from './polling_peer.js'
import { RawSocket } from './raw.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const open = (t) => PollingPeer.open(t, server.port)
const handshake = '/engine.io/?EIO=4&transport=polling'

test('a handshake may come in segments of any size', async () => {
  for (const cut of [1, 2, 7, 30]) {
    const [answer] = await answersTo(server.port, get(handshake, 'Connection: close'), cut)
    assert.equal(answer.status, 200)
    assert.match(`${answer.body}`, /^0\{"sid":/)
  }
})

test('a target in absolute form names the endpoint too', async () => {
  assert.equal((await answerTo(server.port, get(`http://localhost${handshake}`))).status, 200)
})

describe('HTTP/1.0', () => {
  test('a whole session, one connection for each request', async () => {
    const ask = async (line, body = '') => {
      const socket = await RawSocket.connect(server.port)
      await socket.write(request(`${line} HTTP/1.0`, `Content-Length: ${body.length}`) + body)
      const answer = await readAnswer(socket)
      assert.ok(await socket.isAtEnd())
      socket.destroy()
      return answer
    }
    const { sid } = JSON.parse(`${(await ask(`GET ${handshake}`)).body}`.slice(1))
    assert.equal(brief(await ask(`POST ${handshake}&sid=${sid}`, '4a')), '200 ok')
    assert.equal(brief(await ask(`GET ${handshake}&sid=${sid}`)), '200 4a')
  })

  test('with keep-alive the connection stays', async (t) => {
    const peer = await open(t)
    for (let i = 0; i < 3; i++) {
      await peer.post(`4${i}`)
      const { status, headers, body } = await peer.polls.exchange(request(`GET ${peer.target()} HTTP/1.0`, 'Connection: keep-alive'))
      assert.deepEqual([status, headers.connection.toLowerCase(), `${body}`], [200, 'keep-alive', `4${i}`])
    }
  })
})

describe('pipelining', () => {
  test('a POST and the poll behind it, in one segment, are answered in order', async (t) => {
    const peer = await open(t)
    await peer.polls.send(Buffer.concat([peer.toPost('4a'), Buffer.from(get(peer.target())), peer.toPost('4b'), Buffer.from(get(peer.target()))]))
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await peer.answer())
    assert.deepEqual(answers, ['200 ok', '200 4a', '200 ok', '200 4b'])
  })

  test('a request behind a poll that is held waits for its answer', async (t) => {
    const peer = await open(t)
    await peer.polls.send(get(peer.target()) + get('/engine.io/?EIO=4&transport=x'))
    await peer.reaches()
    await peer.post('4a')
    assert.equal(await peer.answer(), '200 4a')
    assert.equal(await peer.answer(), '400 {"code":0,"message":"Transport unknown"}')
  })

  test('a client that sends its last request and ends its side gets the answer', async (t) => {
    const peer = await open(t)
    await peer.post('4a')
    await peer.polls.send(Buffer.concat([peer.toPost('4b'), Buffer.from(get(peer.target()))]))
    await peer.polls.end()
    assert.equal(await peer.answer(), '200 ok')
    assert.equal(await peer.answer(), `200 ${payload('4a', '4b')}`)
    assert.ok(await peer.polls.endsSilently())
  })
})

describe('refused requests leave nothing behind them to be read as a request', () => {
  for (const [what, lines] of [
    ['Content-Length with Transfer-Encoding', ['Content-Length: 2', 'Transfer-Encoding: chunked']], ['two Content-Lengths', ['Content-Length: 2', 'Content-Length: 3']],
    ['an unknown transfer coding', ['Transfer-Encoding: gzip']]
  ]) {
    test(`a POST with ${what}: 400, the end, nothing delivered, and the session goes on`, async (t) => {
      const peer = await open(t)
      const sent = request(`POST ${peer.target()} HTTP/1.1`, 'Host: a', ...lines) + `2\r\n4x\r\n0\r\n\r\n${get('/smuggled')}`
      const answers = await answersTo(server.port, sent)
      assert.deepEqual(answers.map(({ status }) => status), [400])
      await peer.isAlive()
    })
  }

  test('a bad chunk in a POST: 400, the end, and nothing is delivered', async (t) => {
    const peer = await open(t)
    const sent = `${request(`POST ${peer.target()} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked')}3\r\n4x\x1e\r\nzz\r\n`
    const answers = await answersTo(server.port, sent)
    assert.deepEqual(answers.map(({ status }) => status), [400])
  })
})

test('Upgrade to anything but websocket is ignored: the request is an ordinary poll', async (t) => {
  const peer = await open(t)
  await peer.post('4a')
  assert.equal(brief(await peer.polls.exchange(get(peer.target(), 'Connection: Upgrade', 'Upgrade: h2c'))), '200 4a')
  assert.equal(brief(await peer.polls.exchange(get(peer.target('websocket'), 'Connection: Upgrade', 'Upgrade: h2c'))), badRequest)
})

test('a bad WebSocket handshake with a sid is refused, and the session goes on', async (t) => {
  const peer = await open(t)
  const upgrade = (...lines) => get(peer.target('websocket'), 'Connection: Upgrade', 'Upgrade: websocket', ...lines)
  const refusals = [
    ['no key', upgrade('Sec-WebSocket-Version: 13'), 400], ['a key that is none', upgrade('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x'), 400],
    ['version 12', upgrade('Sec-WebSocket-Version: 12', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='), 426]
  ]
  for (const [what, sent, expected] of refusals) assert.equal((await answerTo(server.port, sent)).status, expected, what)
  await peer.isAlive()
})
