// Clients that are slow, vanish or ask for much: neighbours and memory do not notice.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { descriptorsOf, memoryOf } from './process.js'
import { RawSocket } from './raw.js'
import { answerTo, get, readAnswer, request } from './http_answers.js'
import { startFixture } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'banter-harm-'))
const size = 50 * 1000 * 1000
const content = Buffer.alloc(size, 'a pattern that is no power of two long. ')
let server

before(async () => {
  writeFileSync(join(folder, 'big.bin'), content)
  writeFileSync(join(folder, 'some.bin'), content.subarray(0, 450000))
  server = await startFixture(['--public', folder])
})

after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

const checkAlive = async () => assert.equal((await answerTo(server.port, get('/healthz'))).status, 200)

/** Resolves once `isSo()`; what happens meanwhile is work for others. */
async function settles(isSo) {
  for (let i = 0; i < 5000 && !isSo(); ++i) await checkAlive()
  assert.ok(isSo())
}

test('big file: 50 MB arrive whole', async () => {
  const { body } = await answerTo(server.port, get('/big.bin'))
  assert.ok(body.equals(content))
})

test('big file: 40 clients that stop reading cost a piece of it each, not the file', { timeout: 120000 }, async () => {
  await checkAlive()
  const before = memoryOf(server.pid)
  const sockets = await Promise.all(Array.from({ length: 40 }, () => RawSocket.connect(server.port)))
  for (const socket of sockets) await socket.write(get('/big.bin'))
  for (const socket of sockets) await socket.readUntil('\r\n\r\n')
  for (let i = 0; i < 100; ++i) await checkAlive()
  assert.ok(memoryOf(server.pid) - before < 40 * 1.5e6, `${memoryOf(server.pid) - before} bytes more`)
  const last = sockets.pop()
  assert.ok((await last.read(size)).equals(content), 'one of them reads on after all')
  for (const socket of [last, ...sockets]) socket.destroy()
  await checkAlive()
})

test('big file: a client that ends its side behind the request, and reads later, gets all of it', async () => {
  const socket = await RawSocket.connect(server.port)
  await socket.write(get('/big.bin'))
  socket.end()
  for (let i = 0; i < 50; ++i) await checkAlive()
  const { body } = await readAnswer(socket)
  assert.ok(body.equals(content))
  assert.ok(await socket.isAtEnd())
})

// From answers that the kernel takes whole to answers that wait in the server's queue, or are still to be given.
test('pipelining: a client that ends its side before it reads 1 to 25 answers of 450 kB gets them all', async () => {
  const counts = Array.from({ length: 25 }, (_, i) => i + 1)
  const sockets = await Promise.all(counts.map(() => RawSocket.connect(server.port)))
  for (const [i, socket] of sockets.entries()) await socket.write(get('/some.bin').repeat(counts[i]))
  for (let i = 0; i < 100; ++i) await checkAlive()
  for (const socket of sockets) socket.end()
  for (let i = 0; i < 50; ++i) await checkAlive()
  for (const [i, socket] of sockets.entries()) {
    for (let n = 1; n <= counts[i]; ++n) assert.equal((await readAnswer(socket)).body.length, 450000, `answer ${n} of ${counts[i]}`)
    assert.ok(await socket.isAtEnd())
    socket.destroy()
  }
})

test('pipelining: a client that sends 100,000 requests and reads no answer is not read from for ever', { timeout: 120000 }, async () => {
  const before = memoryOf(server.pid)
  const socket = await RawSocket.connect(server.port)
  const sent = Buffer.from(get('/nothing').repeat(1000))
  let written = 0
  const writing = (async () => { for (; written < 1000; ++written) await socket.write(sent) })().catch(() => {})
  for (let last = -1; last !== written;) {
    last = written
    for (let i = 0; i < 100; ++i) await checkAlive()
  }
  assert.ok(written < 1000, 'the server read on')
  assert.ok(memoryOf(server.pid) - before < 20e6, `${memoryOf(server.pid) - before} bytes more`)
  socket.reset()
  await writing
  await checkAlive()
})

test('slow: 200 clients in the middle of a request do not delay their neighbour', async () => {
  const head = get('/healthz', 'X: y')
  const sockets = await Promise.all(Array.from({ length: 200 }, () => RawSocket.connect(server.port)))
  for (const [i, socket] of sockets.entries()) await socket.write(head.slice(0, 1 + i % (head.length - 1)))
  await checkAlive()
  for (const [i, socket] of sockets.entries()) await socket.write(head.slice(1 + i % (head.length - 1)))
  for (const socket of sockets) {
    assert.equal((await readAnswer(socket)).status, 200)
    socket.destroy()
  }
})

test('reset: 1,000 requests broken off at every byte leave no descriptor behind', { timeout: 120000 }, async () => {
  await checkAlive()
  const before = descriptorsOf(server.pid)
  const heads = [get('/big.bin'), get('/healthz'), request('POST /healthz HTTP/1.1', 'Host: a', 'Content-Length: 100') + 'half', get('/echo', 'Upgrade: websocket')]
  for (let i = 0; i < 1000; ++i) {
    const head = heads[i % heads.length]
    const socket = await RawSocket.connect(server.port)
    await socket.write(head.slice(0, 1 + (i * 7) % head.length))
    socket.reset()
  }
  await settles(() => descriptorsOf(server.pid) <= before)
})

test('reset: 300 clients that break off in the middle of a big file leave no descriptor behind', { timeout: 120000 }, async () => {
  await checkAlive()
  const before = descriptorsOf(server.pid)
  for (let i = 0; i < 300; ++i) {
    const socket = await RawSocket.connect(server.port)
    await socket.write(get('/big.bin'))
    await socket.read(1 + (i % 10) * 10000)
    if (i % 2) socket.reset()
    else socket.destroy()
  }
  await settles(() => descriptorsOf(server.pid) <= before)
})

test('a file that gets shorter while it is sent breaks the connection off: the client sees that it is not whole', async () => {
  const path = join(folder, 'shrinks.bin')
  writeFileSync(path, content)
  const socket = await RawSocket.connect(server.port)
  await socket.write(get('/shrinks.bin'))
  await socket.readUntil('\r\n\r\n')
  writeFileSync(path, 'short')
  await assert.rejects(socket.read(size))
  socket.destroy()
  await checkAlive()
})
