// Runs a server for a test, and ends it with the test: in order, and without a report of a sanitizer.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const build = path.resolve(root, process.env.BANTER_BUILD ?? 'build/dev')
const exitWithin = 15_000

export async function mustBeExecutable(file, hint) {
  await access(file, constants.X_OK).catch(() => assert.fail(`${file} is missing or not executable: ${hint}`))
}

/** One of the programs of the build folder; it prints its address when it is ready. */
export class Program {
  #file
  #args
  #env
  #process = null
  #port = 0
  #stderr = ''

  /**
   * Starts the program; it ends with the test.
   * @param {import('node:test').TestContext} t
   * @param {string} name its path in the build folder
   * @param {{ args?: (port: number) => string[], env?: (port: number) => Record<string, string> }} options
   *   how it learns its port: 0 at first, the same as before when it is started again
   */
  static async start(t, name, { args = () => [], env = () => ({}) } = {}) {
    const program = new Program()
    program.#file = path.join(build, name)
    program.#args = args
    program.#env = env
    await mustBeExecutable(program.#file, 'build it, or name another build folder with BANTER_BUILD')
    t.after(() => program.#end())
    await program.restart()
    return program
  }

  get url() { return `http://127.0.0.1:${this.#port}/` }

  get origin() { return `http://127.0.0.1:${this.#port}` }

  /** Starts the program again, on the same port. */
  async restart() {
    this.#process = spawn(this.#file, this.#args(this.#port), {
      env: { ...process.env, ...this.#env(this.#port) }, cwd: root, stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process.stderr.setEncoding('utf8').on('data', (text) => { this.#stderr += text })
    this.#port = await this.#printedPort()
  }

  /** As a crash would end it. */
  kill() { return this.#exit('SIGKILL') }

  /** As an operator ends it; it must leave in order. */
  async stop() {
    const [code, signal] = await this.#exit('SIGTERM')
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `${this.#file} did not end in order:\n${this.#stderr}`)
    assert.doesNotMatch(this.#stderr, /Sanitizer|runtime error:/)
  }

  async #printedPort() {
    let output = ''
    for await (const chunk of this.#process.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += chunk
      const found = /http:\/\/\S+:(\d+)$/m.exec(output)
      if (!found) continue
      this.#process.stdout.resume()
      return Number(found[1])
    }
    assert.fail(`${this.#file} ended without printing its address:\n${output}${this.#stderr}`)
  }

  async #exit(signal) {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode, child.signalCode]
    const closed = once(child, 'close') // after the last of its output
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), exitWithin)
    const result = await closed
    clearTimeout(timer)
    return result
  }

  async #end() {
    if (!this.#process) return
    try {
      if (this.#process.signalCode !== 'SIGKILL') await this.stop()
    } finally {
      await this.#exit('SIGKILL')
    }
  }
}
