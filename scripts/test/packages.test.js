import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { packagesFor } from '../lib/packages.js'

// A PATH with nothing but what a test puts there.
let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'banter-'))
  symlinkSync('/usr/bin/env', join(folder, 'env'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function addProgram(name, script) {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

function installPackages(job) {
  const code = `import { installPackages } from '${new URL('../lib/packages.js', import.meta.url)}'
    await installPackages('${job}').catch((error) => { console.log(error.message); process.exitCode = 1 })`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    env: { PATH: folder }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']
  })
  return { status, stdout }
}

const installedAllBut = (name) =>
  addProgram('dpkg-query', Object.keys(packagesFor.test).filter((other) => other !== name)
    .map((other) => `echo "${other}:amd64 installed"`).join('\n'))

test('nothing missing: no word, nothing run', () => {
  installedAllBut(null)
  assert.deepEqual(installPackages('test'), { status: 0, stdout: '' })
})

test('a missing package is named with its purpose and installed', () => {
  installedAllBut('libuv1-dev')
  addProgram('sudo', '[ "$1" = -n ] && shift; [ "$1" = true ] || exec "$@"')
  addProgram('apt-get', `echo "$@" >> ${folder}/calls`)
  const { status, stdout } = installPackages('start')
  assert.equal(status, 0)
  assert.match(stdout, /libuv1-dev +event loop/)
  assert.deepEqual(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n'), [
    '--quiet update', '--quiet install --yes --no-install-recommends libuv1-dev'
  ])
})

test('a package that was removed but left its settings is missing', () => {
  addProgram('dpkg-query', 'echo "g++ config-files"')
  addProgram('sudo', 'exit 1')
  addProgram('apt-get', 'exit 1')
  assert.match(installPackages('start').stdout, /g\+\+ +C\+\+ compiler/)
})

test('an installation that fails is a failure', () => {
  installedAllBut('cmake')
  addProgram('sudo', '[ "$1" = -n ] && shift; [ "$1" = true ] || exec "$@"')
  addProgram('apt-get', 'exit 100')
  const { status, stdout } = installPackages('start')
  assert.equal(status, 1)
  assert.match(stdout, /apt-get.*exited with 100/)
})

test('elsewhere than on Debian the packages are listed, and what is not found', () => {
  const { status, stdout } = installPackages('fuzz')
  assert.equal(status, 1)
  assert.match(stdout, /not a Debian system.*clang-14/)
  assert.match(stdout, /not found: clang\+\+-14, cmake, ninja/)
})

test('elsewhere than on Debian it goes on where the tools are found', () => {
  for (const name of ['g++', 'cmake', 'ninja', 'pkg-config']) addProgram(name, 'exit 0')
  const { status, stdout } = installPackages('start')
  assert.equal(status, 0)
  assert.match(stdout, /going on/)
})
