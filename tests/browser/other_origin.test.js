// The stock clients in Chromium, in a page of another origin than the server's.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { UpgradeGate } from '../interop/upgrade_gate.js'
import { launchBrowser, openPage, startFixture } from './support.js'
import { PageServer } from './page_server.js'

const limit = { timeout: 120_000 }
const maxPayload = ['--max-payload', '3000000']

let browser
let pages
before(async () => {
  pages = await PageServer.start({
    '/stock.html': 'tests/browser/pages/other_origin.html',
    '/other_origin.js': 'tests/browser/pages/other_origin.js',
    '/socket.io.min.js': 'node_modules/socket.io-client/dist/socket.io.min.js',
    '/engine.io.min.js': 'node_modules/engine.io-client/dist/engine.io.min.js',
  })
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  pages?.stop()
})

const ways = {
  'default options: polling, then an upgrade': { options: {}, last: 'websocket' },
  'polling only': { options: { transports: ['polling'] }, last: 'polling' },
  'WebSocket only': { options: { transports: ['websocket'] }, last: 'websocket' },
}

/** A page of the other origin, and a server that allows it. */
async function start(t, ...args) {
  const server = await startFixture(t, '--cors', pages.origin, ...maxPayload, ...args)
  return { server, page: await openPage(t, browser, `${pages.origin}/stock.html`) }
}

for (const [name, { options, last }] of Object.entries(ways)) describe(name, () => {
  test('text, binary, acknowledgements and 1 MB, both directions', limit, async (t) => {
    const { server, page } = await start(t)
    const result = await page.evaluate(async ([url, options]) => {
      const events = await connected(url, options)
      const messages = await opened(url, options)
      const first = [await exchangeEvents(events), await exchangeMessages(messages)]
      const last = [await finalTransport(events.io.engine, options), await finalTransport(messages, options)]
      return { first, last, second: [await exchangeEvents(events), await exchangeMessages(messages)] }
    }, [server.origin, options])
    const asSent = { text: true, binary: true, bigText: true, bigBinary: true }
    const expected = [{ ...asSent, acked: true }, asSent]
    assert.deepEqual(result, { first: expected, last: [last, last], second: expected })
  })

  test('10,000 events sent at once come back in order', limit, async (t) => {
    const { server, page } = await start(t)
    const isInOrder = await page.evaluate(([url, options]) => areEchoed(open(url, options), 10_000), [server.origin, options])
    assert.equal(isInOrder, true)
  })

  test('pings keep it, and it comes back to a server that was started again', limit, async (t) => {
    const { server, page } = await start(t, '--ping-interval', '200')
    await page.evaluate(async ([url, options]) => {
      globalThis.socket = await connected(url, { ...options, reconnectionDelay: 50, reconnectionDelayMax: 500 })
      for (let i = 0; i < 3; i++) await next(socket.io, 'ping')
      globalThis.gone = next(socket, 'disconnect')
      globalThis.back = next(socket, 'auth')
    }, [server.origin, options])
    await server.stop()
    await page.evaluate(() => gone)
    await server.restart()
    assert.equal(await page.evaluate(async () => {
      await back
      return socket.emitWithAck('ack', 'back')
    }), 'back')
  })
})

test('10,000 events sent while upgrading, stage by stage, come back in order', limit, async (t) => {
  const { server, page } = await start(t)
  const gate = await UpgradeGate.open(Number(new URL(server.origin).port))
  t.after(() => gate.close())
  await page.evaluate(async (url) => {
    globalThis.socket = await connected(url)
    globalThis.upgraded = new Promise((resolve) => { socket.io.engine.once('upgrade', resolve) })
    globalThis.stages = makeStages(socket)
  }, gate.url)
  await page.evaluate(() => stages.say(2500)) // over polling, the handshake of the WebSocket waits
  await page.evaluate(() => stages.isHeard())
  gate.letPass('handshake')
  await page.evaluate(() => stages.say(2500)) // over polling, the probe waits
  await page.evaluate(() => stages.isHeard())
  gate.letPass('probe')
  await page.evaluate(() => upgraded)
  await page.evaluate(() => stages.say(2500)) // behind "5", which waits
  gate.letPass('upgrade')
  await page.evaluate(() => stages.say(2500))
  await page.evaluate(() => stages.isHeard())
  assert.deepEqual(await page.evaluate(() => stages.heard), Array.from({ length: 10_000 }, (_, i) => i))
  assert.equal(await page.evaluate(() => socket.io.engine.transport.name), 'websocket')
})

test('a page of the server itself needs no permission', limit, async (t) => {
  const server = await startFixture(t)
  const page = await openPage(t, browser, `${server.url}healthz`)
  for (const file of ['socket.io.min.js', 'engine.io.min.js', 'other_origin.js']) await page.addScriptTag({ url: `${pages.origin}/${file}` })
  assert.equal(await page.evaluate(async () => finalTransport((await connected(location.origin)).io.engine, {})), 'websocket')
  assert.equal(await page.evaluate(async () => finalTransport(await opened(location.origin), {})), 'websocket')
})

describe('a page that is not named', () => {
  /** A page of the other origin, with what its console says. */
  async function openRefused(t) {
    const context = await browser.newContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const said = []
    page.on('console', (message) => said.push(message.text()))
    await page.goto(`${pages.origin}/stock.html`)
    return { page, said }
  }

  const refusals = ([url, options]) => Promise.all([
    refusalOf(open(url, { ...options, reconnection: false })),
    refusalOf(eio(url, { path: '/engine.io/', ...options })),
  ])

  for (const [what, args] of [
    ['without the option', []],
    ['with a list of others', ['--cors', 'http://elsewhere.example,http://127.0.0.1']],
  ]) {
    test(`${what} it can neither poll nor open a WebSocket`, limit, async (t) => {
      const server = await startFixture(t, ...args)
      const { page, said } = await openRefused(t)
      assert.deepEqual(await page.evaluate(refusals, [server.origin, {}]), ['xhr poll error', 'xhr poll error'])
      assert.deepEqual(await page.evaluate(refusals, [server.origin, { transports: ['websocket'] }]), ['websocket error', 'websocket error'])
      assert.equal(said.filter((text) => /blocked by CORS policy/.test(text)).length, 2, said.join('\n'))
      assert.equal(said.filter((text) => /Unexpected response code: 403/.test(text)).length, 2, said.join('\n'))
    })
  }
})
