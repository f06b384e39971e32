// The server that docs/compatibility.md is tested with: ours, or with BANTER_OFFICIAL=1 the official one, which proves
// that a test is right.
import { startFixture } from './support.js'

/** Whether the tests run against the official server; `skip` of a test that only ours can pass. */
export const isOfficial = process.env.BANTER_OFFICIAL === '1'

/** @param {string[]} [args] options of the test server beside --port */
export async function startCompat(args = []) {
  if (!isOfficial) return startFixture(args, { name: 'compat-server' })
  const { startOfficial } = await import('./official/server.js')
  return startOfficial(args)
}
