// Runs `npm ci` if package-lock.json has changed since the last time. CMake calls this too.
import { installNpmPackages } from './lib/npm.js'

await installNpmPackages()
