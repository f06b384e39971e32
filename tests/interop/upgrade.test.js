// The upgrade from polling to WebSocket, step by step.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { get, request } from './http_answers.js'
import { badRequest, brief, HttpConnection, payload, PollingPeer } from './polling_peer.js'
import { key, acceptOf, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const open = (t) => PollingPeer.open(t, server.port)

describe('step 1: the WebSocket handshake with a sid', () => {
  test('is answered 101, and no packet follows: the next one is the answer to the probe', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.openWebSocket()
    assert.match(webSocket.webSocket.head, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
    assert.ok(webSocket.webSocket.head.includes(`Sec-WebSocket-Accept: ${acceptOf(key)}\r\n`))
    assert.doesNotMatch(webSocket.webSocket.head, /set-cookie/i)
    await webSocket.exchange('2probe', ['3probe'])
  })

  test('leaves polling normal in both directions', async (t) => {
    const peer = await open(t)
    await peer.hold()
    await peer.openWebSocket()
    await peer.post('4a')
    assert.equal(await peer.answer(), '200 4a')
    await peer.hold()
    await peer.post('4b')
    assert.equal(await peer.answer(), '200 4b', 'polls are held until the probe')
  })
})

describe('step 2: the probe', () => {
  test('2probe is answered 3probe on the WebSocket, each one', async (t) => {
    const webSocket = await (await open(t)).openWebSocket()
    await webSocket.exchange(['2probe', '2probe'], ['3probe', '3probe'])
    await webSocket.exchange('2probe', ['3probe'])
  })

  test('2probe may come in the same segment as the handshake', async (t) => {
    const webSocket = await (await open(t)).openWebSocket({ behind: text('2probe') })
    assert.equal(await webSocket.receive(), '3probe')
  })

  test('a GET that is held is answered 6', async (t) => {
    const peer = await open(t)
    await peer.hold()
    await peer.probe()
    assert.equal(await peer.answer(), '200 6')
  })

  test('a GET that comes before the upgrade is answered 6, each one', async (t) => {
    const peer = await open(t)
    await peer.probe()
    for (let i = 0; i < 5; i++) assert.equal(await peer.poll(), '200 6')
  })

  test('a GET that comes when data waits gets the data', async (t) => {
    const peer = await open(t)
    await peer.probe()
    for (let i = 0; i < 5; i++) {
      await peer.post('4a', '4b')
      assert.equal((await peer.receive(2)).join(), '4a,4b')
    }
  })

  test('polls are answered at once, not at the next tick of a timer: 50 take less than 50 × 100 ms', async (t) => {
    const peer = await open(t)
    await peer.probe()
    const start = performance.now()
    for (let i = 0; i < 50; i++) assert.equal(await peer.poll(), '200 6')
    assert.ok(performance.now() - start < 50 * 50, `${performance.now() - start} ms`)
  })
})

describe('step 4: 5 on the WebSocket', () => {
  test('makes the WebSocket the transport: packets go both ways', async (t) => {
    const webSocket = await (await open(t)).upgrade()
    await webSocket.exchange(['4hello', Buffer.from([1, 2, 3, 4])], ['4hello', Buffer.from([1, 2, 3, 4])])
  })

  test('from then on GET and POST with the sid get code 3, and the session is unaffected', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.upgrade()
    await webSocket.exchange('4a', ['4a'])
    for (let i = 0; i < 3; i++) {
      assert.equal(await peer.poll(), badRequest)
      assert.equal(await peer.post('4x'), badRequest)
    }
    await webSocket.exchange('4b', ['4b'])
  })

  test('the loss of the polling connections means nothing any more', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.upgrade()
    peer.polls.reset()
    peer.posts.destroy()
    await webSocket.exchange('4a', ['4a'])
  })

  test('a GET that arrives before it, and was not answered yet, gets 6', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.probe()
    await peer.hold()
    await webSocket.send('5')
    assert.equal(await peer.answer(), '200 6')
    await webSocket.exchange('4a', ['4a'])
  })

  test('5 is ignored from then on, and 2probe a ping, the wrong way round', async (t) => {
    const webSocket = await (await open(t)).upgrade()
    await webSocket.exchange(['5', '4a'], ['4a'])
    await webSocket.send('2probe')
    await webSocket.isClosed()
  })

  test('the upgrade timer is stopped: the session outlives it', async (t) => {
    const quick = await startFixture(['--upgrade-timeout', '200', '--ping-interval', '600'])
    t.after(() => quick.stop())
    const webSocket = await (await PollingPeer.open(quick, quick.port)).upgrade()
    assert.equal(await webSocket.receive(), '2')
    await webSocket.exchange(['3', '4a'], ['4a'])
  })

  test('noop is not sent on the WebSocket, nor anything else that nobody asked for', async (t) => {
    const peer = await open(t)
    await peer.hold()
    const webSocket = await peer.upgrade()
    assert.equal(await peer.answer(), '200 6')
    await webSocket.exchange('4a', ['4a'])
  })
})

describe('packets across the upgrade', () => {
  test('none goes out on the WebSocket before 5; what waits then comes first, in order', async (t) => {
    const peer = await open(t)
    await peer.post('4before')
    const webSocket = await peer.openWebSocket()
    await peer.post('4opened')
    await webSocket.exchange('2probe', ['3probe'])
    await peer.post('4probed', 'bAQIDBA==')
    await webSocket.send('2probe')
    assert.equal(await webSocket.receive(), '3probe', 'packets wait, and are not sent in front of it')
    await webSocket.exchange(['5', '4upgraded'], ['4before', '4opened', '4probed', Buffer.from([1, 2, 3, 4]), '4upgraded'])
  })

  test('what a poll has taken does not come again', async (t) => {
    const peer = await open(t)
    await peer.post('4a')
    const webSocket = await peer.probe()
    assert.equal(await peer.poll(), '200 4a')
    await peer.post('4b')
    await webSocket.exchange(['5', '4c'], ['4b', '4c'])
  })

  test('a client may send packets right after 5, in the same segment as everything before', async (t) => {
    const peer = await open(t)
    const webSocket = await peer.openWebSocket({ behind: Buffer.concat(['2probe', '5', '4a', '4b'].map((packet) => text(packet))) })
    for (const packet of ['3probe', '4a', '4b']) assert.equal(await webSocket.receive(), packet)
  })

  test('10,000 packets keep their order, the transport changed in their middle', async (t) => {
    const peer = await open(t)
    const packets = Array.from({ length: 10_000 }, (_, i) => `4${i}`)
    const received = []
    const webSocket = await peer.openWebSocket()
    for (let at = 0; at < 5000; at += 1000) {
      if (at === 3000) await webSocket.exchange('2probe', ['3probe'])
      assert.equal(await peer.post(...packets.slice(at, at + 1000)), '200 ok')
      if (at < 4000) received.push(...await peer.receive(1000))
    }
    await webSocket.send('5', ...packets.slice(5000))
    while (received.length < packets.length) received.push(await webSocket.receive())
    assert.equal(received.join(), packets.join())
  })

  test('Socket.IO: what is emitted meanwhile comes on the WebSocket, and the socket stays what it was', async (t) => {
    const peer = await PollingPeer.join(t, server.port)
    const neighbour = await EnginePeer.join(t, server.port)
    await peer.post('420["join","room"]')
    const webSocket = await peer.probe()
    await neighbour.send('42["room","room","x"]', '421["ack","sent"]')
    assert.equal(await neighbour.receive(), '431["sent"]')
    await webSocket.exchange('5', ['430[]', '42["room","x"]'])
    await webSocket.isAlive()
  })
})

describe('a POST that is still being read when 5 comes', () => {
  async function beginPost(t, peer, body) {
    const posts = new HttpConnection(t, server.port)
    await posts.send(request(`POST ${peer.target()} HTTP/1.1`, 'Host: localhost', `Content-Length: ${body.length}`) + body.slice(0, 3))
    await peer.reaches()
    return posts
  }

  test('is finished as usual, delivered and answered', async (t) => {
    const peer = await open(t)
    const body = payload('4late', '4later')
    const posts = await beginPost(t, peer, body)
    const webSocket = await peer.upgrade()
    await webSocket.exchange('4a', ['4a'])
    assert.equal(brief(await posts.exchange(body.slice(3))), '200 ok')
    await webSocket.exchange('4b', ['4late', '4later', '4b'])
    assert.equal(brief(await posts.exchange(get('/healthz'))), '200 ok')
  })

  test('may be lost: that no longer ends the session', async (t) => {
    const peer = await open(t)
    const posts = await beginPost(t, peer, '4late')
    const webSocket = await peer.upgrade()
    await webSocket.exchange('4a', ['4a'])
    posts.reset()
    await peer.reaches()
    await webSocket.exchange('4b', ['4b'])
  })
})

test('with b64=1 on the upgrade, binary packets go out as base64 text', async (t) => {
  const webSocket = await (await open(t)).openWebSocket({ query: '&b64=1' })
  await webSocket.exchange(['2probe', '5', Buffer.from([1, 2, 3, 4])], ['3probe', 'bAQIDBA=='])
})
