// The opening handshake (RFC 6455 section 4.2) as it goes over TCP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exchange, RawSocket } from './raw.js'
import { acceptOf, close, conversation, describe, key, openingHandshake, opcodes, ping, RawWebSocket, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const head = (changes, start) => openingHandshake(server.port, '/echo', changes, start)

/** What a request is answered with: its status, and header lines by their lower-case names. */
async function answerTo(request) {
  const socket = await RawSocket.connect(server.port)
  try {
    await socket.write(request)
    const [start, ...lines] = (await socket.readUntil('\r\n\r\n')).toString('latin1').trim().split('\r\n')
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
    return { start, status: Number(start.split(' ')[1]), headers }
  } finally {
    socket.destroy()
  }
}

test('handshake: the answer is 101 Switching Protocols with Upgrade, Connection and the accept value', async () => {
  const { start, headers } = await answerTo(head())
  assert.equal(start, 'HTTP/1.1 101 Switching Protocols')
  assert.deepEqual(headers, { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' })
})

// Key, accept: the RFC's own example, and a key with a plus sign. The key is hashed as the text it is.
const acceptValues = [
  ['dGhlIHNhbXBsZSBub25jZQ==', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
  ['ZvpF5X8jYPYhnKzrOco7Gw==', 'uxGac2jFndAv+DVzOxf7jeTjU3o='],
  ['+0jgXtYyVeG28Gn1CLUKIg==', 'J8qoXqbZoL7keWiAo6FOA9JV+mY=']
]
for (const [sent, accept] of acceptValues) {
  test(`handshake: key ${sent} is accepted with ${accept}`, async () => {
    assert.equal((await answerTo(head({ 'Sec-WebSocket-Key': sent }))).headers['sec-websocket-accept'], accept)
    assert.equal(acceptOf(sent), accept)
  })
}

const accepted = {
  'Upgrade in other letters': { Upgrade: 'WebSocket' },
  'Upgrade as a list': { Upgrade: 'h2c, websocket' },
  'Upgrade on two lines': { Upgrade: ['h2c', 'websocket'] },
  'Connection in other letters': { Connection: 'uPGRADE' },
  'Connection as a list': { Connection: 'keep-alive, Upgrade' },
  'Connection on two lines': { Connection: ['keep-alive', 'Upgrade'] },
  'empty elements in a list': { Connection: ', Upgrade ,,' },
  'a header name in other letters': { 'Sec-WebSocket-Key': null, 'SEC-websocket-kEY': key },
  'a length of zero': { 'Content-Length': '0' },
  'an extension nobody knows': { 'Sec-WebSocket-Extensions': 'x-unknown; a=1' },
  'extensions that do not parse': { 'Sec-WebSocket-Extensions': ';;="' },
  'its own Origin': { Origin: () => `http://127.0.0.1:${server.port}` }
}
for (const [what, changes] of Object.entries(accepted)) {
  test(`handshake: ${what}: 101`, async () => {
    const values = Object.entries(changes).map(([name, value]) => [name, typeof value === 'function' ? value() : value])
    const { status, headers } = await answerTo(head(Object.fromEntries(values)))
    assert.equal(status, 101)
    assert.equal(headers['sec-websocket-extensions'], undefined)
  })
}

const refusedKeys = {
  'no key': null,
  'an empty key': '',
  'two keys': [key, key],
  'a key of 15 bytes': 'AAAAAAAAAAAAAAAAAAAA',
  'a key of 17 bytes': 'AAAAAAAAAAAAAAAAAAAAAAA=',
  'a key of 32 bytes': Buffer.alloc(32).toString('base64'),
  'a key without padding': 'dGhlIHNhbXBsZSBub25jZQ',
  'a key with a wrong character': 'dGhlIHNhbXBsZSBub25j*Q==',
  'a key in the alphabet for URLs': '-_jgXtYyVeG28Gn1CLUKIg==',
  'a key with something behind it': `${key}=`
}
for (const [what, value] of Object.entries(refusedKeys)) {
  test(`handshake: ${what}: 400`, async () => {
    assert.equal((await answerTo(head({ 'Sec-WebSocket-Key': value }))).status, 400)
  })
}

for (const version of [null, '', '8', '12', '14', '013', '13, 8', ['13', '13'], 'thirteen']) {
  test(`handshake: Sec-WebSocket-Version ${JSON.stringify(version)}: 426 with the version that is spoken`, async () => {
    const { status, headers } = await answerTo(head({ 'Sec-WebSocket-Version': version }))
    assert.equal(status, 426)
    assert.equal(headers['sec-websocket-version'], '13')
  })
}

// Offered, chosen; null for no header.
const subprotocols = [
  [null, undefined],
  ['chat', 'chat'],
  ['second, first', 'second'],
  [['a', 'b, c'], 'a']
]
for (const [offered, chosen] of subprotocols) {
  test(`handshake: of the subprotocols ${JSON.stringify(offered)} it chooses ${chosen}`, async () => {
    const { status, headers } = await answerTo(head({ 'Sec-WebSocket-Protocol': offered }))
    assert.equal(status, 101)
    assert.equal(headers['sec-websocket-protocol'], chosen)
  })
}

for (const offered of ['', 'a,,b', 'a b', 'a, a', ['a', 'a'], 'a/b', '"a"']) {
  test(`handshake: subprotocols ${JSON.stringify(offered)} are no list of different tokens: 400`, async () => {
    assert.equal((await answerTo(head({ 'Sec-WebSocket-Protocol': offered }))).status, 400)
  })
}

const noHandshakes = {
  'no Upgrade': [426, { Upgrade: null }],
  'Upgrade to something else': [426, { Upgrade: 'h2c' }],
  'a token that only begins with websocket': [426, { Upgrade: 'websockets' }],
  'no Connection': [426, { Connection: null }],
  'Connection without upgrade': [426, { Connection: 'keep-alive' }],
  'HTTP/1.0': [426, {}, 'GET /echo HTTP/1.0'],
  'HTTP/2.0': [505, {}, 'GET /echo HTTP/2.0'],
  'no Host': [400, { Host: null }],
  'another origin': [403, { Origin: 'http://evil.example' }],
  'the origin null': [403, { Origin: 'null' }]
}
for (const [what, [status, changes, start]] of Object.entries(noHandshakes)) {
  test(`handshake: ${what}: ${status}`, async () => {
    assert.equal((await answerTo(head(changes, start))).status, status)
  })
}

test('handshake: an ordinary request to the endpoint gets 426 that names websocket', async () => {
  const { status, headers } = await answerTo(`GET /echo HTTP/1.1\r\nHost: a\r\n\r\n`)
  assert.equal(status, 426)
  assert.equal(headers.upgrade, 'websocket')
  assert.match(headers.connection, /upgrade/i)
})

for (const method of ['POST', 'PUT', 'OPTIONS', 'HEAD']) {
  test(`handshake: ${method} is no GET: never 101`, async () => {
    const { status } = await answerTo(head({}, `${method} /echo HTTP/1.1`))
    assert.ok(status >= 400 && status < 500, `${status}`)
  })
}

for (const changes of [{ 'Content-Length': '5' }, { 'Transfer-Encoding': 'chunked' }]) {
  test(`handshake: a request with a body, ${JSON.stringify(changes)}: never 101`, async () => {
    const body = changes['Content-Length'] ? 'hello' : '5\r\nhello\r\n0\r\n\r\n'
    const { status } = await answerTo(head(changes) + body)
    assert.ok(status >= 400 && status < 500, `${status}`)
  })
}

test('handshake: a WebSocket for a path that nobody owns gets 404 and the end of the connection', async () => {
  const answer = (await exchange(server.port, openingHandshake(server.port, '/nobody'))).toString()
  assert.match(answer, /^HTTP\/1\.1 404 /)
  assert.match(answer, /\r\nConnection: close\r\n/)
})

test('handshake: bytes behind the request head are the first frames', async () => {
  const client = await RawWebSocket.open(server.port, '/echo', {}, Buffer.concat([text('early'), ping('too')]))
  assert.equal(describe(await client.receive()), 'text early')
  assert.equal(describe(await client.receive()), 'pong too')
  client.destroy()
})

test('CVE-2022-21676: wrong frames in the segment of the handshake end only this connection', async () => {
  const neighbour = await RawWebSocket.open(server.port)
  for (const rsv of [1, 2, 4, 7]) {
    const client = await RawWebSocket.open(server.port, '/echo', {}, text('x', { rsv }))
    assert.match(describe(await client.receive()), /^close 1002 /)
    client.destroy()
  }
  await neighbour.send(text('still here'))
  assert.equal(describe(await neighbour.receive()), 'text still here')
  neighbour.destroy()
})

test('CVE-2022-41940: a client that resets while its handshake is refused does no harm', async () => {
  for (let i = 0; i < 200; ++i) {
    const socket = await RawSocket.connect(server.port)
    await socket.write(head({ 'Sec-WebSocket-Version': '7' }))
    socket.reset()
  }
  assert.equal((await answerTo(head())).status, 101)
})

test('handshake: it may arrive one byte at a time, the frame behind it too', async () => {
  const bytes = Buffer.concat([Buffer.from(head()), text('slow'), close(1000)])
  const answer = await exchange(server.port, bytes, 1)
  const behind = answer.subarray(answer.indexOf('\r\n\r\n') + 4)
  assert.deepEqual(behind, Buffer.concat([Buffer.from('\x81\x04slow', 'latin1'), Buffer.from([0x80 | opcodes.close, 2, 0x03, 0xe8])]))
})

test('handshake: 500 connections that end in the middle of it leave the others alone', async () => {
  const bytes = Buffer.from(head())
  for (let i = 0; i < 500; ++i) {
    const socket = await RawSocket.connect(server.port)
    await socket.write(bytes.subarray(0, 1 + i % (bytes.length - 1)))
    if (i % 2) socket.reset()
    else socket.destroy()
  }
  assert.deepEqual(await conversation(server.port, Buffer.concat([text('alive'), close(1000)])), ['text alive', 'close 1000'])
})
