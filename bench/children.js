// The processes of a run: each has an owner here, and none outlives it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()

/**
 * Starts a child that is killed with this process. Node has raised the limit of open files to the hard one
 * already, and children inherit it.
 * @param {string[]} command program and arguments
 */
function start([program, ...args]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  child.once('close', () => children.delete(child))
  return child
}

/** Kills what still runs; for the way out. */
function killAll() {
  for (const child of children) child.kill('SIGKILL')
}

process.once('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

/**
 * Starts a server and waits for its line `listening on http://HOST:PORT`.
 * @param {string[]} command
 * @param {object} options
 * @param {number} [options.patience] milliseconds that it may take to start, and to stop
 * @returns {Promise<{pid: number, port: number, stop: () => Promise<void>}>}
 */
export async function startServer(command, { patience = 10_000 } = {}) {
  const child = start(command)
  const closed = once(child, 'close') // rejects if the program cannot be started
  const stop = async () => {
    child.kill('SIGTERM')
    const impatience = setTimeout(() => child.kill('SIGKILL'), patience)
    await closed
    clearTimeout(impatience)
  }
  try {
    const port = await Promise.race([
      readPort(child),
      closed.then(([code]) => { throw new Error(`${command[0]} exited with ${code} before it listened`) }),
      timeout(patience, `${command[0]} did not say that it listens`)
    ])
    return { pid: child.pid, port, stop }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/**
 * Runs a program to its end and parses the JSON it prints.
 * @param {string[]} command
 */
export async function runForJson(command) {
  const child = start(command)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => { output += text })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command.slice(0, 2).join(' ')} failed with ${code ?? signal}`)
  return JSON.parse(output)
}

/** @param {import('node:child_process').ChildProcess} child */
function readPort(child) {
  const lines = createInterface({ input: child.stdout })
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const match = /^listening on http:\/\/[^ ]+:(\d+)$/.exec(line)
      if (match) resolve(Number(match[1]))
    })
  })
}

function timeout(milliseconds, message) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), milliseconds).unref()
  })
}
