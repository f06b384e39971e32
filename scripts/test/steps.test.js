import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSteps, Skip } from '../lib/steps.js'

async function runQuietly(steps) {
  const lines = []
  const isGood = await runSteps(steps, { log: (text) => lines.push(...text.split('\n')), now: () => 0 })
  return { isGood, lines, last: lines.at(-1) }
}

const passes = () => {}
const fails = () => {
  throw new Error('broken')
}

test('all passing is success, and the last line counts them', async () => {
  const { isGood, last } = await runQuietly([{ name: 'a', run: passes }, { name: 'b', run: async () => {} }])
  assert.equal(isGood, true)
  assert.equal(last, '2 passed, 0 failed')
})

test('a failing step fails the run and does not hide later ones', async () => {
  const { isGood, lines, last } = await runQuietly([{ name: 'a', run: fails }, { name: 'b', run: passes }])
  assert.equal(isGood, false)
  assert.equal(last, '1 passed, 1 failed')
  assert.ok(lines.includes('broken'))
})

test('what needs a failed step is not run, nor what needs that', async () => {
  const { lines, last } = await runQuietly([
    { name: 'a', run: fails },
    { name: 'b', needs: ['a'], run: passes },
    { name: 'c', needs: ['b'], run: passes }
  ])
  assert.equal(last, '0 passed, 1 failed')
  assert.ok(lines.includes('== b: not run (needs a)'))
  assert.ok(lines.includes('== c: not run (needs b)'))
})

test('a skipped step says why and counts as neither', async () => {
  const skips = () => {
    throw new Skip('nothing there yet')
  }
  const { isGood, lines, last } = await runQuietly([{ name: 'a', run: skips }, { name: 'b', needs: ['a'], run: passes }])
  assert.equal(isGood, true)
  assert.equal(last, '1 passed, 0 failed')
  assert.ok(lines.includes('== a: skipped (nothing there yet)'))
})
