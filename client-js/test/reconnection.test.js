// Everything that depends on time and on a failing network, with both of them played.

import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { io, Manager } from '../src/index.js'
import { FakeWebSocket, settled } from './support/fake_websocket.js'

const base = { WebSocket: FakeWebSocket, forceNew: true, randomizationFactor: 0 }

/** Notes every event of a socket and its manager, in order. */
function record(socket) {
  const log = []
  socket.on('connect', () => log.push('connect'))
  socket.on('disconnect', (reason) => log.push(`disconnect: ${reason}`))
  socket.on('connect_error', (error) => log.push(`connect_error: ${error.message}`))
  for (const name of ['reconnect_attempt', 'reconnect', 'reconnect_error', 'reconnect_failed']) {
    socket.io.on(name, (value) => log.push(`${name} ${value instanceof Error ? value.message : value}`))
  }
  return log
}

function open(options, nsp = '/') {
  const socket = io(`http://a.example${nsp}`, { ...base, ...options })
  return { socket, log: record(socket) }
}

/** Plays the server's part of a whole connection. */
async function join(ws = FakeWebSocket.last, answer = '40{"sid":"C1"}') {
  ws.accept()
  await settled()
  ws.receive(answer)
}

beforeEach((t) => {
  FakeWebSocket.all = []
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
})

test('reconnects after growing delays, and starts anew after a success', async (t) => {
  const { socket, log } = open()
  FakeWebSocket.last.refuse()
  for (const delay of [1000, 2000, 4000, 5000, 5000]) {
    const before = FakeWebSocket.all.length
    t.mock.timers.tick(delay - 1)
    assert.equal(FakeWebSocket.all.length, before, `an attempt before ${delay} ms`)
    t.mock.timers.tick(1)
    assert.equal(FakeWebSocket.all.length, before + 1)
    FakeWebSocket.last.refuse()
  }
  t.mock.timers.tick(5000)
  await join()
  assert.equal(socket.connected, true)
  assert.deepEqual(log.slice(0, 4),
    ['connect_error: websocket error', 'reconnect_attempt 1', 'connect_error: websocket error', 'reconnect_error websocket error'])
  assert.deepEqual(log.slice(-3), ['reconnect_attempt 6', 'reconnect 6', 'connect'])
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  assert.deepEqual(log.slice(-2), ['disconnect: transport close', 'reconnect_attempt 1'])
  socket.disconnect()
})

test('a server that takes connections and drops them again is not asked faster and faster', async (t) => {
  const { socket, log } = open()
  for (const delay of [1000, 2000, 4000]) {
    FakeWebSocket.last.accept()
    await settled()
    FakeWebSocket.last.drop()
    const before = FakeWebSocket.all.length
    t.mock.timers.tick(delay - 1)
    assert.equal(FakeWebSocket.all.length, before)
    t.mock.timers.tick(1)
    assert.equal(FakeWebSocket.all.length, before + 1)
  }
  assert.ok(!log.some((line) => line.startsWith('disconnect')), 'never connected, so never disconnected')
  assert.equal(log[0], 'connect_error: websocket closed')
  socket.disconnect()
})

test('gives up after reconnectionAttempts: inactive, reconnect_failed', (t) => {
  const { socket, log } = open({ reconnectionAttempts: 2 })
  const active = []
  socket.on('connect_error', () => active.push(socket.active))
  FakeWebSocket.last.refuse()
  t.mock.timers.tick(1000)
  FakeWebSocket.last.refuse()
  t.mock.timers.tick(2000)
  FakeWebSocket.last.refuse()
  assert.deepEqual(active, [true, true, false])
  assert.deepEqual(log.slice(-3), ['connect_error: websocket error', 'reconnect_error websocket error', 'reconnect_failed undefined'])
  t.mock.timers.tick(1e9)
  assert.equal(FakeWebSocket.all.length, 3)
  socket.connect()
  assert.equal(FakeWebSocket.all.length, 4)
  socket.disconnect()
})

test('reconnection off: one attempt, final', async (t) => {
  const { socket, log } = open({ reconnection: false })
  FakeWebSocket.last.refuse()
  assert.equal(socket.active, false)
  socket.connect()
  await join()
  FakeWebSocket.last.drop()
  assert.deepEqual(log, ['connect_error: websocket error', 'connect', 'disconnect: transport close'])
  assert.equal(socket.active, false)
  t.mock.timers.tick(1e9)
  assert.equal(FakeWebSocket.all.length, 2)
})

test('connecting again in a disconnect listener does not jump the delay', async (t) => {
  const { socket } = open()
  socket.on('disconnect', () => socket.connect())
  await join()
  FakeWebSocket.last.drop()
  assert.equal(FakeWebSocket.all.length, 1)
  t.mock.timers.tick(1000)
  assert.equal(FakeWebSocket.all.length, 2)
  socket.disconnect()
})

for (const name of ['reconnect_attempt', 'reconnect_error', 'error']) {
  test(`disconnecting in a ${name} listener ends it`, (t) => {
    const { socket } = open()
    FakeWebSocket.last.refuse()
    socket.io.on(name, () => socket.disconnect())
    t.mock.timers.tick(1000)
    const count = name === 'reconnect_attempt' ? 1 : 2
    if (count === 2) FakeWebSocket.last.refuse()
    t.mock.timers.tick(1e9)
    assert.equal(FakeWebSocket.all.length, count)
    assert.equal(socket.active, false)
  })
}

for (const when of ['connecting', 'waiting']) {
  test(`disconnecting while ${when} is no failure`, () => {
    const { socket } = open()
    if (when === 'waiting') FakeWebSocket.last.refuse()
    const log = record(socket)
    socket.io.on('error', () => log.push('error'))
    socket.disconnect()
    assert.deepEqual(log, [])
  })
}

test('an attempt times out', (t) => {
  const { socket, log } = open({ timeout: 300 })
  const ws = FakeWebSocket.last
  t.mock.timers.tick(299)
  assert.deepEqual(log, [])
  t.mock.timers.tick(1)
  assert.deepEqual(log, ['connect_error: timeout'])
  assert.equal(ws.readyState, 3)
  ws.accept()
  assert.equal(socket.io._session, undefined)
  socket.disconnect()
})

test('timeout false: an attempt may take for ever', (t) => {
  const { socket, log } = open({ timeout: false })
  t.mock.timers.tick(1e9)
  assert.deepEqual(log, [])
  socket.disconnect()
})

test('no ping for pingInterval + pingTimeout: ping timeout', async (t) => {
  const { socket, log } = open()
  let pings = 0
  socket.io.on('ping', () => pings++)
  await join()
  t.mock.timers.tick(44_999)
  FakeWebSocket.last.receive('2')
  assert.equal(FakeWebSocket.last.sent.at(-1), '3')
  assert.equal(pings, 1)
  t.mock.timers.tick(44_000)
  FakeWebSocket.last.receive('42["not a ping"]')
  t.mock.timers.tick(999)
  assert.deepEqual(log, ['connect'])
  t.mock.timers.tick(1)
  assert.deepEqual(log, ['connect', 'disconnect: ping timeout'])
  assert.equal(FakeWebSocket.last.readyState, 3)
  socket.disconnect()
})

test('after sleep the deadline is seen before the timer fires, and the event is kept', async (t) => {
  const { socket, log } = open()
  await join()
  t.mock.timers.setTime(1e7) // the clock only
  socket.emit('kept')
  assert.ok(!FakeWebSocket.last.sent.some((data) => data.includes('kept')))
  assert.deepEqual(log, ['connect'], 'nothing is fired from within emit')
  await settled()
  assert.equal(log.at(-1), 'disconnect: ping timeout')
  t.mock.timers.tick(1000)
  await join()
  assert.equal(FakeWebSocket.last.sent.at(-1), '42["kept"]')
  socket.disconnect()
})

test('offline is transport close, online tries at once', async (t) => {
  const network = new EventTarget()
  const { socket, log } = open({ network })
  await join()
  network.dispatchEvent(new Event('offline'))
  assert.deepEqual(log, ['connect', 'disconnect: transport close'])
  assert.equal(FakeWebSocket.all.length, 1)
  network.dispatchEvent(new Event('online'))
  assert.equal(FakeWebSocket.all.length, 2)
  await join()
  network.dispatchEvent(new Event('online'))
  t.mock.timers.tick(5000)
  assert.equal(FakeWebSocket.all.length, 2, 'the waiting attempt is gone')
  socket.disconnect()
})

test('leaves no listener and no timer behind', async (t) => {
  const listeners = new Set()
  const network = {
    addEventListener: (name, listener) => listeners.add(`${name} ${listener}`),
    removeEventListener: (name, listener) => listeners.delete(`${name} ${listener}`),
  }
  let timers = 0
  const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout]
  const running = new Set()
  globalThis.setTimeout = (callback, ms) => {
    const id = set(() => { running.delete(id); callback() }, ms)
    timers++
    running.add(id)
    return id
  }
  globalThis.clearTimeout = (id) => { running.delete(id); clear(id) }
  try {
    const { socket } = open({ network })
    FakeWebSocket.last.refuse()
    t.mock.timers.tick(1000)
    await join()
    socket.timeout(1000).emit('a', () => {})
    assert.ok(timers >= 3 && running.size === 2 && listeners.size === 2)
    socket.disconnect()
    assert.deepEqual([running.size, listeners.size], [0, 0])
    const other = open({ network }).socket
    FakeWebSocket.last.refuse()
    other.disconnect()
    assert.deepEqual([running.size, listeners.size], [0, 0])
  } finally {
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
  }
})

test('packets the server sends before CONNECT are delivered right after it, in order', async () => {
  const { socket } = open()
  const seen = []
  socket.onAny((...args) => seen.push(args)).on('connect', () => seen.push('connect'))
  FakeWebSocket.last.accept()
  await settled()
  FakeWebSocket.last.receive('42["early",1]', '42["early",2]')
  assert.deepEqual(seen, [])
  FakeWebSocket.last.receive('40{"sid":"C1"}', '42["late"]')
  assert.deepEqual(seen, [['early', 1], ['early', 2], 'connect', ['late']])
  socket.disconnect()
})

test('a listener that disconnects on such a packet gets no further ones, and no connect', async () => {
  const { socket, log } = open()
  let early = 0
  socket.on('early', () => { early++; socket.disconnect() })
  FakeWebSocket.last.accept()
  await settled()
  FakeWebSocket.last.receive('42["early"]', '42["early"]', '40{"sid":"C1"}')
  assert.equal(early, 1)
  assert.deepEqual(log, ['disconnect: io client disconnect'])
})

test('packets before a CONNECT that never came are forgotten', async (t) => {
  const { socket } = open()
  const seen = []
  socket.onAny((name) => seen.push(name))
  FakeWebSocket.last.accept()
  await settled()
  FakeWebSocket.last.receive('42["early"]')
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  await join()
  assert.equal(socket.connected, true)
  assert.deepEqual(seen, [])
  socket.disconnect()
})

test('nothing is heard of a WebSocket that was given up', async (t) => {
  const { socket, log } = open({ timeout: 300 })
  const old = FakeWebSocket.last
  t.mock.timers.tick(300)
  t.mock.timers.tick(1000)
  await join()
  socket.onAny((name) => log.push(name))
  old.accept()
  old.receive('42["old"]', '2')
  old.drop()
  await settled()
  assert.deepEqual(log.slice(-2), ['reconnect 1', 'connect'])
  assert.deepEqual([old.sent, FakeWebSocket.last.sent], [[], ['40']])
  socket.disconnect()
})

test('the size limit counts bytes, with the Engine.IO type in front', async () => {
  const { socket } = open()
  FakeWebSocket.last.accept({ maxPayload: 20 })
  await settled()
  FakeWebSocket.last.receive('40{"sid":"C1"}')
  for (const [text, size] of [['x'.repeat(10), 20], ['ä'.repeat(5), 20], ['x'.repeat(11), 21], ['ä'.repeat(5) + 'x', 21]]) {
    const sendIt = () => socket.emit('e', text)
    if (size <= 20) assert.doesNotThrow(sendIt)
    else assert.throws(sendIt, { name: 'RangeError', message: `${size} bytes exceed the server's maxPayload (20)` })
  }
  socket.disconnect()
})

test('a heartbeat longer than a timer can be does not fire at once', async (t) => {
  const delays = []
  t.mock.method(globalThis, 'setTimeout', (callback, delay) => delays.push(delay))
  const { socket } = open()
  FakeWebSocket.last.accept({ pingInterval: 2 ** 40 })
  assert.equal(delays.at(-1), 2 ** 31 - 1)
  socket.disconnect()
})

test('what is emitted while buffered events are delivered goes behind what waits already', async () => {
  const { socket } = open()
  socket.emit('first').on('early', () => socket.emit('second'))
  FakeWebSocket.last.accept()
  await settled()
  FakeWebSocket.last.receive('42["early"]', '40{"sid":"C1"}')
  assert.deepEqual(FakeWebSocket.last.sent, ['40', '42["first"]', '42["second"]'])
  socket.disconnect()
})

test('keeps sendBufferSize events; the next is dropped, with an error', async () => {
  const { socket } = open({ sendBufferSize: 2 })
  const errors = []
  socket.io.on('error', (error) => errors.push(error.message))
  socket.emit('a').emit('b').emit('c')
  assert.deepEqual(errors, [], 'nothing is fired from within emit')
  await assert.rejects(socket.emitWithAck('d'), { message: 'send buffer is full, event dropped' })
  assert.deepEqual(errors, ['send buffer is full, event dropped'])
  await join()
  assert.deepEqual(FakeWebSocket.last.sent, ['40', '42["a"]', '42["b"]'])
  socket.disconnect()
})

test('an event that waits is not sent any more once its timeout has passed', async (t) => {
  const { socket } = open()
  const answer = assert.rejects(socket.timeout(10).emitWithAck('late'), { message: 'operation has timed out' })
  socket.emit('other')
  t.mock.timers.tick(10)
  await answer
  await join()
  assert.deepEqual(FakeWebSocket.last.sent, ['40', '42["other"]'])
  socket.disconnect()
})

test('events emitted while the WebSocket is closing are kept for the next connection', async (t) => {
  const { socket } = open()
  await join()
  FakeWebSocket.last.readyState = 2
  socket.emit('kept')
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  await join()
  assert.equal(FakeWebSocket.last.sent.at(-1), '42["kept"]')
  socket.disconnect()
})

test('volatile events are dropped while more than 16 KiB wait for the network', async () => {
  const { socket } = open()
  await join()
  FakeWebSocket.last.bufferedAmount = 16384
  socket.volatile.emit('a')
  FakeWebSocket.last.bufferedAmount = 16385
  socket.volatile.emit('b')
  socket.emit('c')
  assert.deepEqual(FakeWebSocket.last.sent.slice(1), ['42["a"]', '42["c"]'])
  socket.disconnect()
})

// what the server sends once connected, the client's reason
for (const [message, reason] of [
  ['42{}', 'parse error'], ['4', 'parse error'], ['49', 'parse error'], ['42["connect"]', 'parse error'],
  [new ArrayBuffer(1), 'parse error'], ['451-["e",{"_placeholder":true,"num":1}]', 'parse error'],
  ['', 'transport error'], ['x', 'transport error'], ['7', 'transport error'], ['bAQ==', 'transport error'],
  ['1', 'transport close'], ['41', 'io server disconnect'],
]) {
  test(`${typeof message === 'string' ? `"${message}"` : 'a stray binary message'} from the server: ${reason}`, async () => {
    const { socket, log } = open()
    await join()
    FakeWebSocket.last.receive(message)
    assert.deepEqual(log, ['connect', `disconnect: ${reason}`])
    assert.equal(socket.active, reason !== 'io server disconnect')
    assert.equal(FakeWebSocket.last.readyState, 3)
    socket.disconnect()
  })
}

test('a WebSocket error is transport error, and details hold the event', async () => {
  const { socket } = open()
  await join()
  const seen = []
  socket.on('disconnect', (reason, details) => seen.push(reason, details.cause.type))
  FakeWebSocket.last.onerror({ type: 'error' })
  assert.deepEqual(seen, ['transport error', 'error'])
  socket.disconnect()
})

for (const first of ['4', '0', '0null', '0{}', '0{"sid":"S"}', '0{"sid":"S","pingInterval":0,"pingTimeout":1}', '2', new ArrayBuffer(2)]) {
  test(`a first message that is no open packet fails the attempt: ${typeof first === 'string' ? first : 'binary'}`, () => {
    const { socket, log } = open()
    FakeWebSocket.last.receive(first)
    assert.deepEqual(log, ['connect_error: invalid handshake'])
    assert.equal(socket.active, true)
    socket.disconnect()
  })
}

test('Engine.IO packets without meaning for a client are ignored', async () => {
  const { socket, log } = open()
  await join()
  FakeWebSocket.last.receive('0{}', '3', '5', '6', '43999["nobody asked"]', '42/other,["not joined"]')
  assert.deepEqual(log, ['connect'])
  socket.disconnect()
})

test('manager.disconnect ends all namespaces with forced close, and does not reconnect', async (t) => {
  const { socket, log } = open()
  await join()
  socket.io.disconnect()
  assert.deepEqual(log, ['connect', 'disconnect: forced close'])
  assert.equal(socket.active, false)
  t.mock.timers.tick(1e9)
  assert.equal(FakeWebSocket.all.length, 1)
})

test('asks an auth function for every attempt, and takes only its first answer', async (t) => {
  let asked = 0
  const { socket } = open({
    auth: (send) => {
      asked++
      send({ asked })
      send({ asked: 'again' })
    },
  })
  await join()
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  await join()
  assert.deepEqual(FakeWebSocket.all.map(({ sent }) => sent), [['40{"asked":1}'], ['40{"asked":2}']])
  socket.disconnect()
})

test('an answer of auth that comes after its connection is gone is void', async (t) => {
  const answers = []
  const { socket } = open({ auth: (send) => answers.push(send) })
  FakeWebSocket.last.accept()
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  FakeWebSocket.last.accept()
  answers[0]({ late: true })
  await settled()
  assert.deepEqual(FakeWebSocket.last.sent, [])
  answers[1]({ late: false })
  await settled()
  assert.deepEqual(FakeWebSocket.last.sent, ['40{"late":false}'])
  socket.disconnect()
})

for (const [what, auth] of [
  ['throws', () => { throw new Error('no token') }],
  ['rejects', async () => { throw new Error('no token') }],
]) {
  test(`auth that ${what}: connect_error, inactive`, async () => {
    const { socket, log } = open({ auth })
    FakeWebSocket.last.accept()
    await settled()
    assert.deepEqual(log, ['connect_error: no token'])
    assert.equal(socket.active, false)
  })
}

test('auth that is no object: connect_error', async () => {
  const { log } = open({ auth: 'secret' })
  FakeWebSocket.last.accept()
  await settled()
  assert.deepEqual(log, ['connect_error: auth must be an object'])
})

test('CONNECT without an id, from an old server: connect_error', async () => {
  const { socket, log } = open()
  await join(FakeWebSocket.last, '40')
  assert.deepEqual(log, ['connect_error: the server speaks an older protocol'])
  assert.equal(socket.active, false)
})

test('recovery: sends pid and the last offset, and recognises its pid', async (t) => {
  const { socket } = open({ auth: { token: 't1' } })
  await join(FakeWebSocket.last, '40{"sid":"C1","pid":"P1"}')
  assert.equal(socket.recovered, false)
  FakeWebSocket.last.receive('42["news",1,"offset1"]', '421["question"]')
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  await join(FakeWebSocket.last, '40{"sid":"C1","pid":"P1"}')
  assert.deepEqual(FakeWebSocket.last.sent, ['40{"pid":"P1","offset":"offset1","token":"t1"}'])
  assert.equal(socket.recovered, true)
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  await join(FakeWebSocket.last, '40{"sid":"C2","pid":"P2"}')
  assert.equal(socket.recovered, false)
  socket.disconnect()
})

test('an acknowledgement is sent once, however often it is called', async () => {
  const { socket } = open()
  socket.on('question', (send) => { send(1); send(2) })
  await join()
  FakeWebSocket.last.receive('427["question"]')
  assert.deepEqual(FakeWebSocket.last.sent, ['40', '437[1]'])
  socket.disconnect()
})

test('an acknowledgement called after the connection is gone is not sent', async (t) => {
  const { socket } = open()
  let answer
  socket.on('question', (send) => { answer = send })
  await join()
  FakeWebSocket.last.receive('427["question"]')
  FakeWebSocket.last.drop()
  t.mock.timers.tick(1000)
  await join(FakeWebSocket.last, '40{"sid":"C2"}')
  answer('late')
  assert.deepEqual(FakeWebSocket.last.sent, ['40'])
  socket.disconnect()
})

test('a namespace left while its CONNECT is under way is left again when the answer comes', async () => {
  const { socket } = open()
  const other = socket.io.socket('/other')
  FakeWebSocket.last.accept()
  await settled()
  other.disconnect()
  FakeWebSocket.last.receive('40{"sid":"C1"}', '40/other,{"sid":"C2"}')
  assert.deepEqual(FakeWebSocket.last.sent, ['40', '40/other,', '41/other,'])
  other.connect()
  await settled()
  other.disconnect()
  other.connect()
  await settled()
  assert.equal(FakeWebSocket.last.sent.filter((data) => data === '40/other,').length, 2, 'one CONNECT at a time')
  FakeWebSocket.last.receive('40/other,{"sid":"C3"}')
  assert.equal(other.id, 'C3')
  socket.disconnect()
  other.disconnect()
})

test('io shares a connection by scheme, host, port and path, unless told otherwise', () => {
  const options = { WebSocket: FakeWebSocket, autoConnect: false }
  const first = io('http://share.example/a', options)
  const same = (url, more) => io(url, { ...options, ...more }).io === first.io
  assert.equal(same('ws://SHARE.example:80/b?x=1'), true)
  assert.equal(same('http://share.example/a'), false, 'the namespace is in use')
  assert.equal(same('http://share.example/c', { forceNew: true }), false)
  assert.equal(same('http://share.example/d', { multiplex: false }), false)
  assert.equal(same('http://share.example/e', { path: '/other' }), false)
  assert.equal(same('https://share.example/f'), false)
  assert.equal(same('http://share.example:81/g'), false)
  assert.equal(FakeWebSocket.all.length, 0, 'autoConnect is off')
})

test('passes protocols and webSocketOptions on, and the query to every attempt as it is then', (t) => {
  const socket = io('http://a.example?from=url', { ...base, protocols: ['p'], webSocketOptions: { headers: {} }, query: { n: 1 } })
  assert.deepEqual(FakeWebSocket.last.protocols, ['p'])
  assert.deepEqual(FakeWebSocket.last.options, { headers: {} })
  assert.equal(FakeWebSocket.last.url, 'ws://a.example/socket.io/?from=url&n=1&EIO=4&transport=websocket')
  socket.io.opts.query.n = 2
  FakeWebSocket.last.refuse()
  t.mock.timers.tick(1000)
  assert.match(FakeWebSocket.last.url, /n=2/)
  socket.disconnect()
})

test('bad options are refused by name', () => {
  for (const name of ['reconnectionDelay', 'reconnectionDelayMax', 'reconnectionAttempts', 'randomizationFactor', 'timeout', 'sendBufferSize', 'maxAttachments']) {
    for (const value of [-1, NaN, 'many']) {
      assert.throws(() => new Manager('http://a.example', { ...base, [name]: value }), { name: 'TypeError', message: new RegExp(name) })
    }
  }
  assert.doesNotThrow(() => new Manager('http://a.example', { ...base, timeout: undefined, reconnectionDelay: null }))
})

test('without a WebSocket there is a clear error', { skip: 'WebSocket' in globalThis }, () => {
  assert.throws(() => io('http://a.example'), { name: 'TypeError', message: /io\(url, \{ WebSocket \}\)/ })
})

test('what the WebSocket constructor throws comes out of io and connect, and leaves a clean socket', () => {
  const socket = io('http://a.example', {
    ...base, autoConnect: false, WebSocket: class { constructor() { throw new SyntaxError('bad subprotocol') } },
  })
  assert.throws(() => socket.connect(), SyntaxError)
  assert.equal(socket.active, false)
})
