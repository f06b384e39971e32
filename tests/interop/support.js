// The fixture server as a process of its own, and waiting for what it does.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const programs = path.resolve(root, process.env.BANTER_BUILD ?? 'build/dev', 'tests/servers')
export const program = path.join(programs, 'fixture-server')

/** Every wait ends with this; long, because a sanitized server on a busy machine is slow. */
export const patience = 20_000

// Freed memory that AddressSanitizer holds back would count as the server's own.
const environment = { ...process.env, ASAN_OPTIONS: 'quarantine_size_mb=4' }

/** Runs the server to its end, for command lines that it refuses. */
export async function runFixture(args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text })
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  return { code, signal, stdout, stderr }
}

/**
 * Starts the server on a free port, and resolves once it listens.
 * @param {string[]} [args] options beside --port
 * @param {{ env?: object, name?: string }} [how] name: of another server of tests/servers
 */
export async function startFixture(args = [], { env = {}, name = 'fixture-server' } = {}) {
  const server = new FixtureServer(path.join(programs, name), args, env)
  await server.start()
  return server
}

class FixtureServer {
  #program
  #args
  #env
  #child = null
  #stderr = ''
  #cleanups = []
  port = 0

  constructor(program, args, env) {
    this.#program = program
    this.#args = args
    this.#env = { ...environment, ...env }
  }

  get pid() { return this.#child.pid }
  get url() { return `http://127.0.0.1:${this.port}` }
  get isRunning() { return this.#child.exitCode === null && this.#child.signalCode === null }

  /** Starts it; again on the same port. */
  async start() {
    this.#child = spawn(this.#program, ['--port', `${this.port}`, ...this.#args], { stdio: ['ignore', 'pipe', 'pipe'], env: this.#env })
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.#stderr += text })
    let output = ''
    for await (const chunk of this.#child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += chunk
      const found = /^listening on http:\/\/127\.0\.0\.1:(\d+)\n$/.exec(output)
      if (!found) continue
      this.#child.stdout.resume()
      this.port = Number(found[1])
      return
    }
    assert.fail(`the server ended without saying where it listens:\n${output}${this.#stderr}`)
  }

  /** Has `cleanup` run before the server ends: then it waits for nobody's closing handshake. */
  after(cleanup) { this.#cleanups.push(cleanup) }

  /** Ends it as an operator would. It must leave in order, and have reported nothing: sanitizers do on standard error. */
  async stop() {
    this.#cleanups.splice(0).forEach((cleanup) => cleanup())
    const ended = await this.#end('SIGTERM')
    assert.equal(this.#stderr.slice(0, 4000), '')
    assert.deepEqual(ended, { code: 0, signal: null })
  }

  /** Ends it as a crash would. */
  kill() { return this.#end('SIGKILL') }

  /** Resolves when the server's state is as wanted. */
  settles(isSettled) { return until(isSettled) }

  async #end(signal) {
    const child = this.#child
    if (this.isRunning) {
      const closed = once(child, 'close')
      const timer = setTimeout(() => child.kill('SIGKILL'), patience)
      child.kill(signal)
      await closed
      clearTimeout(timer)
    }
    return { code: child.exitCode, signal: child.signalCode }
  }
}

/** Asks again and again until the answer is true; fails after `patience`. For states that announce themselves to nobody. */
export async function until(isTrue) {
  const deadline = performance.now() + patience
  while (!await isTrue()) {
    if (performance.now() > deadline) assert.fail(`still not so after ${patience} ms: ${isTrue}`)
    await delay(10)
  }
}

/** What `promise` resolves to; rejects after `patience`, saying `what` there was not. */
export async function within(promise, what) {
  let timer
  const expired = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${patience} ms`)), patience)
  })
  return Promise.race([promise, expired]).finally(() => clearTimeout(timer))
}

/** The arguments of the next `name`; rejects after `patience`, so that no test hangs. */
export async function next(emitter, name) {
  const [args] = await collect(emitter, name, 1)
  return args
}

/** The arguments of the next `count` events called `name`, as a list. */
export function collect(emitter, name, count) {
  return new Promise((resolve, reject) => {
    const seen = []
    const stop = () => {
      clearTimeout(timer)
      emitter.off(name, listener)
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`${seen.length} of ${count} "${name}" within ${patience} ms`))
    }, patience)
    const listener = (...args) => {
      if (seen.push(args) < count) return
      stop()
      resolve(seen)
    }
    emitter.on(name, listener)
  })
}
