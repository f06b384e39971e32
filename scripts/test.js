// Everything CI runs: `npm test`. `--fast` is for the loop of editing, `--tsan` runs everything under TSan.
// Names of steps may follow, to run only those (and what they need): npm test -- format layers
// A step that hangs is ended, with all that it started, and has failed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, buildFolder } from './lib/cmake.js'
import { filesBelow } from './lib/files.js'
import { npm } from './lib/npm.js'
import { cores, endWithOurCommands, findTool, outputOf, run } from './lib/run.js'
import { runSteps, Skip } from './lib/steps.js'
import { setUp } from './setup.js'

const minutes = (count) => count * 60_000

const script = (name) => run(process.execPath, [join('scripts', name)], { timeout: minutes(5) })

const sanitizerOptions = {
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'second_deadlock_stack=1'
}

// Runs tests of a preset's build folder; a selection that matches none is a failure.
async function ctest(preset, selection) {
  const args = ['--test-dir', buildFolder(preset), '--output-on-failure', '--no-tests=error', '-j', `${cores}`, ...selection]
  // GCC 12's TSan cannot map its memory where the kernel randomizes more than 28 bits of an address.
  if (preset === 'tsan' && randomBits() > 28) {
    return run('setarch', ['--addr-no-randomize', 'ctest', ...args], { env: sanitizerOptions, timeout: minutes(15) })
  }
  return run('ctest', args, { env: sanitizerOptions, timeout: minutes(15) })
}

function randomBits() {
  try {
    return Number(readFileSync('/proc/sys/vm/mmap_rnd_bits', 'utf8'))
  } catch {
    return 0
  }
}

// Runs JavaScript tests against the programs of a preset, which they find through BANTER_BUILD.
function nodeTests(folder, preset) {
  const files = filesBelow(folder, /\.test\.js$/)
  if (files.length === 0) throw new Skip('nothing there yet')
  return run(process.execPath, ['--test', '--test-reporter=spec', ...files], {
    env: { ...sanitizerOptions, BANTER_BUILD: buildFolder(preset) },
    timeout: minutes(10)
  })
}

function skipUnlessThere(folder, pattern, exceptions = /^$/) {
  const files = filesBelow(folder, pattern).filter((path) => !exceptions.test(path))
  if (files.length === 0) throw new Skip('nothing there yet')
}

const layerTests = /^tests\/(main\.cpp|fuzz|servers|install|interop|browser|proxies)/

function unitTests(preset, ...selection) {
  skipUnlessThere('tests', /\.cpp$/, layerTests)
  return ctest(preset, selection)
}

async function threadTests() {
  const listing = outputOf('ctest', ['--test-dir', buildFolder('dev'), '-N', '-L', '^threads$']) ?? ''
  if (/Total Tests: 0/.test(listing)) throw new Skip('nothing there yet')
  await build('tsan', ['thread-tests'])
  await ctest('tsan', ['-L', '^threads$'])
}

function corpora() {
  skipUnlessThere('tests/fuzz', /\.cpp$/, /replay_main/)
  return ctest('dev', ['-L', '^corpus$'])
}

// The library as its users build it: `npm start` does so too.
async function instructions() {
  if (!findTool('valgrind')) throw new Skip('valgrind is not installed')
  await build('release', ['bench-json-server', 'bench-load'])
  await run(process.execPath, [join('bench', 'instructions.js'), '--check'], { timeout: minutes(5) })
}

function clientTests() {
  skipUnlessThere('client-js', /\.test\.js$/)
  return npm(['test', '--workspace', 'client-js'])
}

const setup = { name: 'setup', run: () => setUp('test') }
const checks = [
  { name: 'scripts', needs: ['setup'], run: () => nodeTests('scripts/test', 'dev') },
  { name: 'format', needs: ['setup'], run: () => script('format.js') },
  { name: 'layers', needs: ['setup'], run: () => script('check-layers.js') }
]
const devBuild = { name: 'build', needs: ['setup'], run: () => build('dev') }

const everything = [
  setup,
  ...checks,
  { name: 'headers', needs: ['setup'], run: () => script('check-headers.js') },
  { name: 'snippets', needs: ['setup'], run: () => script('check-snippets.js') },
  devBuild,
  { name: 'unit', needs: ['build'], run: () => unitTests('dev', '-LE', '^corpus$') },
  { name: 'corpora', needs: ['build'], run: corpora },
  { name: 'client', needs: ['setup'], run: clientTests },
  { name: 'interop', needs: ['build'], run: () => nodeTests('tests/interop', 'dev') },
  { name: 'browser', needs: ['build'], run: () => nodeTests('tests/browser', 'dev') },
  { name: 'proxies', needs: ['build'], run: () => nodeTests('tests/proxies', 'dev') },
  { name: 'threads', needs: ['build'], run: threadTests },
  { name: 'install', needs: ['build'], run: () => nodeTests('tests/install', 'dev') },
  { name: 'instructions', needs: ['setup'], run: instructions }
]

const fast = [
  setup,
  ...checks,
  devBuild,
  { name: 'unit', needs: ['build'], run: () => unitTests('dev', '-LE', '^(corpus|slow)$') }
]

const tsan = [
  setup,
  { name: 'build', needs: ['setup'], run: () => build('tsan') },
  { name: 'unit', needs: ['build'], run: () => unitTests('tsan') },
  { name: 'interop', needs: ['build'], run: () => nodeTests('tests/interop', 'tsan') }
]

// The steps named, and those they need.
function selectSteps(steps, names) {
  const unknown = names.find((name) => !steps.some((step) => step.name === name))
  if (unknown) throw new Error(`unknown step "${unknown}"; there are: ${steps.map(({ name }) => name).join(' ')}`)
  const wanted = new Set(names)
  for (const step of [...steps].reverse()) {
    if (wanted.has(step.name)) step.needs?.forEach((name) => wanted.add(name))
  }
  return steps.filter(({ name }) => wanted.has(name))
}

async function main(args) {
  const modes = { '--fast': fast, '--tsan': tsan }
  const steps = modes[args.find((arg) => arg in modes)] ?? everything
  const names = args.filter((arg) => !(arg in modes))
  return runSteps(names.length > 0 ? selectSteps(steps, names) : steps)
}

endWithOurCommands()
try {
  if (!(await main(process.argv.slice(2)))) process.exitCode = 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
}
