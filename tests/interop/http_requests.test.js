// What a client may rely on in HTTP/1.1 and 1.0 (RFC 9110, RFC 9112), as it goes over TCP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { RawSocket } from './raw.js'
import { answersTo, answerTo, get, readAnswer, readAnswers, request } from './http_answers.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const close = 'Connection: close'
const statuses = (answers) => answers.map((answer) => answer.status)
const withConnection = (use) => RawSocket.connect(server.port).then((socket) => use(socket).finally(() => socket.destroy()))

test('http: an answer has a status line, a date, its type and its length', async () => {
  const { start, headers, body } = await answerTo(server.port, get('/healthz'))
  assert.equal(start, 'HTTP/1.1 200 OK')
  assert.match(headers['content-type'], /^text\/plain/)
  assert.equal(headers['content-length'], '2')
  assert.match(headers.date, /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/)
  assert.equal(body.toString(), 'ok')
})

test('keep-alive: 100 requests go over one connection', () => withConnection(async (socket) => {
  for (let i = 0; i < 100; ++i) {
    await socket.write(get('/healthz'))
    const { status, headers } = await readAnswer(socket)
    assert.equal(status, 200)
    assert.notEqual(headers.connection, 'close')
  }
}))

test('keep-alive: an answer of 404 or 405 does not end the connection', async () => {
  const sent = get('/nothing') + request('DELETE /healthz HTTP/1.1', 'Host: a') + get('/healthz', close)
  assert.deepEqual(statuses(await answersTo(server.port, sent)), [404, 405, 200])
})

test('pipelining: requests sent at once are answered in order, whatever the segments', async () => {
  const paths = ['/healthz', '/nothing-1', '/readyz', '/nothing-2', '/socket.io/nothing', '/echo']
  const sent = paths.map((path) => get(path)).join('') + get('/last', close)
  for (const cut of [Infinity, 1, 2, 7, 50]) {
    const answers = await answersTo(server.port, sent, cut)
    assert.deepEqual(statuses(answers), [200, 404, 200, 404, 404, 426, 404], `segments of ${cut} bytes`)
    assert.match(answers[1].body.toString(), /nothing-1/)
    assert.match(answers[3].body.toString(), /nothing-2/)
  }
})

test('pipelining: 10,000 requests in one go are all answered', async () => {
  const sent = get('/healthz').repeat(9999) + get('/healthz', close)
  await withConnection(async (socket) => {
    const writing = socket.write(sent)
    const answers = await readAnswers(socket)
    await writing
    assert.equal(answers.length, 10000)
    assert.ok(answers.every((answer) => answer.status === 200))
  })
})

test('pipelining: a client that ends its side behind its requests gets all answers', () => withConnection(async (socket) => {
  await socket.write(get('/healthz') + get('/nothing') + get('/readyz'))
  socket.end()
  assert.deepEqual(statuses(await readAnswers(socket)), [200, 404, 200])
}))

for (const line of ['Connection: close', 'Connection: CLOSE', 'Connection: keep-alive, close', 'Connection: x\r\nConnection: close']) {
  test(`close: ${JSON.stringify(line)} ends the connection behind the answer, which says so`, async () => {
    const answers = await answersTo(server.port, get('/healthz', ...line.split('\r\n')) + get('/healthz'))
    assert.deepEqual(statuses(answers), [200])
    assert.equal(answers[0].headers.connection, 'close')
  })
}

test('HTTP/1.0: the connection ends behind the answer, and no Host is needed', async () => {
  assert.deepEqual(statuses(await answersTo(server.port, request('GET /healthz HTTP/1.0'))), [200])
})

test('HTTP/1.0: with keep-alive it stays, and the answer says so', async () => {
  const answers = await answersTo(server.port, request('GET /healthz HTTP/1.0', 'Connection: keep-alive') + request('GET /healthz HTTP/1.0'))
  assert.deepEqual(statuses(answers), [200, 200])
  assert.equal(answers[0].headers.connection.toLowerCase(), 'keep-alive')
})

for (const target of ['http://localhost/healthz', 'HTTP://127.0.0.1:1234/healthz?a=b', 'https://other.example/healthz']) {
  test(`targets: absolute form ${target}`, async () => {
    assert.equal((await answerTo(server.port, get(target))).status, 200)
  })
}

for (const target of ['/healthz?', '/healthz?a=1&b=%zz', '/%68ealthz']) {
  test(`targets: ${target} names the same`, async () => {
    assert.equal((await answerTo(server.port, get(target))).status, 200)
  })
}

test('HEAD: the answer is that of GET without a body, and the connection stays in step', () => withConnection(async (socket) => {
  const full = await answerTo(server.port, get('/healthz'))
  await socket.write(request('HEAD /healthz HTTP/1.1', 'Host: a') + request('HEAD /nothing HTTP/1.1', 'Host: a') + get('/healthz'))
  const head = await readAnswer(socket, { withoutBody: true })
  assert.equal(head.status, 200)
  assert.equal(head.headers['content-length'], full.headers['content-length'])
  assert.equal((await readAnswer(socket, { withoutBody: true })).status, 404)
  assert.equal((await readAnswer(socket)).body.toString(), 'ok')
}))

test('405: the answer lists what is possible', async () => {
  const { status, headers } = await answerTo(server.port, request('POST /healthz HTTP/1.1', 'Host: a', 'Content-Length: 0'))
  assert.equal(status, 405)
  assert.equal(headers.allow, 'GET, HEAD')
})

// --- bodies that nobody wants

const bodies = {
  'with a length': request('POST /healthz HTTP/1.1', 'Host: a', 'Content-Length: 5') + 'hello',
  'of a GET': request('GET /nothing HTTP/1.1', 'Host: a', 'Content-Length: 5') + 'hello',
  'that looks like a request': request('POST /healthz HTTP/1.1', 'Host: a', `Content-Length: ${get('/readyz').length}`) + get('/readyz'),
  'in chunks': request('POST /healthz HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked') + '5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n',
  'in chunks with extensions and trailers': request('POST /healthz HTTP/1.1', 'Host: a', 'Transfer-Encoding: Chunked') + '5;a=b;c="d"\r\nhello\r\n0;x\r\nTrailer: 1\r\nOther: 2\r\n\r\n'
}
for (const [what, sent] of Object.entries(bodies)) {
  test(`bodies: one ${what} is read and dropped, and the next request answered`, async () => {
    for (const cut of [Infinity, 1, 3]) {
      const answers = await answersTo(server.port, sent + get('/readyz', close), cut)
      assert.equal(answers.length, 2)
      assert.ok(answers[0].status === 404 || answers[0].status === 405)
      assert.equal(answers[1].status, 200)
    }
  })
}

test('bodies: an empty line behind one belongs to nothing', async () => {
  const answers = await answersTo(server.port, `${bodies['with a length']}\r\n${get('/readyz', close)}`)
  assert.deepEqual(statuses(answers), [405, 200])
})

test('Expect: 100-continue for a refused body is answered at once with the refusal', () => withConnection(async (socket) => {
  await socket.write(request('POST /healthz HTTP/1.1', 'Host: a', 'Content-Length: 1000', 'Expect: 100-continue'))
  const answer = await readAnswer(socket)
  assert.equal(answer.status, 405)
  assert.equal(answer.headers.connection, 'close')
  assert.ok(await socket.isAtEnd())
}))

test('Expect: anything else is 417', async () => {
  const sent = request('POST /healthz HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Expect: the-unexpected') + 'abc'
  assert.equal((await answerTo(server.port, sent)).status, 417)
})

// --- Upgrade

for (const line of ['Upgrade: h2c', 'Upgrade: TLS/1.0, HTTP/2', 'Upgrade: foo']) {
  test(`Upgrade: ${line} is ignored, the request answered as any other`, async () => {
    const answers = await answersTo(server.port, get('/healthz', 'Connection: Upgrade', line) + get('/readyz', close))
    assert.deepEqual(statuses(answers), [200, 200])
  })
}

test('Upgrade: without Connection: upgrade even websocket is ignored', async () => {
  assert.equal((await answerTo(server.port, get('/healthz', 'Upgrade: websocket'))).status, 200)
})

// --- limits that must at least be borne

test('limits: a request line of 8 KiB, a head of 16 KiB and 100 header lines are accepted', async () => {
  const line = (size) => { const rest = 'GET /healthz? HTTP/1.1'.length; return `/healthz?${'q'.repeat(size - rest)}` }
  assert.equal((await answerTo(server.port, get(line(8192)))).status, 200)
  const lines = Array.from({ length: 99 }, (_, i) => `X-${i}: ${i}`)
  assert.equal((await answerTo(server.port, get('/healthz', ...lines))).status, 200)
  const long = `X: ${'v'.repeat(16384 - get('/healthz').length - 5)}`
  assert.equal((await answerTo(server.port, get('/healthz', long))).status, 200)
})

test('limits: bytes above 7F in a header value and in a target are let pass', async () => {
  assert.equal((await answerTo(server.port, get('/healthz', 'X: \xe4\xf6\xfc'))).status, 200)
})
