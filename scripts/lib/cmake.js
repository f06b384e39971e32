// CMake: configure a preset when it has changed, build targets of it.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.js'

/**
 * The build folder of a preset.
 * @param {string} preset
 */
export const buildFolder = (preset) => join(root, 'build', preset)

/**
 * Configures `preset`. Ninja does so by itself when a CMakeLists.txt changes, but not when the presets do.
 * @param {string} preset
 */
export async function configure(preset) {
  const folder = buildFolder(preset)
  const stamp = join(folder, 'presets.stamp')
  const hash = createHash('sha256').update(readFileSync(join(root, 'CMakePresets.json'))).digest('hex')
  const isDone = existsSync(join(folder, 'build.ninja')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  if (isDone) return
  await run('cmake', ['--preset', preset])
  writeFileSync(stamp, hash)
}

/**
 * Configures `preset` if needed and builds it.
 * @param {string} preset
 * @param {string[]} targets everything if empty
 */
export async function build(preset, targets = []) {
  await configure(preset)
  const args = ['--build', '--preset', preset, ...targets.flatMap((name) => ['--target', name])]
  await run('cmake', args, { timeout: 60 * 60_000 })  // a slow machine is not a failure
}
