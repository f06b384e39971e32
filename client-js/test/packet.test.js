import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Decoder } from '../src/decoder.js'
import { decode, encode } from '../src/packet.js'

const { vectors } = JSON.parse(readFileSync(new URL('../../tests/vectors/socketio_packets.json', import.meta.url), 'utf8'))

const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex, 'hex')).buffer

/** `{"$bytes": hex}` in a vector's data stands for a binary value. */
function withBytes(value) {
  if (typeof value !== 'object' || value === null) return value
  if ('$bytes' in value) return bytesOf(value.$bytes)
  if (Array.isArray(value)) return value.map(withBytes)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBytes(item)]))
}

/** The packet that is complete with the last message of a vector. */
function readAll({ text, attachments = [], next }) {
  const decoder = new Decoder(10)
  let packet
  if (text !== null) packet = decoder.add(text)
  for (const hex of attachments) {
    assert.equal(packet, undefined, 'complete before its last attachment')
    packet = decoder.add(bytesOf(hex))
  }
  return next === undefined ? packet : decoder.add(next)
}

const ours = vectors.filter(({ from }) => from !== 'client')

for (const vector of ours.filter(({ valid }) => valid)) {
  test(`packet: reads ${vector.title}`, () => {
    const { type, nsp, id, data } = readAll(vector)
    assert.deepEqual({ type, nsp, id, data }, {
      type: vector.type, nsp: vector.nsp, id: vector.id, data: withBytes(vector.data),
    })
  })
}

for (const vector of ours.filter(({ valid }) => !valid)) {
  test(`packet: refuses ${vector.title}`, () => {
    assert.throws(() => readAll(vector), Error)
  })
}

for (const vector of vectors.filter(({ valid, canonical }) => valid && canonical !== false)) {
  test(`packet: writes ${vector.title}`, () => {
    const type = vector.type > 4 ? vector.type - 3 : vector.type
    const [text, ...attachments] = encode({ type, nsp: vector.nsp, id: vector.id, data: withBytes(vector.data) })
    assert.equal(text, vector.text)
    assert.deepEqual(attachments.map((value) => Buffer.from(value).toString('hex')), vector.attachments ?? [])
  })
}

test('packet: takes views, Buffers, Blobs and values of another realm for binary', async () => {
  const { runInNewContext } = await import('node:vm')
  const values = [new Uint8Array(2).subarray(1), new DataView(new ArrayBuffer(1)), Buffer.from('x'),
    new Blob(['x']), runInNewContext('new ArrayBuffer(3)')]
  const [text, ...attachments] = encode({ type: 2, nsp: '/', data: ['e', ...values] })
  assert.equal(text, '55-["e",' + values.map((_, num) => `{"_placeholder":true,"num":${num}}`) + ']')
  values.forEach((value, index) => assert.equal(attachments[index], value))
})

test('packet: counts a binary value met twice as two attachments', () => {
  const value = new ArrayBuffer(1)
  assert.equal(encode({ type: 2, nsp: '/', data: ['e', value, value] }).length, 3)
})

test('packet: writes undefined in an array as null, and follows toJSON', () => {
  const data = ['e', undefined, new Date(0), { toJSON: () => ({ a: 1 }) }]
  assert.equal(encode({ type: 2, nsp: '/', data })[0], '2["e",null,"1970-01-01T00:00:00.000Z",{"a":1}]')
})

test('packet: keeps __proto__ plain data, binary values included', () => {
  const decoder = new Decoder(10)
  decoder.add('51-["e",{"__proto__":{"_placeholder":true,"num":0}}]')
  const { data } = decoder.add(bytesOf('01'))
  assert.equal(Object.getPrototypeOf(data[1]), Object.prototype)
  assert.deepEqual(Object.entries(data[1]), [['__proto__', bytesOf('01')]])
})

test('packet: says what is wrong, without repeating more than a line of it', () => {
  assert.throws(() => decode('9' + 'x'.repeat(5000), 10), ({ message }) => /^invalid packet: 9x/.test(message) && message.length < 200)
})
