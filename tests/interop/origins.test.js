// Which pages may open WebSockets: the server's own, and those it is told of.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { path as enginePath } from './engine_peer.js'
import { refusedUpgrade, request } from './raw_http.js'
import { RawWebSocket } from './raw_websocket.js'
import { startFixture } from './support.js'

const endpoints = { 'Socket.IO': enginePath, 'bare Engine.IO': '/engine.io/?EIO=4&transport=websocket', 'a raw endpoint': '/echo', 'plain JSON events': '/ws' }

async function isAccepted(port, path, headers) {
  const webSocket = await RawWebSocket.open(port, path, headers)
  webSocket.destroy()
}

async function isRefused(port, path, headers) {
  const answer = await refusedUpgrade(port, path, headers)
  assert.equal(answer.start, 'HTTP/1.1 403 Forbidden')
  assert.match(answer.body, /cors\.origins/)
  assert.equal(answer.headers.connection.toLowerCase(), 'close')
}

describe('without the option', () => {
  let server
  before(async () => { server = await startFixture() })
  after(() => server.stop())

  for (const [name, path] of Object.entries(endpoints)) {
    test(`${name}: no Origin, as from programs, passes`, () => isAccepted(server.port, path, {}))
    test(`${name}: the server's own origin passes`, () => isAccepted(server.port, path, { Origin: server.url }))
    test(`${name}: over a name, the origin of that name passes`, () =>
      isAccepted(server.port, path, { Host: 'chat.example:8080', Origin: 'http://chat.example:8080' }))
    for (const origin of [
      'http://evil.example', 'null', 'http://127.0.0.1', 'http://127.0.0.1:1', 'file://', '',
      'http://127.0.0.1.evil.example', 'evil'
    ]) {
      test(`${name}: the foreign origin "${origin}" is refused, and the answer names the option`, () =>
        isRefused(server.port, path, { Origin: origin }))
    }
    test(`${name}: a foreign origin that ends or begins like ours is refused`, async () => {
      await isRefused(server.port, path, { Origin: `${server.url}.evil.example` })
      await isRefused(server.port, path, { Origin: `http://evil.example/${server.port}` })
      await isRefused(server.port, path, { Origin: `http://x@127.0.0.1:${server.port}` })
    })
  }

  test('an unknown session from a foreign origin: the origin is what is refused', () =>
    isRefused(server.port, `${enginePath}&sid=x`, { Origin: 'http://evil.example' }))

  test('an ordinary request from a foreign origin gets no header that would let its page read the answer', async () => {
    const answer = await request(server.port, '/socket.io/?EIO=4&transport=polling', { headers: { Origin: 'http://evil.example' } })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })
})

describe('with a list', () => {
  let server
  before(async () => { server = await startFixture(['--cors', 'https://one.example,http://two.example:8080']) })
  after(() => server.stop())

  for (const [name, path] of Object.entries(endpoints)) {
    test(`${name}: listed ones pass, and so does the own one`, async () => {
      for (const origin of ['https://one.example', 'http://two.example:8080', server.url]) await isAccepted(server.port, path, { Origin: origin })
    })
    for (const origin of ['http://one.example', 'https://one.example:444', 'http://two.example', 'https://sub.one.example', 'https://one.example.evil']) {
      test(`${name}: ${origin} is refused`, () => isRefused(server.port, path, { Origin: origin }))
    }
  }
})

test('with * every origin passes but those that any page can have: null and files must be named', async (t) => {
  const server = await startFixture(['--cors', '*'])
  t.after(() => server.stop())
  for (const path of Object.values(endpoints)) {
    for (const origin of ['http://any.example', 'https://other.example:8443']) await isAccepted(server.port, path, { Origin: origin })
    for (const origin of ['null', 'file://']) assert.equal((await refusedUpgrade(server.port, path, { Origin: origin })).status, 403, origin)
  }
})

test('null and file:// pass where they are named', async (t) => {
  const server = await startFixture(['--cors', 'null,file://'])
  t.after(() => server.stop())
  for (const path of Object.values(endpoints)) {
    for (const origin of ['null', 'file://']) await isAccepted(server.port, path, { Origin: origin })
    assert.equal((await refusedUpgrade(server.port, path, { Origin: 'http://any.example' })).status, 403)
  }
})
