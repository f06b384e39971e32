// The chat as people use it: two browsers, one server, and what can go wrong between them.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { io } from 'socket.io-client'
import { launchBrowser, openTab, patience, Person, startChat } from './support.js'

let browser
before(async () => { browser = await launchBrowser() })
after(() => browser?.close())

const limit = { timeout: 120_000 }

async function annAndBob(t, options = {}) {
  const server = await startChat(t)
  const ann = await Person.join(t, browser, server.url, 'Ann', options)
  const bob = await Person.join(t, browser, server.url, 'Bob')
  return { server, ann, bob }
}

/** A client that does not keep to what the page allows. */
async function rawClient(t, url, auth) {
  const socket = io(url, { auth, transports: ['websocket'], reconnection: false, forceNew: true })
  t.after(() => socket.disconnect())
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}

const ask = (socket, ...args) => socket.timeout(patience).emitWithAck(...args)
const count = (all, one) => all.filter((other) => other === one).length

test('two people see each other come, and what the other writes', limit, async (t) => {
  const { ann, bob } = await annAndBob(t)
  await ann.seesPeople('Ann', 'Bob')
  await bob.seesPeople('Ann', 'Bob')

  await ann.say('Hello Bob')
  await bob.sees('Hello Bob')
  await ann.seesState('Hello Bob', 'delivered')
  await bob.say('Hello Ann\nhow are you?')
  await ann.sees('Hello Ann\nhow are you?')
  assert.deepEqual(await ann.texts(), ['Hello Bob', 'Hello Ann\nhow are you?'])
  assert.deepEqual(await bob.texts(), ['Hello Bob', 'Hello Ann\nhow are you?'])
})

test('typing is shown to the others, and is over when the text is sent or deleted', limit, async (t) => {
  const { ann, bob } = await annAndBob(t)
  await ann.page.fill('#text', 'Hel')
  await bob.seesTyping('Ann is typing')
  await ann.page.fill('#text', '')
  await bob.seesTyping('')
  await ann.page.fill('#text', 'Hello')
  await bob.seesTyping('Ann is typing')
  await ann.page.press('#text', 'Enter')
  await bob.seesTyping('')
  await bob.sees('Hello')
})

test('who leaves the room or closes the page is no longer listed', limit, async (t) => {
  const { ann, bob } = await annAndBob(t)
  await ann.openRoom('attic')
  await ann.roomButton('lobby').hover()
  await ann.page.click('[aria-label="Leave lobby"]')
  await bob.seesPeople('Bob')
  await ann.roomButton('lobby').click()
  await bob.seesPeople('Ann', 'Bob')
  await ann.page.close()
  await bob.seesPeople('Bob')
})

test('two tabs of one browser are one person, listed until the last is closed', limit, async (t) => {
  const { server, ann, bob } = await annAndBob(t)
  const second = new Person(await openTab(t, ann.page.context(), server.url))
  await second.isIn('lobby')
  await second.say('from my second tab')
  await ann.sees('from my second tab')
  await ann.page.close()
  await bob.sees('from my second tab')
  await bob.seesPeople('Ann', 'Bob')
  await second.page.close()
  await bob.seesPeople('Bob')
})

test('rooms are separate, and count what was not read', limit, async (t) => {
  const { ann, bob } = await annAndBob(t)
  await ann.openRoom('Book Club', 'book-club')
  await bob.roomButton('book-club').click()
  await bob.isIn('book-club')
  await bob.seesPeople('Ann', 'Bob')
  await bob.roomButton('lobby').click()
  await ann.say('Chapter one')
  await ann.say('Chapter two')
  await bob.page.waitForFunction(() => [...document.querySelectorAll('#mine .badge')]
    .some((badge) => !badge.hidden && badge.textContent === '2 unread'))
  assert.deepEqual(await bob.texts(), [])
  await bob.roomButton('book-club').click()
  await bob.sees('Chapter two')
  assert.deepEqual(await bob.texts(), ['Chapter one', 'Chapter two'])
  assert.equal(await bob.page.locator('#mine .badge:visible').count(), 0)
})

test('a page that is loaded again shows the last 50 messages, and earlier ones on request', limit, async (t) => {
  const server = await startChat(t)
  const writer = await rawClient(t, server.url, { name: 'Writer' })
  await ask(writer, 'join', 'lobby')
  for (let i = 1; i <= 60; ++i) await ask(writer, 'message', 'lobby', `message-number-${i}`, `text ${i}`)

  const ann = await Person.join(t, browser, server.url, 'Ann')
  await ann.sees('text 60')
  await ann.page.reload()
  await ann.isIn('lobby')
  await ann.sees('text 60')
  const all = Array.from({ length: 60 }, (_, i) => `text ${i + 1}`)
  assert.deepEqual(await ann.texts(), all.slice(10))
  await ann.page.click('#earlier')
  await ann.sees('text 1')
  assert.deepEqual(await ann.texts(), all)
  assert.equal(await ann.page.locator('#earlier').isVisible(), false)
})

test('a message that is sent twice with one id is acknowledged twice and shown once', limit, async (t) => {
  const server = await startChat(t)
  const ann = await Person.join(t, browser, server.url, 'Ann')
  const raw = await rawClient(t, server.url, { name: 'Raw' })
  await ask(raw, 'join', 'lobby')
  const first = await ask(raw, 'message', 'lobby', 'the-same-id-twice', 'once')
  const again = await ask(raw, 'message', 'lobby', 'the-same-id-twice', 'once')
  assert.equal(first.ok, true)
  assert.deepEqual(again, first)
  await ask(raw, 'message', 'lobby', 'the-id-of-the-end', 'end')
  await ann.sees('end')
  assert.deepEqual(await ann.texts(), ['once', 'end'])
})

test('a hostile name or message is shown as the text it is', limit, async (t) => {
  const { ann, bob } = await annAndBob(t)
  const name = '<img src=x onerror=hacked=1>'
  const mallory = await Person.join(t, browser, ann.page.url(), name)
  await ann.seesPeople('Ann', 'Bob', name)
  const texts = [
    '<script>hacked = 1</script>',
    '<img src=x onerror="hacked = 1">',
    '"><svg onload=hacked=1>&lt;b&gt;',
    'javascript:hacked=1 and data:text/html,<script>hacked=1</script>',
    '\u202eright to left\u202c \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd',
    '👩‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0301\u0301\u0301\u0301\u0301',
    'x'.repeat(2000),
    '{"$ref":"__proto__"} \' OR 1=1; DROP TABLE messages; --',
  ]
  for (const text of texts) {
    await mallory.say(text)
    await bob.sees(text)
  }
  assert.deepEqual(await ann.texts(), texts)
  for (const { page } of [ann, bob, mallory]) {
    assert.equal(await page.evaluate(() => 'hacked' in window), false)
    assert.equal(await page.locator('#items :is(script, img, svg, b, a)').count(), 0)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false)
  }
  await bob.say('still here')
  await ann.sees('still here')
})

test('links to the web become links, without their sentence', limit, async (t) => {
  const { ann, bob } = await annAndBob(t)
  await ann.say('See https://example.org/a_(b)?c=1&d="2", (http://example.org/x), javascript://example.org/%0aalert(1).')
  await bob.page.waitForSelector('#items a')
  const links = await bob.page.$$eval('#items a', (all) => all.map(({ href, rel, target }) => ({ href, rel, target })))
  const rest = { rel: 'noopener noreferrer nofollow', target: '_blank' }
  assert.deepEqual(links, [
    { href: 'https://example.org/a_(b)?c=1&d=', ...rest },
    { href: 'http://example.org/x', ...rest },
  ])
})

test('what is too long is not sent by the page, and refused by the server', limit, async (t) => {
  const { server, ann } = await annAndBob(t)
  await ann.page.fill('#text', 'y'.repeat(10_000))
  assert.equal(await ann.page.textContent('#text-counter'), '8000 too many')
  assert.equal(await ann.page.locator('.send').isDisabled(), true)
  await ann.page.press('#text', 'Enter')
  assert.deepEqual(await ann.texts(), [])

  const raw = await rawClient(t, server.url, { name: 'Raw' })
  await ask(raw, 'join', 'lobby')
  const cases = [
    ['bad_text', 'message', 'lobby', 'an-id-long-enough', 'y'.repeat(10_000)],
    ['bad_text', 'message', 'lobby', 'an-id-long-enough', ' \n '],
    ['bad_text', 'message', 'lobby', 'an-id-long-enough', 'bell \u0007'],
    ['bad_id', 'message', 'lobby', 'short', 'text'],
    ['bad_id', 'message', 'lobby', 'i'.repeat(10_000), 'text'],
    ['not_joined', 'message', 'attic', 'an-id-long-enough', 'text'],
    ['not_joined', 'history', 'attic', 1],
    ['bad_room', 'join', 'r'.repeat(10_000)],
    ['bad_room', 'join', '<b>'],
    ['bad_room', 'join', ''],
  ]
  for (const [code, ...event] of cases) {
    const answer = await ask(raw, ...event)
    assert.deepEqual([answer.ok, answer.code], [false, code], event.join(' ').slice(0, 60))
  }
  raw.emit('message', { not: 'a room' }, 1)
  raw.emit('join')
  raw.emit('typing', 'lobby', 'yes')
  raw.emit('no such event', [[[]]])
  assert.equal((await ask(raw, 'message', 'lobby', 'the-id-of-the-end', 'end')).ok, true)
  await ann.sees('end')
})

test('a client is let into 20 rooms at a time', limit, async (t) => {
  const server = await startChat(t)
  const raw = await rawClient(t, server.url, { name: 'Raw' })
  for (let i = 1; i <= 20; ++i) assert.equal((await ask(raw, 'join', `room-${i}`)).ok, true)
  assert.equal((await ask(raw, 'join', 'one-more')).code, 'too_many_rooms')
  assert.equal((await ask(raw, 'leave', 'room-1')).ok, true)
  assert.equal((await ask(raw, 'join', 'one-more')).ok, true)
})

test('a name that will not do is refused with the reason', limit, async (t) => {
  const server = await startChat(t)
  const cases = [
    [{}, 'bad_name'],
    [{ name: '' }, 'bad_name'],
    [{ name: 7 }, 'bad_name'],
    [{ name: 'n'.repeat(10_000) }, 'bad_name'],
    [{ name: 'a\u202eb' }, 'bad_name'],
    [{ name: 'Raw', key: 'short' }, 'bad_key'],
  ]
  for (const [auth, code] of cases) {
    await assert.rejects(rawClient(t, server.url, auth), (error) => error.data.code === code)
  }
})

test('a name that is taken is not given twice; another is offered', limit, async (t) => {
  const { server, ann } = await annAndBob(t)
  const other = await Person.open(t, browser, server.url)
  await other.giveName('ann')
  await other.page.waitForFunction(() => document.getElementById('name-error').textContent !== '')
  assert.equal(await other.page.textContent('#name-error'), 'Somebody with this name is here already.')
  assert.equal(await other.page.inputValue('#name'), 'ann 2')
  await other.page.press('#name', 'Enter')
  await other.isIn('lobby')
  await ann.seesPeople('Ann', 'Bob', 'ann 2')
})

test('a name can be changed, and others see it', limit, async (t) => {
  const { ann, bob } = await annAndBob(t)
  await ann.page.click('#rename')
  await ann.giveName('Anna')
  await bob.seesPeople('Anna', 'Bob')
  await ann.say('new name')
  await bob.sees('new name')
  assert.equal(await bob.page.textContent('#items .author'), 'Anna')
})

test('after the server was killed both reconnect, and what was typed meanwhile arrives once', limit, async (t) => {
  const { server, ann, bob } = await annAndBob(t)
  await ann.say('before')
  await bob.sees('before')
  await server.kill()
  await ann.seesConnection('reconnecting')
  await bob.seesConnection('reconnecting')
  await ann.say('typed meanwhile 1')
  await ann.say('typed meanwhile 2')
  await bob.say('typed meanwhile 3')
  await ann.seesState('typed meanwhile 2', 'queued')

  await server.restart()
  await ann.isIn('lobby')
  await bob.isIn('lobby')
  for (const person of [ann, bob]) {
    for (const text of ['typed meanwhile 1', 'typed meanwhile 2', 'typed meanwhile 3']) await person.sees(text)
  }
  await ann.seesState('typed meanwhile 2', 'delivered')
  await ann.say('end')
  await bob.sees('end')
  await ann.seesState('end', 'delivered')
  const texts = await ann.texts()
  assert.deepEqual(await bob.texts(), texts)
  assert.equal(texts.length, 5)
  assert.equal(new Set(texts).size, 5)
  assert.ok(texts.indexOf('typed meanwhile 1') < texts.indexOf('typed meanwhile 2'))
})

test('what was typed without a connection survives a reload of the page', limit, async (t) => {
  const { server, ann, bob } = await annAndBob(t)
  await server.kill()
  await ann.seesConnection('reconnecting')
  await ann.say('kept in the browser')
  await ann.seesState('kept in the browser', 'queued')
  await server.restart()
  await ann.page.reload()
  await ann.seesState('kept in the browser', 'delivered')
  await bob.sees('kept in the browser')
  await ann.say('end')
  await bob.sees('end')
  assert.equal(count(await bob.texts(), 'kept in the browser'), 1)
  assert.deepEqual(await ann.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('outbox'))), [])
})

test('a server that is stopped in order is returned to as well', limit, async (t) => {
  const { server, ann, bob } = await annAndBob(t)
  await server.stop()
  await ann.seesConnection('reconnecting')
  await ann.say('during the restart')
  await server.restart()
  await bob.sees('during the restart')
  await ann.seesState('during the restart', 'delivered')
})

test('a phone shows everything without scrolling sideways', limit, async (t) => {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }
  const { ann, bob } = await annAndBob(t, phone)
  await bob.say(`a long word: ${'w'.repeat(500)}`)
  await bob.say('https://example.org/'.padEnd(300, 'path/'))
  await ann.page.waitForSelector('#items a')
  const fits = () => ann.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth &&
    document.getElementById('log').scrollWidth <= document.getElementById('log').clientWidth)
  assert.equal(await fits(), true)

  await ann.page.tap('[data-open="rooms-panel"]')
  await ann.page.fill('#new-room', 'attic')
  await ann.page.tap('#create button')
  await ann.isIn('attic')
  assert.equal(await ann.page.locator('#rooms-panel').evaluate((panel) => panel.classList.contains('open')), false)
  await ann.page.fill('#text', 'from the phone')
  await ann.page.tap('.send')
  await ann.seesState('from the phone', 'delivered')
  await ann.page.tap('[data-open="people-panel"]')
  await ann.page.waitForSelector('#people-panel.open')
  assert.equal(await fits(), true)
  const small = await ann.page.$$eval('button, input, textarea', (all) => all
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().height < 24)
    .map((one) => one.outerHTML))
  assert.deepEqual(small, [], 'too small for a finger')
})

test('the keyboard alone is enough', limit, async (t) => {
  const server = await startChat(t)
  const bob = await Person.join(t, browser, server.url, 'Bob')
  const ann = await Person.open(t, browser, server.url, { viewport: { width: 600, height: 700 } })
  const { keyboard } = ann.page
  await keyboard.type('Ann')
  await keyboard.press('Enter')
  await ann.isIn('lobby')
  await keyboard.type('one line')
  await keyboard.press('Shift+Enter')
  await keyboard.type('and another')
  await keyboard.press('Enter')
  await bob.sees('one line\nand another')

  const focusOn = async (selector) => {
    for (let i = 0; i < 40; ++i) {
      if (await ann.page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return
      await keyboard.press('Tab')
    }
    assert.fail(`the Tab key does not reach ${selector}`)
  }
  await focusOn('[data-open="rooms-panel"]')
  await keyboard.press('Enter')
  await ann.page.waitForSelector('#rooms-panel.open')
  await keyboard.press('Escape')
  assert.equal(await ann.page.locator('#rooms-panel.open').count(), 0)
  assert.equal(await ann.page.evaluate(() => document.activeElement.dataset.open), 'rooms-panel')
  await keyboard.press('Enter')
  await focusOn('#new-room')
  await keyboard.type('attic')
  await keyboard.press('Enter')
  await ann.isIn('attic')
  assert.equal(await ann.page.evaluate(() => document.activeElement.id), 'text')
  await focusOn('#log')
})

test('every control has a name, and what is new is announced', limit, async (t) => {
  const { ann } = await annAndBob(t)
  await ann.openRoom('attic')
  const nameless = await ann.page.evaluate(() => [...document.querySelectorAll('button, input, textarea')]
    .filter((one) => !one.getAttribute('aria-label') && !one.labels?.length && !one.textContent.trim())
    .map((one) => one.outerHTML))
  assert.deepEqual(nameless, [])
  const log = ann.page.getByRole('log', { name: 'Messages in attic' })
  assert.equal(await log.getAttribute('aria-live'), 'polite')
  await ann.page.getByRole('main').getByRole('heading', { level: 1, name: 'attic' }).waitFor()
  await ann.page.getByRole('complementary', { name: 'People in this room' }).waitFor()
  await ann.page.getByRole('status').filter({ hasText: 'connected' }).waitFor()
})
