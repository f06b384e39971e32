// Compiles each public header alone, with nothing but include/ in the path: none may rely on what another one
// happened to include, or on a header in src/.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow } from './lib/files.js'
import { root } from './lib/run.js'
import { syntaxErrors } from './lib/syntax.js'

const headers = filesBelow('include/banter', /\.h$/).map((name) => {
  const path = join(root, name)
  return { name, path, text: readFileSync(path, 'utf8') }
})
const failed = await syntaxErrors('checked-headers.json', headers)
for (const path of failed) console.error(`${path} does not compile alone`)
console.log(`${headers.length} headers, ${failed.length} that do not compile alone`)
if (failed.length > 0) process.exitCode = 1
