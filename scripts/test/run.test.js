import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const module = new URL('../lib/run.js', import.meta.url)

// Calls run() in another process. Its output ends only when nobody is left who could write to it, so that
// waiting for the output is waiting for the end of each process that run() started.
function startRun(script, options = {}) {
  const code = `import { endWithOurCommands, run } from '${module}'
    endWithOurCommands()
    await run('sh', ['-c', ${JSON.stringify(script)}], ${JSON.stringify(options)}).catch((error) => console.log(error.message))`
  const env = { ...process.env }
  delete env.BANTER_GROUP  // as if nobody ran it
  return spawn(process.execPath, ['--input-type=module', '--eval', code], { env, stdio: ['ignore', 'pipe', 'inherit'] })
}

test('a command that takes too long is ended with all its children, and has failed', { timeout: 60_000 }, async () => {
  assert.match(await text(startRun('sleep 1000 & sleep 1000', { timeout: 100 }).stdout), /took longer than 0.1 s/)
})

test('a command that does not want to end is killed', { timeout: 60_000 }, async () => {
  const stubborn = 'trap "" TERM; sleep 1000; sleep 1000'
  assert.match(await text(startRun(stubborn, { timeout: 100, grace: 100 }).stdout), /took longer than 0.1 s/)
})

test('what a command leaves running is ended', { timeout: 60_000 }, async () => {
  assert.equal(await text(startRun('sleep 1000 & echo done').stdout), 'done\n')
})

test('a signal to us ends the command and its children', { timeout: 60_000 }, async () => {
  const child = startRun('sleep 1000 & echo ready; sleep 1000')
  const exit = once(child, 'exit')
  child.stdout.once('data', () => child.kill('SIGTERM'))
  assert.match(await text(child.stdout), /^ready/)
  assert.deepEqual(await exit, [143, null])
})

test('a script that is ended takes along what it runs', { timeout: 60_000 }, async () => {
  const inner = `import { run } from '${module}'\nawait run('sh', ['-c', 'sleep 1000 & sleep 1000'])`
  const child = startRun(`exec '${process.execPath}' --input-type=module --eval "$INNER"`, { timeout: 1000, env: { INNER: inner } })
  assert.match(await text(child.stdout), /took longer than 1 s/)
})
