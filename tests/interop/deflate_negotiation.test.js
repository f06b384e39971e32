// Which offers of permessage-deflate are taken, and how that is answered (RFC 6455 section 9.1, RFC 7692 section
// 7.1).
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { answerTo, deflatedText, DeflatePeer, extension, extensionsOf, offer } from './deflate_peer.js'
import { path as socketio } from './engine_peer.js'
import { PollingPeer } from './polling_peer.js'
import { RawSocket } from './raw.js'
import { close, describe as say, openingHandshake, RawWebSocket, text } from './raw_websocket.js'
import { startFixture } from './support.js'

let server
let plain
before(async () => { [server, plain] = await Promise.all([startFixture(['--deflate']), startFixture()]) })
after(() => Promise.all([server.stop(), plain.stop()]))

const answer = (offered, path) => answerTo(server.port, offered, path)

describe('an offer is taken, and answered with', () => {
  const cases = [
    [offer(), offer()],
    [offer('server_no_context_takeover'), offer('server_no_context_takeover')],
    [offer('client_no_context_takeover'), offer('client_no_context_takeover')],
    [offer('client_no_context_takeover', 'server_no_context_takeover'), offer('server_no_context_takeover', 'client_no_context_takeover')],
    // Of itself 15 bits mean what no parameter means (sections 7.1.2.1, 7.1.2.2), so the hint needs no answer.
    [offer('client_max_window_bits'), offer()],
    ...[9, 10, 11, 12, 13, 14, 15].map((bits) => [offer(`server_max_window_bits=${bits}`), offer(`server_max_window_bits=${bits}`)]),
    ...[8, 9, 10, 11, 12, 13, 14, 15].map((bits) => [offer(`client_max_window_bits=${bits}`), offer(`client_max_window_bits=${bits}`)]),
    [offer('client_max_window_bits=9', 'server_max_window_bits=10', 'client_no_context_takeover', 'server_no_context_takeover'),
      offer('server_no_context_takeover', 'client_no_context_takeover', 'server_max_window_bits=10', 'client_max_window_bits=9')]
  ]
  for (const [offered, expected] of cases) {
    test(`${offered} -> ${expected}`, async () => assert.equal(await answer(offered), expected))
  }
})

describe('the header is a list, and written in many ways', () => {
  const ten = offer('server_max_window_bits=10')
  const cases = {
    'quoted values mean the same': [offer('server_max_window_bits="10"'), ten],
    'a backslash in a quoted value stands before any character': [offer('server_max_window_bits="1\\0"'), ten],
    'no blanks': ['permessage-deflate;server_max_window_bits=10', ten],
    'blanks and tabs wherever they may be': ['\t permessage-deflate \t;\tserver_max_window_bits = 10 \t', ten],
    'empty elements do not count': [`, ,\t,${ten},,`, ten],
    'several lines are one list': [['x-other', ten], ten],
    'the first line first': [[ten, offer()], ten],
    'of two offers the first that will do': [`${ten}, ${offer()}`, ten],
    'the same offer twice': [`${ten}, ${ten}`, ten],
    'other extensions are passed over, their parameters too': [`x-webkit-deflate-frame; a; a=1; b="," ; c=";=", ${ten}`, ten],
    'other extensions behind it': [`${ten}, permessage-bzip2; client_max_compress_level=3`, ten]
  }
  for (const [what, [offered, expected]] of Object.entries(cases)) {
    test(what, async () => assert.equal(await answer(offered), expected))
  }

  test('the name of the header is in letters of either case', async () => {
    for (const name of ['sec-websocket-extensions', 'SEC-WEBSOCKET-EXTENSIONS']) {
      assert.equal(await answerTo(server.port, ten, '/echo', name), ten)
    }
  })
})

describe('an offer is declined, and the next one tried, because of', () => {
  const noWindows = ['=0', '=7', '=16', '=08', '=010', '=15.', '=+9', '=-9', '=1e1', '=0x9', '=99999999999999999999', '=nine', '=""', '=" 10"', '="10 "', '="010"']
  const declined = {
    'an unknown parameter': ['x', 'x=1', 'server_max_window_bit=10', 'max_window_bits=10'],
    'a parameter in other letters': ['Server_No_Context_Takeover', 'CLIENT_NO_CONTEXT_TAKEOVER', 'Server_Max_Window_Bits=10', 'client_max_window_Bits'],
    'a parameter twice': ['server_no_context_takeover; server_no_context_takeover', 'client_no_context_takeover; client_no_context_takeover',
      'server_max_window_bits=10; server_max_window_bits=10', 'client_max_window_bits; client_max_window_bits', 'client_max_window_bits=9; client_max_window_bits=9',
      'client_max_window_bits; client_max_window_bits=9', 
      'server_max_window_bits=10; client_max_window_bits; server_max_window_bits=11'],
    'a value where there is none': ['server_no_context_takeover=1', 'server_no_context_takeover=""', 'client_no_context_takeover=true', 'client_no_context_takeover="x"'],
    'a window of the server that is none': ['', ...noWindows].map((value) => `server_max_window_bits${value}`),
    'a window of the client that is none': noWindows.map((value) => `client_max_window_bits${value}`),
    'a window of 8 for the server, which zlib cannot make': ['server_max_window_bits=8', 'server_max_window_bits="8"; client_max_window_bits']
  }
  const next = offer('server_max_window_bits=12')
  for (const [why, all] of Object.entries(declined)) {
    for (const parameters of all) {
      test(`${why}: ${parameters}`, async () => {
        assert.equal(await answer(offer(parameters)), undefined)
        assert.equal(await answer(`${offer(parameters)}, ${next}`), next)
        assert.equal(await answer([offer(parameters), next]), next)
      })
    }
  }

  test('another name: it is no permessage-deflate', async () => {
    for (const name of ['Permessage-Deflate', 'PERMESSAGE-DEFLATE', 'permessage-deflate2', 'permessage_deflate', 'deflate-frame']) {
      assert.equal(await answer(name), undefined, name)
      assert.equal(await answer(`${name}, ${next}`), next, name)
    }
  })
})

describe('a header that does not parse offers nothing: 101 without the extension', () => {
  const illFormed = [
    `${extension};`, `${extension}; `, `${extension};;client_max_window_bits`, `;${extension}`, `${extension}, ;`, ';', '=', '"',
    `${extension}; =15`, `${extension}; server_max_window_bits=`, `${extension}; server_max_window_bits==10`, `${extension}; x=1=2`,
    `${extension}=1`, `${extension} server_no_context_takeover`, `${extension}; server_max_window_bits 10`, `${extension}; x=a b`,
    `"${extension}"`, `${extension}; "x"`, `${extension}; x="1`, `${extension}; x="1\\`, `${extension}; x="1\\"`, `${extension}; x="1"2`,
    `${extension}; x=(1)`, `${extension}/1`, `${extension}; x@y`, `${extension}; \u00e9`, `${extension}: x`, `x y, ${extension}`
  ]
  for (const offered of illFormed) {
    test(offered, async (t) => {
      const client = await RawWebSocket.open(server.port, '/echo', { 'Sec-WebSocket-Extensions': offered })
      t.after(() => client.destroy())
      assert.equal(extensionsOf(client.head), undefined)
      await client.send(text('plain'), close(1000))
      assert.deepEqual((await client.receiveAll()).map(say), ['text plain', 'close 1000'])
      assert.equal(await answer([extension, offered]), undefined, 'one wrong line is enough')
      assert.equal(await answer([offered, extension]), undefined, 'one wrong line is enough')
    })
  }
})

test('nothing offered, or an empty list: nothing is answered', async () => {
  for (const offered of [[], '', ',', [' ', ',']]) assert.equal(await answer(offered), undefined)
})

test('a compressed message without the extension is 1002, whether it was declined or never offered', async (t) => {
  for (const offered of [[], offer('x'), `${extension};`, 'Permessage-Deflate']) {
    const client = await RawWebSocket.open(server.port, '/echo', { 'Sec-WebSocket-Extensions': offered })
    t.after(() => client.destroy())
    await client.send(deflatedText('\xf2\x48\xcd\xc9\xc9\x07\x00'))
    assert.match((await client.receiveAll()).map(say).join(), /^close 1002 [^,]+$/)
  }
})

test('a handshake that is refused agrees on nothing', async (t) => {
  for (const changes of [{ 'Sec-WebSocket-Key': 'short' }, { 'Sec-WebSocket-Version': '8' }, { Origin: 'http://evil.example' }, { Connection: 'close' }]) {
    const socket = await RawSocket.connect(server.port)
    t.after(() => socket.destroy())
    await socket.write(openingHandshake(server.port, '/echo', { 'Sec-WebSocket-Extensions': extension, ...changes }))
    const head = (await socket.readUntil('\r\n\r\n')).toString()
    assert.match(head, /^HTTP\/1\.1 4/)
    assert.equal(extensionsOf(head), undefined)
  }
})

// What is sent, and what has to come then.
const endpoints = {
  '/echo': ['x', /^x$/],
  '/ws': ['{"name":"echo","data":["x"]}', /^\{"name":"echo","data":\["x"\]\}$/],
  [socketio]: ['40', /^40\{"sid":/],
  '/engine.io/?EIO=4&transport=websocket': ['4x', /^4x$/]
}

describe('every endpoint', () => {
  for (const [path, [sent, expected]] of Object.entries(endpoints)) {
    test(`${path} agrees on it, reads compressed messages, and sends all of its own compressed`, async (t) => {
      const peer = await DeflatePeer.open(t, server.port, { path })
      await peer.sendText(sent)
      for (let heard = ''; !expected.test(heard);) {
        const { isDeflated, payload } = await peer.receive()
        heard = `${payload}`
        assert.equal(isDeflated, true, heard)
      }
    })

    test(`${path} declines what is to be declined`, async () => {
      assert.equal(await answer(offer('server_max_window_bits=8'), path), undefined)
      assert.equal(await answer(offer('client_max_window_bits=9', 'server_no_context_takeover'), path), offer('server_no_context_takeover', 'client_max_window_bits=9'))
    })

    test(`without --deflate ${path} declines all of it`, async () => {
      for (const offered of [extension, offer('client_max_window_bits'), offer('server_no_context_takeover', 'client_no_context_takeover')]) {
        assert.equal(await answerTo(plain.port, offered, path), undefined)
      }
    })
  }

  for (const endpoint of ['/engine.io/', '/socket.io/']) {
    test(`the WebSocket of an upgrade at ${endpoint} agrees on it, or declines it without --deflate`, async (t) => {
      const headers = { 'Sec-WebSocket-Extensions': offer('client_max_window_bits') }
      for (const [{ port }, expected] of [[server, extension], [plain, undefined]]) {
        const { webSocket } = await (await PollingPeer.open(t, port, { endpoint })).openWebSocket({ headers })
        assert.equal(extensionsOf(webSocket.head), expected)
      }
    })
  }

  test('the probe of an upgrade and all behind it may be compressed, and are answered so', async (t) => {
    const polling = await PollingPeer.open(t, server.port)
    const { webSocket } = await polling.openWebSocket({ headers: { 'Sec-WebSocket-Extensions': extension } })
    const peer = new DeflatePeer(webSocket)
    await peer.sendText('2probe')
    assert.equal(await peer.hear(), 'text 3probe')
    for (const packet of ['5', '4one', '4two']) await peer.sendText(packet)
    assert.deepEqual([await peer.hear(), await peer.hear()], ['text 4one', 'text 4two'])
  })
})
