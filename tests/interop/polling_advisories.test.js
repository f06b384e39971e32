// Published ways to bring a server down through polling, by their numbers. After each, the process lives, has
// reported nothing, and serves a client that was there all the time.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { answerTo, get, request } from './http_answers.js'
import { brief, HttpConnection, PollingPeer } from './polling_peer.js'
import { descriptorsOf, memoryOf } from './process.js'
import { RawSocket } from './raw.js'
import { refusedUpgrade } from './raw_http.js'
import { frame, opcodes, openingHandshake, text } from './raw_websocket.js'
import { startFixture } from './support.js'

const polling = 'EIO=4&transport=polling'
const MB = 1e6
let server, neighbour
before(async () => { server = await startFixture(['--ping-timeout', '120000']) })
after(() => server.stop())
beforeEach(async () => { neighbour = await EnginePeer.join({ after() {} }, server.port) })
afterEach(async () => {
  await neighbour.isAlive()
  neighbour.destroy()
})

const open = (t) => PollingPeer.open(t, server.port)

describe('CVE-2020-36048: endless POST bodies', () => {
  test('a Content-Length of 100 MB gets 413 unread', async (t) => {
    const peer = await open(t)
    assert.equal(brief(await peer.posts.exchange(request(`POST ${peer.target()} HTTP/1.1`, 'Host: a', `Content-Length: ${100 * MB}`))), '413')
    await peer.isAlive()
  })

  test('1,000 of them at once, each with 64 KB of its body, are all refused, and memory stays as it was', { timeout: 120_000 }, async (t) => {
    const before = memoryOf(server.pid)
    const body = 'x'.repeat(65536)
    const one = async () => {
      const peer = await open(t)
      const socket = await RawSocket.connect(server.port)
      await socket.write(request(`POST ${peer.target()} HTTP/1.1`, 'Host: a', `Content-Length: ${100 * MB}`) + body).catch(() => {})
      assert.match((await socket.readUntil('\r\n\r\n')).toString('latin1'), /^HTTP\/1\.1 413 /)
      assert.equal(await peer.post('1'), '200 ok')
      peer.destroy()
      return socket
    }
    for (let round = 0; round < 10; round++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, one))
      for (const socket of sockets) socket.reset()
    }
    assert.ok(memoryOf(server.pid) - before < 40 * MB, `${memoryOf(server.pid) - before} bytes more`)
  })

  test('chunks over the limit get 413, however many follow, and memory stays as it was', { timeout: 120_000 }, async (t) => {
    const before = memoryOf(server.pid)
    const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`
    for (let round = 0; round < 20; round++) {
      const peer = await open(t)
      await peer.posts.open()
      const sending = peer.posts.send(request(`POST ${peer.target()} HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked') + chunk.repeat(80)).catch(() => {})
      assert.equal(brief(await peer.posts.answer()), '413')
      await sending
      peer.posts.destroy()
      await peer.isAlive()
    }
    assert.ok(memoryOf(server.pid) - before < 40 * MB, `${memoryOf(server.pid) - before} bytes more`)
  })

  test('200 POSTs of 900 KB that lack their end hold what has arrived, and nothing once they are lost', { timeout: 120_000 }, async (t) => {
    const round = async () => {
      const all = await Promise.all(Array.from({ length: 20 }, async () => {
        const peer = await open(t)
        const socket = await RawSocket.connect(server.port)
        await socket.write(request(`POST ${peer.target()} HTTP/1.1`, 'Host: a', 'Content-Length: 1000000') + 'x'.repeat(900_000))
        return { peer, socket }
      }))
      for (const { socket } of all) socket.reset()
      for (const { peer } of all) await server.settles(async () => (await peer.post('6')).startsWith('400'))
      for (const { peer } of all) peer.destroy()
    }
    await round()
    const before = memoryOf(server.pid)
    for (let i = 0; i < 9; i++) await round()
    assert.ok(memoryOf(server.pid) - before < 40 * MB, `${memoryOf(server.pid) - before} bytes more`)
  })
})

describe('CVE-2022-21676: bad WebSocket bytes in the same segment as an upgrade from polling', () => {
  for (const [what, bytes] of [
    ['RSV2', frame(opcodes.text, 'x', { rsv: 2 })], ['RSV3', frame(opcodes.text, 'x', { rsv: 1 })], ['RSV1 without compression', frame(opcodes.text, 'x', { rsv: 4 })],
    ['an unknown opcode', frame(3, 'x')], ['no mask', frame(opcodes.text, 'x', { key: null })], ['a length with its top bit set', Buffer.from('81ffffffffffffffffffa1b2c3d4', 'hex')]
  ]) {
    test(`${what}: the WebSocket is closed, and the session goes on`, async (t) => {
      for (const front of ['', '2probe']) {
        const peer = await open(t)
        const webSocket = await peer.openWebSocket({ behind: Buffer.concat([...(front ? [text(front)] : []), bytes]) })
        if (front) assert.equal(await webSocket.receive(), '3probe')
        assert.match(await webSocket.receive(), /^close 100[29]\b/)
        await peer.isAlive()
      }
    })
  }
})

describe('CVE-2022-41940: a connection that is reset while it is answered', () => {
  const targets = (peer) => [
    peer.target('websocket').replace('EIO=4', 'EIO=3'), `${peer.target('websocket')}x`, peer.target().replace('polling', 'x'), peer.target(), peer.target('websocket')
  ]

  test('a refused or an accepted upgrade from polling: the session goes on', async (t) => {
    const peer = await open(t)
    for (let i = 0; i < 50; i++) {
      const socket = await RawSocket.connect(server.port)
      await socket.write(openingHandshake(server.port, targets(peer)[i % 5]))
      socket.reset()
    }
    await peer.isAlive()
  })

  test('a refused GET or POST', async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await RawSocket.connect(server.port)
      await socket.write(i % 2 ? get(`/engine.io/?${polling}&sid=x`) : request(`POST /engine.io/?${polling} HTTP/1.1`, 'Host: a', 'Content-Length: 100000'))
      socket.reset()
    }
  })

  test('a handshake on polling', async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await RawSocket.connect(server.port)
      await socket.write(get(`/engine.io/?${polling}`))
      socket.reset()
    }
  })
})

describe('CVE-2023-31125: names of object members for every key and value of the query', () => {
  const words = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', '%5F%5Fproto%5F%5F', '__proto__[x]']
  const cases = (word) => [
    [`EIO=4&transport=${word}`, 0, 'Transport unknown'], [`EIO=4&${word}=polling`, 0, 'Transport unknown'],
    [`${polling}&sid=${word}`, 1, 'Session ID unknown'], [`EIO=4&transport=websocket&sid=${word}`, 1, 'Session ID unknown']
  ]
  for (const word of words) {
    test(`${word}: on GET, POST and Upgrade`, async () => {
      for (const [query, code, message] of cases(word)) {
        for (const method of ['GET', 'POST']) {
          const answer = await answerTo(server.port, request(`${method} /engine.io/?${query} HTTP/1.1`, 'Host: a', 'Content-Length: 0'))
          assert.equal(brief(answer), `400 {"code":${code},"message":"${message}"}`, `${method} ${query}`)
        }
        const { status, body } = await refusedUpgrade(server.port, `/engine.io/?${query}`)
        assert.equal(status, 400, query)
        if (query.includes('websocket') || code === 0) assert.equal(body, message, query)
      }
      assert.equal((await answerTo(server.port, get(`/engine.io/?EIO=${word}&transport=polling`))).status, 400)
      assert.equal((await answerTo(server.port, get(`/engine.io/?${polling}&${word}=${word}&t=${word}&b64=${word}`))).status, 200)
    })
  }
})

describe('CVE-2026-59725: POST of application/octet-stream', () => {
  test('is answered 400 and closes its session; 10,000 of them leave no descriptor behind', { timeout: 240_000 }, async (t) => {
    const connections = Array.from({ length: 8 }, () => new HttpConnection(t, server.port))
    const refuse = async (connection) => {
      const { body } = await connection.exchange(get(`/engine.io/?${polling}`))
      const { sid } = JSON.parse(`${body}`.slice(1))
      const post = request(`POST /engine.io/?${polling}&sid=${sid} HTTP/1.1`, 'Host: a', 'Content-Type: application/octet-stream', 'Content-Length: 4')
      assert.equal(brief(await connection.exchange(`${post}\x01\x02\x03\x04`)), '400')
    }
    const churn = (rounds) => Promise.all(connections.map(async (connection) => { for (let i = 0; i < rounds; i++) await refuse(connection) }))
    await churn(50)
    const before = { descriptors: descriptorsOf(server.pid), memory: memoryOf(server.pid) }
    await churn(1250)
    assert.ok(descriptorsOf(server.pid) <= before.descriptors + 1)
    assert.ok(memoryOf(server.pid) - before.memory < 16 * MB, `${memoryOf(server.pid) - before.memory} bytes more`)
  })
})

describe('socketioxide 0.17.4: upgrades that are never completed', () => {
  test('sessions end by their heartbeat, and leave neither memory nor a descriptor behind', { timeout: 240_000 }, async (t) => {
    const quick = await startFixture(['--ping-interval', '300', '--ping-timeout', '200'])
    t.after(() => quick.stop())
    const begin = async (i) => {
      const peer = await PollingPeer.open(t, quick.port)
      const webSocket = i % 2 ? await peer.probe() : await peer.openWebSocket()
      peer.destroy()
      return { peer, webSocket }
    }
    const churn = async (rounds) => {
      for (let round = 0; round < rounds; round++) {
        const all = await Promise.all(Array.from({ length: 100 }, (_, i) => begin(i)))
        await Promise.all(all.map(({ webSocket }) => webSocket.isClosed()))
        for (const { peer, webSocket } of all) {
          webSocket.destroy()
          assert.equal(brief(await answerTo(quick.port, get(peer.target()))).slice(0, 13), '400 {"code":1')
        }
      }
    }
    await churn(3)
    const before = { descriptors: descriptorsOf(quick.pid), memory: memoryOf(quick.pid) }
    await churn(10)
    await quick.settles(() => descriptorsOf(quick.pid) <= before.descriptors)
    assert.ok(memoryOf(quick.pid) - before.memory < 8 * MB, `${memoryOf(quick.pid) - before.memory} bytes more`)
  })
})
