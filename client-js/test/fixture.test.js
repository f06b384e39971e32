// The client against the fixture server, ours or the official one; see support/fixture.js.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import WebSocket from 'ws'
import { collect, next, nextUncaught } from './support/events.js'
import { lacking, startFixture } from './support/fixture.js'

// The minified bundle too: it is what pages get, and its members have other names.
for (const file of ['src/index.js', 'dist/socket.io.esm.min.js']) describe(`${file} and the fixture server`, async () => {
  const { io } = await import(`../${file}`)
  let fixture
  let sockets = []
  before(async () => { fixture = await startFixture() })
  after(() => fixture.close())
  afterEach(() => {
    sockets.forEach((socket) => socket.disconnect())
    sockets = []
  })

  function open(nsp = '/', options = {}) {
    const socket = io(fixture.url + nsp, { WebSocket, forceNew: true, reconnectionDelay: 50, ...options })
    sockets.push(socket)
    return socket
  }

  async function connected(nsp, options) {
    const socket = open(nsp, options)
    await Promise.all([next(socket, 'connect'), next(socket, 'auth')]) // all that comes unasked
    return socket
  }

  test('connects: an id, connected, active', async () => {
    const socket = open()
    assert.deepEqual([socket.connected, socket.disconnected, socket.active, socket.id], [false, true, true, undefined])
    await next(socket, 'connect')
    assert.deepEqual([socket.connected, socket.disconnected, socket.active, socket.recovered], [true, false, true, false])
    assert.match(socket.id, /^[\w-]{20}$/)
  })

  test('sends auth as an object, or as a function that may answer later', async () => {
    assert.deepEqual(await next(open('/', { auth: { token: 'é' } }), 'auth'), [{ token: 'é' }])
    assert.deepEqual(await next(open('/custom', { auth: (send) => send({ n: 1 }) }), 'auth'), [{ n: 1 }])
    assert.deepEqual(await next(open('/', { auth: (send) => setImmediate(send, { n: 2 }) }), 'auth'), [{ n: 2 }])
    assert.deepEqual(await next(open('/'), 'auth'), [{}])
  })

  test('sends and receives events with any JSON', async () => {
    const socket = await connected()
    const args = [1, 'a "quoted" text\n\u001e', null, [true, { a: { b: [] } }], '\u{1f600}', {}]
    socket.send(...args)
    assert.deepEqual(await next(socket, 'message-back'), args)
  })

  test('sends what was emitted before the connection, in order', async () => {
    const socket = open()
    for (let i = 0; i < 10; i++) socket.emit('echo', i)
    socket.once('connect', () => socket.emit('echo', 10))
    assert.deepEqual((await collect(socket, 'echo', 11)).flat(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('gets acknowledgements: callback, promise, several values, none', async () => {
    const socket = await connected()
    assert.deepEqual(await new Promise((resolve) => socket.emit('message-with-ack', 1, 'b', (...answer) => resolve(answer))), [1, 'b'])
    assert.equal(await socket.emitWithAck('ack', 'value'), 'value')
    assert.equal(await socket.emitWithAck('join', randomUUID()), undefined)
    assert.equal(await socket.timeout(5000).emitWithAck('ack', 0), 0)
  })

  test('gets each acknowledgement to the call that asked for it', async () => {
    const socket = await connected()
    const [slow, quick] = [socket.emitWithAck('slow', 30), socket.emitWithAck('ack', 'quick')]
    assert.equal(await Promise.race([slow, quick]), 'quick')
    assert.equal(await slow, true)
  })

  test('a timeout gives up on an acknowledgement, and a late answer is ignored', async () => {
    const socket = await connected()
    await assert.rejects(socket.timeout(10).emitWithAck('slow', 60), { message: 'operation has timed out' })
    const [error] = await new Promise((resolve) => socket.timeout(10).emit('slow', 60, (...answer) => resolve(answer)))
    assert.equal(error.message, 'operation has timed out')
    assert.equal(await socket.emitWithAck('slow', 100), true)
    assert.equal(socket.connected, true)
  })

  test('ackTimeout is the deadline of every acknowledgement', async () => {
    const socket = await connected('/', { ackTimeout: 500 })
    await assert.rejects(socket.emitWithAck('slow', 10_000), { message: 'operation has timed out' })
    const answer = await new Promise((resolve) => socket.emit('ack', 5, (...args) => resolve(args)))
    assert.deepEqual(answer, [null, 5])
  })

  test('answers the server', { skip: lacking('broadcast-acks') }, async () => {
    const socket = await connected()
    const room = randomUUID()
    await socket.emitWithAck('join', room)
    socket.on('ask', (payload, answer) => {
      answer({ got: payload })
      answer('a second answer is not sent')
    })
    const result = await socket.emitWithAck('bcast-ack-in', room, 2000, 'question')
    assert.deepEqual(result, { err: null, responses: [{ got: 'question' }] })
  })

  test('sends and receives binary, anywhere in the data', async () => {
    const socket = await connected()
    socket.emit('message', Uint8Array.of(0, 1, 2, 3).subarray(1), { deep: [Buffer.from('abc')] }, new ArrayBuffer(0))
    const [first, second, third] = await next(socket, 'message-back')
    assert.ok(first instanceof ArrayBuffer)
    assert.deepEqual([...new Uint8Array(first)], [1, 2, 3])
    assert.equal(Buffer.from(second.deep[0]).toString(), 'abc')
    assert.equal(third.byteLength, 0)
  })

  test('gets binary in acknowledgements', async () => {
    const socket = await connected()
    assert.deepEqual(new Uint8Array(await socket.emitWithAck('ack', Uint8Array.of(9, 8))), Uint8Array.of(9, 8))
  })

  test('answers the server with binary', { skip: lacking('broadcast-acks') }, async () => {
    const socket = await connected()
    const room = randomUUID()
    await socket.emitWithAck('join', room)
    socket.on('ask', (payload, answer) => answer(payload))
    const { responses } = await socket.emitWithAck('bcast-ack-in', room, 2000, Uint8Array.of(7))
    assert.deepEqual(new Uint8Array(responses[0]), Uint8Array.of(7))
  })

  test('sends Blobs', async () => {
    const socket = await connected()
    assert.equal(Buffer.from(await socket.emitWithAck('ack', new Blob(['blob']))).toString(), 'blob')
  })

  test('keeps the order of text and binary events', async () => {
    const socket = await connected()
    const seen = []
    socket.onAny((name, value) => seen.push(value instanceof ArrayBuffer ? new Uint8Array(value)[0] : value))
    for (let i = 0; i < 50; i++) socket.emit('echo', i % 2 ? Uint8Array.of(i) : i)
    await socket.emitWithAck('ack', 0)
    assert.deepEqual(seen, Array.from({ length: 50 }, (_, i) => i))
  })

  test('large messages, and many', async () => {
    const socket = await connected()
    const text = 'ä'.repeat(400_000)
    assert.equal(await socket.emitWithAck('ack', text), text)
    socket.emit('flood', 200, 10_000)
    assert.ok((await collect(socket, 'flood', 200)).every(([value]) => value.length === 10_000))
  })

  test('refuses a message that is larger than the server takes, and stays connected', async () => {
    const socket = await connected()
    assert.throws(() => socket.emit('echo', 'x'.repeat(1_000_001)), { name: 'RangeError', message: /maxPayload \(1000000\)/ })
    assert.throws(() => socket.emit('bin', new Uint8Array(1_000_001)), RangeError)
    await assert.rejects(socket.emitWithAck('ack', 'ä'.repeat(500_001)), RangeError)
    assert.throws(() => socket.emit('bin', Array(11).fill(new ArrayBuffer(1))), { name: 'RangeError', message: /maxAttachments \(10\)/ })
    const exact = 'x'.repeat(1_000_000 - '42["echo",""]'.length)
    socket.emit('echo', exact)
    assert.deepEqual(await next(socket, 'echo'), [exact])
  })

  test('drops, with an error, a message that turns out too large once connected', async () => {
    const socket = open()
    const failed = next(socket.io, 'error')
    const answer = assert.rejects(socket.emitWithAck('ack', 'x'.repeat(2_000_000)), RangeError)
    socket.emit('echo', 'x'.repeat(2_000_000))
    socket.emit('echo', 'small')
    assert.deepEqual(await next(socket, 'echo'), ['small'])
    await answer
    assert.match((await failed)[0].message, /maxPayload/)
  })

  test('several namespaces share one connection', async () => {
    const main = open('/')
    const custom = main.io.socket('/custom', { auth: { who: 'custom' } })
    sockets.push(custom)
    const [, auth] = await Promise.all([next(main, 'connect'), next(custom, 'auth')])
    assert.deepEqual(auth, [{ who: 'custom' }])
    assert.notEqual(main.id, custom.id)
    assert.deepEqual(await Promise.all([main.emitWithAck('ack', 1), custom.emitWithAck('ack', 2)]), [1, 2])
    main.disconnect()
    assert.equal(await custom.emitWithAck('ack', 3), 3)
    main.connect()
    await next(main, 'connect')
    assert.equal(await main.emitWithAck('ack', 4), 4)
  })

  test('a dynamic namespace', { skip: lacking('dynamic-namespaces') }, async () => {
    const socket = await connected('/dynamic-12')
    assert.equal(await socket.emitWithAck('ack', 1), 1)
  })

  test('a refused namespace is final: connect_error with data, inactive', async () => {
    const socket = open('/denied')
    const [error] = await next(socket, 'connect_error')
    assert.ok(error instanceof Error)
    assert.equal(error.message, 'denied')
    assert.deepEqual(error.data, { why: 'role' })
    assert.deepEqual([socket.active, socket.connected], [false, false])
  })

  test('an unknown namespace leaves the others alone, and can be tried again', async () => {
    const main = await connected()
    const unknown = main.io.socket('/unknown')
    sockets.push(unknown)
    for (const attempt of [1, 2]) {
      const [error] = await next(unknown, 'connect_error')
      assert.equal(error.message, 'Invalid namespace', `attempt ${attempt}`)
      unknown.connect()
    }
    await next(unknown, 'connect_error')
    assert.equal(await main.emitWithAck('ack', 1), 1)
  })

  test('rooms: only members get it, and not after leaving', async () => {
    const [member, other] = await Promise.all([connected(), connected()])
    const room = randomUUID()
    const seen = []
    other.on('room', (value) => seen.push(value))
    await member.emitWithAck('join', room)
    other.emit('room', room, 'hello')
    assert.deepEqual(await next(member, 'room'), ['hello'])
    await member.emitWithAck('leave', room)
    member.on('room', (value) => seen.push(value))
    other.emit('room', room, 'nobody')
    await other.emitWithAck('ack', 1)
    await member.emitWithAck('ack', 1)
    assert.deepEqual(seen, [])
  })

  for (const close of [false, true]) {
    test(`kicked by the server (${close ? 'connection' : 'namespace'}): io server disconnect, no reconnection`, async () => {
      const socket = await connected()
      const pending = assert.rejects(socket.emitWithAck('slow', 10_000), { message: 'socket has been disconnected' })
      socket.emit('kick', socket.id, close)
      assert.equal((await next(socket, 'disconnect'))[0], 'io server disconnect')
      assert.deepEqual([socket.connected, socket.active, socket.id], [false, false, undefined])
      await pending
      socket.connect()
      await next(socket, 'connect')
    })
  }

  test('disconnect: io client disconnect, pending acknowledgements fail, connect comes back', async () => {
    const socket = await connected()
    const pending = assert.rejects(socket.emitWithAck('slow', 10_000), { message: 'socket has been disconnected' })
    const gone = next(socket, 'disconnect')
    assert.equal(socket.disconnect(), socket)
    assert.equal((await gone)[0], 'io client disconnect')
    await pending
    assert.equal(socket.active, false)
    socket.emit('echo', 'kept')
    socket.connect()
    assert.deepEqual(await next(socket, 'echo'), ['kept'])
  })

  test('volatile events are sent while connected and dropped while not', async () => {
    const socket = open()
    socket.volatile.emit('echo', 'dropped')
    await assert.rejects(socket.volatile.emitWithAck('ack', 1), { message: 'volatile event dropped' })
    await next(socket, 'connect')
    socket.volatile.emit('echo', 'first')
    socket.volatile.emit('echo', 'second')
    socket.emit('echo', 'last')
    assert.deepEqual((await collect(socket, 'echo', 3)).flat(), ['first', 'second', 'last'])
  })

  test('onAny sees every event before its listeners, until offAny', async () => {
    const socket = await connected()
    const seen = []
    const any = (name, ...args) => seen.push(['any', name, ...args])
    socket.onAny(any).on('echo', (value) => seen.push(['echo', value]))
    socket.emit('echo', 1)
    await next(socket, 'echo')
    socket.offAny(any).emit('echo', 2)
    await next(socket, 'echo')
    assert.deepEqual(seen, [['any', 'echo', 1], ['echo', 1], ['echo', 2]])
  })

  test('reserved names, names that are no text, and data that is not JSON are refused by emit', async () => {
    const socket = await connected()
    for (const name of ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']) {
      assert.throws(() => socket.emit(name), { name: 'TypeError', message: `event name "${name}" is reserved or no string` })
    }
    assert.throws(() => socket.emit(5), { name: 'TypeError', message: /"5"/ })
    const circle = {}
    circle.circle = circle
    assert.throws(() => socket.emit('echo', circle), TypeError)
    await assert.rejects(socket.emitWithAck('ack', 1n), TypeError)
    assert.equal(await socket.emitWithAck('ack', 'still there'), 'still there')
  })

  test('a throwing listener leaves the connection and the other listeners alone', async () => {
    const socket = await connected()
    const uncaught = nextUncaught()
    socket.on('echo', () => { throw new Error('from a listener') })
    const echoed = next(socket, 'echo')
    socket.emit('echo', 1)
    assert.deepEqual(await echoed, [1])
    assert.equal((await uncaught).message, 'from a listener')
    assert.equal(await socket.emitWithAck('ack', 2), 2)
  })
})
