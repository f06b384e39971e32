// Reads Prometheus's text format, version 0.0.4, and refuses what breaks a rule of it:
// https://prometheus.io/docs/instrumenting/exposition_formats/
import assert from 'node:assert/strict'

const sampleLine = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>[^}]*)\})? (?<value>[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf|NaN))$/
const labelPair = /^[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"$/
const types = ['counter', 'gauge', 'histogram', 'summary', 'untyped']

/**
 * @param {string} text
 * @returns {Map<string, { type: string, help: string, samples: Map<string, number> }>} by the families' names; samples
 * by all behind the family's name: '', '{label="value"}', '_sum'
 */
export function readMetrics(text) {
  assert.ok(text.endsWith('\n'), 'the last line has no end')
  const families = new Map()
  let family
  for (const line of text.slice(0, -1).split('\n')) {
    const [, comment, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (comment === 'HELP') {
      assert.ok(!families.has(name), `a second ${name}: its lines are not together`)
      family = { name, help: rest, samples: new Map() }
      families.set(name, family)
    } else if (comment === 'TYPE') {
      assert.deepEqual([name, family?.type, family?.samples.size], [family?.name, undefined, 0], `misplaced: ${line}`)
      assert.ok(types.includes(rest), line)
      family.type = rest
    } else {
      addSample(family, line)
    }
  }
  for (const each of families.values()) checkFamily(each)
  return families
}

function addSample(family, line) {
  const { name, labels, value } = sampleLine.exec(line)?.groups ?? assert.fail(`not a sample: ${line}`)
  for (const pair of labels?.split(',') ?? []) assert.match(pair, labelPair)
  const suffix = name.slice(family.name.length)
  const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
  assert.ok(name.startsWith(family.name) && suffixes.includes(suffix), `${line} is not of ${family.name}`)
  const key = labels === undefined ? suffix : `${suffix}{${labels}}`
  assert.ok(!family.samples.has(key), `twice: ${line}`)
  family.samples.set(key, value === '+Inf' ? Infinity : Number(value))
}

function checkFamily({ name, type, help, samples }) {
  assert.ok(type && help && samples.size > 0, `${name} is not complete`)
  assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
  if (type === 'counter') for (const value of samples.values()) assert.ok(value >= 0, `${name} is below zero`)
  if (type === 'histogram') checkHistogram(name, samples)
}

function checkHistogram(name, samples) {
  const buckets = [...samples].filter(([key]) => key.startsWith('_bucket'))
  const bounds = buckets.map(([key]) => /le="([^"]+)"/.exec(key)[1]).map((bound) => bound === '+Inf' ? Infinity : Number(bound))
  const counts = buckets.map(([, count]) => count)
  assert.ok(bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]), `${name}: bounds that do not rise`)
  assert.ok(counts.every((count, i) => i === 0 || count >= counts[i - 1]), `${name}: counts that fall`)
  assert.deepEqual([bounds.at(-1), counts.at(-1)], [Infinity, samples.get('_count')], `${name}: the last bucket is not all`)
  assert.ok(samples.has('_sum'), `${name} has no sum`)
}
