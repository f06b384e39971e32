// Installs what is missing: Debian packages and npm packages. `node scripts/setup.js start|test|fuzz`.
import { pathToFileURL } from 'node:url'
import { installNpmPackages } from './lib/npm.js'
import { installPackages, packagesFor } from './lib/packages.js'

/**
 * Makes this machine ready for a job; does nothing if it is.
 * @param {'start' | 'test' | 'fuzz'} job
 */
export async function setUp(job) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Error(`banter needs Node 20 or later; this is ${process.version} (${process.execPath})`)
  }
  await installPackages(job)
  await installNpmPackages()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const job = process.argv[2] ?? ''
  try {
    if (!(job in packagesFor)) throw new Error(`usage: node scripts/setup.js ${Object.keys(packagesFor).join('|')}`)
    await setUp(job)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
