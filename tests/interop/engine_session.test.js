// Engine.IO over WebSocket: packets, heartbeat, closing.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer, path } from './engine_peer.js'
import { refusedUpgrade } from './raw_http.js'
import { close, ping } from './raw_websocket.js'
import { startFixture } from './support.js'

describe('packets from a client', () => {
  let server
  before(async () => { server = await startFixture() })
  after(() => server.stop())

  for (const [what, packet] of [
    ['a pong nobody asked for', '3'], ['a pong with a payload', '3probe'], ['open', '0'], ['open with a payload', '0{"sid":"x"}'],
    ['upgrade', '5'], ['upgrade with a payload', '5x'], ['noop', '6'], ['noop with a payload', '6x']
  ]) {
    test(`${what} is ignored`, async (t) => {
      const peer = await EnginePeer.join(t, server.port)
      await peer.send(packet)
      await peer.isAlive()
    })
  }

  for (const [what, packet] of [
    ['close', '1'], ['ping, the wrong way round', '2'], ['a probe outside of an upgrade', '2probe'],
    ['an unknown type', '7'], ['a letter', 'x'], ['the frame of plain JSON events', '{"name":"msg","data":[12,5]}'],
    ['an empty packet', ''], ['base64 that is none', 'b?'], ['base64 without padding', 'bAQ'], ['a control character', '\u0000']
  ]) {
    test(`${what} closes the session`, async (t) => {
      const peer = await EnginePeer.join(t, server.port)
      const neighbour = await EnginePeer.join(t, server.port)
      await peer.send(packet, '42["message","behind it"]')
      await peer.isClosed()
      await neighbour.isAlive()
    })
  }

  test('a binary packet may come as base64 text', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await peer.exchange(['451-["bin",{"_placeholder":true,"num":0}]', 'bAQIDBA=='],
      ['451-["bin",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3, 4])])
    await peer.exchange(['451-["bin",{"_placeholder":true,"num":0}]', 'b'],
      ['451-["bin",{"_placeholder":true,"num":0}]', Buffer.alloc(0)])
  })

  test('with b64=1 binary packets go out as base64 text', async (t) => {
    const peer = await EnginePeer.join(t, server.port, '/', { target: `${path}&b64=1` })
    await peer.exchange(['451-["bin",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3, 4])],
      ['451-["bin",{"_placeholder":true,"num":0}]', 'bAQIDBA=='])
  })

  test('packets behind the request head, in the same segment, are taken', async (t) => {
    const peer = await EnginePeer.open(t, server.port, { behind: ['40/custom,'] })
    assert.match(await peer.receive(), /^40\/custom,\{"sid":/)
  })

  test('a WebSocket close is answered with its code', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await peer.webSocket.send(close(1000, 'bye'))
    assert.equal(await peer.receive(), 'close 1000')
    assert.equal(await peer.receive(), 'end')
  })

  test('a WebSocket ping is answered, and means nothing to Engine.IO', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await peer.webSocket.send(ping('hi'))
    assert.equal(await peer.receive(), 'pong hi')
    await peer.isAlive()
  })
})

describe('heartbeat, every 300 ms with 200 ms to answer', () => {
  let server
  before(async () => { server = await startFixture(['--ping-interval', '300', '--ping-timeout', '200']) })
  after(() => server.stop())

  const interval = 300
  const timeout = 200
  const coarseness = 5 // clocks of two processes, rounded

  test('the first ping comes an interval after the handshake, and goes on as long as it is answered', async (t) => {
    let last = performance.now()
    const peer = await EnginePeer.open(t, server.port)
    for (let round = 0; round < 4; round++) {
      assert.equal(await peer.receive(), '2')
      const took = performance.now() - last
      assert.ok(took >= interval - coarseness, `after ${took} ms`)
      last = performance.now()
      await peer.send('3')
    }
  })

  test('without a pong the session is over, not before interval and timeout have passed', async (t) => {
    const start = performance.now()
    const peer = await EnginePeer.open(t, server.port)
    assert.deepEqual(await peer.receiveAll(), ['2', 'close', 'end'])
    const took = performance.now() - start
    assert.ok(took >= interval + timeout - coarseness, `after ${took} ms`)
  })

  test('a pong that nobody asked for puts off no ping', async (t) => {
    const peer = await EnginePeer.open(t, server.port)
    let packets = 0
    const chatter = setInterval(() => { packets++; peer.send('3').catch(() => {}) }, 20)
    t.after(() => clearInterval(chatter))
    assert.equal(await peer.receive(), '2')
    // Each of them would have begun the interval anew: there would be no ping at all.
    assert.ok(packets > 1)
  })

  test('other traffic restarts the deadline once, so who never answers is given up all the same', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    assert.equal(await peer.receive(), '2')
    const chatter = setInterval(() => peer.send('42["nobody handles this"]').catch(() => {}), 20)
    t.after(() => clearInterval(chatter))
    assert.deepEqual((await peer.receiveAll()).slice(-2), ['close', 'end'])
  })

  test('pings go on when the last namespace has been left', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await peer.send('41')
    for (let round = 0; round < 3; round++) {
      assert.equal(await peer.receive(), '2')
      await peer.send('3')
    }
  })

  test('a ping may come between a packet and its attachments', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await peer.send('451-["bin",{"_placeholder":true,"num":0}]')
    assert.equal(await peer.receive(), '2')
    await peer.exchange(['3', Buffer.from([7])], ['451-["bin",{"_placeholder":true,"num":0}]', Buffer.from([7])])
  })

  test('a session that has expired is unknown', async (t) => {
    const peer = await EnginePeer.open(t, server.port)
    await peer.receiveAll()
    const { status, body } = await refusedUpgrade(server.port, `${path}&sid=${peer.handshake.sid}`)
    assert.deepEqual([status, body], [400, 'Session ID unknown'])
  })
})
