// Compiles every C++ snippet of docs/, and has Node read the JavaScript ones. (README.md shows a whole example, which
// is built, and a test compares them.)
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow } from './lib/files.js'
import { root } from './lib/run.js'
import { scriptsOf, sourcesOf } from './lib/snippets.js'
import { syntaxErrors } from './lib/syntax.js'

const pages = filesBelow('docs', /\.md$/).map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }))

// g++ takes a page for a header, and minds that a coroutine there has a lambda in its frame.
const flags = ['-Wno-subobject-linkage']

async function failedSources() {
  const folder = join(root, 'build', 'snippets')
  mkdirSync(folder, { recursive: true })
  const sources = pages
    .flatMap(({ name, text }) => sourcesOf(name, text))
    .map((source, index) => {
      const path = join(folder, `${index}.cpp`)
      writeFileSync(path, source.text)
      return { ...source, path }
    })
  return { count: sources.length, failed: await syntaxErrors('checked-snippets.json', sources, flags) }
}

function failedScripts() {
  const scripts = pages.flatMap(({ name, text }) => scriptsOf(name, text))
  const failed = scripts.filter(({ name, text }) => {
    const node = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], { input: text, encoding: 'utf8' })
    if (node.status !== 0) console.error(`${name}: ${node.stderr}`)
    return node.status !== 0
  })
  return { count: scripts.length, failed: failed.map(({ name }) => name) }
}

const cpp = await failedSources()
const js = failedScripts()
for (const name of [...cpp.failed, ...js.failed]) console.error(`${name}: a snippet does not compile`)
console.log(`${pages.length} pages: ${cpp.count} C++ sources, ${cpp.failed.length} that do not compile; ${js.count} JavaScript snippets, ${js.failed.length} that do not`)
if (cpp.failed.length + js.failed.length > 0) process.exitCode = 1
