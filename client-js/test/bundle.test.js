// What `npm run build` has made: loads in every way it is meant to, and stays small.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const names = ['Manager', 'Socket', 'connect', 'default', 'io', 'protocol']

test('bundle: the client is at most 5.0 kB, compressed', () => {
  const { size } = statSync(join(dist, 'socket.io.esm.min.js.gz'))
  assert.ok(size <= 5000, `${size} bytes`)
})

test('bundle: import and require find it by its name', async () => {
  assert.deepEqual(Object.keys(await import('banter-client')).sort(), names)
  assert.deepEqual(Object.keys(createRequire(import.meta.url)('banter-client')).sort(), names)
})

for (const file of ['banter.esm.js', 'banter.esm.min.js', 'socket.io.esm.min.js']) {
  test(`bundle: ${file} exports the same`, async () => {
    assert.deepEqual(Object.keys(await import(join(dist, file))).sort(), names)
  })
}

for (const file of ['socket.io.js', 'socket.io.min.js']) {
  test(`bundle: ${file} makes a global io`, () => {
    const page = createContext({})
    runInContext(readFileSync(join(dist, file), 'utf8'), page)
    assert.equal(runInContext('typeof io + typeof io.connect + typeof io.Manager + io.protocol', page), 'functionfunctionfunction5')
    assert.deepEqual(Object.keys(page), ['io'])
  })
}

test('bundle: what is served has a source map and compressed copies of the same bytes', () => {
  for (const file of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js']) {
    assert.ok(readFileSync(join(dist, file), 'utf8').endsWith(`//# sourceMappingURL=${file}.map\n`))
    for (const served of [file, `${file}.map`]) {
      const bytes = readFileSync(join(dist, served))
      assert.deepEqual(gunzipSync(readFileSync(join(dist, `${served}.gz`))), bytes)
      assert.deepEqual(brotliDecompressSync(readFileSync(join(dist, `${served}.br`))), bytes)
    }
  }
})

test('bundle: building again elsewhere gives the same bytes', () => {
  const out = mkdtempSync(join(tmpdir(), 'banter-client-'))
  try {
    execFileSync(process.execPath, [join(root, 'build.js'), '--out', out])
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    assert.equal(files.length, readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length)
    for (const { path, name } of files) {
      const file = join(path, name)
      assert.deepEqual(readFileSync(file), readFileSync(file.replace(out, dist)), name)
    }
  } finally {
    rmSync(out, { recursive: true })
  }
})

test('bundle: the declarations fit import and require in TypeScript', () => {
  const require = createRequire(import.meta.url)
  const tsc = join(require.resolve('typescript/package.json'), '..', require('typescript/package.json').bin.tsc)
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', join(root, 'test/types')], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
