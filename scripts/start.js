// Builds the chat and runs it: `npm start`. PORT and HOST choose the address.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { build, buildFolder } from './lib/cmake.js'
import { endWithOurCommands, environment, root } from './lib/run.js'
import { setUp } from './setup.js'

// Runs a program in our place: passes signals on, ends as it ends.
function become(program) {
  const child = spawn(program, { cwd: root, env: environment, stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // Ctrl+C goes to all programs of a terminal, the child among them: once is enough.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + constants.signals[signal])
  })
}

const undo = endWithOurCommands()
try {
  await setUp('start')
  await build('release', ['chat'])
  undo()  // from here on the chat decides what a signal means
  become(join(buildFolder('release'), 'examples', 'chat', 'chat'))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
