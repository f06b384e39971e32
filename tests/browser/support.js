// Starts the chat and Chromium for a test, and ends both with it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const chat = path.resolve(root, process.env.BANTER_CHAT ?? 'build/dev/examples/chat/chat')
const browserPath = process.env.BANTER_CHROMIUM ?? '/usr/bin/chromium'
const exitWithin = 15_000

/** Every wait in these tests ends with this; long, because a sanitized server on a busy machine is slow. */
export const patience = 20_000

async function mustBeExecutable(file, hint) {
  await access(file, constants.X_OK).catch(() => assert.fail(`${file} is missing or not executable: ${hint}`))
}

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

/** One chat server with a history of its own. */
export class ChatServer {
  #process = null
  #folder
  #port = 0
  #stderr = ''

  /** @param {import('node:test').TestContext} t */
  static async start(t) {
    await mustBeExecutable(chat, 'build the target "chat", or name the program with BANTER_CHAT')
    const server = new ChatServer()
    server.#folder = await mkdtemp(path.join(tmpdir(), 'chat-test-'))
    t.after(() => server.#end())
    await server.start()
    return server
  }

  get url() { return `http://127.0.0.1:${this.#port}/` }

  /** Starts the program; again on the same port. */
  async start() {
    const env = {
      ...process.env, HOST: '127.0.0.1', PORT: String(this.#port), CHAT_DB: path.join(this.#folder, 'chat.sqlite3'),
    }
    this.#process = spawn(chat, { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process.stderr.setEncoding('utf8').on('data', (text) => { this.#stderr += text })
    this.#port = await this.#printedPort()
  }

  /** As a crash would end it. */
  kill() { return this.#exit('SIGKILL') }

  /** As an operator ends it; it must leave in order. */
  async stop() {
    const [code, signal] = await this.#exit('SIGTERM')
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the chat did not end in order:\n${this.#stderr}`)
  }

  async #printedPort() {
    let output = ''
    for await (const chunk of this.#process.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += chunk
      const found = /^chat on http:\/\/\S+:(\d+)$/m.exec(output)
      if (!found) continue
      this.#process.stdout.resume()
      return Number(found[1])
    }
    assert.fail(`the chat ended without printing its address:\n${output}${this.#stderr}`)
  }

  async #exit(signal) {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode, child.signalCode]
    const exited = once(child, 'exit')
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), exitWithin)
    const result = await exited
    clearTimeout(timer)
    return result
  }

  async #end() {
    try {
      if (this.#process?.signalCode !== 'SIGKILL') await this.stop()
    } finally {
      await this.#exit('SIGKILL')
      await rm(this.#folder, { recursive: true, force: true })
    }
  }
}

/** What the browser itself reports while a server is away; not an error of the page. */
const isAboutTheNetwork = (text) => /net::ERR_|WebSocket connection to/.test(text)

/** One person in a browser of their own. */
export class Person {
  /** Errors of the page and its console. @type {string[]} */
  errors = []

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page
    page.setDefaultTimeout(patience)
    page.on('pageerror', (error) => this.errors.push(error.stack ?? String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error' && !isAboutTheNetwork(message.text())) this.errors.push(message.text())
    })
    page.on('dialog', (dialog) => {
      this.errors.push(`a dialog opened: ${dialog.message()}`)
      dialog.dismiss()
    })
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
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
    t.after(() => context.close())
    const person = new Person(await context.newPage())
    t.after(() => assert.deepEqual(person.errors, [], 'the page reported errors'))
    await person.page.goto(url)
    return person
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
