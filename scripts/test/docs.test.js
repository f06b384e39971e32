// The documentation's links, among its pages and to the rest of the repository.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import { filesBelow } from '../lib/files.js'
import { root } from '../lib/run.js'

const base = new URL(`file://${root}/`)
const proseOf = (markdown) => markdown.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')

// As GitHub names the headings of a page.
const anchorsOf = (markdown) =>
  [...markdown.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-'))

const pages = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs', /\.md$/)]

for (const page of pages) {
  test(`${page} links only to what exists`, async () => {
    const url = new URL(page, base)
    for (const [, link] of proseOf(readFileSync(url, 'utf8')).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const target = new URL(link, url)
      await assert.doesNotReject(stat(target), `${link}: no such file`)
      if (!target.hash) continue
      assert.ok(anchorsOf(readFileSync(target, 'utf8')).includes(target.hash.slice(1)), `${link}: no such heading`)
    }
  })
}
