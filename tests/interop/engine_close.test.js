// How a session is closed, by either side, on either transport.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { payload, PollingPeer, unknownSession } from './polling_peer.js'
import { refusedUpgrade } from './raw_http.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const open = (t) => PollingPeer.open(t, server.port)
const join = (t) => PollingPeer.join(t, server.port)
// An invalid packet makes Socket.IO close the session, with nothing to send; `kick` leaves `41` to be sent.
const invalid = '42[]'
const kick = '42["kick","me",true]'

/** A member of the room that is kicked, with nothing waiting. */
async function member(t) {
  const peer = await join(t)
  await peer.post('420["join","me"]')
  assert.equal(await peer.poll(), '200 430[]')
  return peer
}

describe('the server closes a polling session', () => {
  test('a GET is held: it is answered 1', async (t) => {
    const peer = await join(t)
    await peer.hold()
    assert.equal(await peer.post(invalid), '200 ok')
    assert.equal(await peer.answer(), '200 1')
    await peer.isGone()
  })

  test('no GET is held, nothing waits: the next GET is answered 6 and 1', async (t) => {
    const peer = await join(t)
    assert.equal(await peer.post(invalid), '200 ok')
    assert.equal(await peer.poll(), `200 ${payload('6', '1')}`)
    await peer.isGone()
  })

  test('no GET is held, data waits: the next GET gets the data with 1 behind it', async (t) => {
    const peer = await join(t)
    assert.equal(await peer.post('42["message",1]'), '200 ok')
    assert.equal(await peer.post(invalid), '200 ok')
    assert.equal(await peer.poll(), `200 ${payload('42["message-back",1]', '1')}`)
    await peer.isGone()
  })

  // Stock clients handle a packet a tick later: with 1 behind it they would see a lost connection, not that they
  // were sent away, and connect again.
  test('no GET is held, the goodbye of a namespace waits: the next GET gets it, the one after that 6 and 1', async (t) => {
    const peer = await member(t)
    assert.equal(await peer.post('42["message",1]', kick), '200 ok')
    assert.equal(await peer.poll(), `200 ${payload('42["message-back",1]', '41')}`)
    assert.equal(await peer.poll(), `200 ${payload('6', '1')}`)
    await peer.isGone()
  })

  test('a GET is held, and there is a goodbye: it is answered with that, the next one 6 and 1', async (t) => {
    const peer = await member(t)
    await peer.hold()
    assert.equal(await peer.post(kick), '200 ok')
    assert.equal(await peer.answer(), '200 41')
    assert.equal(await peer.poll(), `200 ${payload('6', '1')}`)
    await peer.isGone()
  })

  test('in state closing no new packet is accepted from the application', async (t) => {
    const peer = await member(t)
    const neighbour = await EnginePeer.join(t, server.port)
    await peer.post(kick)
    await neighbour.exchange('42["broadcast","too late"]', ['42["broadcast","too late"]'])
    assert.equal(await peer.poll(), '200 41')
    assert.equal(await peer.poll(), `200 ${payload('6', '1')}`)
  })

  test('others of its room are not closed with it', async (t) => {
    const [peer, neighbour] = [await member(t), await EnginePeer.join(t, server.port)]
    await peer.post(kick)
    await neighbour.isAlive()
    await server.settles(async () => {
      await neighbour.send('421["who"]')
      return await neighbour.receive() === '431[1]'
    })
  })
})

describe('the server closes a session on WebSocket', () => {
  test('nothing waits: a close frame and nothing else', async (t) => {
    const webSocket = await (await join(t)).upgrade()
    await webSocket.send(invalid)
    await webSocket.isClosed()
  })

  test('data waits: it is sent, then the close frame', async (t) => {
    const webSocket = await (await member(t)).upgrade()
    await webSocket.send('42["message",1]', kick)
    assert.deepEqual(await webSocket.receiveAll(), ['42["message-back",1]', '41', 'close', 'end'])
  })
})

describe('a session that closes while it upgrades closes its new WebSocket as well', () => {
  for (const [what, close] of [
    ['by the client\'s 1', (peer) => peer.post('1')], ['by a parse error', (peer) => peer.post('x')], ['by a ping, the wrong way round', (peer) => peer.post('2')],
    ['by a type that is refused', (peer) => peer.posts.exchange(peer.toPost('4a', 'Content-Type: application/octet-stream'))]
  ]) {
    for (const stage of ['before the probe', 'behind the probe']) {
      test(`${what}, ${stage}`, async (t) => {
        const peer = await open(t)
        const webSocket = stage === 'before the probe' ? await peer.openWebSocket() : await peer.probe()
        await close(peer)
        await webSocket.isClosed()
        await peer.isGone()
      })
    }
  }

  test('by a poll that is dropped', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.openWebSocket()
    await peer.hold()
    peer.polls.reset()
    await webSocket.isClosed()
    await peer.isGone()
  })

  test('by two polls at once', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.openWebSocket()
    await peer.hold()
    assert.equal((await peer.posts.exchange(`GET ${peer.target()} HTTP/1.1\r\nHost: a\r\n\r\n`)).status, 400)
    assert.equal(await peer.answer(), '200 1')
    await webSocket.isClosed()
    await peer.isGone()
  })
})

test('a session that is closing, with data waiting, when 5 comes: switch, flush, then close', async (t) => {
  const peer = await member(t)
  const webSocket = await peer.probe()
  assert.equal(await peer.post('42["message",1]', kick), '200 ok')
  await webSocket.send('5')
  assert.deepEqual(await webSocket.receiveAll(), ['42["message-back",1]', '41', 'close', 'end'])
  await peer.isGone()
})

describe('the client closes', () => {
  test('on polling, POST 1: a held GET is answered 6, the POST ok, and every later request gets code 1', async (t) => {
    const peer = await open(t)
    await peer.hold()
    assert.equal(await peer.post('1'), '200 ok')
    assert.equal(await peer.answer(), '200 6')
    await peer.isGone()
    const { status, body } = await refusedUpgrade(server.port, peer.target('websocket'))
    assert.deepEqual([status, body], [400, 'Session ID unknown'])
  })

  test('on polling without a held GET: the POST is answered ok', async (t) => {
    const peer = await open(t)
    assert.equal(await peer.post('1'), '200 ok')
    await peer.isGone()
  })

  test('on polling, behind messages: they are delivered first', async (t) => {
    const [peer, neighbour] = [await join(t), await EnginePeer.join(t, server.port)]
    assert.equal(await peer.post('42["broadcast","bye"]', '1'), '200 ok')
    assert.equal(await neighbour.receive(), '42["broadcast","bye"]')
  })

  test('its other sessions live on', async (t) => {
    const [peer, other] = [await open(t), await open(t)]
    await peer.post('1')
    await peer.isGone()
    await other.isAlive()
  })

  test('1 on the WebSocket closes it, after an upgrade too', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.upgrade()
    await webSocket.send('4a', '1', '4b')
    assert.deepEqual(await webSocket.receiveAll(), ['4a', 'close', 'end'])
    assert.equal(await peer.poll(), unknownSession)
  })
})

describe('the server shuts down', () => {
  test('a held GET is answered 1, a WebSocket gets a close frame, and one that upgrades too; nobody is waited for', async (t) => {
    const own = await startFixture()
    const peers = []
    for (let i = 0; i < 5; i++) peers.push(await PollingPeer.open(t, own.port))
    await peers[0].hold()
    const upgraded = await peers[1].upgrade()
    await upgraded.exchange('4a', ['4a'])
    const probed = await peers[2].probe()
    await peers[3].post('4nobody fetches this')
    const stopping = own.stop()
    assert.equal(await peers[0].answer(), '200 1')
    await upgraded.isClosed()
    await probed.isClosed()
    await stopping
  })
})

describe('a client that does not fetch what waits for it', () => {
  test('beyond max_queue the session is dropped', async (t) => {
    const small = await startFixture(['--max-queue', '1048576'])
    t.after(() => small.stop())
    const peer = await PollingPeer.join(small, small.port)
    await peer.post('42["flood",4,400000]')
    await small.settles(async () => await peer.post('42["message",1]') === unknownSession)
  })
})
