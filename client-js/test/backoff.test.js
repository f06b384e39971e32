import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff } from '../src/backoff.js'

const options = { reconnectionDelay: 1000, reconnectionDelayMax: 5000, randomizationFactor: 0.5 }

// attempt, random, delay: the sign is that of the first decimal, even is shorter
const table = [
  [0, 0, 1000], [0, 0.1, 1050], [0, 0.899, 551], [0, 0.999, 1499],
  [1, 0.899, 1101], [1, 0.999, 2999],
  [2, 0.899, 2202], [2, 0.999, 5000],
  [3, 0.25, 4375], [3, 0.899, 2753], [3, 0.999, 5000],
  [1017, 0.2, 4500], [1e9, 0.999, 5000],
]

for (const [attempt, random, delay] of table) {
  test(`backoff: attempt ${attempt} with random ${random} waits ${delay} ms`, () => {
    assert.equal(backoff(attempt, options, () => random), delay)
  })
}

test('backoff: doubles without randomness', () => {
  const exact = { ...options, randomizationFactor: 0 }
  assert.deepEqual([0, 1, 2, 3, 4].map((attempt) => backoff(attempt, exact)), [1000, 2000, 4000, 5000, 5000])
})

test('backoff: a delay of zero stays zero', () => {
  assert.equal(backoff(5000, { ...options, reconnectionDelay: 0 }, () => 0.9), 0)
})
