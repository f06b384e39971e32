// Installs the library, static and shared, and builds a small user's project against it in each way we promise.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const consumer = join(root, 'tests', 'install', 'consumer')
const work = join(root, 'build', 'install-test')
const programs = ['values', 'server']

// The same for all builds here, so that a compiler cache compiles the library once.
const quick = ['-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Debug', '-DCMAKE_CXX_FLAGS_DEBUG=-O0', '-DCMAKE_C_FLAGS_DEBUG=-O0']
const libraryOnly = ['-DBANTER_CLIENT=ON', ...['TESTS', 'EXAMPLES', 'BENCH'].map((name) => `-DBANTER_${name}=OFF`)]

/** What a command prints; throws with all of it if it fails. */
function run(command, args, env = {}) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, ...env } })
  } catch (error) {
    throw new Error(`${[command, ...args].join(' ')}\n${error.stdout}${error.stderr}`)
  }
}

function configureAndBuild(source, folder, options) {
  run('cmake', ['-S', source, '-B', folder, ...quick, ...options])
  run('cmake', ['--build', folder])
}

function buildConsumer(name, options) {
  const folder = join(work, name)
  rmSync(folder, { recursive: true, force: true })
  configureAndBuild(consumer, folder, [`-DPROGRAMS=${programs.join(';')}`, ...options])
  return folder
}

for (const kind of ['static', 'shared']) {
  describe(`an installed ${kind} library`, () => {
    const prefix = join(work, `${kind}-prefix`)

    before(() => {
      const folder = join(work, kind)
      configureAndBuild(root, folder, [...libraryOnly, `-DBUILD_SHARED_LIBS=${kind === 'shared' ? 'ON' : 'OFF'}`])
      rmSync(prefix, { recursive: true, force: true })
      run('cmake', ['--install', folder, '--prefix', prefix])
    })

    test('is found by find_package', () => {
      const folder = buildConsumer(`${kind}-cmake`, [`-DCMAKE_PREFIX_PATH=${prefix}`])
      for (const name of programs) run(join(folder, name), [])
    })

    test('is found by pkg-config', () => {
      const env = { PKG_CONFIG_PATH: join(prefix, 'lib', 'pkgconfig'), LD_LIBRARY_PATH: join(prefix, 'lib') }
      const flags = run('pkg-config', ['--cflags', '--libs', 'banter'], env).trim().split(/\s+/)
      for (const name of programs) {
        const program = join(work, `${kind}-${name}`)
        run('g++', ['-std=c++20', '-o', program, join(consumer, `${name}.cpp`), ...flags])
        run(program, [], env)
      }
    })

    test('brings the JavaScript client along', () => {
      const client = readFileSync(join(work, kind, 'client', 'socket.io.min.js'))
      const file = kind === 'shared' ? join(prefix, 'lib', 'libbanter.so') : join(work, 'static-cmake', 'server')
      assert.ok(readFileSync(file).includes(client), `${file} lacks socket.io.min.js`)
    })

    test('names no folder of the machine that built it', () => {
      for (const file of ['cmake/banter/banter-targets.cmake', 'cmake/banter/banter-config.cmake', 'pkgconfig/banter.pc']) {
        const text = readFileSync(join(prefix, 'lib', file), 'utf8')
        assert.ok(!text.includes(root), `${file} names ${root}`)
      }
    })
  })
}

describe('the shared library', () => {
  test('exports nothing but what the headers mark', () => {
    const symbols = run('nm', ['--dynamic', '--defined-only', '--demangle', join(work, 'shared-prefix', 'lib', 'libbanter.so')])
    assert.match(symbols, /banter::to_text\(banter::Reason\)/)
    const inner = symbols.split('\n').filter((line) => /\b(llhttp_|banter::(loop|http|websocket|engine|socketio|server)::)/.test(line))
    assert.deepEqual(inner, [])
  })
})

describe('banter as a part of another project', () => {
  test('builds the library alone, and gives its user no flags of ours', () => {
    const folder = buildConsumer('subproject', [`-DBANTER_SOURCE=${root}`, '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON'])
    for (const name of programs) run(join(folder, name), [])

    const commands = JSON.parse(readFileSync(join(folder, 'compile_commands.json'), 'utf8'))
    const ours = commands.filter(({ file }) => file.startsWith(join(root, 'tests')) && !file.startsWith(consumer))
    assert.deepEqual(ours, [])
    for (const { command, file } of commands.filter(({ file }) => file.startsWith(consumer))) {
      assert.doesNotMatch(command, / -(W|fsanitize|Werror)/, file)
    }
  })
})
