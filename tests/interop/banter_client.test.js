// Our own client against our own server: the tests it passes against the official one.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { after } from 'node:test'
import { root, startFixture } from './support.js'

execFileSync(process.execPath, [path.join(root, 'client-js/build.js')], { cwd: root }) // the bundles are tested too
const server = await startFixture()
after(() => server.stop())
process.env.BANTER_TEST_URL = server.url
await import('../../client-js/test/fixture.test.js')
