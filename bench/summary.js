// From the measurements of a scenario to a row of the table.

/** @param {number[]} numbers not empty */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * The ratio is taken within each pair, whose two runs followed each other: what slowed one of them down has
 * probably slowed down both.
 * @param {import('./scenarios.js').Scenario} scenario
 * @param {{floor?: object, server: object}[]} pairs answers of bench-load
 */
export function summarize(scenario, pairs) {
  const { value, hasFloor = true } = scenario
  const floor = hasFloor ? median(pairs.map((pair) => pair.floor[value])) : undefined
  const server = median(pairs.map((pair) => pair.server[value]))
  const ratio = hasFloor ? median(pairs.map((pair) => pair.server[value] / pair.floor[value])) : undefined
  return {
    name: scenario.name,
    value,
    floor,
    server,
    ratio,
    client: median(pairs.map((pair) => pair.server.clientCpuNs)),
    busy: median(pairs.map((pair) => pair.server.serverCpuNs / pair.server.elapsedNs)),
    goal: describeGoal(scenario),
    met: isMet(scenario, server, ratio),
    pairs
  }
}

function describeGoal({ ratioGoal, valueGoal }) {
  if (ratioGoal !== undefined) return `<= ${ratioGoal}x`
  return valueGoal === undefined ? '' : `<= ${valueGoal} B`
}

/** Without a goal there is nothing to miss. Written so that a NaN, or no ratio, misses every goal. */
function isMet({ ratioGoal, valueGoal }, server, ratio) {
  return (ratioGoal === undefined || ratio <= ratioGoal) && (valueGoal === undefined || server <= valueGoal)
}
