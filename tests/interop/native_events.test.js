// Plain JSON events over the browser's own WebSocket, beside Socket.IO clients of the same namespace.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Clients } from './clients.js'
import { EnginePeer } from './engine_peer.js'
import { RawSocket } from './raw.js'
import { openingHandshake, pong, RawWebSocket } from './raw_websocket.js'
import { next, startFixture, until } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())
const clients = new Clients(() => server)
afterEach(() => clients.closeAll())

/** A WebSocket that has joined; `auth` is what the connection handler was given. */
async function join(t, query = '', auth = {}) {
  const peer = new EnginePeer(await RawWebSocket.open(server.port, `/ws${query}`))
  t.after(() => peer.destroy())
  const welcome = await peer.receive()
  assert.match(welcome, /^\{"name":"connect","data":\[\{"sid":"[\w-]{20}"\}\]\}$/)
  peer.id = JSON.parse(welcome).data[0].sid
  assert.deepEqual(JSON.parse(await peer.receive()), { name: 'auth', data: [auth] })
  return peer
}

/** The session lives, and has sent nothing else. */
const isAlive = (peer) => peer.exchange('{"id":99,"name":"ack","data":["alive"]}', ['{"id":99,"data":["alive"]}'])

const frame = Buffer.from('819c112df8bd6a0f96dc7c48da8733408bda3301dad97059999f2b76c98f3d18a5c0', 'hex')
const answer = Buffer.concat([Buffer.from('811c', 'hex'), Buffer.from('{"name":"msg","data":[12,5]}')])

describe('the frame 81 9c 11 2d f8 bd …, {"name":"msg","data":[12,5]}', () => {
  test('calls the handler of msg with 12 and 5, however it is cut', async (t) => {
    for (const cut of [1, 2, 3, 7, 16, 33, frame.length]) {
      const socket = await RawSocket.connect(server.port)
      t.after(() => socket.destroy())
      await socket.write(openingHandshake(server.port, '/ws'))
      await socket.readUntil('{"name":"auth","data":[{}]}')
      await socket.writeCut(frame, cut)
      assert.deepEqual(await socket.read(answer.length), answer, `cut ${cut}`)
    }
  })

  test('right behind the handshake, in the same segment', async (t) => {
    const socket = await RawSocket.connect(server.port)
    t.after(() => socket.destroy())
    await socket.write(Buffer.concat([Buffer.from(openingHandshake(server.port, '/ws')), frame]))
    await socket.readUntil('{"name":"auth","data":[{}]}')
    assert.deepEqual(await socket.read(answer.length), answer)
  })
})

describe('joining', () => {
  test('the query is the auth', (t) => join(t, '?token=t1&name=Zo%C3%AB+X', { token: 't1', name: 'Zoë X' }))
  test('every one has its own id', async (t) => {
    const peers = await Promise.all([join(t), join(t), join(t)])
    assert.equal(new Set(peers.map(({ id }) => id)).size, 3)
  })
})

describe('messages', () => {
  for (const [what, sent, expected] of [
    ['keys in any order, others ignored', '{"data":[1,"a"],"x":{"name":"no"},"name":"msg"}', '{"name":"msg","data":[1,"a"]}'],
    ['no data is no arguments', '{"name":"msg"}', '{"name":"msg","data":[]}'],
    ['white space', ' { "name" : "msg" , "data" : [ 1 ] } ', '{"name":"msg","data":[1]}'],
    ['an answer is wanted', '{"name":"ack","data":[1],"id":7}', '{"id":7,"data":[1]}'],
    ['id 0', '{"name":"ack","data":[1],"id":0}', '{"id":0,"data":[1]}'],
    ['the largest id', '{"name":"ack","data":[],"id":9007199254740991}', '{"id":9007199254740991,"data":[]}'],
    ['numbers and keys as they came', '{"name":"msg","data":[1.0,{"b":1,"a":2}]}', '{"name":"msg","data":[1.0,{"b":1,"a":2}]}'],
    ['bytes go both ways as base64', '{"name":"bin","data":["AQIDBA=="]}', '{"name":"bin","data":["AQIDBA=="]}']
  ]) {
    test(what, async (t) => {
      const peer = await join(t)
      await peer.exchange(sent, [expected])
      await isAlive(peer)
    })
  }

  for (const [what, sent] of [
    ['an event nobody handles', '{"name":"nobody","data":[1]}'], ['an answer nobody waits for', '{"id":7,"data":["yes"]}'],
    ['arguments that do not fit', '{"name":"flood","data":["many"]}'], ['a handler that throws', '{"name":"throw"}']
  ]) {
    test(`${what}: ignored`, async (t) => {
      const peer = await join(t)
      await peer.send(sent)
      await isAlive(peer)
    })
  }

  for (const [what, sent] of Object.entries({
    'not JSON': 'hello', 'half an object': '{"name":"msg"', 'an array': '["msg",1]', 'an empty message': '', 'an empty object': '{}',
    'a name that is no text': '{"name":5}', 'data that is no array': '{"name":"msg","data":{}}', 'an id that is a text': '{"name":"msg","id":"7"}',
    'a negative id': '{"name":"msg","id":-1}', 'an id above 2^53 - 1': '{"name":"msg","id":9007199254740992}', 'a reserved name': '{"name":"connect"}',
    'another reserved name': '{"name":"disconnect","data":[]}', 'a Socket.IO packet': '42["msg",1]', 'an Engine.IO ping': '2'
  })) {
    test(`${what}: close 1007`, async (t) => {
      const [peer, neighbour] = await Promise.all([join(t), join(t)])
      await peer.send(sent, '{"name":"msg"}')
      assert.match((await peer.receiveAll()).join(), /^close 1007\b.*,end$/)
      await isAlive(neighbour)
    })
  }

  test('a binary message: close 1003', async (t) => {
    const peer = await join(t)
    await peer.send(Buffer.from([1]))
    assert.match((await peer.receiveAll()).join(), /^close 1003\b.*,end$/)
  })

  test('a message beyond max_payload: close 1009', async (t) => {
    const peer = await join(t)
    await peer.send(`{"name":"msg","data":["${'x'.repeat(1_000_000)}"]}`)
    assert.match((await peer.receiveAll()).join(), /^close 1009\b.*,end$/)
  })
})

describe('beside Socket.IO clients', () => {
  test('the same rooms and broadcasts, both ways', async (t) => {
    const [socket, peer] = await Promise.all([clients.connect(), join(t)])
    await socket.emitWithAck('join', 'mixed')
    await peer.exchange('{"name":"join","data":["mixed"],"id":1}', ['{"id":1,"data":[]}'])
    const heard = next(socket, 'peer-msg')
    await peer.send('{"name":"peers","data":["mixed",{"from":"plain"}]}')
    assert.deepEqual(await heard, [{ from: 'plain' }])
    socket.emit('peers', 'mixed', 1, 'from socket.io')
    assert.equal(await peer.receive(), '{"name":"peer-msg","data":[1,"from socket.io"]}')
    socket.emit('to-room', peer.id, 'only you')
    assert.equal(await peer.receive(), '{"name":"room-msg","data":["only you"]}')
  })

  test('bytes of a Socket.IO client arrive as base64 text, and bytes of ours as attachments', async (t) => {
    const [socket, peer] = await Promise.all([clients.connect(), join(t)])
    await Promise.all([socket.emitWithAck('join', 'bytes'), peer.exchange('{"name":"join","data":["bytes"],"id":1}', ['{"id":1,"data":[]}'])])
    socket.emit('peers', 'bytes', { file: Buffer.from([1, 2, 3, 4]) }, Buffer.alloc(0))
    assert.equal(await peer.receive(), '{"name":"peer-msg","data":[{"file":"AQIDBA=="},""]}')
  })

  test('who counts both', async (t) => {
    const own = await startFixture()
    t.after(() => own.stop())
    const socket = await new Clients(() => own).connect('/', { reconnection: false })
    t.after(() => socket.disconnect())
    const webSocket = await RawWebSocket.open(own.port, '/ws')
    assert.equal(await socket.emitWithAck('who'), 2)
    webSocket.socket.reset()
    await until(async () => await socket.emitWithAck('who') === 1)
  })
})

describe('leaving', () => {
  test('the server disconnects: 4000 and the reason', async (t) => {
    const peer = await join(t)
    await peer.send(`{"name":"kick","data":["${peer.id}"]}`)
    assert.deepEqual(await peer.receiveAll(), ['close 4000 server namespace disconnect', 'end'])
  })

  test('the server shuts down: 1000', async (t) => {
    const other = await startFixture()
    const peer = new EnginePeer(await RawWebSocket.open(other.port, '/ws'))
    t.after(() => peer.destroy())
    await peer.receive()
    await peer.receive()
    const rest = peer.receiveAll()
    await other.stop()
    assert.deepEqual(await rest, ['close 1000', 'end'])
  })
})

describe('heartbeat with WebSocket pings', () => {
  test('they come every interval, and go on while they are answered', async (t) => {
    const quick = await startFixture(['--ping-interval', '300', '--ping-timeout', '200'])
    t.after(() => quick.stop())
    const peer = new EnginePeer(await RawWebSocket.open(quick.port, '/ws'))
    quick.after(() => peer.destroy())
    await peer.receive()
    await peer.receive()
    for (let round = 0; round < 3; round++) {
      assert.match(await peer.receive(), /^ping/)
      await peer.webSocket.send(pong())
    }
    const packets = await peer.receiveAll() // unanswered from here on
    assert.match(packets.join(), /^ping ?,close.*,end$/)
  })
})
