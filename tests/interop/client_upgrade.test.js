// What happens at each stage of an upgrade, with stock clients behind a relay that holds the WebSocket up.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { Clients } from './clients.js'
import { next, startFixture, until } from './support.js'
import { EngineClients, isOn } from './transports.js'
import { UpgradeGate } from './upgrade_gate.js'

const total = 10_000
const inOrder = Array.from({ length: total }, (_, i) => i)

let server
let gate
before(async () => { server = await startFixture(['--ping-interval', '100']) }) // pings fall into every stage
after(() => server.stop())
beforeEach(async () => { gate = await UpgradeGate.open(server.port) })
const direct = new Clients(() => server)
const clients = new Clients(() => gate)
const engineClients = new EngineClients(() => gate)
afterEach(() => {
  direct.closeAll()
  clients.closeAll()
  engineClients.closeAll()
  gate.close()
})

/** Every tenth message is binary. */
const written = (i) => (i % 10 ? `${i}` : Buffer.from(`${i}`))

/**
 * Takes a client through its upgrade. `say(count)` makes both sides say so much more, `isHeard()` tells whether all of it
 * has arrived, `isTaken()` resolves once the server has taken what was sent to it directly.
 */
async function passThroughStages(engine, { say, isHeard, heardSoFar, isTaken }) {
  const part = total / 5
  say(part)
  await until(isHeard) // over polling, with the WebSocket's handshake under way
  gate.letPass('handshake')
  await until(() => gate.isHeldAfter('handshake'))
  say(part)
  await until(isHeard) // over polling, with a WebSocket open
  let atUpgrade
  const upgraded = next(engine, 'upgrade').then(() => { atUpgrade = heardSoFar() })
  gate.letPass('probe')
  say(part) // while the client lets its poll and its POST end
  await upgraded
  say(part) // the client sends behind its "5", the server has not got that yet
  await isTaken()
  assert.equal(engine.transport.name, 'websocket')
  assert.equal(heardSoFar(), atUpgrade, 'the server sent over the WebSocket before it got "5"')
  gate.letPass('upgrade')
  say(part)
  await until(isHeard)
}

describe('messages sent at every stage arrive once and in order', () => {
  test('10,000 of the client and 10,000 of the server, events', async () => {
    const speaker = await direct.connect()
    const client = await clients.connect('/', { transports: undefined })
    const [echoed, told] = [[], []]
    client.on('echo', (value) => echoed.push(Number(value)))
    client.on('all-msg', (value) => told.push(Number(value)))
    let said = 0
    const say = (count) => {
      for (const end = said + count; said < end; said++) {
        client.emit('echo', written(said))
        speaker.emit('all', written(said))
      }
    }
    await passThroughStages(client.io.engine, {
      say,
      isHeard: () => echoed.length >= said && told.length >= said,
      heardSoFar: () => echoed.length + told.length,
      isTaken: () => speaker.emitWithAck('ack', 0)
    })
    assert.equal(await client.emitWithAck('ack', 'behind all'), 'behind all')
    assert.deepEqual(echoed, inOrder)
    assert.deepEqual(told, inOrder)
  })

  test('10,000 Engine.IO messages and their echoes', async () => {
    const client = await engineClients.open()
    const echoed = []
    client.on('message', (message) => echoed.push(message))
    let said = 0
    await passThroughStages(client, {
      say: (count) => { for (const end = said + count; said < end; said++) client.send(written(said)) },
      isHeard: () => echoed.length >= said,
      heardSoFar: () => echoed.length,
      isTaken: () => {}
    })
    assert.deepEqual(echoed, inOrder.map(written))
  })

  test('broadcasts that never pause, for clients that come and upgrade meanwhile', async () => {
    const speaker = await direct.connect()
    let said = 0
    const batch = 50
    const say = () => { for (const end = said + batch; said < end; said++) speaker.emit('all', written(said)) }
    speaker.on('all-msg', (value) => { if (Number(value) === said - 1) say() }) // as fast as they come back
    say()
    const listeners = await Promise.all(Array.from({ length: 5 }, async () => {
      const client = direct.open('/', { transports: undefined })
      const heard = []
      client.on('all-msg', (value) => heard.push(Number(value)))
      await next(client, 'connect')
      await isOn(client.io.engine, 'websocket')
      return { client, heard }
    }))
    await until(() => said > total)
    speaker.off('all-msg')
    await speaker.emitWithAck('ack', 0)
    for (const { client, heard } of listeners) {
      await client.emitWithAck('ack', 0)
      assert.deepEqual(heard, Array.from({ length: said - heard[0] }, (_, i) => heard[0] + i))
    }
  })
})

describe('an upgrade that fails leaves the session on polling, and nothing is lost', () => {
  for (const [what, stage] of [['before the server has seen its handshake', 'closed'], ['before the probe', 'handshake']]) {
    test(`the WebSocket breaks ${what}`, async () => {
      const client = await engineClients.open()
      const { id } = client
      if (stage !== 'closed') gate.letPass(stage)
      await until(() => gate.isHeldAfter(stage))
      const echoed = []
      client.on('message', (message) => echoed.push(message))
      for (let i = 0; i < 1000; i++) client.send(written(i))
      const failed = next(client, 'upgradeError')
      gate.cut()
      await failed
      for (let i = 1000; i < 2000; i++) client.send(written(i))
      await until(() => echoed.length >= 2000)
      assert.deepEqual(echoed, inOrder.slice(0, 2000).map(written))
      assert.deepEqual([client.id, client.transport.name], [id, 'polling'])
    })
  }

  test('upgrade_timeout passes without the probe', async (t) => {
    const impatient = await startFixture(['--upgrade-timeout', '100'])
    const narrow = await UpgradeGate.open(impatient.port)
    const theirs = new EngineClients(() => narrow)
    t.after(async () => {
      theirs.closeAll()
      narrow.close()
      await impatient.stop()
    })
    narrow.letPass('handshake')
    const client = await theirs.open()
    const { id } = client
    await next(client, 'upgradeError')
    const echo = next(client, 'message')
    client.send('still here')
    assert.deepEqual(await echo, ['still here'])
    assert.deepEqual([client.id, client.transport.name], [id, 'polling'])
  })

  test('the path of WebSockets is blocked: the client stays with polling, and can leave', async () => {
    const observer = await direct.connect('/chat')
    const client = await clients.connect('/chat', { transports: undefined })
    await until(() => gate.isHeldAfter('closed'))
    assert.equal(await client.emitWithAck('ack', 'over polling'), 'over polling')
    client.disconnect()
    await until(async () => await observer.emitWithAck('who') === 1)
  })
})

describe('the session ends while an upgrade is under way', () => {
  for (const stage of ['handshake', 'probe']) {
    test(`the server ends it, with the ${stage} done: "io server disconnect", and the WebSocket ends too`, async () => {
      const speaker = await direct.connect('/chat')
      gate.letPass(stage)
      const client = await clients.connect('/chat', { transports: undefined, reconnection: false })
      await until(() => gate.isHeldAfter(stage))
      const gone = next(client, 'disconnect')
      speaker.emit('kick', client.id, true)
      if (stage === 'probe') {
        // The client has stopped polling: it can only be told behind its "5".
        await speaker.emitWithAck('ack', 0)
        gate.letPass('upgrade')
      }
      assert.equal((await gone)[0], 'io server disconnect')
      await until(async () => await speaker.emitWithAck('who') === 1)
      await until(() => gate.webSockets === 0)
    })
  }
})
