// Requests that are wrong, and what might be smuggled behind them (RFC 9112 sections 2, 5, 6, 11.2).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { memoryOf } from './process.js'
import { RawSocket } from './raw.js'
import { answersTo, answerTo, get, readAnswer, request } from './http_answers.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const smuggled = get('/smuggled')
const post = (...headers) => request('POST /healthz HTTP/1.1', 'Host: a', ...headers)

/** The one answer to a wrong request with another behind it, which must not be read as one. */
async function refusalOf(sent, cut) {
  const answers = await answersTo(server.port, sent + smuggled, cut)
  assert.equal(answers.length, 1, 'one answer, and nothing to what is behind')
  assert.equal(answers[0].headers.connection, 'close')
  assert.doesNotMatch(answers[0].body.toString(), /smuggled/)
  return answers[0].status
}

// By the rows they are modelled on.
const smuggling = {
  'uWS #1497: Content-Length with Transfer-Encoding': post('Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
  'uWS #1497: Transfer-Encoding with Content-Length': post('Transfer-Encoding: chunked', 'Content-Length: 0') + '0\r\n\r\n',
  'uWS #1497: two different Content-Lengths': post('Content-Length: 0', 'Content-Length: 30'),
  'uWS #1497: two equal Content-Lengths': post('Content-Length: 0', 'Content-Length: 0'),
  'uWS #1497: a list of Content-Lengths': post('Content-Length: 0, 30'),
  'uWS #1497: a folded header line': request('GET /healthz HTTP/1.1', 'Host: a', 'X: 1', ' folded: 2'),
  'uWS #1497: a header line that begins with a tab': request('GET /healthz HTTP/1.1', 'Host: a', '\tX: 1'),
  'uWS #1497: a bare line feed behind the request line': 'GET /healthz HTTP/1.1\nHost: a\r\n\r\n',
  'uWS #1497: a bare line feed behind a header line': 'GET /healthz HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n',
  'uWS #1497: bare line feeds only': 'GET /healthz HTTP/1.1\nHost: a\n\n',
  'uWS #1497: a bare carriage return in a value': 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n',
  'uWS #1497: a NUL in the path': request('GET /heal\0thz HTTP/1.1', 'Host: a'),
  'uWS #1497: a NUL in a header value': request('GET /healthz HTTP/1.1', 'Host: a', 'X: 1\x002'),
  'uWS #1497: a NUL in a header name': request('GET /healthz HTTP/1.1', 'Host: a', 'X\0: 1'),
  'a blank in front of the colon': request('GET /healthz HTTP/1.1', 'Host: a', 'Content-Length : 0'),
  'a header line without a colon': request('GET /healthz HTTP/1.1', 'Host: a', 'nonsense'),
  'a header line without a name': request('GET /healthz HTTP/1.1', 'Host: a', ': 1'),
  'a control byte in a value': request('GET /healthz HTTP/1.1', 'Host: a', 'X: \x01'),
  'DEL in a value': request('GET /healthz HTTP/1.1', 'Host: a', 'X: \x7f'),
  'HTTP/1.1 without Host': request('GET /healthz HTTP/1.1'),
  'two Hosts': request('GET /healthz HTTP/1.1', 'Host: a', 'Host: b'),
  'two equal Hosts': request('GET /healthz HTTP/1.1', 'Host: a', 'host: a'),
  'two Hosts in HTTP/1.0': request('GET /healthz HTTP/1.0', 'Host: a', 'Host: b'),
  'a Host with a path in it': request('GET /healthz HTTP/1.1', 'Host: a/b'),
  'a Host with a user in it': request('GET /healthz HTTP/1.1', 'Host: a@b'),
  'an empty Content-Length': post('Content-Length:'),
  'a negative Content-Length': post('Content-Length: -1'),
  'a Content-Length with a sign': post('Content-Length: +0'),
  'a Content-Length in hex': post('Content-Length: 0x10'),
  'a Content-Length beyond 2^64': post('Content-Length: 18446744073709551617'),
  'an unknown transfer coding': post('Transfer-Encoding: gzip'),
  'gzip and chunked': post('Transfer-Encoding: gzip, chunked'),
  'chunked twice': post('Transfer-Encoding: chunked, chunked'),
  'chunked on two lines': post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
  'chunked in HTTP/1.0': request('POST /healthz HTTP/1.0', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
  'chunked with a vertical tab': post('Transfer-Encoding: \vchunked') + '0\r\n\r\n',
  'chunked in quotes': post('Transfer-Encoding: "chunked"') + '0\r\n\r\n',
  'a chunk size that is none': post('Transfer-Encoding: chunked') + 'xyz\r\nhello\r\n0\r\n\r\n',
  'an empty chunk size': post('Transfer-Encoding: chunked') + '\r\nhello\r\n0\r\n\r\n',
  'a chunk size of 17 digits': post('Transfer-Encoding: chunked') + '10000000000000005\r\nhello\r\n0\r\n\r\n',
  'a chunk size with 0x': post('Transfer-Encoding: chunked') + '0x5\r\nhello\r\n0\r\n\r\n',
  'a chunk longer than it says': post('Transfer-Encoding: chunked') + '5\r\nhello world\r\n0\r\n\r\n',
  'a chunk that ends in a bare line feed': post('Transfer-Encoding: chunked') + '5\r\nhello\n0\r\n\r\n',
  'a chunk size that ends in a bare line feed': post('Transfer-Encoding: chunked') + '5\nhello\r\n0\r\n\r\n',
  'a trailer that is no header': post('Transfer-Encoding: chunked') + '0\r\nnonsense\r\n\r\n',
  'websocketpp #524: an empty target': request('GET  HTTP/1.1', 'Host: a'),
  'websocketpp #524: no target': request('GET HTTP/1.1', 'Host: a'),
  'websocketpp #524: a target of one letter': request('GET a HTTP/1.1', 'Host: a'),
  'websocketpp #456: a header that is only a colon': request('GET / HTTP/1.1', 'Host: a', ':'),
  'a fragment in the target': request('GET /healthz#top HTTP/1.1', 'Host: a'),
  'another scheme in the target': request('GET ftp://a/healthz HTTP/1.1', 'Host: a'),
  'an absolute target without a host': request('GET http:///healthz HTTP/1.1', 'Host: a'),
  'a star for GET': request('GET * HTTP/1.1', 'Host: a'),
  'two blanks in the request line': request('GET  /healthz HTTP/1.1', 'Host: a'),
  'a tab in the request line': request('GET\t/healthz\tHTTP/1.1', 'Host: a'),
  'a blank behind the version': request('GET /healthz HTTP/1.1 ', 'Host: a'),
  'a blank in front of the method': request(' GET /healthz HTTP/1.1', 'Host: a'),
  'no version': request('GET /healthz', 'Host: a'),
  'a version that is none': request('GET /healthz HTTPS/1.1', 'Host: a'),
  'a version without a dot': request('GET /healthz HTTP/11', 'Host: a'),
  'a method with a bad character': request('G@T /healthz HTTP/1.1', 'Host: a'),
  'a method nobody knows': request('FROBNICATE /healthz HTTP/1.1', 'Host: a'),
  'a method in small letters': request('get /healthz HTTP/1.1', 'Host: a'),
  'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'x'.repeat(100) + '\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
}
const notFourHundred = { 'the preface of HTTP/2': 505 }
for (const [what, sent] of Object.entries(smuggling)) {
  const expected = notFourHundred[what] ?? 400
  test(`${what}: ${expected}, the connection ends, and nothing behind it is read`, async () => {
    for (const cut of [Infinity, 1]) assert.equal(await refusalOf(sent, cut), expected)
  })
}

for (const version of ['HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/9.9']) {
  test(`another version, ${version}: 505`, async () => {
    assert.equal(await refusalOf(request(`GET /healthz ${version}`, 'Host: a')), 505)
  })
}

test('CONNECT is not supported: 501', async () => {
  assert.equal(await refusalOf(request('CONNECT a:80 HTTP/1.1', 'Host: a')), 501)
})

// --- limits

test('414: a request line beyond the limit, though it never ends', async () => {
  assert.equal(await refusalOf(`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`), 414)
  assert.equal((await answersTo(server.port, `GET /${'a'.repeat(9000)}`))[0].status, 414)
})

test('CVE-2024-37890: a header line too many, though it is Upgrade, gets 431', async () => {
  const lines = Array.from({ length: 98 }, (_, i) => `X-${i}: ${i}`)
  const handshake = ['Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Upgrade: websocket']
  assert.equal(await refusalOf(request('GET /echo HTTP/1.1', 'Host: a', ...lines, ...handshake)), 431)
})

test('431: header lines beyond the limit in size, one long or many short', async () => {
  assert.equal(await refusalOf(get('/healthz', `X: ${'v'.repeat(17000)}`)), 431)
  assert.equal(await refusalOf(get('/healthz', ...Array.from({ length: 50 }, (_, i) => `X-${i}: ${'v'.repeat(400)}`))), 431)
  assert.equal((await answersTo(server.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'v'.repeat(17000)}`))[0].status, 431)
})

test('CVE-2021-32640: a header of 64 KB for WebSockets is refused in no time', async () => {
  for (const name of ['Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol', 'Connection', 'Upgrade']) {
    const sent = get('/echo', 'Upgrade: websocket', 'Connection: Upgrade', `${name}: ${'a, '.repeat(21000)}`)
    assert.equal(await refusalOf(sent), 431)
  }
})

test('431: the client reads it though 4 MB of its request were still to come', async () => {
  const socket = await RawSocket.connect(server.port)
  const writing = socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'v'.repeat(4e6)}`)
  assert.equal((await readAnswer(socket)).status, 431)
  assert.ok(await socket.isAtEnd())
  await writing
  socket.destroy()
})

// --- bodies

test('CVE-2020-36048: a body longer than anything accepted is answered without reading it, and the connection ends', async () => {
  const socket = await RawSocket.connect(server.port)
  await socket.write(post('Content-Length: 100000000') + 'x')
  const answer = await readAnswer(socket)
  assert.equal(answer.status, 405)
  assert.equal(answer.headers.connection, 'close')
  assert.ok(await socket.isAtEnd())
  socket.destroy()
})

test('CVE-2020-36048: chunks beyond anything accepted are broken off', async () => {
  const socket = await RawSocket.connect(server.port)
  const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`
  const writing = socket.write(post('Transfer-Encoding: chunked') + chunk.repeat(40))
  const answer = await readAnswer(socket)
  assert.equal(answer.status, 405)
  assert.equal(answer.headers.connection, 'close')
  await writing
  socket.destroy()
})

test('CVE-2020-36048: 1,000 clients that send bodies at once cost no memory', async () => {
  const before = memoryOf(server.pid)
  const sockets = await Promise.all(Array.from({ length: 1000 }, () => RawSocket.connect(server.port)))
  for (const socket of sockets) await socket.write(post('Content-Length: 900000') + 'x'.repeat(50000))
  assert.equal((await answerTo(server.port, get('/healthz'))).status, 200)
  assert.ok(memoryOf(server.pid) - before < 40e6, `${memoryOf(server.pid) - before} bytes more`)
  for (const socket of sockets) socket.destroy()
})

// --- error pages

test('error pages: what the request said is shown as text, never as markup', async () => {
  for (const path of ['/<script>alert(1)</script>', '/%3Cscript%3Ealert(1)%3C/script%3E', '/"onload="x', "/'&amp;"]) {
    const { status, headers, body } = await answerTo(server.port, get(path))
    assert.equal(status, 404)
    assert.match(headers['content-type'], /^text\/html; charset=utf-8$/)
    assert.doesNotMatch(body.toString(), /<script|"onload|'&amp;/)
  }
})

// --- users of half a request

test('uws #867: malformed heads, each cut off at every byte, do no harm', async () => {
  const head = request('GET /echo HTTP/1.1', 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: \x00')
  for (let size = 1; size <= head.length; ++size) {
    const socket = await RawSocket.connect(server.port)
    await socket.write(Buffer.from(head.slice(0, size), 'latin1'))
    if (size % 2) socket.reset()
    else socket.destroy()
  }
  assert.equal((await answerTo(server.port, get('/healthz'))).status, 200)
})

test('websocketpp #323: 2,000 failed handshakes leave no memory behind', async () => {
  const fail = async () => assert.equal((await answerTo(server.port, get('/echo', 'Upgrade: websocket', 'Connection: Upgrade'))).status, 426)
  for (let i = 0; i < 200; ++i) await fail()
  const before = memoryOf(server.pid)
  for (let i = 0; i < 2000; ++i) await fail()
  assert.ok(memoryOf(server.pid) - before < 12e6, `${memoryOf(server.pid) - before} bytes more`)
})
