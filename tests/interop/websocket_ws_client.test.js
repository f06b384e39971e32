// The raw endpoint with the `ws` client, an implementation of its own of both sides.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import WebSocket from 'ws'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

async function open(...more) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/echo`, ...more)
  await once(socket, 'open')
  return socket
}

async function echo(socket, message, options = {}) {
  socket.send(message, options)
  const [data, isBinary] = await once(socket, 'message')
  return isBinary ? data : data.toString()
}

async function closed(socket) {
  const [code, reason] = await once(socket, 'close')
  return { code, reason: reason.toString() }
}

test('ws: text and binary messages come back as what they are', async () => {
  const socket = await open()
  assert.equal(await echo(socket, 'héllo'), 'héllo')
  assert.deepEqual(await echo(socket, Buffer.from([1, 2, 3, 4])), Buffer.from([1, 2, 3, 4]))
  assert.equal(await echo(socket, ''), '')
  socket.close(1000)
  assert.equal((await closed(socket)).code, 1000)
})

test('ws: messages of every length up to 300 bytes, and random ones to 1 MB', async () => {
  const socket = await open()
  const sizes = [...Array(301).keys(), 1023, 65535, 65536, 100000, 1000000]
  for (const size of sizes) {
    const payload = randomBytes(size)
    assert.ok((await echo(socket, payload)).equals(payload), `${size} bytes`)
  }
  socket.terminate()
})

test('ws: a message it sends in parts comes back whole', async () => {
  const socket = await open()
  for (const part of ['one ', 'two ', 'three ']) socket.send(part, { fin: false })
  assert.equal(await echo(socket, 'four', { fin: true }), 'one two three four')
  socket.terminate()
})

test('ws: a ping is answered', async () => {
  const socket = await open()
  socket.ping('are you there')
  assert.equal((await once(socket, 'pong'))[0].toString(), 'are you there')
  socket.terminate()
})

test('ws: the compression it offers is not taken', async () => {
  const socket = await open({ perMessageDeflate: true })
  assert.equal(socket.extensions, '')
  assert.equal(await echo(socket, 'x'.repeat(5000)), 'x'.repeat(5000))
  socket.terminate()
})

test('ws: the first subprotocol it offers is chosen', async () => {
  const socket = await open(['two', 'one'])
  assert.equal(socket.protocol, 'two')
  socket.terminate()
})

for (const [code, reason] of [[1000, ''], [1001, 'going'], [3000, ''], [4999, 'ü'.repeat(60)]]) {
  test(`ws: closing with ${code} ends with ${code} on its side`, async () => {
    const socket = await open()
    socket.close(code, reason)
    assert.equal((await closed(socket)).code, code)
  })
}

test('ws: closing without a code ends with 1005, none', async () => {
  const socket = await open()
  socket.close()
  assert.equal((await closed(socket)).code, 1005)
})

test('ws: 1,000 connections at once, each gets its own echo', async () => {
  const sockets = await Promise.all(Array.from({ length: 1000 }, () => open()))
  const echoes = await Promise.all(sockets.map((socket, i) => echo(socket, `mine is ${i}`)))
  assert.deepEqual(echoes, sockets.map((_, i) => `mine is ${i}`))
  for (const socket of sockets) socket.terminate()
})

test('ws: a connection that is cut off leaves the others alone', async () => {
  const [first, second] = [await open(), await open()]
  first.send('x'.repeat(1e6))
  first.terminate()
  assert.equal(await echo(second, 'still here'), 'still here')
  second.terminate()
})
