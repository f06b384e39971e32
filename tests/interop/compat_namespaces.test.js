// What the official server's documentation says of namespaces, middleware and the end of a socket, with the stock client;
// see docs/compatibility.md.
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { Socket as EngineClient } from 'engine.io-client'
import { isOfficial, startCompat } from './compat.js'
import { answers, CompatClients, record } from './compat_clients.js'
import { next, until } from './support.js'

let server
before(async () => { server = await startCompat() })
after(() => server.stop())
const clients = new CompatClients(() => server)
afterEach(() => clients.closeAll())

const madeSoFar = async () => (await (await clients.connect('/')).emitWithAck('made')).sort()

describe('namespaces made by a rule', () => {
  test('a regular expression: the handlers of the rule, each namespace for itself', async () => {
    const [first, second] = [clients.open('/dynamic-1'), clients.open('/dynamic-2')]
    assert.deepEqual(await Promise.all([next(first, 'joined'), next(second, 'joined')]), [['/dynamic-1', 'by the rule'], ['/dynamic-2', 'by the rule']])
    const strays = record(second)
    const heard = next(first, 'news')
    first.emit('here', 'news', 1)
    assert.deepEqual(await heard, [1])
    assert.deepEqual(strays, [])
  })

  for (const name of ['/dynamic-', '/dynamic-x', '/dynamic-1x', '/x/dynamic-1', '/token-1', '/nothing']) {
    test(`"${name}", which no rule knows, is refused with "Invalid namespace"`, async () => {
      const [error] = await next(clients.open(name), 'connect_error')
      assert.equal(error.message, 'Invalid namespace')
    })
  }

  test('a function: by the name and the auth', async () => {
    const good = clients.open('/token-2', { auth: { token: 'good' } })
    assert.deepEqual(await next(good, 'joined'), ['/token-2'])
    const [error] = await next(clients.open('/token-3', { auth: { token: 'bad' } }), 'connect_error')
    assert.equal(error.message, 'Invalid namespace')
  })

  test('an emit of the rule reaches all its namespaces', async () => {
    const sockets = await Promise.all([clients.connect('/dynamic-4'), clients.connect('/dynamic-5')])
    const other = await clients.connect('/token-4', { auth: { token: 'good' } })
    const strays = record(other)
    const heard = Promise.all(sockets.map((socket) => next(socket, 'news')))
    sockets[0].emit('everywhere', 'news', 1)
    assert.deepEqual(await heard, [[1], [1]])
    assert.deepEqual(strays, [])
  })

  test('new_namespace: once for each that is made', async () => {
    await Promise.all([clients.connect('/dynamic-60'), clients.connect('/dynamic-60'), clients.connect('/token-60', { auth: { token: 'good' } })])
    assert.deepEqual((await madeSoFar()).filter((name) => name.endsWith('60')), ['/dynamic-60', '/token-60'])
  })

  test('cleanupEmptyChildNamespaces: one whose last socket has left is forgotten, and made anew', async (t) => {
    const cleaning = await startCompat(['--cleanup-namespaces', '1'])
    t.after(() => cleaning.stop())
    const own = new CompatClients(() => cleaning)
    t.after(() => own.closeAll())
    const main = await own.connect('/')
    const socket = await own.connect('/dynamic-7')
    socket.disconnect()
    const again = own.open('/dynamic-7')
    await next(again, 'joined')
    await until(async () => {
      again.disconnect()
      again.connect()
      await next(again, 'joined')
      return (await main.emitWithAck('made')).length > 1
    })
  })

  test('without it, it stays', async () => {
    for (let i = 0; i < 5; i++) {
      const socket = clients.open('/dynamic-8')
      await next(socket, 'joined')
      socket.disconnect()
    }
    assert.deepEqual((await madeSoFar()).filter((name) => name === '/dynamic-8'), ['/dynamic-8'])
  })
})

describe('middleware', () => {
  test('of a namespace: in order, the later ones too, then the connection handler', async () => {
    assert.deepEqual(await next(clients.open('/ordered'), 'joined'), [['first', 'second']])
  })

  for (const name of ['first', 'second']) {
    test(`the ${name} one refuses: connect_error with its message and data, inactive, and trying again is possible`, async () => {
      const socket = clients.open('/ordered', { auth: { refusedBy: name } })
      const [error] = await next(socket, 'connect_error')
      assert.deepEqual([error.message, error.data, socket.active], [`refused by ${name}`, { code: 42 }, false])
      socket.auth = {}
      socket.connect()
      assert.deepEqual(await next(socket, 'joined'), [['first', 'second']])
    })
  }

  test('of a socket: what it lets pass is handled, what it refuses is not, and gets no answer', async () => {
    const socket = await clients.connect('/checked')
    const heard = record(socket)
    socket.emit('forbidden', 1, () => assert.fail('answered'))
    assert.equal(await socket.emitWithAck('allowed', 2), 'done')
    assert.deepEqual(heard, [['handled', 'allowed', 2]])
  })

  test('of a socket: it may decide later', async () => {
    const socket = await clients.connect('/checked')
    assert.equal(await socket.emitWithAck('later', 20), 'done')
  })

  test('of a socket: what comes behind an event that is being decided waits', { skip: isOfficial && 'it overtakes' }, async () => {
    const socket = await clients.connect('/checked')
    const heard = record(socket)
    socket.emit('later', 50)
    assert.equal(await socket.emitWithAck('allowed', 2), 'done')
    assert.deepEqual(heard, [['handled', 'later', 50], ['handled', 'allowed', 2]])
  })
})

describe('the end of a socket', () => {
  let count = 0
  const join = async (options = {}) => {
    const name = `client ${++count}`
    return { name, socket: await clients.connect('/left', { auth: { name }, ...options }) }
  }

  /** What `disconnecting` and `disconnect` were told: the reason, and whether the rooms were still there. */
  async function hears(name, reason) {
    const observer = await clients.connect('/left', { auth: { name: 'observer' } })
    await until(async () => (await observer.emitWithAck('heard', name)).length === 2)
    assert.deepEqual(await observer.emitWithAck('heard', name), [[name, 'disconnecting', reason, true], [name, 'disconnect', reason, false]])
  }

  test('client namespace disconnect: the client left', async () => {
    const { name, socket } = await join()
    socket.disconnect()
    await hears(name, 'client namespace disconnect')
  })

  for (const close of [false, true]) {
    test(`server namespace disconnect: disconnect(${close})`, async () => {
      const { name, socket } = await join()
      socket.emit('disconnect-me', close)
      await hears(name, 'server namespace disconnect')
    })
  }

  test('transport close: the connection was closed', async () => {
    const { name, socket } = await join({ reconnection: false })
    socket.io.engine.close()
    await hears(name, 'transport close')
  })

  test('transport error: a message that no client may send', async () => {
    const { name, socket } = await join({ reconnection: false })
    socket.io.engine.write('x'.repeat(1_000_001))
    await hears(name, 'transport error')
  })

  test('transport error: a poll that was held breaks', async () => {
    const agent = new Agent({ keepAlive: true })
    const { name } = await join({ reconnection: false, transports: ['polling'], agent })
    const polls = () => Object.values(agent.sockets).flat().filter((socket) => socket._httpMessage?.method === 'GET')
    await until(() => polls().length === 1)
    await fetch(`${server.url}/nothing`) // the server has read what was sent before
    agent.destroy()
    await hears(name, 'transport error')
  })

  test('parse error: no packet of Engine.IO', async () => {
    const { name, socket } = await join({ reconnection: false })
    socket.io.engine.transport.ws.send('no packet')
    await hears(name, 'parse error')
  })

  test('forced close: no packet of Socket.IO', async () => {
    const { name, socket } = await join({ reconnection: false })
    socket.io.engine.write('no packet')
    await hears(name, 'forced close')
  })

  test('forced server close: an event from outside, over long-polling, while no poll waits', async () => {
    const session = async (method, path = '', body = undefined) => {
      const answer = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling${path}`, { method, body })
      return answer.text()
    }
    const { sid } = JSON.parse((await session('GET')).slice(1))
    const name = `client ${++count}`
    await session('POST', `&sid=${sid}`, `40/left,${JSON.stringify({ name })}`)
    assert.match(await session('GET', `&sid=${sid}`), /^40\/left,/)
    await session('POST', `&sid=${sid}`, '42["of a namespace that was not joined"]')
    await session('GET', `&sid=${sid}`)
    await hears(name, 'forced server close')
  })
})

describe('a server with short times', { concurrency: true }, () => {
  test('ping timeout: the client answers no ping', async (t) => {
    const hasty = await startCompat(['--ping-interval', '100', '--ping-timeout', '100'])
    t.after(() => hasty.stop())
    const own = new CompatClients(() => hasty)
    t.after(() => own.closeAll())
    const mute = await own.connect('/left', { auth: { name: 'mute' }, reconnection: false })
    const { _socket: connection } = mute.io.engine.transport.ws
    t.after(() => connection.destroy())
    connection.pause()
    const observer = await own.connect('/left', { auth: { name: 'observer' } })
    await until(async () => (await observer.emitWithAck('heard', 'mute')).length === 2)
    const [[, , reason]] = await observer.emitWithAck('heard', 'mute')
    assert.equal(reason, 'ping timeout')
  })

  test('connectTimeout: who joins nothing is sent away', async (t) => {
    const hasty = await startCompat(['--connect-timeout', '100'])
    t.after(() => hasty.stop())
    const idle = new EngineClient(hasty.url, { path: '/socket.io/', transports: ['websocket'] })
    assert.equal((await next(idle, 'close'))[0], 'transport close')
    const own = new CompatClients(() => hasty)
    t.after(() => own.closeAll())
    const joined = await own.connect('/')
    assert.equal(await joined.emitWithAck('sum', 1, 2), 3)
  })
})
