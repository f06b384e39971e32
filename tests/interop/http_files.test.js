// Static files: what is served, what never is.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { answersTo, answerTo, get, request } from './http_answers.js'
import { startFixture } from './support.js'

const top = mkdtempSync(join(tmpdir(), 'banter-files-'))
const folder = join(top, 'public')
const script = 'console.log("hello")\n'
let server

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
  png: 'image/png',
  JPG: 'image/jpeg',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
  txt: 'text/plain; charset=utf-8',
  'unknown-ending': 'application/octet-stream'
}

function put(path, content) {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), content)
}

before(async () => {
  put('index.html', '<p>home')
  put('docs/index.html', '<p>docs')
  put('app.js', script)
  put('app.js.gz', gzipSync(script))
  put('stale.css', 'new {}')
  put('stale.css.gz', gzipSync('old {}'))
  put('.secret', 'classified')
  put('.git/config', 'classified')
  put('a b+c.txt', 'blank and plus')
  put('ünïcode.txt', 'unicode')
  put('empty.txt', '')
  for (const ending of Object.keys(types)) put(`file.${ending}`, ending)
  writeFileSync(join(top, 'outside.txt'), 'classified')
  mkdirSync(join(top, 'public-but-not'))
  writeFileSync(join(top, 'public-but-not', 'x.txt'), 'classified')
  symlinkSync(join(top, 'outside.txt'), join(folder, 'link-out.txt'))
  symlinkSync(top, join(folder, 'folder-out'))
  symlinkSync(join(folder, 'app.js'), join(folder, 'link-in.js'))
  symlinkSync('loop', join(folder, 'loop'))
  utimesSync(join(folder, 'stale.css.gz'), 1, 1)
  server = await startFixture(['--public', folder])
})

after(async () => {
  await server.stop()
  rmSync(top, { recursive: true })
})

for (const [ending, type] of Object.entries(types)) {
  test(`files: file.${ending} is ${type}, and the browser is not to guess`, async () => {
    const { status, headers, body } = await answerTo(server.port, get(`/file.${ending}`))
    assert.equal(status, 200)
    assert.equal(headers['content-type'], type)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(body.toString(), ending)
  })
}

const served = {
  '/': '<p>home',
  '/?query': '<p>home',
  '/docs/': '<p>docs',
  '/a%20b+c.txt': 'blank and plus',
  '/%C3%BCn%C3%AFcode.txt': 'unicode',
  '/empty.txt': '',
  '/link-in.js': script
}
for (const [path, content] of Object.entries(served)) {
  test(`files: ${path} is there`, async () => {
    const { status, body } = await answerTo(server.port, get(path))
    assert.equal(status, 200)
    assert.equal(body.toString(), content)
  })
}

test('files: a folder without its slash is sent to the one with it, the query kept', async () => {
  const { status, headers } = await answerTo(server.port, get('/docs?a=b'))
  assert.equal(status, 301)
  assert.equal(headers.location, '/docs/?a=b')
})

const escapes = [
  '/../outside.txt', '/docs/../../outside.txt', '/..', '/../', '/docs/..', '/./app.js', '/docs/../app.js',
  '/%2e%2e/outside.txt', '/%2E%2e/outside.txt', '/.%2e/outside.txt', '/docs/%2e%2e/%2e%2e/outside.txt',
  '/..%2foutside.txt', '/%2e%2e%2foutside.txt', '/docs%2findex.html', '/..%5coutside.txt', '/..\\outside.txt',
  '/%252e%252e/outside.txt', '/%c0%ae%c0%ae/outside.txt', '//outside.txt', '//etc/passwd', '///app.js', '/app.js/', '/app.js/x',
  '/app.js%00.txt', '/%00', '/.secret', '/%2esecret', '/.git/config', '/docs/.', '/link-out.txt', '/folder-out/outside.txt', '/folder-out',
  '/folder-out/', '/loop', '/../public-but-not/x.txt', '/etc/passwd', '/%2fetc%2fpasswd', '/nothing', '/docs/nothing',
  `/${'a'.repeat(300)}`, `/${'a/'.repeat(3000)}`, '/file.txt%0d%0aX:1', '/CON', 'http://localhost/../outside.txt'
]
for (const path of escapes) {
  test(`files: ${path.length > 60 ? `${path.slice(0, 20)}… (${path.length} characters)` : path} is not there`, async () => {
    const { status, body } = await answerTo(server.port, get(path))
    assert.equal(status, 404)
    assert.doesNotMatch(body.toString(), /classified/)
  })
}

test('files: a folder that leads elsewhere adds no header to the redirect', async () => {
  const { status, headers } = await answerTo(server.port, get('/docs?x=%0d%0aSet-Cookie:a=b'))
  assert.equal(status, 301)
  assert.equal(headers['set-cookie'], undefined)
})

test('files: two slashes in front do not make the redirect lead to another host', async () => {
  const { status } = await answerTo(server.port, get('//docs'))
  assert.equal(status, 404)
})

test('files: other methods than GET and HEAD get 405', async () => {
  const { status, headers } = await answerTo(server.port, request('POST /app.js HTTP/1.1', 'Host: a', 'Content-Length: 0'))
  assert.equal(status, 405)
  assert.equal(headers.allow, 'GET, HEAD')
})

test('files: HEAD has the length of the file, and no body', async () => {
  const sent = request('HEAD /app.js HTTP/1.1', 'Host: a')
  const { status, headers } = await answerTo(server.port, sent, { withoutBody: true })
  assert.equal(status, 200)
  assert.equal(Number(headers['content-length']), script.length)
})

test('files: pipelined requests for files and others are answered in order', async () => {
  const paths = ['/app.js', '/healthz', '/nothing', '/file.css', '/', '/readyz', '/file.png']
  const answers = await answersTo(server.port, paths.map((path) => get(path)).join('') + get('/docs/', 'Connection: close'))
  assert.deepEqual(answers.map(({ body, status }) => (status === 200 ? body.toString() : status)), [script, 'ok', 404, 'css', '<p>home', 'ok', 'png', '<p>docs'])
})

// --- conditional requests

test('304: the file is not sent again to a client that names its ETag, strong, weak, in a list or as a star', async () => {
  const { headers } = await answerTo(server.port, get('/file.css'))
  assert.match(headers.etag, /^"[^"]+"$/)
  for (const value of [headers.etag, `W/${headers.etag}`, `"other", ${headers.etag}`, '*']) {
    const again = await answerTo(server.port, get('/file.css', `If-None-Match: ${value}`))
    assert.equal(again.status, 304, value)
    assert.equal(again.headers.etag, headers.etag)
    assert.equal(again.headers['content-type'], undefined)
  }
})

test('304: not for another ETag, nor for a changed file', async () => {
  const { headers } = await answerTo(server.port, get('/file.mjs'))
  assert.equal((await answerTo(server.port, get('/file.mjs', 'If-None-Match: "other"'))).status, 200)
  put('file.mjs', 'changed now')
  const again = await answerTo(server.port, get('/file.mjs', `If-None-Match: ${headers.etag}`))
  assert.equal(again.status, 200)
  assert.equal(again.body.toString(), 'changed now')
  assert.notEqual(again.headers.etag, headers.etag)
})

test('304: by date, unless an ETag is named', async () => {
  const { headers } = await answerTo(server.port, get('/file.css'))
  const since = `If-Modified-Since: ${headers['last-modified']}`
  assert.equal((await answerTo(server.port, get('/file.css', since))).status, 304)
  assert.equal((await answerTo(server.port, get('/file.css', since, 'If-None-Match: "other"'))).status, 200)
})

// --- gzip

// Accept-Encoding, whether the packed file is sent.
const encodings = [
  [undefined, false], ['gzip', true], ['GZIP', true], ['br, gzip', true], ['gzip;q=0.5, br', true], ['*', true],
  ['identity', false], ['gzip;q=0', false], ['gzip; q=0.000', false], ['gzip;q=0, *', false], ['*;q=0', false], ['gzip;q=0.001', true], ['x-gzipped', false]
]
for (const [accepted, isPacked] of encodings) {
  test(`gzip: with Accept-Encoding ${accepted} the file goes ${isPacked ? 'packed' : 'as it is'}`, async () => {
    const { headers, body } = await answerTo(server.port, get('/app.js', ...(accepted === undefined ? [] : [`Accept-Encoding: ${accepted}`])))
    assert.equal(headers['content-encoding'], isPacked ? 'gzip' : undefined)
    assert.equal((isPacked ? gunzipSync(body) : body).toString(), script)
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8')
    assert.match(headers.vary, /accept-encoding/i)
  })
}

test('gzip: the packed file has an ETag of its own', async () => {
  const plain = await answerTo(server.port, get('/app.js'))
  const packed = await answerTo(server.port, get('/app.js', 'Accept-Encoding: gzip'))
  assert.notEqual(plain.headers.etag, packed.headers.etag)
  assert.equal((await answerTo(server.port, get('/app.js', 'Accept-Encoding: gzip', `If-None-Match: ${packed.headers.etag}`))).status, 304)
})

test('gzip: a packed file older than the file is not sent', async () => {
  const { headers, body } = await answerTo(server.port, get('/stale.css', 'Accept-Encoding: gzip'))
  assert.equal(headers['content-encoding'], undefined)
  assert.equal(body.toString(), 'new {}')
})
