// Fails on an include that points up, see lib/layers.js for the rules.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cppFiles } from './lib/files.js'
import { findLayerErrors } from './lib/layers.js'
import { root } from './lib/run.js'

const files = cppFiles()
const errors = files.flatMap((path) =>
  findLayerErrors(path, readFileSync(join(root, path), 'utf8')).map(({ line, why }) => `${path}:${line}: ${why}`)
)
for (const error of errors) console.error(error)
console.log(`${files.length} files, ${errors.length} includes that their layer does not allow`)
if (errors.length > 0) process.exitCode = 1
