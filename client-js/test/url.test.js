import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUrl, requestPath, sessionUrl } from '../src/url.js'

const page = { protocol: 'https:', host: 'page.example:8443' }

const table = [
  ['http://localhost:3000', 'ws://localhost:3000', '/', ''],
  ['http://localhost:3000/', 'ws://localhost:3000', '/', ''],
  ['https://a.example/chat?x=1&y=2#z', 'wss://a.example', '/chat', 'x=1&y=2'],
  ['http://a.example?x=1', 'ws://a.example', '/', 'x=1'],
  ['ws://a.example:80/chat', 'ws://a.example', '/chat', ''],
  ['wss://A.Example:443/Chat', 'wss://a.example', '/Chat', ''],
  ['https://a.example:80', 'wss://a.example:80', '/', ''],
  ['http://[::1]:3000/x', 'ws://[::1]:3000', '/x', ''],
  ['http://user:secret@a.example/x', 'ws://a.example', '/x', ''],
  ['http://a.example/söme name/b', 'ws://a.example', '/söme name/b', ''],
  ['a.example:81/chat', 'wss://a.example:81', '/chat', ''],
  ['//a.example/chat', 'wss://a.example', '/chat', ''],
  ['/chat?x=1', 'wss://page.example:8443', '/chat', 'x=1'],
  ['', 'wss://page.example:8443', '/', ''],
  [undefined, 'wss://page.example:8443', '/', ''],
]

for (const [input, origin, namespace, query] of table) {
  test(`url: ${input} is ${namespace} at ${origin}`, () => {
    assert.deepEqual(parseUrl(input, page), { origin, namespace, query })
  })
}

test('url: without a page the scheme is https', () => {
  assert.equal(parseUrl('a.example', undefined).origin, 'wss://a.example')
})

for (const [input, where] of [['/chat', undefined], [undefined, undefined], ['/chat', { protocol: 'file:', host: '' }],
  ['ftp://a.example', page], ['http://', page], ['http:///chat', page], ['http://a.example/a,b', page]]) {
  test(`url: refuses ${input} on ${where?.protocol ?? 'no'} page`, () => {
    assert.throws(() => parseUrl(input, where), { name: 'TypeError', message: /is not the URL of a namespace/ })
  })
}

test('url: refuses a malformed host', () => {
  assert.throws(() => parseUrl('http://a b/chat', page), TypeError)
})

test('url: the request path has a slash at both ends', () => {
  assert.deepEqual([undefined, '/socket.io', 'a/b', '/a/', '/', ''].map((path) => requestPath(path)),
    ['/socket.io/', '/socket.io/', '/a/b/', '/a/', '/', '/'])
})

test('url: the query of the options is added to that of the URL and wins', () => {
  const target = parseUrl('http://a.example/chat?x=1&y=a%20b&EIO=3')
  assert.equal(sessionUrl(target, { path: '/p', query: { x: 2, z: '&' } }),
    'ws://a.example/p/?x=2&y=a+b&EIO=4&z=%26&transport=websocket')
})
