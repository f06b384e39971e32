// A crowd of clients that loses its connections for two seconds under a broadcast of 100 messages a second:
// no message is lost, none comes twice, and all come in order.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { io as stock } from 'socket.io-client'
import WebSocket from 'ws'
import { io as ours } from '../../client-js/src/index.js'
import { Relay } from './relay.js'
import { next, startFixture, until } from './support.js'

const crowd = 100
const pause = 10 // ms between two messages
const away = 200 // messages, which is two seconds

let server
before(async () => { server = await startFixture(['--recovery', '60000']) })
after(() => server.stop())

for (const [name, io, options] of [['stock clients', stock, { transports: ['websocket'], forceNew: true }], ['our clients', ours, { WebSocket, forceNew: true }],
  ['stock clients on long-polling', stock, { transports: ['polling'], forceNew: true }]]) {
  test(`${crowd} ${name}`, async (t) => {
    const relay = await Relay.open(server.port)
    const driver = stock(server.url, { transports: ['websocket'], forceNew: true })
    const sockets = Array.from({ length: crowd }, () => io(relay.url, { ...options, reconnection: false }))
    t.after(() => {
      driver.disconnect()
      for (const socket of sockets) socket.disconnect()
      relay.close()
    })
    const received = sockets.map((socket) => {
      const numbers = []
      socket.on('all-msg', (number) => numbers.push(number))
      return numbers
    })
    await Promise.all([driver, ...sockets].map((socket) => next(socket, 'auth')))
    const ids = sockets.map((socket) => socket.id)

    let sent = 0
    const timer = setInterval(() => driver.emit('all', sent++), pause)
    t.after(() => clearInterval(timer))
    await until(() => sent >= 50)
    const gone = sockets.map((socket) => next(socket, 'disconnect'))
    for (; sockets.some((socket) => socket.connected); await delay(1)) relay.cut() // one that polls may have no connection at the moment
    await Promise.all(gone)
    const back = sent + away
    await until(() => sent >= back)
    const joined = sockets.map((socket) => next(socket, 'connect'))
    for (const socket of sockets) socket.connect()
    await Promise.all(joined)
    const last = sent + 50
    await until(() => sent >= last)
    clearInterval(timer)
    await until(() => received.every((numbers) => numbers.length >= sent))

    const wanted = Array.from({ length: sent }, (_, i) => i)
    for (const [i, socket] of sockets.entries()) {
      assert.deepEqual(received[i], wanted)
      assert.equal(socket.recovered, true)
      assert.equal(socket.id, ids[i])
    }
  })
}
