// Socket.IO, packet by packet: what is answered, in which order, and what ends the session.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { root, startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

const join = (t, nsp, options) => EnginePeer.join(t, server.port, nsp, options)
const open = (t) => EnginePeer.open(t, server.port)

/** Another client, which must be served all the while. */
async function withNeighbour(t, action) {
  const neighbour = await join(t)
  await action()
  await neighbour.isAlive()
}

describe('CONNECT', () => {
  test('is answered with nothing but an id of its own for each namespace', async (t) => {
    const peer = await open(t)
    const ids = [await peer.join('/'), await peer.join('/custom'), await peer.join('/chat')]
    assert.equal(new Set([...ids, peer.handshake.sid]).size, 4)
  })

  test('any namespace may be the first, and "/" is not joined by itself', async (t) => {
    const peer = await open(t)
    await peer.join('/custom')
    await peer.send('42["message"]')
    await peer.isClosed()
  })

  for (const [what, packet, answer] of [
    ['auth', '40{"token":"t1"}', '42["auth",{"token":"t1"}]'],
    ['auth for another namespace', '40/custom,{"a":[1,{"b":null}]}', '42/custom,["auth",{"a":[1,{"b":null}]}]'],
    ['an empty auth', '40{}', '42["auth",{}]'],
    ['no comma', '40/custom', '42/custom,["auth",{}]'],
    ['__proto__ as a key of auth', '40{"__proto__":{"a":1}}', '42["auth",{"__proto__":{"a":1}}]']
  ]) {
    test(`with ${what}: the answer, then what the connection handler sends`, async (t) => {
      const peer = await open(t)
      await peer.send(packet)
      assert.match(await peer.receive(), /^40(\/custom,)?\{"sid":"[\w-]{20}"\}$/)
      assert.equal(await peer.receive(), answer)
    })
  }

  for (const [what, packet, answer] of [
    ['an unknown namespace', '40/random,', '44/random,{"message":"Invalid namespace"}'],
    ['an unknown namespace, without the comma', '40/random', '44/random,{"message":"Invalid namespace"}'],
    ['a query is part of the name', '40/custom?x=1,', '44/custom?x=1,{"message":"Invalid namespace"}'],
    ['a name in other letters', '40/Custom,', '44/Custom,{"message":"Invalid namespace"}'],
    ['a middleware that refuses', '40/denied,{"token":"bad"}', '44/denied,{"message":"denied","data":{"why":"role"}}']
  ]) {
    test(`refused: ${what}; the session goes on, and it may be tried again`, async (t) => {
      const peer = await join(t)
      await peer.exchange(packet, [answer])
      await peer.exchange(packet, [answer])
      await peer.isAlive()
    })
  }

  for (const [what, packets] of [
    ['a namespace that is joined', ['40']],
    ['a namespace that is joined, twice in one write', ['40/custom,', '40/custom,']]
  ]) {
    test(`for ${what} closes the session`, async (t) => {
      const peer = await join(t)
      await peer.send(...packets)
      assert.deepEqual((await peer.receiveAll()).slice(-2), ['close', 'end'])
    })
  }

  for (const packet of ['42["message"]', '41', '430[]', '42/custom,["message"]', '451-["bin",{"_placeholder":true,"num":0}]']) {
    test(`anything else as the first packet, ${packet}, closes the session`, async (t) => {
      const peer = await open(t)
      await peer.send(packet, ...(packet.startsWith('45') ? [Buffer.from([1])] : []))
      await peer.isClosed()
    })
  }

  test('packets right behind it, in the same segment as the request, wait for it and keep their order', async (t) => {
    const peer = await EnginePeer.open(t, server.port, { behind: ['40', '420["ack",1]', '42["message",2]', '421["ack",3]'] })
    assert.match(await peer.receive(), /^40\{"sid":/)
    for (const packet of ['42["auth",{}]', '430[1]', '42["message-back",2]', '431[3]']) assert.equal(await peer.receive(), packet)
  })

  test('a client that joins nothing is sent away after the connect timeout, and a refusal does not help', async (t) => {
    const hasty = await startFixture(['--connect-timeout', '200'])
    t.after(() => hasty.stop())
    const [idle, refused, joined] = await Promise.all([1, 2, 3].map(() => EnginePeer.open(hasty, hasty.port)))
    await joined.join()
    await joined.send('41')
    await refused.exchange('40/denied,', ['44/denied,{"message":"denied","data":{"why":"role"}}'])
    for (const peer of [idle, refused]) assert.deepEqual((await peer.receiveAll()).map((one) => one.slice(0, 5)), ['close', 'end'])
    await joined.join() // has joined once, so it may stay
  })
})

describe('events', () => {
  for (const [what, sent, answer] of [
    ['spelling of numbers and order of keys', '42["message",1.0,1e21,-0,1E+2,{"z":1,"a":2,"10":3}]', '42["message-back",1.0,1e21,-0,1E+2,{"z":1,"a":2,"10":3}]'],
    ['a name with escapes', '42["mess\\u0061ge",1]', '42["message-back",1]'],
    ['no arguments', '42["message"]', '42["message-back"]'],
    ['placeholders in a text packet, which are data', '42["message",{"_placeholder":true,"num":7}]', '42["message-back",{"_placeholder":true,"num":7}]'],
    ['an id with leading zeros', '42007["ack","x"]', '437["x"]'],
    ['the largest id', '429007199254740991["ack"]', '439007199254740991[]'],
    ['several values in an acknowledgement', '4212["message-with-ack",1,[2],null]', '4312[1,[2],null]'],
    ['an acknowledgement without values', '423["join","r"]', '433[]'],
    ['text beyond ASCII', '42["message","héllo 😀"]', '42["message-back","héllo 😀"]'],
    ['nesting as deep as 512', `42["message",${'['.repeat(511)}${']'.repeat(511)}]`, `42["message-back",${'['.repeat(511)}${']'.repeat(511)}]`]
  ]) {
    test(`${what}: ${sent.slice(0, 60)}`, async (t) => {
      const peer = await join(t)
      await peer.exchange(sent, [answer])
      await peer.isAlive()
    })
  }

  test('order is kept across namespaces', async (t) => {
    const peer = await join(t)
    await peer.join('/custom')
    const sent = Array.from({ length: 100 }, (_, i) => (i % 2 ? `42/custom,${i}["ack",${i}]` : `42${i}["ack",${i}]`))
    await peer.exchange(sent, sent.map((_, i) => (i % 2 ? `43/custom,${i}[${i}]` : `43${i}[${i}]`)))
  })

  for (const [what, packet] of [['an unknown one', '4399["x"]'], ['one for a namespace\'s other id', '430[]']]) {
    test(`an acknowledgement nobody waits for, ${what}, is ignored`, async (t) => {
      const peer = await join(t)
      await peer.send(packet)
      await peer.isAlive()
    })
  }

  test('an acknowledgement whose socket has left meanwhile is not sent', async (t) => {
    const peer = await join(t)
    await peer.send('420["slow",50]', '41')
    await peer.join('/custom')
    // Two timers, one behind the other: when this is answered the first one has run.
    await peer.exchange('42/custom,1["slow",100]', ['43/custom,1[true]'])
  })
})

describe('binary', () => {
  const placeholder = (num) => `{"_placeholder":true,"num":${num}}`
  const bytes = (...values) => Buffer.from(values)

  test('an event, then its attachments, in order', async (t) => {
    const peer = await join(t)
    await peer.exchange([`452-["message",${placeholder(0)},{"a":[${placeholder(1)}]}]`, bytes(1), bytes(2, 3)],
      [`452-["message-back",${placeholder(0)},{"a":[${placeholder(1)}]}]`, bytes(1), bytes(2, 3)])
  })

  test('an acknowledgement with attachments', async (t) => {
    const peer = await join(t, '/custom')
    await peer.exchange([`452-/custom,9["message-with-ack",${placeholder(1)},${placeholder(0)}]`, bytes(1), bytes(2)],
      [`462-/custom,9[${placeholder(0)},${placeholder(1)}]`, bytes(2), bytes(1)])
  })

  test('attachments are numbered anew: one used twice becomes two, an unused one goes', async (t) => {
    const peer = await join(t)
    await peer.exchange([`452-["message",${placeholder(1)},${placeholder(1)}]`, bytes(1), bytes(2)],
      [`452-["message-back",${placeholder(0)},${placeholder(1)}]`, bytes(2), bytes(2)])
    await peer.exchange(['451-["message",0]', bytes(1)], ['42["message-back",0]'])
  })

  test('an empty attachment', async (t) => {
    const peer = await join(t)
    await peer.exchange([`451-["bin",${placeholder(0)}]`, bytes()], [`451-["bin",${placeholder(0)}]`, bytes()])
  })

  test('an attachment for a namespace that was left meanwhile is dropped with its packet', async (t) => {
    const peer = await join(t)
    const other = await join(t)
    await peer.send(`451-["bin",${placeholder(0)}]`)
    await other.send(`42["kick","${peer.id}",false]`)
    assert.equal(await peer.receive(), '41')
    await peer.send(bytes(1))
    await peer.join()
    await peer.isAlive()
  })
})

describe('leaving', () => {
  test('the client leaves one namespace: no answer, the others go on', async (t) => {
    const peer = await join(t)
    await peer.join('/custom')
    await peer.send('41/custom,')
    await peer.isAlive()
    await peer.join('/custom')
  })

  test('without the comma', async (t) => {
    const peer = await join(t)
    await peer.join('/custom')
    await peer.send('41/custom')
    await peer.isAlive()
  })

  test('the last one: the session stays open', async (t) => {
    const peer = await join(t)
    await peer.send('41')
    await peer.join('/custom')
  })

  test('behind its own leaving a client\'s acknowledgement is ignored, an event or a second leaving closes the session', async (t) => {
    const polite = await join(t)
    await polite.join('/custom')
    await polite.send('41/custom,', '43/custom,0["late"]', '461-/custom,1[{"_placeholder":true,"num":0}]', Buffer.from([1]))
    await polite.isAlive()
    for (const packet of ['42/custom,["message"]', '41/custom,']) {
      const peer = await join(t)
      await peer.join('/custom')
      await peer.send('41/custom,', packet)
      await peer.isClosed()
    }
  })

  test('the server leaves one namespace: packets still under way are ignored, it can be joined again', async (t) => {
    const peer = await join(t)
    await peer.join('/custom')
    await peer.exchange('42["kick","' + peer.id + '",false]', ['41'])
    await peer.send('42["message","too late"]', '41', '430[]')
    await peer.exchange('42/custom,1["ack",1]', ['43/custom,1[1]'])
    await peer.join()
    await peer.isAlive()
  })

  test('the server ends the connection: 41 for every namespace, then the close frame', async (t) => {
    const peer = await join(t)
    await peer.join('/custom')
    await peer.send(`42["kick","${peer.id}",true]`)
    assert.deepEqual(await peer.receiveAll(), ['41', '41/custom,', 'close', 'end'])
  })

  test('the server shuts down: a close frame, and no 41', async (t) => {
    const other = await startFixture()
    const peer = await EnginePeer.join(t, other.port)
    const rest = peer.receiveAll()
    await other.stop()
    assert.deepEqual((await rest).map((packet) => packet.slice(0, 5)), ['close', 'end'])
  })
})

test('a sample session: two namespaces, a refusal, binary, leaving', async (t) => {
  const peer = await join(t)
  await peer.exchange('40/denied,{"token":"bad"}', ['44/denied,{"message":"denied","data":{"why":"role"}}'])
  await peer.join('/custom')
  await peer.exchange(['451-["bin",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3, 4])],
    ['451-["bin",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3, 4])])
  await peer.send('42/custom,0["whoami"]')
  assert.ok((await peer.receive()).startsWith('43/custom,0[{'))
  await peer.send('41/custom,')
  await peer.isAlive()
  await peer.send(`42["kick","${peer.id}",true]`)
  assert.deepEqual(await peer.receiveAll(), ['41', 'close', 'end'])
})

describe('invalid packets close the whole session, and nobody else\'s', () => {
  const { vectors } = JSON.parse(readFileSync(path.join(root, 'tests/vectors/socketio_packets.json'), 'utf8'))
  const fromClients = vectors.filter(({ from }) => from !== 'server')

  for (const { title, text, attachments = [], next, nsp } of fromClients.filter(({ valid }) => !valid)) {
    test(`${title}: ${String(text).slice(0, 60)}`, async (t) => {
      await withNeighbour(t, async () => {
        const peer = await join(t)
        if (nsp) await peer.join(nsp)
        const messages = [...(text === null ? [] : [`4${text}`]), ...attachments.map((hex) => Buffer.from(hex, 'hex')), ...(next === undefined ? [] : [`4${next}`])]
        await peer.send(...messages, '42["message","what is behind is not handled"]')
        const packets = await peer.receiveAll()
        assert.deepEqual(packets.slice(-2), ['close', 'end'])
        assert.ok(!packets.some((packet) => packet.includes('behind')))
      })
    })
  }

  // Beyond the limits: nesting of 512, a namespace of 1024 bytes, 10 attachments.
  for (const [title, packet] of [
    ['JSON nested 513 deep', `42["message",${'['.repeat(512)}${']'.repeat(512)}]`],
    ['a namespace of more than 1024 bytes', `40/${'n'.repeat(1025)},`],
    ['CONNECT_ERROR from a client', '44{"message":"x"}'],
    ['a broken escape', '42["message","\\u12"]']
  ]) {
    test(title, async (t) => {
      await withNeighbour(t, async () => {
        const peer = await join(t)
        await peer.send(packet)
        await peer.isClosed()
      })
    })
  }

  // Those for namespaces that this server has.
  const events = fromClients.filter(({ valid, type, nsp }) => valid && type >= 2 && nsp === '/')
  for (const { title, text, attachments = [] } of events) {
    test(`valid, so the session lives: ${title}`, async (t) => {
      const peer = await join(t)
      await peer.send(`4${text}`, ...attachments.map((hex) => Buffer.from(hex, 'hex')))
      await peer.isAlive()
    })
  }
})
