// npm: installs what package-lock.json names, once.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findTool, root, run } from './run.js'

const stamp = join(root, 'node_modules', '.banter-lock')

/** Runs `npm ci` unless node_modules is what package-lock.json says. */
export async function installNpmPackages() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
  if (readIfThere(stamp) === hash) return
  await npm(['ci', '--no-audit', '--no-fund'])
  writeFileSync(stamp, hash)
}

/**
 * Runs npm with this Node: the npm that started us, else the one in PATH.
 * @param {string[]} args
 */
export function npm(args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args])
  if (!findTool('npm')) throw new Error('npm not found: it comes with Node (https://nodejs.org)')
  return run('npm', args)
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
