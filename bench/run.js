// Measures a server against the floor, in alternation, and prints a table. See README.md.
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runForJson, startServer } from './children.js'
import { scenarios, units } from './scenarios.js'
import { summarize } from './summary.js'

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url))

const usage = `usage: node bench/run.js [options]
  --build DIR        where the programs were built (build/release)
  --server FILE      the server (DIR/tests/servers/fixture-server)
  --peer socket.io   measure the reference implementation instead
  --only TEXT        only scenarios whose name contains TEXT
  --repeat N         pairs of runs for each scenario (3)
  --json FILE        also write all measurements to FILE
  --check            exit with 1 if a goal is missed`

const options = {
  build: { type: 'string', default: pathOf('../build/release') },
  server: { type: 'string' },
  peer: { type: 'string' },
  only: { type: 'string', default: '' },
  repeat: { type: 'string', default: '3' },
  json: { type: 'string' },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
}

const peers = {
  'socket.io': [process.execPath, pathOf('peers/socketio.mjs')]
}

/** A mistake of whoever called us: no stack, only what is wrong. */
class UsageError extends Error {}

function readOptions() {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    throw new UsageError(error.message)
  }
}

/** @returns {{floor: string[], server: string[], load: string}} commands */
function readPrograms({ build, server = `${build}/tests/servers/fixture-server`, peer }) {
  if (peer !== undefined && !Object.hasOwn(peers, peer)) throw new UsageError(`--peer: unknown peer '${peer}'`)
  const floor = `${build}/bench/bench-floor`
  const load = `${build}/bench/bench-load`
  for (const file of peer ? [floor, load] : [floor, load, server]) {
    if (!existsSync(file)) throw new UsageError(`${file} does not exist: build it, or say --build or --server`)
  }
  return { floor: [floor, '--port', '0'], server: peer ? peers[peer] : [server, '--port', '0'], load }
}

function readRepeat(text) {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError(`--repeat: '${text}' is not a number from 1 to 999`)
  return Number(text)
}

/** One run of a scenario against a fresh process, which has no memory and no warm caches from the last. */
async function measure(load, command, scenario) {
  const server = await startServer(command)
  try {
    const target = ['--pid', String(server.pid), '--port', String(server.port)]
    return await runForJson([load, ...scenario.load, ...target])
  } finally {
    await server.stop()
  }
}

async function measurePairs(programs, scenario, repeat) {
  const pairs = []
  for (let pair = 1; pair <= repeat; pair++) {
    process.stderr.write(`${scenario.name}: ${pair} of ${repeat}\n`)
    const floor = scenario.hasFloor === false ? undefined : await measure(programs.load, programs.floor, scenario)
    const server = await measure(programs.load, programs.server, scenario)
    pairs.push({ floor, server })
  }
  return pairs
}

function printTable(rows) {
  console.log('| scenario | floor | server | ratio | goal | met | client | server busy |')
  console.log('|---|---|---|---|---|---|---|---|')
  for (const row of rows) {
    const amount = (number) => number === undefined ? '' : `${number.toFixed(0)} ${units[row.value]}`
    const ratio = row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}x`
    const met = row.goal === '' ? '' : row.met ? 'yes' : '**no**'
    const cells = [row.name, amount(row.floor), amount(row.server), ratio, row.goal, met,
      `${row.client.toFixed(0)} ns CPU`, `${(row.busy * 100).toFixed(0)} %`]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

async function main() {
  const given = readOptions()
  if (given.help) return console.log(usage)
  const programs = readPrograms(given)
  const repeat = readRepeat(given.repeat)
  const chosen = scenarios.filter(({ name }) => name.includes(given.only))
  if (chosen.length === 0) throw new UsageError(`--only: no scenario contains '${given.only}'`)
  const rows = []
  for (const scenario of chosen) rows.push(summarize(scenario, await measurePairs(programs, scenario, repeat)))
  printTable(rows)
  if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(rows, null, 2)}\n`)
  if (given.check && rows.some(({ met }) => !met)) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n${usage}` : `bench: ${error.message}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
