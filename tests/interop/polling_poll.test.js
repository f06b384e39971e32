// GET on polling: what a poll is answered with, and when.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { answerTo, get } from './http_answers.js'
import { brief, HttpConnection, payload, PollingPeer, unknownSession } from './polling_peer.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const open = (t) => PollingPeer.open(t, server.port)
const join = (t) => PollingPeer.join(t, server.port)

describe('a poll', () => {
  test('gets all packets that wait, in order, in one payload, at once', async (t) => {
    const peer = await open(t)
    await peer.post('4a', '4b')
    await peer.post('bAQIDBA==')
    await peer.post('4c')
    assert.equal(await peer.poll(), `200 ${payload('4a', '4b', 'bAQIDBA==', '4c')}`)
  })

  test('is held while nothing waits, and answered with what comes', async (t) => {
    const peer = await open(t)
    for (const packet of ['4a', '4b', 'bAQ==']) {
      await peer.hold()
      await peer.reaches()
      await peer.post(packet)
      assert.equal(await peer.answer(), `200 ${packet}`)
    }
  })

  test('gets packets that are written in one turn of the loop in one answer', async (t) => {
    const peer = await open(t)
    await peer.hold()
    await peer.post('4a', 'bAQIDBA==', '4b')
    assert.equal(await peer.answer(), `200 ${payload('4a', 'bAQIDBA==', '4b')}`)
  })

  test('gets an event with its attachments in one answer', async (t) => {
    const peer = await join(t)
    await peer.hold()
    await peer.post('451-["bin",{"_placeholder":true,"num":0}]', 'bAQIDBA==')
    assert.equal(await peer.answer(), `200 ${payload('451-["bin",{"_placeholder":true,"num":0}]', 'bAQIDBA==')}`)
  })

  test('gets what another session causes', async (t) => {
    const [peer, other] = [await join(t), await EnginePeer.join(t, server.port)]
    await peer.hold()
    await other.send('42["broadcast","x"]')
    assert.equal(await peer.answer(), '200 42["broadcast","x"]')
  })

  test('may be asked for on any connection, and pipelined with the next one', async (t) => {
    const peer = await open(t)
    await peer.polls.send(get(peer.target()) + get('/healthz'))
    await peer.reaches()
    await peer.post('4a')
    assert.equal(await peer.answer(), '200 4a')
    assert.equal(await peer.answer(), '200 ok')
    await peer.post('4b')
    const connection = new HttpConnection(t, server.port)
    assert.equal(brief(await connection.exchange(get(peer.target()))), '200 4b')
  })

  test('of one session waits for no other', async (t) => {
    const peers = []
    for (let i = 0; i < 20; i++) peers.push(await open(t))
    for (const peer of peers) await peer.hold()
    for (const [i, peer] of peers.toReversed().entries()) {
      await peer.post(`4${i}`)
      assert.equal(await peer.answer(), `200 4${i}`)
    }
  })

  test('with Connection: close is held as well, and the connection ends behind the answer', async (t) => {
    const peer = await open(t)
    await peer.polls.send(get(peer.target(), 'Connection: close'))
    await peer.reaches()
    await peer.post('4a')
    const { status, headers, body } = await peer.polls.answer()
    assert.deepEqual([status, headers.connection, `${body}`], [200, 'close', '4a'])
    await peer.isAlive()
  })

  test('a hundred rounds go over the same two connections', async (t) => {
    const peer = await open(t)
    for (let i = 0; i < 100; i++) {
      const { headers } = await peer.posts.exchange(peer.toPost(`4${i}`))
      assert.notEqual(headers.connection, 'close')
      const answer = await peer.polls.exchange(get(peer.target()))
      assert.equal(brief(answer), `200 4${i}`)
      assert.notEqual(answer.headers.connection, 'close')
    }
  })

  test('of 1 MB comes whole', async (t) => {
    const peer = await open(t)
    const packet = `4${'x'.repeat(999_999)}`
    await peer.hold()
    await peer.post(packet)
    assert.ok(await peer.answer() === `200 ${packet}`)
  })
})

describe('volatile packets', () => {
  const volatile = (word) => `42["volatile","room","${word}"]`

  async function member(t) {
    const peer = await join(t)
    await peer.post('420["join","room"]')
    assert.equal(await peer.poll(), '200 430[]')
    return peer
  }

  test('go if a poll is held', async (t) => {
    const peer = await member(t)
    await peer.hold()
    await peer.post(volatile('a'))
    assert.equal(await peer.answer(), '200 42["vol-msg","a"]')
  })

  test('several in one turn all go', async (t) => {
    const peer = await member(t)
    await peer.hold()
    await peer.post(volatile('a'), volatile('b'), volatile('c'))
    assert.equal(await peer.answer(), `200 ${payload(...['a', 'b', 'c'].map((word) => `42["vol-msg","${word}"]`))}`)
  })

  test('are dropped if no poll was held', async (t) => {
    const peer = await member(t)
    await peer.post(volatile('a'), '42["message",1]', volatile('b'))
    await peer.post(volatile('c'))
    assert.equal(await peer.poll(), '200 42["message-back",1]')
    await peer.post('42["message",2]')
    assert.equal(await peer.poll(), '200 42["message-back",2]')
  })
})

describe('a connection that drops while its poll is held closes the session at once', () => {
  for (const [what, drop] of [['end of input', (polls) => polls.end()], ['close', (polls) => polls.destroy()], ['reset', (polls) => polls.reset()]]) {
    test(`${what}: the next request with its sid, on a connection that is open already, gets code 1`, async (t) => {
      for (let round = 0; round < 20; round++) {
        const peer = await open(t)
        await peer.hold()
        await drop(peer.polls)
        assert.equal(await peer.post('4x'), unknownSession, `round ${round}`)
        assert.equal(brief(await answerTo(server.port, get(peer.target()))), unknownSession)
      }
    })

    test(`${what}: its namespaces are left`, async (t) => {
      const peer = await PollingPeer.join(t, server.port, '/chat')
      const neighbour = await EnginePeer.join(t, server.port, '/chat')
      await neighbour.exchange('42/chat,1["who"]', ['43/chat,1[2]'])
      await peer.hold()
      await drop(peer.polls)
      await server.settles(async () => {
        await neighbour.send('42/chat,1["who"]')
        return await neighbour.receive() === '43/chat,1[1]'
      })
    })
  }

  test('one that drops while no poll is held means nothing', async (t) => {
    const peer = await open(t)
    peer.polls.reset()
    peer.posts.destroy()
    await peer.isAlive()
  })

  test('one that drops behind the answer to its poll means nothing', async (t) => {
    const peer = await open(t)
    await peer.hold()
    await peer.post('4a')
    assert.equal(await peer.answer(), '200 4a')
    peer.polls.reset()
    await peer.isAlive()
  })
})
