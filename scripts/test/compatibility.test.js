// docs/compatibility.md is complete, and every test it names is there.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { publicMembers, unionOf } from '../lib/declarations.js'

const root = new URL('../../', import.meta.url)
const read = (name) => readFileSync(new URL(name, root), 'utf8')
const official = (name) => read(`node_modules/${name}`)

/** The events that a class of the official server emits on itself. */
const emitted = (file, emitter = 'this') => [...official(file).matchAll(new RegExp(`${emitter}\\.emit\\("([\\w-]+)"`, 'g'))].map(([, event]) => event)
const members = (file, name, kind = 'class') => publicMembers(official(file), kind, name)

const socketTypes = 'socket.io/dist/socket-types.d.ts'
const namespaces = 'socket.io/dist/namespace.d.ts'
const engine = 'engine.io/build'

// What each section must have a row for.
const wanted = {
  Server: [...members('socket.io/dist/index.d.ts', 'Server'), 'emit'],
  Namespace: members(namespaces, 'Namespace'),
  'Namespaces made by a rule': members('socket.io/dist/parent-namespace.d.ts', 'ParentNamespace'),
  BroadcastOperator: members('socket.io/dist/broadcast-operator.d.ts', 'BroadcastOperator'),
  RemoteSocket: members('socket.io/dist/broadcast-operator.d.ts', 'RemoteSocket'),
  Socket: members('socket.io/dist/socket.d.ts', 'Socket'),
  'Event emitters': [
    ...members('socket.io/dist/typed-events.d.ts', 'StrictEventEmitter'),
    ...Object.getOwnPropertyNames(EventEmitter.prototype).filter((name) => !/^_|^constructor$/.test(name))
  ],
  'Events of the server': [...members(namespaces, 'NamespaceReservedEventsMap', 'interface'), ...members(namespaces, 'ServerReservedEventsMap', 'interface')],
  'Events of a socket': [...members(socketTypes, 'SocketReservedEventsMap', 'interface'), ...members(socketTypes, 'EventEmitterReservedEventsMap', 'interface')],
  Handshake: members(socketTypes, 'Handshake', 'interface'),
  'Errors of middleware': members(namespaces, 'ExtendedError', 'interface'),
  Options: members('socket.io/dist/index.d.ts', 'ServerOptions', 'interface'),
  'Options of Engine.IO': [...members(`${engine}/server.d.ts`, 'ServerOptions', 'interface'), ...members(`${engine}/server.d.ts`, 'AttachOptions', 'interface')],
  'Options of cookie': [...members(`${engine}/contrib/types.cookie.d.ts`, 'CookieSerializeOptions', 'interface'), 'name'],
  'Options of cors': members('@types/cors/index.d.ts', 'CorsOptions', 'interface'),
  'Options of perMessageDeflate': members('@types/ws/index.d.ts', 'PerMessageDeflateOptions', 'interface'),
  'Engine.IO server': [
    ...members(`${engine}/server.d.ts`, 'BaseServer').filter((name) => !name.startsWith('errors.')),
    ...members(`${engine}/server.d.ts`, 'Server'),
    ...emitted(`${engine}/server.js`),
    ...emitted(`${engine}/socket.js`, 'this\\.server')
  ],
  'Codes of connection_error': members(`${engine}/server.d.ts`, 'BaseServer').filter((name) => name.startsWith('errors.')).map((name) => name.slice(7)),
  'Engine.IO socket': [...members(`${engine}/socket.d.ts`, 'Socket'), ...emitted(`${engine}/socket.js`)],
  'Connection below the sockets': members('socket.io/dist/client.d.ts', 'Client'),
  Reasons: unionOf(official(socketTypes), 'DisconnectReason'),
  Adapter: [...members('socket.io-adapter/dist/in-memory-adapter.d.ts', 'Adapter'), ...emitted('socket.io-adapter/dist/in-memory-adapter.js')]
}

/** The rows of a section: the name there, ours, the verdict, and the rest. */
function rowsOf(section) {
  const [, text] = new RegExp(`^## ${section.replaceAll('.', '\\.')}\n([^]*?)(?=^## |$(?![^]))`, 'm').exec(read('docs/compatibility.md')) ?? []
  assert.ok(text, `there is no section "${section}"`)
  return [...text.matchAll(/^\| `([^`]+)` \| (.*?) ?\| ([a-z ]+) \| (.+) \|$/gm)].map(([, name, ours, verdict, rest]) => ({ name, ours, verdict, rest }))
}

for (const [section, names] of Object.entries(wanted)) {
  test(`${section}: a row for every name, and none for what is not there`, () => {
    assert.ok(names.length > 0)
    const rows = rowsOf(section)
    assert.deepEqual([...new Set(rows.map(({ name }) => name))].sort(), [...new Set(names)].sort())
  })
}

test('there are no other sections', () => {
  const sections = [...read('docs/compatibility.md').matchAll(/^## (.+)$/gm)].map(([, section]) => section)
  assert.deepEqual(sections.sort(), Object.keys(wanted).sort())
})

/** Whether a source has a test with this title; titles may be made from a template. */
function hasTest(source, title) {
  const literals = [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(([, plain, template]) => plain?.replaceAll("\\'", "'") ?? template)
  return literals.some((literal) => {
    if (literal === title) return true
    const parts = literal.split(/\$\{[^}]*\}/)
    const fixed = parts.join('').trim()
    const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')
    return parts.length > 1 && fixed.length >= 12 && new RegExp(`^${pattern}$`).test(title)
  })
}

/** The test that the last column names: `file`: title, in brackets behind other words. */
function testIn(text) {
  const [, bracket, file, title] = /(\()?`(compat_\w+|client_\w+)`: (.+)$/.exec(text) ?? []
  return file && { file, title: bracket ? title.slice(0, -1) : title }
}

for (const section of Object.keys(wanted)) {
  for (const { name, ours, verdict, rest } of rowsOf(section)) {
    test(`${section}, ${name}: ${verdict}`, () => {
      assert.ok(['same', 'different', 'left out'].includes(verdict), verdict)
      assert.equal(ours === '', verdict === 'left out', 'what is left out has nothing beside it, and nothing else has')
      const proof = testIn(rest)
      if (verdict === 'same') assert.ok(proof, 'no test is named')
      if (!proof) return
      const source = read(`tests/interop/${proof.file}.test.js`)
      assert.match(source, /socket\.io-client|clients\.js/, 'the stock client is not in it')
      assert.ok(hasTest(source, proof.title), `${proof.file} has no test "${proof.title}"`)
    })
  }
}

test('files that the table names exist', () => {
  for (const [, file] of read('docs/compatibility.md').matchAll(/`((?:tests|scripts)\/[\w./]+\.(?:js|cpp))`/g)) {
    assert.ok(existsSync(new URL(file, root)), file)
  }
})
