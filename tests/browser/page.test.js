// The parts of the chat's page that need no page: what is known, what is on its way, what may be said.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outbox } from '../../examples/chat/public/app/outbox.js'
import { Room } from '../../examples/chat/public/app/room.js'
import { cleanName, cleanRoom, cleanText, makeId, nameProblem, roomProblem } from '../../examples/chat/public/app/rules.js'
import { dayLabel, isOnlyEmoji, nameList, splitLinks } from '../../examples/chat/public/app/text.js'

const message = (seq, text = `text ${seq}`) => ({ id: `id-${seq}`, room: 'lobby', name: 'Ann', text, at: seq, seq })
const seqs = (room) => room.messages.map(({ seq }) => seq)
const entry = (id, at = 0) => ({ id, room: 'lobby', name: 'Ann', text: id, at })

/** An outbox whose server answers when the test says so. */
function makeOutbox(kept = []) {
  const stored = new Map(kept.map((one) => [one.id, one]))
  const sent = []
  const confirmed = []
  const outbox = new Outbox({
    store: {
      load: () => [...stored.values()],
      save: (one) => stored.set(one.id, one),
      remove: (id) => stored.delete(id),
    },
    send: ({ id }) => new Promise((resolve, reject) => sent.push({ id, resolve, reject })),
    isReady: ({ room }) => room === 'lobby',
    onChange: () => {},
    onConfirmed: ({ id }) => confirmed.push(id),
  })
  outbox.setName('Ann')
  return { outbox, sent, confirmed, stored, states: () => outbox.of('lobby').map(({ id, state }) => `${id} ${state}`) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('the outbox sends one message at a time, in order, and forgets it when it is confirmed', async () => {
  const { outbox, sent, confirmed, stored, states } = makeOutbox()
  outbox.add(entry('a'))
  outbox.add(entry('b'))
  assert.deepEqual(sent, [])
  outbox.resume()
  assert.deepEqual(states(), ['a sending', 'b queued'])
  sent[0].resolve({ ok: true, seq: 1, at: 1 })
  await settled()
  assert.deepEqual(states(), ['b sending'])
  sent[1].resolve({ ok: true, seq: 2, at: 2 })
  await settled()
  assert.deepEqual(sent.map(({ id }) => id), ['a', 'b'])
  assert.deepEqual(confirmed, ['a', 'b'])
  assert.equal(stored.size, 0)
})

test('the outbox keeps what it holds when the connection goes, and sends it again with the same id', async () => {
  const { outbox, sent, confirmed, stored, states } = makeOutbox([entry('a')])
  outbox.resume()
  outbox.pause()
  assert.deepEqual(states(), ['a queued'])
  sent[0].reject(new Error('gone'))
  await settled()
  assert.equal(stored.size, 1)
  outbox.resume()
  sent[1].resolve({ ok: true, seq: 1, at: 1 })
  await settled()
  assert.deepEqual(sent.map(({ id }) => id), ['a', 'a'])
  assert.deepEqual(confirmed, ['a'])
})

for (const [what, answer] of [['does not answer', null], ['is busy', { ok: false, code: 'busy', error: '' }]]) {
  test(`the outbox tries again a little later when the server ${what}`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { outbox, sent, states } = makeOutbox([entry('a'), entry('b', 1)])
    outbox.resume()
    if (answer) sent[0].resolve(answer)
    else sent[0].reject(new Error('no answer'))
    await settled()
    assert.deepEqual(states(), ['a queued', 'b queued'])
    t.mock.timers.tick(1000)
    assert.deepEqual(sent.map(({ id }) => id), ['a', 'a'])
  })
}

test('a message the server refuses is marked and lets the next one pass; it can be tried again or discarded', async () => {
  const { outbox, sent, stored, states } = makeOutbox([entry('a'), entry('b', 1)])
  outbox.resume()
  sent[0].resolve({ ok: false, code: 'bad_text', error: 'No.' })
  await settled()
  assert.deepEqual(states(), ['a failed', 'b sending'])
  assert.equal(outbox.of('lobby')[0].problem, 'No.')
  sent[1].resolve({ ok: true, seq: 1, at: 1 })
  await settled()
  outbox.retry('a')
  assert.deepEqual(states(), ['a sending'])
  outbox.discard('a')
  assert.deepEqual(states(), [])
  assert.equal(stored.size, 0)
})

test('a message that comes back from its room is confirmed without the answer', async () => {
  const { outbox, sent, confirmed } = makeOutbox([entry('a'), entry('b', 1)])
  outbox.resume()
  outbox.confirm('a', { seq: 1, at: 1 })
  sent[0].resolve({ ok: true, seq: 1, at: 1 })
  await settled()
  assert.deepEqual(confirmed, ['a'])
  assert.deepEqual(sent.map(({ id }) => id), ['a', 'b'])
})

test('the outbox holds messages for rooms that are not joined, and those of other names', () => {
  const { outbox, sent } = makeOutbox([{ ...entry('a'), room: 'attic' }, { ...entry('b', 1), name: 'Bob' }, entry('c', 2)])
  outbox.resume()
  assert.deepEqual(sent.map(({ id }) => id), ['c'])
})

test('a new name takes along what was written under the last one', () => {
  const { outbox, stored } = makeOutbox([entry('a')])
  outbox.setName('Anna', 'Ann')
  assert.equal(outbox.of('lobby').length, 1)
  assert.equal(stored.get('a').name, 'Anna')
})

test('a room shows each message once, by its position', () => {
  const room = new Room('lobby')
  room.enter({ members: ['Ann'], messages: [message(2), message(4)], more: true })
  assert.equal(room.add(message(3)), true)
  assert.equal(room.add(message(3)), false)
  room.addEarlier({ messages: [message(1), message(2)], more: false })
  assert.deepEqual(seqs(room), [1, 2, 3, 4])
  assert.equal(room.hasMore, false)
})

test('a room that is entered again keeps its log if there is no gap, and starts anew if there is one', () => {
  const room = new Room('lobby')
  room.enter({ members: [], messages: [message(1), message(2)], more: false })
  room.enter({ members: [], messages: [message(2), message(3)], more: true })
  assert.deepEqual(seqs(room), [1, 2, 3])
  assert.equal(room.hasMore, false)
  room.enter({ members: [], messages: [message(8), message(9)], more: true })
  assert.deepEqual(seqs(room), [8, 9])
  assert.equal(room.hasMore, true)
})

test('somebody is typing until they say otherwise, write, leave or fall silent', () => {
  const room = new Room('lobby')
  for (const name of ['A', 'B', 'C', 'Ann']) room.setTyping(name, true, 10)
  room.setTyping('D', true, 99)
  room.setTyping('A', false, 0)
  room.setMember('B', false)
  room.add(message(1))
  assert.deepEqual(room.typingNames(9), ['C', 'D'])
  assert.deepEqual(room.typingNames(10), ['D'])
})

test('only addresses of the web become links, and punctuation stays with the sentence', () => {
  const cases = [
    ['no link', []],
    ['https://a.example', ['https://a.example']],
    ['see http://a.example/x.', ['http://a.example/x']],
    ['(https://a.example/y)', ['https://a.example/y']],
    ['https://a.example/y_(z)', ['https://a.example/y_(z)']],
    ['<https://a.example>', ['https://a.example']],
    ['HTTPS://A.example!', ['HTTPS://A.example']],
    ['https://', []],
    ['https://[', []],
    ['javascript:alert(1) data:text/html,x file:///etc ftp://a.example', []],
    ['https://a.example\u202egpj.exe', ['https://a.example']],
    ['https://a.example and http://b.example', ['https://a.example', 'http://b.example']],
  ]
  for (const [text, links] of cases) {
    const pieces = splitLinks(text)
    assert.deepEqual(pieces.filter(({ href }) => href).map(({ href }) => href), links, text)
    assert.equal(pieces.map((piece) => piece.text).join(''), text)
  }
})

test('what people type becomes what is sent', () => {
  assert.equal(cleanName('  Ada \t Lovelace '), 'Ada Lovelace')
  assert.equal(cleanRoom(' #Book  Club '), 'book-club')
  assert.equal(cleanText('\n\n  two\r\nlines\u0000 \n\n'), '  two\nlines')
})

test('names and rooms that will not do are explained', () => {
  for (const name of ['Ann', 'نور', '李', '🎉', 'x'.repeat(32)]) assert.equal(nameProblem(name), '')
  for (const name of ['', '---', 'x'.repeat(33), 'a\u202eb', 'a\u200bb']) assert.notEqual(nameProblem(name), '')
  for (const room of ['lobby', 'a-1']) assert.equal(roomProblem(room), '')
  for (const room of ['', '-a', 'a--b', 'ä', 'x'.repeat(33)]) assert.notEqual(roomProblem(room), '')
})

test('ids are version 4 UUIDs, without crypto.randomUUID as well', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  assert.match(makeId(), uuid)
  assert.match(makeId({ getRandomValues: (bytes) => bytes.fill(0xff) }), uuid)
})

test('short texts of emoji are shown large, others are not', () => {
  for (const text of ['🎉', '👩‍👩‍👧', '👍🏽', '🇩🇪', '❤️', '🎉 🚀']) assert.equal(isOnlyEmoji(text), true, text)
  for (const text of ['', 'a', '🎉 yes', '1', '🎉🎉🎉🎉🎉🎉']) assert.equal(isOnlyEmoji(text), false, text)
})

test('days and names are worded', () => {
  const now = new Date(2030, 4, 20, 12).getTime()
  const at = (days) => now - days * 24 * 3600 * 1000
  assert.deepEqual([0, 1].map((days) => dayLabel(at(days), now)), ['Today', 'Yesterday'])
  assert.equal(nameList(['A']), 'A')
  assert.equal(nameList(['A', 'B']), 'A and B')
  assert.equal(nameList(['A', 'B', 'C']), 'A, B and 1 other')
})
