// Child processes: run a command to its end, or ask it for its output.
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants as access } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
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

// A script of ours that another one runs stays in its group.
const isNested = process.env.BANTER_GROUP !== undefined
environment.BANTER_GROUP = '1'

// The commands that run now: the process that leads each group, and a promise of its end.
/** @type {Map<number, Promise<void>>} */
const running = new Map()

/**
 * Runs a command in the repository, with our own output and without input. It has a process group of its own,
 * which ends when the command ends, when its time is over, and when we end: nothing is left behind.
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {Record<string, string>} [options.env] beside our own environment
 * @param {number} [options.timeout] milliseconds after which it is ended, and has failed; 20 minutes if absent
 * @param {number} [options.grace] milliseconds from asking it to end to killing it
 * @param {import('node:child_process').StdioOptions} [options.stdio]
 * @param {boolean} [options.detached] false for a command that has to share our terminal, to ask for a password;
 * it has no group then
 * @returns {Promise<void>} rejects, naming the command, unless it exits with 0
 */
export function run(command, args, options = {}) {
  const { env = {}, timeout = 20 * 60_000, grace = 5000, stdio = ['ignore', 'inherit', 'inherit'], detached = !isNested } = options
  const fullEnvironment = { ...environment, ...env }
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: fullEnvironment, stdio, detached })
    child.on('error', (error) => reject(new Error(`${command}: ${error.message}`)))
    if (child.pid === undefined) return
    const group = detached ? -child.pid : child.pid
    const limit = limitTime(group, timeout, grace)
    running.set(group, new Promise((ended) => child.on('exit', () => ended())))
    child.on('exit', (code, signal) => {
      running.delete(group)
      limit.clear()
      if (detached) send(group, 'SIGKILL')  // what the command left running
      if (code === 0 && !limit.isOver) return resolve()
      const what = limit.isOver ? `took longer than ${timeout / 1000} s` : signal ? `was ended by ${signal}` : `exited with ${code}`
      reject(new Error(`${[command, ...args].join(' ')} ${what}`))
    })
  })
}

// Ends `group` when `timeout` is over, at first politely.
function limitTime(group, timeout, grace) {
  let timer = setTimeout(() => {
    limit.isOver = true
    send(group, 'SIGTERM')
    timer = setTimeout(send, grace, group, 'SIGKILL')
  }, timeout)
  const limit = { isOver: false, clear: () => clearTimeout(timer) }
  return limit
}

function send(group, signal) {
  try {
    process.kill(group, signal)
  } catch {
    // nobody is left
  }
}

process.on('exit', () => {
  for (const group of running.keys()) send(group, 'SIGKILL')
})

/**
 * From now on SIGINT, SIGTERM and SIGHUP end this process and all commands that it runs.
 * @returns {() => void} undoes this
 */
export function endWithOurCommands() {
  const signals = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  const end = async (signal) => {
    for (const group of running.keys()) send(group, signal)
    const leave = () => process.exit(128 + constants.signals[signal])
    setTimeout(leave, 5000)
    await Promise.all(running.values())
    leave()
  }
  for (const signal of signals) process.on(signal, end)
  return () => signals.forEach((signal) => process.off(signal, end))
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
      accessSync(path, access.X_OK)
      return path
    } catch {
      // not in this folder
    }
  }
  return null
}
