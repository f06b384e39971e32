// GET /metrics: the format, and that its figures are those of what has happened.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EnginePeer } from './engine_peer.js'
import { readMetrics } from './prometheus.js'
import { request } from './raw_http.js'
import { startFixture, until } from './support.js'

async function scrape(port) {
  const { body } = await request(port, '/metrics')
  return readMetrics(body)
}

/** A sample, as `banter_events_total{direction="in"}`. */
async function figure(port, sample) {
  const families = await scrape(port)
  const [, name, key] = /^([a-z_]+?)((?:_sum|_count)?(?:\{.*)?)$/.exec(sample)
  const value = families.get(name)?.samples.get(key)
  assert.notEqual(value, undefined, `there is no ${sample}`)
  return value
}

/** By how much each of the samples has grown when `work` is done and the server has got round to it. */
async function grows(port, expected, work) {
  const samples = Object.keys(expected)
  const read = () => Promise.all(samples.map((sample) => figure(port, sample)))
  const start = await read()
  await work()
  const growth = async () => Object.fromEntries((await read()).map((value, i) => [samples[i], value - start[i]]))
  let last
  const isThere = async () => {
    last = await growth()
    return samples.every((sample) => last[sample] === expected[sample])
  }
  await until(isThere).catch(() => assert.deepEqual(last, expected))
}

describe('/metrics', () => {
  let server
  before(async () => { server = await startFixture(['--metrics', '--connect-timeout', '60000', '--cors', 'http://good.example']) })
  after(() => server.stop())

  test('is in the text format, and says so', async () => {
    const { status, headers, body } = await request(server.port, '/metrics')
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    const families = readMetrics(body)
    assert.ok(families.size > 20)
    for (const name of families.keys()) assert.match(name, /^banter_[a-z_]+$/)
  })

  test('is answered to HEAD without a body, and not to POST', async () => {
    const head = await request(server.port, '/metrics', { method: 'HEAD' })
    assert.deepEqual([head.status, head.body], [200, ''])
    assert.equal((await request(server.port, '/metrics', { method: 'POST' })).status, 405)
  })

  test('counts connections by transport, now and ever', async (t) => {
    const now = (transport) => `banter_connections{transport="${transport}"}`
    await grows(server.port, { [now('websocket')]: 1, [now('polling')]: 0, banter_connections_opened_total: 1 }, async () => {
      await EnginePeer.open(t, server.port)
    })
    await grows(server.port, { [now('polling')]: 1, [now('websocket')]: 0, banter_connections_opened_total: 1 }, () =>
      request(server.port, '/socket.io/?EIO=4&transport=polling'))
  })

  test('counts events in and out, those without a handler, and bytes', async (t) => {
    let peer
    await grows(server.port, { banter_sockets: 1 }, async () => { peer = await EnginePeer.join(t, server.port) })
    const expected = {
      'banter_events_total{direction="in"}': 3,
      'banter_events_total{direction="out"}': 2,
      banter_events_unhandled_total: 1
    }
    await grows(server.port, expected, async () => {
      await peer.send('42["echo",1]', '42["echo",2]', '42["nobody hears",3]')
      await peer.receive()
      await peer.receive()
    })
    assert.ok(await figure(server.port, 'banter_bytes_total{direction="in"}') > 0)
    assert.ok(await figure(server.port, 'banter_bytes_total{direction="out"}') > 0)
  })

  test('counts sockets, and why they left', async (t) => {
    const left = (reason) => `banter_disconnects_total{reason="${reason}"}`
    const expected = { banter_sockets_joined_total: 2, [left('client namespace disconnect')]: 1, [left('forced close')]: 1, banter_packets_invalid_total: 1 }
    await grows(server.port, expected, async () => {
      const leaving = await EnginePeer.join(t, server.port)
      await leaving.send('41')
      const breaking = await EnginePeer.join(t, server.port)
      await breaking.send('4nonsense')
      await breaking.receiveAll()
    })
  })

  test('counts what was refused, by why', async (t) => {
    const expected = {
      'banter_handshakes_refused_total{why="unknown session"}': 1,
      'banter_handshakes_refused_total{why="unsupported version"}': 1,
      'banter_connects_refused_total{why="unknown namespace"}': 1,
      'banter_connects_refused_total{why="middleware"}': 1,
      'banter_http_answers_total{status="4xx"}': 2
    }
    await grows(server.port, expected, async () => {
      await request(server.port, '/socket.io/?EIO=4&transport=polling&sid=nobody')
      await request(server.port, '/socket.io/?EIO=3&transport=polling')
      const peer = await EnginePeer.open(t, server.port)
      await peer.send('40/nowhere,')
      assert.match(await peer.receive(), /^44\/nowhere,/)
      await peer.send('40/denied,')
      assert.match(await peer.receive(), /^44\/denied,/)
    })
  })

  test('counts acknowledgements that nobody waits for', async (t) => {
    const peer = await EnginePeer.join(t, server.port)
    await grows(server.port, { banter_acks_total: 1, banter_acks_unknown_total: 1, banter_ack_latency_seconds_count: 0 }, () =>
      peer.send('43999["forged"]'))
  })

  test('shows how late the loop was', async () => {
    await until(async () => await figure(server.port, 'banter_loop_lag_seconds_count') > 0)
  })
})

test('/metrics is not there unless it is switched on', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  assert.equal((await request(server.port, '/metrics')).status, 404)
})
