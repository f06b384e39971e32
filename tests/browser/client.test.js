// Clients in Chromium against the fixture server: ours in each of its bundles, and the one of the Socket.IO project.

import assert from 'node:assert/strict'
import { copyFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { root } from './program.js'
import { launchBrowser, openPage, openTab, startFixture } from './support.js'

const limit = { timeout: 120_000 }

let browser
let folder
before(async () => {
  folder = await makePublicFolder()
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  if (folder) await rm(folder, { recursive: true })
})

/** The pages, and the stock client beside them. */
async function makePublicFolder() {
  const made = await mkdtemp(path.join(tmpdir(), 'client-test-'))
  await cp(path.join(root, 'tests/browser/pages'), made, { recursive: true })
  await mkdir(path.join(made, 'stock'))
  await copyFile(path.join(root, 'node_modules/socket.io-client/dist/socket.io.min.js'),
    path.join(made, 'stock/socket.io.min.js'))
  return made
}

const serve = (t, ...args) => startFixture(t, '--public', folder, ...args)

for (const name of ['script', 'minified', 'module', 'stock']) describe(`the client of ${name}.html`, () => {
  async function start(t) {
    const server = await serve(t)
    return { server, page: await openPage(t, browser, `${server.url}${name}.html`) }
  }

  test('connects to the server of its page, with auth', limit, async (t) => {
    const { page } = await start(t)
    const { id, greeting } = await page.evaluate(async () => {
      const { id, greeting } = await connected('/', { auth: { token: 'é', deep: [{ a: null }] } })
      return { id, greeting }
    })
    assert.match(id, /^[\w-]{20}$/)
    assert.deepEqual(greeting, { token: 'é', deep: [{ a: null }] })
  })

  test('sends and receives events and acknowledgements', limit, async (t) => {
    const { page } = await start(t)
    const args = [1, 'text \u2028 🎉', null, [true, { a: { b: [] } }], -0.5]
    const answers = await page.evaluate(async (args) => {
      const socket = await connected()
      socket.emit('message', ...args)
      const back = await next(socket, 'message-back')
      const acked = await new Promise((resolve) => { socket.emit('message-with-ack', ...args, (...all) => resolve(all)) })
      const awaited = await socket.timeout(60_000).emitWithAck('ack', args)
      const late = await socket.timeout(1).emitWithAck('no such event').catch((error) => error.message)
      return { back, acked, awaited, late }
    }, args)
    assert.deepEqual(answers, { back: args, acked: args, awaited: args, late: 'operation has timed out' })
  })

  test('sends ArrayBuffer, typed arrays and Blob, and receives ArrayBuffer', limit, async (t) => {
    const { page } = await start(t)
    const answers = await page.evaluate(async () => {
      const socket = await connected()
      const bytes = new Uint8Array([0, 1, 127, 128, 255])
      const sent = [bytes.buffer, bytes.subarray(1, 3), new Blob([bytes]), new ArrayBuffer(0), bytes]
      socket.emit('message', ...sent.slice(0, 4), { deep: [sent[4]] })
      const back = await next(socket, 'message-back')
      const all = [...back.slice(0, 4), back[4].deep[0]]
      const big = await socket.emitWithAck('ack', new Uint8Array(500_000).fill(7))
      return {
        types: all.map((one) => one.constructor.name),
        values: all.map((one) => [...new Uint8Array(one)]),
        big: new Uint8Array(big).every((byte) => byte === 7) ? big.byteLength : 0,
      }
    })
    assert.deepEqual(answers.types, Array(5).fill('ArrayBuffer'))
    const whole = [0, 1, 127, 128, 255]
    assert.deepEqual(answers.values, [whole, [1, 127], whole, [], whole])
    assert.equal(answers.big, 500_000)
  })

  test('shares a connection between namespaces, and is told why one refuses', limit, async (t) => {
    const { page } = await start(t)
    const result = await page.evaluate(async () => {
      const first = await connected()
      const custom = first.io.socket('/custom')
      const denied = first.io.socket('/denied')
      const unknown = first.io.socket('/unknown')
      const refusals = [next(denied, 'connect_error'), next(unknown, 'connect_error')]
      const greeting = next(custom, 'auth')
      await greeting
      const [[error], [missing]] = await Promise.all(refusals)
      custom.emit('echo', 'custom')
      const [echo] = await next(custom, 'echo')
      return { echo, refused: [error.message, error.data, denied.active], missing: missing.message, isConnected: first.connected }
    })
    assert.deepEqual(result, {
      echo: 'custom', refused: ['denied', { why: 'role' }, false], missing: 'Invalid namespace', isConnected: true,
    })
  })

  test('hears what is sent to its rooms, as another page does', limit, async (t) => {
    const { server, page } = await start(t)
    const other = await openTab(t, page.context(), `${server.url}${name}.html`)
    for (const one of [page, other]) {
      await one.evaluate(async () => {
        globalThis.socket = await connected('/chat')
        await socket.emitWithAck('join', 'a room')
        globalThis.heard = []
        socket.onAny((event, ...args) => heard.push([event, ...args]))
      })
    }
    await page.evaluate(() => {
      socket.emit('peers', 'a room', 'only the other')
      socket.emit('room', 'a room', { both: true })
      socket.emit('room', 'another room', 'nobody')
      socket.emit('broadcast', 'end')
    })
    const hasEnd = () => heard.some(([event]) => event === 'broadcast')
    await Promise.all([page.waitForFunction(hasEnd), other.waitForFunction(hasEnd)])
    const end = [['room', { both: true }], ['broadcast', 'end']]
    assert.deepEqual(await page.evaluate(() => heard), end)
    assert.deepEqual(await other.evaluate(() => heard), [['peer-msg', 'only the other'], ...end])
  })

  test('comes back after the server was killed, and sends then what was emitted meanwhile', limit, async (t) => {
    const { server, page } = await start(t)
    await page.evaluate(async () => {
      globalThis.socket = await connected()
      globalThis.gone = next(socket, 'disconnect')
      globalThis.back = next(socket, 'connect')
      globalThis.echoes = []
      socket.on('echo', (value) => echoes.push(value))
    })
    await server.kill()
    const [reason] = await page.evaluate(() => gone)
    assert.equal(reason, 'transport close')
    await page.evaluate(() => { for (const value of [1, 2, 3]) socket.emit('echo', value) })
    await server.restart()
    await page.evaluate(() => back)
    await page.waitForFunction(() => echoes.length === 3)
    assert.deepEqual(await page.evaluate(() => echoes), [1, 2, 3])
  })

  test('is refused from another origin, unless that is listed', limit, async (t) => {
    const own = await serve(t)
    const page = await openPage(t, browser, `${own.url}${name}.html`)
    const connect = (url) => page.evaluate(async (url) => {
      const socket = open(url, { reconnection: false })
      const result = await Promise.race([next(socket, 'connect').then(() => 'connected'),
        next(socket, 'connect_error').then(([error]) => error.message)])
      socket.disconnect()
      return result
    }, url)
    const closed = await serve(t)
    assert.equal(await connect(closed.url), 'websocket error')
    const others = await serve(t, '--cors', 'https://example.org,http://127.0.0.1:1')
    assert.equal(await connect(others.url), 'websocket error')
    const listed = await serve(t, '--cors', `https://example.org,${own.origin}`)
    assert.equal(await connect(listed.url), 'connected')
  })
})
