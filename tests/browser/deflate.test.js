// permessage-deflate as Chromium speaks it: what its own WebSocket agrees on with the fixture server, and that
// messages come through, compressed in both directions.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { root } from './program.js'
import { launchBrowser, openPage, startFixture } from './support.js'

const limit = { timeout: 120_000 }
const pages = path.join(root, 'tests/browser/pages')
const stockClient = path.join(root, 'node_modules/socket.io-client/dist/socket.io.min.js')

let browser
before(async () => { browser = await launchBrowser() })
after(() => browser?.close())

/**
 * A way to the server that counts what passes.
 * @returns {Promise<{ url: string, bytes: { up: number, down: number } }>}
 */
async function startMeter(t, server) {
  const bytes = { up: 0, down: 0 }
  const open = new Set()
  const meter = createServer((client) => {
    const upstream = connect(Number(new URL(server.url).port), '127.0.0.1')
    client.on('data', (chunk) => { bytes.up += chunk.length }).pipe(upstream)
    upstream.on('data', (chunk) => { bytes.down += chunk.length }).pipe(client)
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      open.add(one.on('error', () => other.destroy()))
    }
  })
  t.after(() => {
    for (const socket of open) socket.destroy()
    meter.close()
  })
  await once(meter.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${meter.address().port}/`, bytes }
}

/** A page of a server with these options, and what passes between the two. */
async function open(t, ...options) {
  const meter = await startMeter(t, await startFixture(t, '--public', pages, '--max-payload', '3000000', ...options))
  const page = await openPage(t, browser, `${meter.url}script.html`)
  await page.evaluate(() => {
    // Every WebSocket of the page, the clients' own included.
    globalThis.webSockets = []
    globalThis.WebSocket = class extends WebSocket {
      constructor(...args) {
        super(...args)
        webSockets.push(this)
        this.addEventListener('message', ({ data }) => { if (`${data}`.startsWith('43')) globalThis.hasAckByWebSocket = true })
      }
    }
    globalThis.openRaw = (path) => new Promise((resolve, reject) => {
      const socket = new WebSocket(new URL(path, location.href.replace('http', 'ws')))
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => resolve(socket)
      socket.onerror = () => reject(new Error('no WebSocket'))
    })
    globalThis.words = (length) => 'the same words again, Grüße, '.repeat(length / 29 + 1).slice(0, length)
  })
  return { page, bytes: meter.bytes }
}

for (const [what, options, agreed] of [['with --deflate', ['--deflate'], 'permessage-deflate'], ['without', [], '']]) {
  test(`the WebSocket of Chromium agrees on ${agreed || 'nothing'} ${what}, at each endpoint`, limit, async (t) => {
    const { page } = await open(t, ...options)
    const extensions = await page.evaluate(async () => {
      const paths = ['/echo', '/ws', '/engine.io/?EIO=4&transport=websocket', '/socket.io/?EIO=4&transport=websocket']
      const sockets = await Promise.all(paths.map(openRaw))
      return sockets.map((socket) => socket.extensions.split(';')[0])
    })
    assert.deepEqual(extensions, Array(4).fill(agreed))
  })
}

test('messages of each size come back to the WebSocket of Chromium, text and binary, in order', limit, async (t) => {
  const { page } = await open(t, '--deflate')
  const wrong = await page.evaluate(async () => {
    const socket = await openRaw('/echo')
    const sizes = [0, 1, 2, 125, 126, 127, 1024, 65535, 65536, 131072, 1_000_000]
    const messages = Array(3).fill(sizes).flat().flatMap((size) => {
      const random = new Uint8Array(size)
      for (let at = 0; at < size; at += 65536) crypto.getRandomValues(random.subarray(at, at + 65536))
      return [words(size), random, new TextEncoder().encode(words(size))]
    })
    const heard = []
    const all = new Promise((resolve) => {
      socket.onmessage = ({ data }) => { if (heard.push(data) === messages.length) resolve() }
    })
    for (const message of messages) socket.send(message)
    await all
    const isSame = (message, i) => (typeof message === 'string' ? heard[i] === message
      : heard[i].byteLength === message.length && new Uint8Array(heard[i]).every((byte, at) => byte === message[at]))
    return messages.map((message, i) => (isSame(message, i) ? null : i)).filter((i) => i !== null)
  })
  assert.deepEqual(wrong, [])
})

test('1 MB that compresses is a fraction of it on the wire, both ways; without --deflate it is 1 MB', limit, async (t) => {
  for (const [options, isSmall] of [[['--deflate'], true], [[], false]]) {
    const { page, bytes } = await open(t, ...options)
    const before = { ...bytes }
    const isSame = await page.evaluate(async () => {
      const socket = await openRaw('/echo')
      const answer = new Promise((resolve) => { socket.onmessage = ({ data }) => resolve(data) })
      socket.send(words(1_000_000))
      return await answer === words(1_000_000)
    })
    assert.ok(isSame)
    for (const way of ['up', 'down']) assert.equal(bytes[way] - before[way] < 100_000, isSmall, `${bytes[way] - before[way]} bytes ${way}`)
  }
})

for (const name of ['our client', 'the client of the Socket.IO project']) describe(name, () => {
  for (const transports of [['websocket'], ['polling', 'websocket']]) {
    test(`speaks Socket.IO over compressed messages: ${transports.join(', then ')}`, limit, async (t) => {
      const { page, bytes } = await open(t, '--deflate')
      if (name !== 'our client') await page.addScriptTag({ path: stockClient })
      const result = await page.evaluate(async (transports) => {
        const socket = await connected('/', { transports })
        do await socket.emitWithAck('ack', 0)
        while (!globalThis.hasAckByWebSocket) // an upgrade takes a while
        const args = [words(5000), { a: [null, words(20)] }, '']
        socket.emit('message', ...args, new Uint8Array(5000).fill(7))
        const back = await next(socket, 'message-back')
        const big = await socket.emitWithAck('ack', words(1_000_000))
        const binary = await socket.emitWithAck('ack', new Uint8Array(500_000).fill(7))
        return {
          extensions: webSockets.map(({ extensions }) => extensions.split(';')[0]),
          isSame: JSON.stringify(back.slice(0, 3)) === JSON.stringify(args) && new Uint8Array(back[3]).every((byte) => byte === 7),
          lengths: [back[3].byteLength, big.length, binary.byteLength],
        }
      }, transports)
      assert.deepEqual(result, { extensions: ['permessage-deflate'], isSame: true, lengths: [5000, 1_000_000, 500_000] })
      assert.ok(bytes.up < 500_000 && bytes.down < 500_000, `${JSON.stringify(bytes)}`)
    })
  }
})
