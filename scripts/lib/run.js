// Child processes: run a command to its end, or ask it for its output.
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Processes that may work at once. */
export const cores = availableParallelism()

// Installing llhttp may bring Debian's own, older node to /usr/bin: ours comes first in PATH, wherever it is.
// If it is the one in /usr/bin it stays the one, and PATH as it was.
const nodeFolder = dirname(process.execPath)
const path = process.env.PATH ?? ''

/** The environment of every child. */
export const environment = {
  ...process.env,
  PATH: nodeFolder === '/usr/bin' ? path : [nodeFolder, path].join(delimiter)
}
if (findTool('ccache')) {
  environment.CMAKE_C_COMPILER_LAUNCHER ??= 'ccache'
  environment.CMAKE_CXX_COMPILER_LAUNCHER ??= 'ccache'
}

/**
 * Runs a command in the repository, with our own output and without input.
 * @param {string} command
 * @param {string[]} args
 * @param {{env?: Record<string, string>, timeout?: number, stdio?: import('node:child_process').StdioOptions}} options
 * `timeout` in milliseconds, 20 minutes if absent
 * @returns {Promise<void>} rejects, naming the command, unless it exits with 0
 */
export function run(command, args, { env = {}, timeout = 20 * 60_000, stdio = ['ignore', 'inherit', 'inherit'] } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: { ...environment, ...env }, stdio, timeout })
    child.on('error', (error) => reject(new Error(`${command}: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${[command, ...args].join(' ')} ${signal ? `was ended by ${signal}` : `exited with ${code}`}`))
    })
  })
}

/**
 * What a command prints.
 * @param {string} command
 * @param {string[]} args
 * @returns {string | null} null if it is missing or fails
 */
export function outputOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, env: environment, encoding: 'utf8' })
  return status === 0 ? stdout : null
}

/**
 * Looks a program up in PATH.
 * @param {string} name
 * @returns {string | null} its path
 */
export function findTool(name) {
  for (const folder of environment.PATH.split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // not in this folder
    }
  }
  return null
}
