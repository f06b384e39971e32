// One test for each published way to bring a server of this kind down, by its number. After each, the process
// lives, has reported nothing, and serves a client that was there all the time.
import assert from 'node:assert/strict'
import { after, before, beforeEach, afterEach, describe, test } from 'node:test'
import { EnginePeer, path } from './engine_peer.js'
import { memoryOf } from './process.js'
import { RawSocket } from './raw.js'
import { refusedUpgrade, request } from './raw_http.js'
import { close, frame, opcodes, openingHandshake, RawWebSocket, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server, neighbour
before(async () => { server = await startFixture() })
after(() => server.stop())
beforeEach(async () => { neighbour = await EnginePeer.join({ after() {} }, server.port) })
afterEach(async () => {
  await neighbour.isAlive()
  neighbour.destroy()
})

const join = (t) => EnginePeer.join(t, server.port)

describe('CVE-2022-21676: bad WebSocket bytes in the same segment as the upgrade request', () => {
  for (const [what, bytes] of [
    ['RSV2', frame(opcodes.text, 'x', { rsv: 2 })], ['RSV3', frame(opcodes.text, 'x', { rsv: 1 })],
    ['RSV1 without compression', frame(opcodes.text, 'x', { rsv: 4 })], ['an unknown opcode', frame(3, 'x')],
    ['no mask', frame(opcodes.text, 'x', { key: null })], ['a length with its top bit set', Buffer.from('81ffffffffffffffffffa1b2c3d4', 'hex')]
  ]) {
    for (const target of [path, '/echo', '/ws', `${path}&sid=x`]) {
      test(`${what}, to ${target}`, async (t) => {
        const socket = await RawSocket.connect(server.port)
        t.after(() => socket.destroy())
        await socket.write(Buffer.concat([Buffer.from(openingHandshake(server.port, target)), bytes]))
        const answer = (await socket.readToEnd()).toString('latin1')
        if (target.endsWith('sid=x')) return assert.match(answer, /^HTTP\/1\.1 400 /)
        assert.match(answer, /^HTTP\/1\.1 101 /)
        const closing = answer.indexOf('\x88')
        const code = Buffer.from(answer.slice(closing + 2, closing + 4), 'latin1').readUInt16BE()
        assert.ok([1002, 1009].includes(code), `close ${code}`)
      })
    }
  }
})

describe('CVE-2022-41940: a connection that is reset while its upgrade is refused', () => {
  for (const target of ['/socket.io/?EIO=3&transport=websocket', '/socket.io/?EIO=4&transport=x', `${path}&sid=x`, '/nothing']) {
    test(target, async () => {
      for (let i = 0; i < 50; i++) {
        const socket = await RawSocket.connect(server.port)
        await socket.write(openingHandshake(server.port, target))
        socket.reset()
      }
    })
  }

  test('and while it is accepted', async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await RawSocket.connect(server.port)
      await socket.write(openingHandshake(server.port, path))
      socket.reset()
    }
  })

  test('and in the middle of a frame', async () => {
    for (const size of [1, 2, 3, 5, 6, 7, 9]) {
      const webSocket = await RawWebSocket.open(server.port, path)
      await webSocket.send(text('40{"a":1}').subarray(0, size))
      webSocket.socket.reset()
    }
  })
})

describe('CVE-2023-31125: names of object members where a transport, a session or a revision is expected', () => {
  for (const word of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', '%5F%5Fproto%5F%5F', '__proto__[x]']) {
    test(word, async () => {
      for (const [query, code, message] of [
        [`?EIO=4&transport=${word}`, 0, 'Transport unknown'], [`?EIO=4&transport=websocket&sid=${word}`, 1, 'Session ID unknown']
      ]) {
        for (const method of ['GET', 'POST']) {
          const answer = await request(server.port, `/socket.io/${query}`, { method })
          assert.deepEqual([answer.status, answer.body], [400, `{"code":${code},"message":"${message}"}`])
        }
        const answer = await refusedUpgrade(server.port, `/socket.io/${query}`)
        assert.deepEqual([answer.status, answer.body], [400, message])
      }
      assert.equal((await refusedUpgrade(server.port, `/socket.io/?EIO=${word}&transport=websocket`)).body, 'Unsupported protocol version')
    })
  }
})

describe('CVE-2024-38355: a malformed packet where nobody listens for errors', () => {
  for (const packet of ['42["throw"', '42["error",{"message":"x"}]x', '4', '49', '43["x"]']) {
    test(`${packet} closes only its own session`, async (t) => {
      const peer = await join(t)
      await peer.send(packet)
      await peer.isClosed()
    })
  }

  test('an event called error is an event like others', async (t) => {
    const peer = await join(t)
    await peer.send('42["error",{"message":"x"}]')
    await peer.isAlive()
  })
})

describe('CVE-2020-36049: endless digits', () => {
  const digits = '4'.repeat(999_000)
  for (const [what, packet] of [
    ['as an acknowledgement id', `42${digits}["x"]`], ['as an attachment count', `45${digits}-["x"]`], ['as an id with nothing behind', `42${digits}`],
    ['as an answer\'s id', `43${digits}[]`], ['as an attachment count without a dash', `45${digits}`]
  ]) {
    test(`${what}: the session is closed, in linear time and bounded memory`, async (t) => {
      const before = memoryOf(server.pid)
      for (let i = 0; i < 10; i++) {
        const peer = await join(t)
        await peer.send(packet)
        await peer.isClosed()
      }
      assert.ok(memoryOf(server.pid) - before < 48e6)
    })
  }

  test('in a number: it is just a number', async (t) => {
    const peer = await join(t)
    await peer.exchange(`42["message",${digits}]`, [`42["message-back",${digits}]`])
  })

  test('in a namespace: beyond 1024 bytes the session is closed', async (t) => {
    const peer = await join(t)
    await peer.send(`40/${digits}`)
    await peer.isClosed()
  })
})

describe('CVE-2022-2421: placeholders that point elsewhere', () => {
  for (const num of ['"splice"', '"0"', '-1', '0.5', '1', '18446744073709551616', '1e400', '-0.5', 'null', 'true', '[]', '{}', '4294967296']) {
    test(`num ${num}`, async (t) => {
      const peer = await join(t)
      await peer.send(`451-["message",{"_placeholder":true,"num":${num}}]`, Buffer.from([1]))
      await peer.isClosed()
    })
  }

  test('no num at all', async (t) => {
    const peer = await join(t)
    await peer.send('451-["message",{"_placeholder":true}]', Buffer.from([1]))
    await peer.isClosed()
  })

  test('a number that is 0 in another spelling is attachment 0', async (t) => {
    const peer = await join(t)
    await peer.exchange(['451-["message",{"num":0,"_placeholder":true}]', Buffer.from([1])],
      ['451-["message-back",{"_placeholder":true,"num":0}]', Buffer.from([1])])
  })
})

describe('CVE-2023-32695: event names that are no text, or reserved', () => {
  for (const payload of ['[{"toString":"foo"}]', '[true]', '[null,"x"]', '[["a"]]', '[]', '{}', '"x"', 'null', '["connect"]', '["disconnect"]',
    '["disconnecting"]', '["newListener"]', '["removeListener"]', '["connect_error"]', '["\\u0063onnect"]']) {
    test(payload, async (t) => {
      const peer = await join(t)
      await peer.send(`42${payload}`)
      await peer.isClosed()
    })
  }
})

describe('CVE-2026-33151: more attachments than anyone can send', () => {
  for (const count of ['11', '99', '100', '1000000000', '9'.repeat(30), '0', '00', '010', '1e1', '1.0', ' 1', '+1', '']) {
    test(`a count of "${count}" is refused at once`, async (t) => {
      const peer = await join(t)
      await peer.send(`45${count}-["message"]`)
      await peer.isClosed()
    })
  }

  test('a packet that is never completed goes with its session', async (t) => {
    const quick = await startFixture(['--ping-interval', '300', '--ping-timeout', '200'])
    t.after(() => quick.stop())
    const peer = await EnginePeer.join(quick, quick.port)
    await peer.send('452-["message"]', Buffer.alloc(1000))
    assert.deepEqual((await peer.receiveAll()).slice(-2), ['close', 'end'])
  })

  test('attachments are bounded together: ten times max_payload', async (t) => {
    const small = await startFixture(['--max-payload', '1024'])
    t.after(() => small.stop())
    const peer = await EnginePeer.join(small, small.port)
    await peer.send('4510-["message"]', ...Array.from({ length: 10 }, () => Buffer.alloc(1024)))
    await peer.isClosed()
  })
})

describe('CVE-2024-37890: the Upgrade header behind too many others', () => {
  test('431, and the connection is closed', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`X-${i}`, '1']))
    const head = openingHandshake(server.port, path, { Upgrade: null, ...many }).replace(/\r\n$/, 'Upgrade: websocket\r\n\r\n')
    const socket = await RawSocket.connect(server.port)
    await socket.write(head)
    assert.match((await socket.readToEnd()).toString('latin1'), /^HTTP\/1\.1 431 /)
    socket.destroy()
  })
})

describe('CVE-2020-28481: any origin', () => {
  test('a foreign page opens no WebSocket', async () => {
    assert.equal((await refusedUpgrade(server.port, path, { Origin: 'http://evil.example' })).status, 403)
  })
})

describe('first messages, sent before the answer to CONNECT is there', () => {
  test('a client that sends everything in one segment with the handshake loses nothing', async (t) => {
    for (let round = 0; round < 20; round++) {
      const events = Array.from({ length: 50 }, (_, i) => `42${i}["ack",${i}]`)
      const peer = await EnginePeer.open(t, server.port, { behind: ['40{"n":1}', ...events] })
      assert.match(await peer.receive(), /^40\{/)
      assert.equal(await peer.receive(), '42["auth",{"n":1}]')
      for (let i = 0; i < 50; i++) assert.equal(await peer.receive(), `43${i}[${i}]`)
      peer.destroy()
    }
  })

  test('and may leave at once', async (t) => {
    for (let round = 0; round < 20; round++) {
      const peer = await EnginePeer.open(t, server.port, { behind: ['40', '42["message"]', '41', '40'] })
      const packets = []
      for (let i = 0; i < 5; i++) packets.push((await peer.receive()).slice(0, 3))
      assert.deepEqual(packets, ['40{', '42[', '42[', '40{', '42['])
      peer.destroy()
    }
  })
})

test('clients that come and go at every stage leave nothing behind', async () => {
  const stages = [
    (port) => RawSocket.connect(port),
    async (port) => { const socket = await RawSocket.connect(port); await socket.write('GET /socket.io/?EIO=4'); return socket },
    async (port) => (await RawWebSocket.open(port, path)).socket,
    async (port) => { const ws = await RawWebSocket.open(port, path); await ws.send(text('40')); return ws.socket },
    async (port) => { const ws = await RawWebSocket.open(port, path); await ws.send(text('40'), text('42["join","r"]'), text('451-["bin",1]')); return ws.socket },
    async (port) => { const ws = await RawWebSocket.open(port, '/ws'); await ws.send(text('{"name":"slow","data":[50],"id":1}')); return ws.socket },
    async (port) => { const ws = await RawWebSocket.open(port, path); await ws.send(text('40'), text('420["slow",50]'), close(1000)); return ws.socket }
  ]
  const churn = async (rounds) => {
    for (let round = 0; round < rounds; round++) {
      const sockets = await Promise.all(stages.map((stage) => stage(server.port)))
      sockets.forEach((socket, i) => ((round + i) % 2 ? socket.reset() : socket.destroy()))
    }
    await server.settles(async () => {
      await neighbour.send('421["who"]')
      return await neighbour.receive() === '431[1]'
    })
  }
  await churn(100)
  const before = memoryOf(server.pid)
  await churn(300)
  assert.ok(memoryOf(server.pid) - before < 8e6, `${memoryOf(server.pid) - before} bytes more`)
})
