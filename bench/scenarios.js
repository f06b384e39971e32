// What is measured, and what it may cost.

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string[]} load arguments of bench-load
 * @property {'serverCpuNs' | 'bytesPerConnection'} value what of its answer is reported
 * @property {boolean} [hasFloor] false where the floor cannot answer; there is no ratio then
 * @property {number} [ratioGoal] at most this many times the floor
 * @property {number} [valueGoal] at most this much
 */

/** @type {Scenario[]} */
export const scenarios = [
  {
    name: 'echo, 1 in flight',
    load: ['echo', '--connections', '100', '--size', '64', '--depth', '1', '--rounds', '3000'],
    value: 'serverCpuNs',
    ratioGoal: 2
  },
  {
    name: 'echo, 16 in flight',
    load: ['echo', '--connections', '100', '--size', '64', '--depth', '16', '--rounds', '600'],
    value: 'serverCpuNs',
    ratioGoal: 5
  },
  {
    name: 'connect and close',
    load: ['connect', '--connections', '50', '--rounds', '100'],
    value: 'serverCpuNs'
  },
  {
    name: 'idle',
    load: ['idle', '--connections', '10000'],
    value: 'bytesPerConnection',
    valueGoal: 3 * 1024
  },
  {
    name: 'idle, poll held',
    load: ['idle-polling', '--connections', '10000'],
    value: 'bytesPerConnection',
    hasFloor: false,
    valueGoal: 4 * 1024
  }
]

export const units = {
  serverCpuNs: 'ns CPU',
  bytesPerConnection: 'B'
}
