// Starts servers and Chromium for a test, and ends both with it.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { mustBeExecutable, Program } from './program.js'

const browserPath = process.env.BANTER_CHROMIUM ?? '/usr/bin/chromium'

/** Every wait in these tests ends with this; long, because a sanitized server on a busy machine is slow. */
export const patience = 20_000

export async function launchBrowser() {
  await mustBeExecutable(browserPath, 'install the package "chromium", or name another one with BANTER_CHROMIUM')
  return chromium.launch({
    executablePath: browserPath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  })
}

/** Starts a chat with a history of its own. @param {import('node:test').TestContext} t */
export async function startChat(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'chat-test-'))
  const env = (port) => ({ HOST: '127.0.0.1', PORT: String(port), CHAT_DB: path.join(folder, 'chat.sqlite3') })
  try {
    return await Program.start(t, 'examples/chat/chat', { env })
  } finally {
    t.after(() => rm(folder, { recursive: true, force: true })) // once the program has ended
  }
}

/** Starts the test server. @param {import('node:test').TestContext} t @param {string[]} args */
export function startFixture(t, ...args) {
  return Program.start(t, 'tests/servers/fixture-server', { args: (port) => ['--port', String(port), ...args] })
}

/** Opens a page in a browser of its own; it must end without errors. */
export async function openPage(t, browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
  t.after(() => context.close())
  return openTab(t, context, url)
}

/** Another page in the browser of `context`. */
export async function openTab(t, context, url) {
  const page = await context.newPage()
  const errors = collectErrors(page)
  t.after(() => assert.deepEqual(errors, [], 'the page reported errors'))
  await page.goto(url)
  return page
}

/** What the browser itself reports while a server ends or is away, or has no icon; not an error of the page. */
const isHarmless = (message) => /net::ERR_|WebSocket connection to|status of 503/.test(message.text()) ||
  message.location().url.endsWith('/favicon.ico')

/** Errors of a page and its console. @param {import('playwright-core').Page} page @returns {string[]} */
function collectErrors(page) {
  const errors = []
  page.setDefaultTimeout(patience)
  page.on('pageerror', (error) => errors.push(error.stack ?? String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !isHarmless(message)) errors.push(message.text())
  })
  page.on('dialog', (dialog) => {
    errors.push(`a dialog opened: ${dialog.message()}`)
    dialog.dismiss()
  })
  return errors
}

/** One person in a browser of their own. */
export class Person {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page
  }

  /**
   * Opens the chat under `name`, and waits until the room is joined.
   * @param {import('node:test').TestContext} t
   * @param {import('playwright-core').Browser} browser
   */
  static async join(t, browser, url, name, options = {}) {
    const person = await Person.open(t, browser, url, options)
    await person.giveName(name)
    await person.isIn('lobby')
    return person
  }

  /** Opens the page; it asks for a name. */
  static async open(t, browser, url, options = {}) {
    return new Person(await openPage(t, browser, url, options))
  }

  async giveName(name) {
    await this.page.fill('#name', name)
    await this.page.press('#name', 'Enter')
  }

  /** Waits until this person is listed in the open room. */
  async isIn(room) {
    await this.page.waitForFunction((name) => document.querySelector('#room-title bdi').textContent === name &&
      [...document.querySelectorAll('#people:not(.stale) .you')].some((you) => !you.hidden), room)
  }

  async say(text) {
    await this.page.fill('#text', text)
    await this.page.press('#text', 'Enter')
  }

  /** The texts in the log, in order. @returns {Promise<string[]>} */
  texts() {
    return this.page.$$eval('#items .message', (all) => all.map((one) => one.querySelector('.text').textContent))
  }

  /** Waits until the log shows `text`. */
  sees(text) {
    return this.page.waitForFunction((wanted) => [...document.querySelectorAll('#items .text')]
      .some((one) => one.textContent === wanted), text)
  }

  /** Waits until the message `text` is in `state`. */
  seesState(text, state) {
    return this.page.waitForFunction(([wanted, state]) => [...document.querySelectorAll('#items .message')]
      .some((one) => one.querySelector('.text').textContent === wanted && one.dataset.state === state), [text, state])
  }

  /** Waits until exactly these people are listed. */
  seesPeople(...names) {
    return this.page.waitForFunction((wanted) => JSON.stringify([...document.querySelectorAll('#people .person-name')]
      .map((one) => one.textContent).sort()) === wanted, JSON.stringify(names.sort()))
  }

  /** Waits for the state of the connection. */
  seesConnection(state) { return this.page.waitForSelector(`#status[data-state="${state}"]`) }

  /** Waits for the line below the log. */
  seesTyping(text) {
    return this.page.waitForFunction((wanted) => document.getElementById('typing').textContent === wanted, text)
  }

  async openRoom(written, name = written) {
    await this.page.fill('#new-room', written)
    await this.page.press('#new-room', 'Enter')
    await this.isIn(name)
  }

  roomButton(name) { return this.page.locator('.room', { has: this.page.locator(`.room-name:text-is("${name}")`) }) }
}
