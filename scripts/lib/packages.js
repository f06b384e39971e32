// The Debian packages that banter needs: which are missing, and how to get them.
import { findTool, outputOf, run } from './run.js'

const forStart = {
  'g++': 'C++ compiler',
  cmake: 'build system',
  'ninja-build': 'build tool',
  'pkg-config': 'finds libraries',
  'libuv1-dev': 'event loop',
  'libssl-dev': 'TLS, SHA-1, random',
  'nlohmann-json3-dev': 'JSON values',
  'node-llhttp': 'HTTP parser',
  'zlib1g-dev': 'compression',
  'libsqlite3-dev': 'history of the chat'
}

const forTest = {
  ...forStart,
  'doctest-dev': 'unit tests',
  'clang-format-14': 'format check',
  chromium: 'browser tests',
  'fonts-liberation': 'browser tests',
  'fonts-noto-color-emoji': 'browser tests',
  ccache: 'compiler cache',
  valgrind: 'memory measurements',
  'nginx-light': 'proxy tests',
  haproxy: 'proxy tests'
}

const forFuzz = {
  ...forStart,
  'clang-14': 'libFuzzer',
  'libclang-rt-14-dev': 'libFuzzer and sanitizers',
  'llvm-14': 'symbols in reports'
}

/** @type {Record<string, Record<string, string>>} for each job, each package and what it is for */
export const packagesFor = { start: forStart, test: forTest, fuzz: forFuzz }

// Without Debian's package manager, or without the right to use it, these decide whether to go on.
const toolsFor = {
  start: ['g++', 'cmake', 'ninja', 'pkg-config'],
  test: ['g++', 'cmake', 'ninja', 'pkg-config', 'clang-format-14', 'chromium'],
  fuzz: ['clang++-14', 'cmake', 'ninja', 'pkg-config']
}
const librariesFor = {
  start: ['libuv', 'openssl', 'zlib', 'sqlite3', 'nlohmann_json'],
  test: ['libuv', 'openssl', 'zlib', 'sqlite3', 'nlohmann_json'],
  fuzz: ['libuv', 'openssl', 'zlib', 'nlohmann_json']
}

/**
 * Installs the packages of `job` that are missing.
 * @param {'start' | 'test' | 'fuzz'} job
 * @returns {Promise<void>} rejects with a text for people if that is not possible
 */
export async function installPackages(job) {
  const wanted = packagesFor[job]
  if (!findTool('dpkg-query')) {
    return goOnIfToolsAreThere(job, `This is not a Debian system. On Debian 12 the packages are: ${Object.keys(wanted).join(' ')}`)
  }
  const missing = missingPackages(Object.keys(wanted))
  if (missing.length === 0) return

  console.log('banter needs these Debian packages:')
  for (const name of missing) console.log(`  ${name.padEnd(24)}${wanted[name]}`)
  const elevated = elevation()
  if (!elevated) {
    const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
    return goOnIfToolsAreThere(job, `Not root and no sudo: they cannot be installed from here. As root: ${command}`)
  }
  await aptGet(elevated, ['update'])
  await aptGet(elevated, ['install', '--yes', '--no-install-recommends', ...missing])
}

/**
 * @param {string[]} names
 * @returns {string[]} those that are not installed
 */
export function missingPackages(names) {
  const listing = outputOf('dpkg-query', ['--show', '--showformat', '${binary:Package} ${db:Status-Status}\n']) ?? ''
  const installed = new Set()
  for (const line of listing.split('\n')) {
    const [name, status] = line.split(' ')
    if (status === 'installed') installed.add(name.replace(/:.*/, ''))
  }
  return names.filter((name) => !installed.has(name))
}

// What to put before a command that only root may run; null if there is no way.
function elevation() {
  if (process.getuid?.() === 0) return []
  if (!findTool('sudo')) return null
  if (outputOf('sudo', ['-n', 'true']) !== null) return ['sudo', '-n']
  return process.stdin.isTTY ? ['sudo'] : null
}

function aptGet(elevated, args) {
  const command = [...elevated, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet', ...args]
  console.log(`+ ${command.join(' ')}`)
  const stdin = elevated.length === 1 ? 'inherit' : 'ignore'  // sudo may ask for the password
  return run(command[0], command.slice(1), {
    stdio: [stdin, 'inherit', 'inherit'],
    ...(stdin === 'inherit' && { detached: false })
  })
}

function goOnIfToolsAreThere(job, why) {
  console.log(why)
  const missing = [
    ...toolsFor[job].filter((name) => !findTool(name)),
    ...librariesFor[job].filter((name) => outputOf('pkg-config', ['--exists', name]) === null)
  ]
  if (missing.length > 0) throw new Error(`not found: ${missing.join(', ')}`)
  console.log('The tools are there; going on.')
}
