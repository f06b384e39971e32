// Runs nginx and HAProxy with the configurations that the documentation shows.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { patience, root, until } from '../interop/support.js'

const page = readFileSync(path.join(root, 'docs/proxies.md'), 'utf8')

/** The code of `language` that the page shows first below `heading`. */
function shown(heading, language) {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const code = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(section)?.[1]
  assert.ok(code, `docs/proxies.md shows no ${language} below "${heading}"`)
  return code
}

/** Replaces what must be there: else the page has changed, and the test would run something else. */
export function replace(text, pattern, replacement) {
  const replaced = text.replaceAll(pattern, replacement)
  assert.notEqual(replaced, text, `${pattern} is not in the configuration of docs/proxies.md`)
  return replaced
}

// Debian puts both where the PATH of ordinary users does not lead.
function find(program, variable, debianPackage) {
  const given = process.env[variable]
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin']
  const found = given ?? folders.map((folder) => path.join(folder, program)).find(isExecutable)
  assert.ok(found && isExecutable(found), `${program} was not found: install the package "${debianPackage}", or name it with ${variable}`)
  return found
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// What nginx needs around the file of a site, to run in the foreground, as one process, in a folder of its own.
const aroundSite = (folder, site) => `
daemon off;
master_process off;
pid ${folder}/pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
${site}
}
`

/** The proxies, and what is shown of each. */
export const proxies = {
  nginx: {
    one: shown('nginx', 'nginx'),
    several: shown('Several processes', 'nginx'),
    listenAt: (config, port) => replace(config, 'listen 80;', `listen 127.0.0.1:${port};`),
    command: (folder, config) => ({
      program: find('nginx', 'BANTER_NGINX', 'nginx-light'),
      text: aroundSite(folder, config),
      args: (file) => ['-p', folder, '-c', file, '-e', 'stderr']
    })
  },
  HAProxy: {
    one: shown('HAProxy', 'haproxy'),
    several: shown('Several processes', 'haproxy'),
    listenAt: (config, port) => replace(config, 'bind :80\n', `bind 127.0.0.1:${port}\n`),
    command: (folder, config) => ({
      program: find('haproxy', 'BANTER_HAPROXY', 'haproxy'),
      text: config,
      args: (file) => ['-db', '-f', file]
    })
  }
}

const documentedPorts = [3000, 3001]

/**
 * Starts a proxy in front of servers; it ends with the test.
 * @param {import('node:test').TestContext} t
 * @param {'nginx' | 'HAProxy'} name
 * @param {string} config as it is shown
 * @param {number[]} ports of the servers, which take the place of those that are shown
 * @returns {Promise<{ url: string }>}
 */
export async function startProxy(t, name, config, ports) {
  const proxy = proxies[name]
  const folder = await mkdtemp(path.join(tmpdir(), 'proxy-test-'))
  let child
  t.after(async () => {
    await child?.end()
    await rm(folder, { recursive: true })
  })
  const inFrontOf = ports.reduce((text, port, i) => replace(text, `127.0.0.1:${documentedPorts[i]}`, `127.0.0.1:${port}`), config)
  // A port that is free now may be taken a moment later: then another one is tried.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const { program, text, args } = proxy.command(folder, proxy.listenAt(inFrontOf, port))
    const file = path.join(folder, 'config')
    await writeFile(file, text)
    child = new Foreground(program, args(file))
    if (await child.listensOn(port)) return { url: `http://127.0.0.1:${port}` }
    assert.ok(attempt < 3 && /in use/.test(child.said), `${name} did not start:\n${child.said}`)
  }
}

/** A program that runs until it is told to end. */
class Foreground {
  #child
  #hasEnded = false
  /** What it wrote to standard error. */
  said = ''

  constructor(program, args) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.said += text })
    this.#child.on('error', (error) => { this.said += error.message })
    this.#child.on('close', () => { this.#hasEnded = true })
  }

  /** True once it accepts connections, false if it ended instead. */
  async listensOn(port) {
    let accepts = false
    await until(async () => {
      accepts = await canConnect(port)
      return accepts || this.#hasEnded
    })
    return accepts && !this.#hasEnded
  }

  async end() {
    if (this.#hasEnded) return
    const closed = once(this.#child, 'close')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patience)
    this.#child.kill('SIGTERM')
    await closed
    clearTimeout(timer)
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
