// Builds what is published and what servers serve:
//
//   node build.js [--out DIR]      default: dist, beside this file
//   node build.js --check          only checks the types
//
//   banter.esm.js  banter.esm.min.js  banter.cjs      for bundlers and Node
//   socket.io.js  socket.io.min.js  socket.io.esm.min.js   for pages, each with .map, .gz and .br
//   types/                                            declarations made from the JSDoc comments
//
// The same sources give the same bytes, wherever DIR is.

import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('.', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Members that only our own modules use: the minified bundles shorten them. */
const internalNames = /^(_.*|callback|failAll|holder|isIdle|isOpen|isVolatile|isWritable|messages|nextId|original|slots|takesError)$/

/** What is made of which source; `isServed` adds the source map and the compressed copies. */
const bundles = [
  { file: 'banter.esm.js', entry: 'index.js', format: 'esm' },
  { file: 'banter.esm.min.js', entry: 'index.js', format: 'esm', minify: true },
  { file: 'banter.cjs', entry: 'index.js', format: 'cjs' },
  { file: 'socket.io.js', entry: 'global.js', format: 'iife', isServed: true },
  { file: 'socket.io.min.js', entry: 'global.js', format: 'iife', minify: true, isServed: true },
  { file: 'socket.io.esm.min.js', entry: 'index.js', format: 'esm', minify: true, isServed: true },
]

/** Writes one bundle into `out`. */
async function bundle({ file, entry, format, minify = false, isServed = false }, out) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/${entry}`],
    // Never written there: paths in source maps must not depend on `out`.
    outfile: `dist/${file}`,
    write: false,
    bundle: true,
    format,
    minify,
    mangleProps: minify ? internalNames : undefined,
    reserveProps: /^_placeholder$/, // on the wire
    platform: 'neutral',
    target: 'es2022',
    legalComments: 'none',
    banner: { js: `/*! banter-client ${version} | MIT */` },
    sourcemap: isServed ? 'linked' : false,
    logLevel: 'warning',
  })
  for (const { path, contents } of outputFiles) {
    const target = join(out, basename(path))
    writeFileSync(target, contents)
    if (isServed) compress(target, contents)
  }
}

/** Writes `target`.gz and `target`.br. */
function compress(target, contents) {
  const gzip = gzipSync(contents, { level: 9 })
  gzip[9] = 255 // the operating system, RFC 1952 section 2.3: "unknown"
  writeFileSync(`${target}.gz`, gzip)
  writeFileSync(`${target}.br`, brotliCompressSync(contents, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
    },
  }))
}

/** Runs the type checker. */
function tsc(...args) {
  const { bin } = createRequire(import.meta.url)('typescript/package.json')
  const file = fileURLToPath(new URL(bin.tsc, import.meta.resolve('typescript/package.json')))
  const { status } = spawnSync(process.execPath, [file, '-p', root, ...args], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

/** Writes the declarations, once for `import` and once for `require`. */
function declare(out) {
  tsc('--outDir', join(out, 'types'))
  cpSync(join(out, 'types'), join(out, 'types-cjs'), { recursive: true })
  writeFileSync(join(out, 'types-cjs', 'package.json'), '{ "type": "commonjs" }\n')
}

const { values } = parseArgs({ options: { out: { type: 'string' }, check: { type: 'boolean' } } })
if (values.check) tsc('--noEmit', '--emitDeclarationOnly', 'false')
else {
  const out = resolve(values.out ?? join(root, 'dist'))
  mkdirSync(out, { recursive: true })
  for (const folder of ['types', 'types-cjs']) rmSync(join(out, folder), { recursive: true, force: true })
  await Promise.all(bundles.map((options) => bundle(options, out)))
  declare(out)
}
