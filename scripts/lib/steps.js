// Runs named steps one after the other, prints name and time of each, and a summary.

/** Thrown by a step that has nothing to do, with the reason. */
export class Skip extends Error {}

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} [needs] names of steps without which this one is not run
 * @property {() => unknown} run throws if the step fails
 */

/**
 * Runs `steps`. One that fails does not stop the others, save those that need it.
 * @param {Step[]} steps
 * @param {{log?: (line: string) => void, now?: () => number}} options
 * @returns {Promise<boolean>} whether all went well
 */
export async function runSteps(steps, { log = console.log, now = () => performance.now() } = {}) {
  /** @type {Map<string, string>} what became of each step */
  const outcomes = new Map()
  const lines = []
  const finish = (name, outcome, note) => {
    outcomes.set(name, outcome)
    lines.push(`  ${outcome.padEnd(8)} ${name}${note ? `  (${note})` : ''}`)
    log(`== ${name}: ${outcome}${note ? ` (${note})` : ''}`)
  }

  for (const { name, needs = [], run } of steps) {
    const lacking = needs.find((other) => ['failed', 'not run'].includes(outcomes.get(other) ?? ''))
    if (lacking) {
      finish(name, 'not run', `needs ${lacking}`)
      continue
    }
    log(`\n== ${name}`)
    const start = now()
    const seconds = () => `${((now() - start) / 1000).toFixed(1)} s`
    try {
      await run()
      finish(name, 'passed', seconds())
    } catch (error) {
      if (error instanceof Skip) {
        finish(name, 'skipped', error.message)
      } else {
        log(error.message)
        finish(name, 'failed', seconds())
      }
    }
  }

  const count = (outcome) => [...outcomes.values()].filter((other) => other === outcome).length
  log(`\n${lines.join('\n')}\n`)
  log(`${count('passed')} passed, ${count('failed')} failed`)
  return count('failed') === 0
}
