// The pages of the small examples, in Chromium.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Program } from './program.js'
import { launchBrowser, openPage, openTab } from './support.js'

let browser
before(async () => { browser = await launchBrowser() })
after(() => browser?.close())

const limit = { timeout: 120_000 }

test('quickstart: each of two pages hears what either says, as text', limit, async (t) => {
  const server = await Program.start(t, 'examples/quickstart-on-any-port')
  const ann = await openPage(t, browser, server.url)
  const bob = await openTab(t, ann.context(), server.url)
  for (const page of [ann, bob]) await page.waitForFunction(() => socket.connected)
  const sees = (page, count) => page.waitForFunction((count) => document.querySelectorAll('#messages li').length === count, count)

  await ann.fill('#text', 'Hello <b>Bob</b>')
  await ann.press('#text', 'Enter')
  await sees(bob, 1)
  await ann.waitForFunction(() => document.getElementById('text').value === '') // acknowledged
  await bob.fill('#text', 'Hello Ann')
  await bob.click('button')
  for (const page of [ann, bob]) {
    await sees(page, 2)
    assert.deepEqual(await page.locator('#messages li').allTextContents(), ['Hello <b>Bob</b>', 'Hello Ann'])
  }
})

test('native-websocket: pointers move on the other page and go with it, and the server adds', limit, async (t) => {
  const server = await Program.start(t, 'examples/native-websocket-on-any-port')
  const ann = await openPage(t, browser, server.url)
  const bob = await openTab(t, ann.context(), server.url)
  for (const page of [ann, bob]) await page.waitForSelector('#state:text-is("connected")')

  await ann.mouse.move(320, 400)
  await bob.waitForFunction(() => document.querySelector('.pointer')?.style.translate === '320px 400px')
  assert.equal(await ann.locator('.pointer').count(), 0)
  await ann.click('#sum button')
  await ann.waitForSelector('#answer:text-is("= 17")')
  await ann.close()
  await bob.waitForFunction(() => document.querySelector('.pointer') === null)
  await server.stop()
  await bob.waitForSelector('#state:has-text("disconnected")')
})

test('auth: a password lets in, a token keeps, refreshed or not, and the server says why it ends', limit, async (t) => {
  const server = await Program.start(t, 'examples/auth-on-any-port', { args: () => ['5'] })
  const page = await openPage(t, browser, server.url)
  const state = (text) => page.waitForSelector(`#state:has-text("${text}")`)
  const logIn = async (password) => {
    await page.fill('#password', password)
    await page.press('#password', 'Enter')
  }

  await logIn('guess')
  await state('Wrong name or password.')
  await logIn('secret')
  await state('Logged in as ann.')
  await state('The token is a new one.') // by itself
  await page.uncheck('#automatic')
  await page.click('#refresh')
  await state('Logged out: the token has expired.')
  await page.waitForSelector('#refresh:disabled')
})
