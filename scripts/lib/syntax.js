// Compiles sources only to see that they compile, several at a time. One that passed is not compiled again until
// it, a header of ours that it includes, the compiler or its flags change.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cores, outputOf, root, run } from './run.js'

const compiler = 'g++'
const flags = ['-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-I', 'include']

// Adds to `seen` each header of ours that `text` includes, and what those include.
function includedBy(text, seen = new Set()) {
  for (const [, name] of text.matchAll(/#include ["<](banter\/[^">]+)[">]/g)) {
    const path = join('include', name)
    if (seen.has(path) || !existsSync(join(root, path))) continue
    seen.add(path)
    includedBy(readFileSync(join(root, path), 'utf8'), seen)
  }
  return seen
}

function keyOf(source, version, args) {
  const hash = createHash('sha256').update(`${version} ${args.join(' ')} ${source.text}`)
  for (const file of includedBy(source.text)) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/**
 * @param {string} cache name of the file, in build/, that remembers what passed
 * @param {{ name: string, text: string, path: string }[]} sources `text` is what is compiled, and lies at `path`
 * @param {string[]} moreFlags
 * @returns {Promise<string[]>} names of those that do not compile; the compiler has said why
 */
export async function syntaxErrors(cache, sources, moreFlags = []) {
  const args = [...flags, ...moreFlags]
  const cacheFile = join(root, 'build', cache)
  const version = outputOf(compiler, ['--version'])
  const known = new Set(existsSync(cacheFile) ? JSON.parse(readFileSync(cacheFile, 'utf8')) : [])
  const passed = []
  const failed = []
  const queue = [...sources]
  async function work() {
    for (let source = queue.shift(); source; source = queue.shift()) {
      const key = keyOf(source, version, args)
      try {
        // Included rather than compiled by itself: #pragma once in a main file would be a warning.
        if (!known.has(key)) await run(compiler, [...args, '-include', source.path, '-x', 'c++', '/dev/null'])
        passed.push(key)
      } catch {
        failed.push(source.name)
      }
    }
  }
  await Promise.all(Array.from({ length: cores }, work))
  mkdirSync(dirname(cacheFile), { recursive: true })
  writeFileSync(cacheFile, JSON.stringify(passed))
  return failed
}
