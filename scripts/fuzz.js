// Fuzzes: `npm run fuzz [-- seconds] [target]`, 300 seconds for each target if not said otherwise.
// Findings go to build/fuzz/findings, new inputs to build/fuzz/corpus; the repository is only read.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, buildFolder } from './lib/cmake.js'
import { filesBelow } from './lib/files.js'
import { endWithOurCommands, root, run } from './lib/run.js'
import { runSteps } from './lib/steps.js'
import { setUp } from './setup.js'

const folder = buildFolder('fuzz')
const findings = join(folder, 'findings')

function targetsNamed(name) {
  const all = filesBelow('tests/fuzz', /\.cpp$/)
    .map((path) => path.replace(/^tests\/fuzz\/|\.cpp$/g, ''))
    .filter((target) => target !== 'replay_main')
  const chosen = name ? all.filter((target) => target === name) : all
  if (chosen.length === 0) throw new Error(name ? `no fuzz target "${name}"; there are: ${all.join(' ')}` : 'no fuzz targets')
  return chosen
}

// Runs one target; its log stands beside the findings and its end is printed.
async function fuzz(target, seconds) {
  const grown = join(folder, 'corpus', target)
  mkdirSync(grown, { recursive: true })
  const seeds = join(root, 'tests', 'fuzz', 'corpus', target)
  const dictionary = join(root, 'tests', 'fuzz', `${target}.dict`)
  const log = join(findings, `${target}.log`)
  const output = openSync(log, 'w')
  try {
    await run(join(folder, 'tests', 'fuzz', `fuzz-${target}`), [
      `-max_total_time=${seconds}`, '-timeout=10', '-rss_limit_mb=2048', '-print_final_stats=1',
      `-artifact_prefix=${findings}/${target}-`,
      ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
      grown, ...(existsSync(seeds) ? [seeds] : [])
    ], { timeout: (seconds + 120) * 1000, stdio: ['ignore', output, output] })
  } catch (error) {
    throw new Error(`${readFileSync(log, 'utf8').split('\n').slice(-60).join('\n')}\n${error.message}`)
  } finally {
    closeSync(output)
  }
}

async function main(args) {
  const seconds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 300)
  const targets = targetsNamed(args.find((arg) => !/^\d+$/.test(arg)))
  await setUp('fuzz')
  await build('fuzz', targets.map((target) => `fuzz-${target}`))
  mkdirSync(findings, { recursive: true })
  return runSteps(targets.map((target) => ({ name: target, run: () => fuzz(target, seconds) })))
}

endWithOurCommands()
try {
  if (!(await main(process.argv.slice(2)))) process.exitCode = 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
