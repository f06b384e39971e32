// A session on polling from beginning to end, and an upgrade, byte for byte.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { get } from './http_answers.js'
import { brief, PollingPeer, unknownSession } from './polling_peer.js'
import { startFixture, within } from './support.js'

let server
before(async () => { server = await startFixture(['--ping-interval', '1000', '--ping-timeout', '5000', '--cors', '*']) })
after(() => server.stop())

test('a polling session: handshake, CONNECT, events, ping and pong, close', async (t) => {
  const peer = await PollingPeer.open(t, server.port, { endpoint: '/socket.io/', query: '&t=a1' })
  const { sid } = peer.handshake
  assert.equal(peer.opening, `0{"sid":"${sid}","upgrades":["websocket"],"pingInterval":1000,"pingTimeout":5000,"maxPayload":1000000}`)
  assert.equal(await peer.post('40{"token":"t1"}'), '200 ok')
  const [joined, auth] = await peer.receive(2)
  assert.match(joined, /^40\{"sid":"[\w-]{20}"\}$/, 'the payload of CONNECT has sid alone')
  assert.equal(auth, '42["auth",{"token":"t1"}]')
  await peer.hold()
  const body = Buffer.from('34325b2261225d1e343231325b2261636b222c5b312c325d5d', 'hex')
  assert.equal(`${body}`, '42["a"]\x1e4212["ack",[1,2]]')
  assert.equal(brief(await peer.posts.exchange(peer.toPost(body, 'Content-Type: text/plain;charset=UTF-8'))), '200 ok')
  assert.equal(await peer.answer(), '200 4312[[1,2]]')
  assert.equal(await peer.poll(), '200 2')
  assert.equal(await peer.post('3'), '200 ok')
  await peer.hold()
  assert.equal(await peer.post('1'), '200 ok')
  assert.equal(await peer.answer(), '200 6')
  assert.equal(await peer.poll(), unknownSession)
})

test('an upgrade: frames as they are on the wire, masked with a1 b2 c3 d4', async (t) => {
  const peer = await PollingPeer.join(t, server.port)
  await peer.hold()
  const { socket } = (await peer.openWebSocket()).webSocket
  const send = (hex) => socket.write(Buffer.from(hex, 'hex'))
  const receives = async (hex) => assert.equal((await within(socket.read(hex.length / 2), `no ${hex}`)).toString('hex'), hex)
  await send('8186a1b2c3d493c2b1bbc3d7') // 2probe
  await receives('81063370726f6265') // 3probe
  const { body } = await peer.polls.answer()
  assert.equal(body.toString('hex'), '36')
  assert.equal(await peer.post('421["ack","ok"]'), '200 ok')
  await send('8181a1b2c3d494') // 5
  await receives('81093433315b226f6b225d') // 431["ok"], which waited
  await receives('810132') // 2
  await send('8181a1b2c3d492') // 3
  await send('8880a1b2c3d4') // close
  await receives('8800')
})

test('a namespace that is not there is refused on polling as well, and the session goes on', async (t) => {
  const peer = await PollingPeer.join(t, server.port)
  await peer.post('40/random')
  assert.equal(await peer.poll(), '200 44/random,{"message":"Invalid namespace"}')
  await peer.post('421["ack",1]')
  assert.equal(await peer.poll(), '200 431[1]')
})

test('two GETs, one cancelled poll, one PUT: what public suites look for', async (t) => {
  for (const endpoint of ['/engine.io/', '/socket.io/']) {
    for (const method of ['POST', 'PUT']) {
      const { status } = await (await PollingPeer.open(t, server.port, { endpoint })).posts.exchange(
        `${method} ${endpoint}?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`)
      assert.ok(status >= 400, `${method}: ${status}`)
    }
    const overlapping = await PollingPeer.open(t, server.port, { endpoint })
    await overlapping.hold()
    assert.equal(brief(await overlapping.posts.exchange(get(overlapping.target()))), '400')
    assert.equal(await overlapping.answer(), '200 1')
    const cancelled = await PollingPeer.open(t, server.port, { endpoint })
    await cancelled.hold()
    cancelled.polls.destroy()
    await server.settles(async () => brief(await cancelled.posts.exchange(get('/engine.io/?EIO=4&transport=polling&sid=x'))) === unknownSession)
    assert.equal(await cancelled.post('4x'), unknownSession)
  }
})
