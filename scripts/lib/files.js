// Lists of the repository's files.
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './run.js'

/**
 * The files below a folder, sorted; none if there is no such folder.
 * @param {string} folder relative to `base`
 * @param {RegExp} pattern what the name has to match
 * @param {string} base
 * @returns {string[]} relative to `base`
 */
export function filesBelow(folder, pattern, base = root) {
  const start = join(base, folder)
  if (!existsSync(start)) return []
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(base, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((path) => !path.split('/').some((part) => part === 'node_modules' || part === 'build'))
    .sort()
}

/** Our C++ files. */
export const cppFiles = () =>
  ['src', 'include', 'tests', 'examples', 'bench'].flatMap((folder) => filesBelow(folder, /\.(cpp|h)$/))
