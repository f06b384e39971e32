// Compiles each public header alone, with nothing but include/ in the path: none may rely on what another one
// happened to include, or on a header in src/. A header that passed is not compiled again until it, or one that
// it includes, changes.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesBelow } from './lib/files.js'
import { cores, outputOf, root, run } from './lib/run.js'

const compiler = 'g++'
const flags = ['-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-I', 'include']
const cacheFile = join(root, 'build', 'checked-headers.json')

// The header and all that it includes of ours, each once.
function closure(path, seen = new Set()) {
  if (seen.has(path) || !existsSync(join(root, path))) return seen
  seen.add(path)
  for (const [, name] of readFileSync(join(root, path), 'utf8').matchAll(/#include ["<](banter\/[^">]+)[">]/g)) {
    closure(join('include', name), seen)
  }
  return seen
}

const version = outputOf(compiler, ['--version'])
function keyOf(path) {
  const hash = createHash('sha256').update(`${version} ${flags.join(' ')} ${path}`)
  for (const file of closure(path)) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

async function compile(path) {
  // Included rather than compiled by itself, where #pragma once would be a warning.
  await run(compiler, [...flags, '-include', join(root, path), '-x', 'c++', '/dev/null'])
}

const headers = filesBelow('include/banter', /\.h$/)
const known = new Set(existsSync(cacheFile) ? JSON.parse(readFileSync(cacheFile, 'utf8')) : [])
const passed = []
const failed = []
const queue = [...headers]
async function work() {
  for (let path = queue.shift(); path; path = queue.shift()) {
    const key = keyOf(path)
    try {
      if (!known.has(key)) await compile(path)
      passed.push(key)
    } catch {
      failed.push(path)
    }
  }
}
await Promise.all(Array.from({ length: cores }, work))

mkdirSync(dirname(cacheFile), { recursive: true })
writeFileSync(cacheFile, JSON.stringify(passed))
for (const path of failed) console.error(`${path} does not compile alone`)
console.log(`${headers.length} headers, ${failed.length} that do not compile alone`)
if (failed.length > 0) process.exitCode = 1
