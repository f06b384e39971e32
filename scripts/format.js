// Checks that the C++ files are formatted as .clang-format says; `--write` formats them.
import { cppFiles } from './lib/files.js'
import { cores, run } from './lib/run.js'

const formatter = 'clang-format-14'  // versions differ in details, so it has to be this one
const options = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror']

const files = cppFiles()
const shares = Array.from({ length: cores }, (_, i) => files.filter((_, j) => j % cores === i))
const results = await Promise.allSettled(
  shares.filter((share) => share.length > 0).map((share) => run(formatter, [...options, ...share]))
)
if (results.some((result) => result.status === 'rejected')) {
  console.error(`${formatter} is missing or a file is not formatted: npm run format`)
  process.exitCode = 1
} else {
  console.log(`${files.length} files are formatted`)
}
