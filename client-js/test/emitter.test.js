import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Emitter } from '../src/emitter.js'
import { nextUncaught } from './support/events.js'

test('emitter: calls listeners in the order they were added, with the arguments and itself as this', () => {
  const emitter = new Emitter()
  const seen = []
  emitter.on('a', function (...args) { seen.push([1, this === emitter, ...args]) })
  emitter.on('a', (...args) => seen.push([2, ...args]))
  emitter._fire('a', 'x', 'y')
  assert.deepEqual(seen, [[1, true, 'x', 'y'], [2, 'x', 'y']])
})

test('emitter: once calls once, and off takes it away before', () => {
  const emitter = new Emitter()
  let calls = 0
  const listener = () => calls++
  emitter.once('a', listener)
  emitter._fire('a')
  emitter._fire('a')
  assert.equal(calls, 1)
  emitter.once('a', listener).off('a', listener)._fire('a')
  assert.equal(calls, 1)
})

test('emitter: off removes a listener, a name, or everything', () => {
  const emitter = new Emitter()
  const seen = []
  const listener = () => seen.push('gone')
  const fire = () => ['a', 'b'].forEach((name) => emitter._fire(name))
  emitter.on('a', listener).on('a', () => seen.push('a')).on('b', () => seen.push('b')).off('a', listener).off('c', listener)
  fire()
  emitter.off('a')
  fire()
  emitter.off()
  fire()
  assert.deepEqual(seen, ['a', 'b', 'b'])
})

test('emitter: a listener may add and remove listeners, which counts from the next event on', () => {
  const emitter = new Emitter()
  const seen = []
  const second = () => seen.push('second')
  emitter.on('a', () => {
    emitter.off('a', second)
    emitter.on('a', () => seen.push('added'))
  })
  emitter.on('a', second)
  emitter._fire('a')
  assert.deepEqual(seen, ['second'])
  emitter._fire('a')
  assert.deepEqual(seen, ['second', 'added'])
})

test('emitter: names like __proto__ are names', () => {
  const emitter = new Emitter()
  let calls = 0
  emitter.on('__proto__', () => calls++)._fire('__proto__')
  emitter._fire('constructor')
  assert.equal(calls, 1)
})

test('emitter: what a listener throws stops nobody and surfaces as an uncaught error', async () => {
  const emitter = new Emitter()
  let calls = 0
  const failure = new Error('from a listener')
  emitter.on('a', () => { throw failure }).on('a', () => calls++)
  const uncaught = nextUncaught()
  emitter._fire('a')
  assert.equal(calls, 1)
  assert.equal(await uncaught, failure)
})

test('emitter: a listener must be a function', () => {
  assert.throws(() => new Emitter().on('a', undefined), /listener of "a" is not a function/)
})
