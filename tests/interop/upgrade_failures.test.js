// Upgrades that fail: the session goes on, on polling, and the client may try again.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PollingPeer, unknownSession } from './polling_peer.js'
import { refusedUpgrade } from './raw_http.js'
import { close, frame, opcodes, ping } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const open = (t, port = server.port) => PollingPeer.open(t, port)

/** The session goes on as if nothing had been: polls are held again, and the next upgrade works. */
async function goesOn(peer) {
  await peer.hold()
  assert.equal(await peer.post('4alive'), '200 ok')
  assert.equal(await peer.answer(), '200 4alive')
  const webSocket = await peer.upgrade()
  await webSocket.exchange('4a', ['4a'])
}

const packets = [
  ['a message', '4a'], ['a binary message', Buffer.from([1])], ['close', '1'], ['a pong', '3'], ['a pong to a probe', '3probe'], ['open', '0'], ['noop', '6'],
  ['a ping without probe', '2'], ['a ping with another payload', '2probed'], ['an empty packet', ''], ['an unknown type', 'x']
]

describe('a first packet on the new WebSocket that is not 2probe closes that WebSocket, and the session goes on', () => {
  for (const [what, packet] of [...packets, ['5 without a probe', '5']]) {
    test(what, async (t) => {
      const peer = await open(t)
      const webSocket = await peer.openWebSocket()
      await webSocket.send(packet, '2probe', '5', '4behind')
      await webSocket.isClosed()
      await goesOn(peer)
    })
  }
})

describe('a packet other than 2probe and 5 behind the probe closes that WebSocket, and the session goes on', () => {
  for (const [what, packet] of packets) {
    test(what, async (t) => {
      const peer = await open(t)
      const webSocket = await peer.probe()
      await webSocket.send(packet, '5', '4behind')
      await webSocket.isClosed()
      await goesOn(peer)
    })
  }
})

/** Closes the WebSocket in order. */
async function leave(peer, code) {
  await peer.webSocket.send(close(code))
  await peer.isClosed(code ? `close ${code}` : 'close')
  peer.destroy()
}

describe('a WebSocket that fails before 5 leaves the session on polling', () => {
  for (const [what, bytes, code] of [
    ['a frame without a mask', frame(opcodes.text, 'x', { key: null }), 1002], ['a reserved bit', frame(opcodes.text, 'x', { rsv: 2 }), 1002],
    ['text that is not UTF-8', frame(opcodes.text, Buffer.from('34ff', 'hex')), 1007], ['a message too big', frame(opcodes.text, '', { announced: 1_000_001 }), 1009]
  ]) {
    test(what, async (t) => {
      const peer = await open(t)
      const webSocket = await peer.probe()
      await webSocket.webSocket.send(bytes)
      assert.equal((await webSocket.receive()).slice(0, 10), `close ${code}`)
      await goesOn(peer)
    })
  }

  for (const [what, drop] of [
    ['a close frame', (peer) => leave(peer, 1000)], ['a close frame without a code', (peer) => leave(peer)],
    ['end of input', (peer) => peer.webSocket.socket.end()], ['close', (peer) => peer.destroy()], ['reset', (peer) => peer.webSocket.socket.reset()]
  ]) {
    for (const stage of ['before the probe', 'behind the probe']) {
      test(`${what} ${stage}: and the client may try again`, async (t) => {
        const peer = await open(t)
        const webSocket = stage === 'before the probe' ? await peer.openWebSocket() : await peer.probe()
        await peer.post('4waits')
        await drop(webSocket)
        await server.settles(async () => {
          const another = await peer.openWebSocket()
          await another.send('2probe')
          const answer = await another.receive()
          another.destroy()
          return answer === '3probe'
        })
        assert.equal(await peer.poll(), '200 4waits')
      })
    }
  }

  test('ten times in a row', async (t) => {
    const peer = await open(t)
    for (let i = 0; i < 10; i++) {
      const webSocket = await peer.probe()
      await webSocket.send('1')
      await webSocket.isClosed()
    }
    await goesOn(peer)
  })

  test('a WebSocket ping means nothing to the upgrade', async (t) => {
    const webSocket = await (await open(t)).openWebSocket()
    await webSocket.webSocket.send(ping('hi'))
    assert.equal(await webSocket.receive(), 'pong hi')
    await webSocket.exchange(['2probe', '5', '4a'], ['3probe', '4a'])
  })
})

describe('upgradeTimeout without 5 closes the WebSocket, not before its time, and the session goes on', () => {
  const timeout = 300
  const coarseness = 5 // clocks of two processes, rounded
  for (const [what, before] of [['without a packet', []], ['behind the probe', ['2probe']], ['though probes keep coming', ['2probe', '2probe', '2probe']]]) {
    test(what, async (t) => {
      const quick = await startFixture(['--upgrade-timeout', `${timeout}`])
      t.after(() => quick.stop())
      const peer = await open(quick, quick.port)
      const start = performance.now()
      const webSocket = await peer.openWebSocket()
      await webSocket.exchange(before, before.map(() => '3probe'))
      await webSocket.isClosed()
      const took = performance.now() - start
      assert.ok(took >= timeout - coarseness, `after ${took} ms`)
      await goesOn(peer)
    })
  }
})

describe('a second WebSocket with the same sid is answered 101 and a close frame, and the first is unaffected', () => {
  async function secondOf(peer) {
    const second = await peer.openWebSocket()
    await second.isClosed()
  }

  test('before the probe', async (t) => {
    const peer = await open(t)
    const first = await peer.openWebSocket()
    await secondOf(peer)
    await first.exchange(['2probe', '5', '4a'], ['3probe', '4a'])
  })

  test('behind the probe', async (t) => {
    const peer = await open(t)
    const first = await peer.probe()
    await secondOf(peer)
    await first.exchange(['5', '4a'], ['4a'])
  })

  test('after the upgrade', async (t) => {
    const peer = await open(t)
    const first = await peer.upgrade()
    await first.exchange('4a', ['4a'])
    await secondOf(peer)
    await first.exchange('4b', ['4b'])
  })

  test('whatever it sends behind its handshake', async (t) => {
    const peer = await open(t)
    const first = await peer.probe()
    const second = await peer.openWebSocket({ behind: Buffer.concat([frame(opcodes.text, '2probe'), frame(opcodes.text, '5'), frame(opcodes.text, '4x')]) })
    await second.isClosed()
    await first.exchange(['5', '4a'], ['4a'])
  })
})

describe('a handshake with a sid that is refused', () => {
  for (const [what, change, message] of [
    ['in another revision', (target) => target.replace('EIO=4', 'EIO=3'), 'Bad request'], ['without a revision', (target) => target.replace('EIO=4&', ''), 'Bad request'],
    ['with another transport', (target) => target.replace('websocket', 'polling'), 'Bad request'], ['with an unknown sid', (target) => `${target}x`, 'Session ID unknown']
  ]) {
    test(`${what}: 400 with the bare message, and the session goes on`, async (t) => {
      const peer = await open(t)
      const { status, body } = await refusedUpgrade(server.port, change(peer.target('websocket')))
      assert.deepEqual([status, body], [400, message])
      await goesOn(peer)
    })
  }

  test('from a foreign page: 403, and the session goes on', async (t) => {
    const peer = await open(t)
    const { status } = await refusedUpgrade(server.port, peer.target('websocket'), { Origin: 'http://evil.example' })
    assert.equal(status, 403)
    await goesOn(peer)
  })
})

test('a session that is over is unknown to an upgrade', async (t) => {
  const peer = await open(t)
  await peer.post('1')
  assert.equal(await peer.poll(), unknownSession)
  assert.equal((await refusedUpgrade(server.port, peer.target('websocket'))).body, 'Session ID unknown')
})
