/**
 * Delay before a reconnection attempt: doubles from attempt to attempt, spread to either
 * side so that clients that fell together do not return together.
 * @param {number} attempt 0 for the first
 * @param {object} options
 * @param {number} options.reconnectionDelay milliseconds before the first attempt
 * @param {number} options.reconnectionDelayMax no result is larger
 * @param {number} options.randomizationFactor 0 to 1
 * @param {() => number} [random] gives a number in [0, 1)
 * @returns {number} milliseconds
 */
export function backoff(attempt, options, random = Math.random) {
  const { reconnectionDelay, reconnectionDelayMax, randomizationFactor } = options
  const base = Math.min(reconnectionDelay * 2 ** Math.min(attempt, 30), reconnectionDelayMax)
  const r = random()
  const deviation = Math.floor(r * randomizationFactor * base)
  // The sign comes from r's first decimal, the size from all of r.
  const isShorter = Math.floor(r * 10) % 2 === 0
  return Math.min(isShorter ? base - deviation : base + deviation, reconnectionDelayMax)
}
