// The client's files as the server sends them: what a browser needs to run them, and to load them once.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { startFixture } from './support.js'

async function get(url, headers = {}) {
  const asked = request(url, { headers, agent: false })
  asked.end()
  const [answer] = await once(asked, 'response')
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) }
}

const scripts = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js']

test('every bundle is served with its type, its map, a tag, and compressed for those who can', async (t) => {
  const server = await startFixture(t)
  for (const name of scripts) {
    const url = `${server.url}socket.io/${name}`
    const plain = await get(url)
    assert.equal(plain.status, 200, name)
    assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8')
    assert.equal(plain.headers['x-content-type-options'], 'nosniff')
    assert.equal(plain.headers['content-encoding'], undefined)

    const [, mapName] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(plain.body.toString())
    const map = await get(new URL(mapName, url))
    assert.equal(map.headers['content-type'], 'application/json')
    assert.ok(JSON.parse(map.body.toString()).sources.length > 0)

    for (const [coding, decode] of [['gzip', gunzipSync], ['br', brotliDecompressSync]]) {
      const coded = await get(url, { 'Accept-Encoding': coding })
      assert.equal(coded.headers['content-encoding'], coding)
      assert.match(coded.headers.vary, /accept-encoding/i)
      assert.notEqual(coded.headers.etag, plain.headers.etag)
      assert.ok(decode(coded.body).equals(plain.body), `${name} as ${coding}`)
      const again = await get(url, { 'Accept-Encoding': coding, 'If-None-Match': coded.headers.etag })
      assert.deepEqual([again.status, again.headers.etag, again.body.length], [304, coded.headers.etag, 0])
    }
  }
})

test('a file that the client does not have is not found', async (t) => {
  const server = await startFixture(t)
  for (const name of ['socket.io.mjs', 'socket.io.js.gz', 'socket.io.js/']) {
    assert.equal((await get(`${server.url}socket.io/${name}`)).status, 404, name)
  }
})
