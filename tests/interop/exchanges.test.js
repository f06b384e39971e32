// Written conversations with a server over real connections; the client's tests play the same ones.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { io } from 'socket.io-client'
import { isOfficial, startCompat } from './compat.js'
import { Exchange } from './exchange.js'
import { next, root, until } from './support.js'

const pingInterval = 500
let server
before(async () => { server = await startCompat(['--ping-interval', `${pingInterval}`]) })
after(() => server.stop())

const vectors = (name) => JSON.parse(readFileSync(path.join(root, 'tests/vectors', name), 'utf8')).exchanges

const opening = ['› websocket', '‹ 0{"sid":"S1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}']

/** Everything until the server's close frame, heartbeats left out. */
const rest = async (peer) => (await peer.receiveAll()).filter((packet) => packet !== '2')

describe('a client that breaks a rule', () => {
  for (const { title, breaks, lines, behind = [], end, official } of vectors('invalid_exchanges.json')) {
    if (breaks !== 'client') continue
    const ending = end === 'open' ? 'does no harm' : 'ends its connection'
    test(`${title}: ${ending}`, { skip: isOfficial && official }, async (t) => {
      const exchange = new Exchange(t, server.port, pingInterval)
      for (const line of [...opening, ...lines]) await exchange.play(line)
      if (end === 'open') return exchange.peer.isAlive()
      for (const line of behind) await exchange.play(line).catch(() => {}) // the connection may be gone by now
      assert.deepEqual((await rest(exchange.peer)).map((packet) => packet.slice(0, 5)), ['close', 'end'])
    })
  }
})

describe('a sample conversation', () => {
  for (const { title, needs, lines } of vectors('sample_exchanges.json')) {
    test(title, async (t) => {
      const own = needs ? await startCompat([`--${needs}`, '60000', '--ping-interval', `${pingInterval}`]) : server
      if (own !== server) t.after(() => own.stop())
      const exchange = new Exchange(t, own.port, pingInterval)
      const others = await beside(t, own)
      for (const line of lines) await (line.startsWith('# ') ? others(exchange, line.slice(2)) : exchange.play(line))
    })
  }
})

/** Does what happens beside the lines: another client asks the server for it. */
async function beside(t, { url }) {
  const socket = io(url, { transports: ['websocket'], forceNew: true })
  t.after(() => socket.disconnect())
  await next(socket, 'connect')
  const bytes = (key, value) => (value?.$bytes ? Buffer.from(value.$bytes, 'hex') : value)
  return async (exchange, words) => {
    const [what, args] = words.split(/ (.*)/s)
    if (what === 'lost') {
      exchange.lose()
      return until(async () => await socket.emitWithAck('count') === 1)
    }
    socket.emit(`${what}-all`, ...JSON.parse(args, bytes))
    await socket.emitWithAck('sum', 1, 1) // behind it
  }
}
