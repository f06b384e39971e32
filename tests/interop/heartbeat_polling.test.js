// The heartbeat on polling, and across the change to WebSocket.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { payload, PollingPeer, unknownSession } from './polling_peer.js'
import { refusedUpgrade } from './raw_http.js'
import { startFixture } from './support.js'

const coarseness = 5 // clocks of two processes, rounded

function checkTook(start, least) {
  const took = performance.now() - start
  assert.ok(took >= least - coarseness, `after ${took} ms, not ${least}`)
}

/** Sends `packet` every 20 ms, one POST at a time, until the test is over or the session is. */
function chatter(t, peer, packet) {
  let isOver = false
  t.after(() => { isOver = true })
  const run = async () => {
    while (!isOver && await peer.post(packet) === '200 ok') await delay(20)
  }
  run().catch(() => {})
}

describe('heartbeat on polling, every 300 ms with 200 ms to answer', { concurrency: true }, () => {
  const [interval, timeout] = [300, 200]
  let server
  before(async () => { server = await startFixture(['--ping-interval', `${interval}`, '--ping-timeout', `${timeout}`]) })
  after(() => server.stop())
  const open = (t, options) => PollingPeer.open(t, server.port, options)

  for (const endpoint of ['/engine.io/', '/socket.io/']) {
    test(`${endpoint}: a held poll is answered 2, not before the interval is over, and again as long as pongs come`, async (t) => {
      let start = performance.now()
      const peer = await open(t, { endpoint })
      for (let round = 0; round < 4; round++) {
        assert.equal(await peer.poll(), '200 2')
        checkTook(start, interval)
        start = performance.now()
        assert.equal(await peer.post('3'), '200 ok')
      }
    })
  }

  test('the next ping is timed from the pong, not from the ping before', async (t) => {
    const peer = await open(t)
    assert.equal(await peer.poll(), '200 2')
    await delay(100)
    const pong = performance.now()
    await peer.post('3')
    assert.equal(await peer.poll(), '200 2')
    checkTook(pong, interval)
  })

  test('a pong may have any payload', async (t) => {
    const peer = await open(t)
    for (let round = 0; round < 3; round++) {
      assert.equal(await peer.poll(), '200 2')
      await peer.post('3anything')
    }
  })

  test('without a pong the session is over, not before interval and timeout: a held poll is answered 1', async (t) => {
    const start = performance.now()
    const peer = await open(t)
    assert.equal(await peer.poll(), '200 2')
    assert.equal(await peer.poll(), '200 1')
    checkTook(start, interval + timeout)
    await peer.isGone()
  })

  test('a client that does not poll gets no ping and times out: its sid is unknown 500 ms after the handshake', async (t) => {
    const peer = await open(t)
    await delay(interval + timeout + coarseness)
    assert.equal(await peer.poll(), unknownSession)
  })

  test('and as unknown to POST and to an upgrade', async (t) => {
    const peers = [await open(t), await open(t)]
    await delay(interval + timeout + coarseness)
    assert.equal(await peers[0].post('3'), unknownSession)
    assert.equal((await refusedUpgrade(server.port, peers[1].target('websocket'))).body, 'Session ID unknown')
  })

  test('polling alone, without pongs, keeps no session alive', async (t) => {
    const peer = await open(t)
    const answers = []
    while (answers.at(-1) !== unknownSession) answers.push(await peer.poll())
    assert.deepEqual(answers, ['200 2', '200 1', unknownSession])
  })

  test('a pong that nobody asked for puts off no ping', async (t) => {
    const peer = await open(t)
    chatter(t, peer, '3')
    // Each of them would have begun the interval anew: there would be no ping at all.
    assert.equal(await peer.poll(), '200 2')
  })

  test('other traffic restarts the deadline once, so who never answers is given up all the same', async (t) => {
    const peer = await open(t)
    chatter(t, peer, '6')
    assert.equal(await peer.poll(), '200 2')
    assert.equal(await peer.poll(), '200 1')
  })

  test('pings go on when nothing has been joined, and when the last namespace has been left', async (t) => {
    const peer = await PollingPeer.join(t, server.port)
    await peer.post('41')
    for (let round = 0; round < 3; round++) {
      assert.equal(await peer.poll(), '200 2')
      await peer.post('3')
    }
  })
})

describe('while a pong is awaited, for at most 1000 ms', { concurrency: true }, () => {
  const [interval, timeout] = [200, 1000]
  let server
  before(async () => { server = await startFixture(['--ping-interval', `${interval}`, '--ping-timeout', `${timeout}`]) })
  after(() => server.stop())

  test('a ping that nobody fetched waits, and shares its payload with messages', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    await peer.post('4a')
    await delay(interval + timeout / 4)
    assert.equal(await peer.poll(), `200 ${payload('4a', '2')}`)
    await peer.post('3', '4b')
    assert.equal(await peer.poll(), '200 4b')
  })

  test('the first other packet restarts the deadline', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    assert.equal(await peer.poll(), '200 2')
    await delay(600)
    assert.equal(await peer.post('6'), '200 ok')
    await delay(700)
    assert.equal(await peer.post('3'), '200 ok')
  })

  test('later ones do not', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    assert.equal(await peer.poll(), '200 2')
    for (const pause of [500, 700]) {
      await delay(pause)
      assert.equal(await peer.post('6'), '200 ok')
    }
    await delay(600)
    assert.equal(await peer.post('3'), unknownSession)
  })

  test('the first other packet behind the next ping restarts the deadline anew', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    for (let round = 0; round < 2; round++) {
      assert.equal(await peer.poll(), '200 2')
      await delay(600)
      assert.equal(await peer.post('6'), '200 ok')
      await delay(700)
      assert.equal(await peer.post('3'), '200 ok')
    }
  })
})

describe('across the upgrade', { concurrency: true }, () => {
  const [interval, timeout] = [200, 1000]
  let server
  before(async () => { server = await startFixture(['--ping-interval', `${interval}`, '--ping-timeout', `${timeout}`]) })
  after(() => server.stop())

  test('a deadline that is running goes on: who upgrades with a ping outstanding and never answers is given up', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    assert.equal(await peer.poll(), '200 2')
    const start = performance.now()
    const webSocket = await peer.upgrade()
    assert.deepEqual(await webSocket.receiveAll(), ['close', 'end'])
    checkTook(start, timeout - coarseness)
  })

  test('the pong to a ping that came on polling may go over the WebSocket', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    assert.equal(await peer.poll(), '200 2')
    const webSocket = await peer.upgrade()
    for (let round = 0; round < 3; round++) {
      await webSocket.send('3')
      assert.equal(await webSocket.receive(), '2')
    }
  })

  test('a ping that waits for a poll comes on the WebSocket, in its place among the packets', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    await peer.post('4a')
    await delay(interval + timeout / 4)
    const webSocket = await peer.probe()
    await webSocket.exchange(['5', '3', '4b'], ['4a', '2', '4b'])
    assert.equal(await webSocket.receive(), '2')
  })

  test('pings go on during the upgrade, on polling, and are answered there', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    const webSocket = await peer.probe()
    for (let round = 0; round < 2; round++) {
      while (await peer.poll() !== '200 2') await delay(5)
      await peer.post('3')
    }
    await webSocket.exchange(['5', '4a'], ['4a'])
  })

  test('a session that times out while it upgrades closes its new WebSocket too', async (t) => {
    const peer = await PollingPeer.open(t, server.port)
    const webSocket = await peer.probe()
    await webSocket.isClosed()
    await peer.isGone()
  })
})
