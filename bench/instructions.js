// Counts the instructions that the server executes in user space for an event, with valgrind's callgrind: unlike
// times they are the same on a busy machine, so CI can hold them. See README.md.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runForJson, startServer } from './children.js'

const usage = `usage: node bench/instructions.js [options]
  --build DIR   where the programs were built (build/release)
  --keep DIR    leaves callgrind's profiles there, for callgrind_annotate
  --check       exit with 1 if a goal is missed`

const options = {
  build: { type: 'string', default: fileURLToPath(new URL('../build/release', import.meta.url)) },
  keep: { type: 'string' },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
}

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string[]} load arguments of bench-load
 * @property {number} few rounds of the short run
 * @property {number} many rounds of the long run
 * @property {number} [goal] at most so many instructions
 */

// One connection, so that each read brings 16 events, whatever the machine does meanwhile.
/** @type {Scenario[]} */
const scenarios = [
  {
    name: 'echo of 64 B, 16 per read',
    load: ['echo', '--connections', '1', '--size', '64', '--depth', '16'],
    few: 100,
    many: 1100,
    goal: 4000
  },
  {
    name: 'broadcast of 128 B to 1,000, each delivery',
    load: ['broadcast', '--connections', '1000', '--size', '128', '--depth', '1'],
    few: 50,
    many: 150
  }
]

const patience = 120_000 // under callgrind everything takes fifty times as long

// What callgrind counted in one run from the start of the server to its end.
async function countRun(build, folder, scenario, rounds) {
  const profile = join(folder, `callgrind.${scenario.load[0]}.${rounds}`)
  const server = await startServer(
    ['valgrind', '--tool=callgrind', '--quiet', `--callgrind-out-file=${profile}`, `${build}/bench/bench-json-server`],
    { patience })
  let events
  try {
    const load = [`${build}/bench/bench-load`, ...scenario.load, '--rounds', String(rounds)]
    const measured = await runForJson([...load, '--pid', String(server.pid), '--port', String(server.port)])
    events = measured.events * 1.1 // those of the warm-up are not among them: a tenth of the rounds
  } finally {
    await server.stop()
  }
  const total = /^totals: (\d+)$/m.exec(readFileSync(profile, 'utf8'))
  if (!total) throw new Error(`${profile} has no totals: callgrind did not come to its end`)
  return { events, instructions: Number(total[1]) }
}

// The difference of a long and a short run: start, connecting and closing are the same in both.
async function countPerEvent(build, folder, scenario) {
  const short = await countRun(build, folder, scenario, scenario.few)
  const long = await countRun(build, folder, scenario, scenario.many)
  return (long.instructions - short.instructions) / (long.events - short.events)
}

async function main() {
  const { build, keep, check, help } = parseArgs({ options }).values
  if (help) return console.log(usage)
  for (const program of ['bench-json-server', 'bench-load']) {
    if (!existsSync(`${build}/bench/${program}`)) throw new Error(`${build}/bench/${program} does not exist: build it, or say --build`)
  }
  const folder = keep ?? mkdtempSync(join(tmpdir(), 'banter-instructions-'))
  try {
    console.log('| user instructions | server | goal | met |')
    console.log('|---|---|---|---|')
    for (const scenario of scenarios) {
      const count = await countPerEvent(build, folder, scenario)
      const isMet = scenario.goal === undefined || count <= scenario.goal
      const goal = scenario.goal === undefined ? ' | ' : `<= ${scenario.goal} | ${isMet ? 'yes' : '**no**'}`
      console.log(`| ${scenario.name} | ${count.toFixed(0)} | ${goal} |`)
      if (check && !isMet) process.exitCode = 1
    }
  } finally {
    if (keep === undefined) rmSync(folder, { recursive: true })
  }
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 2
}
