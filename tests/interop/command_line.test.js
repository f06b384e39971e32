// The test server's own command line: tests rely on it refusing what it does not know.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { request } from './raw_http.js'
import { root, runFixture, startFixture } from './support.js'
import { EnginePeer } from './engine_peer.js'
import path from 'node:path'

describe('refused with one clear line and status 2', () => {
  for (const [args, message] of [
    [['--nonsense', '1'], /unknown option '--nonsense'/], [['--port'], /--port: a value is missing/], [['--port', '65536'], /--port: '65536' is not a number from 0 to 65535/],
    [['--port', '-1'], /--port: '-1'/], [['--port', ''], /--port: ''/], [['--port', '80x'], /--port: '80x'/], [['3000'], /unknown option '3000'/],
    [['--threads', '2'], /threads: 2/], [['--threads', '0'], /threads: 0/], [['--ping-interval', '0'], /ping_interval: 0 ms/], [['--ping-timeout', 'soon'], /--ping-timeout: 'soon'/],
    [['--max-payload', '12'], /max_payload: 12/], [['--max-queue', '100'], /max_queue: 100/], [['--high-water', '0'], /high_water: 0/], [['--budget', '100'], /budget: 100/], [['--stall-timeout', '0'], /stall_timeout: 0 ms/],
    [['--connect-timeout', '0'], /connect_timeout: 0 ms/], [['--upgrade-timeout', '0'], /upgrade_timeout: 0 ms/], [['--upgrade-timeout', 'x'], /--upgrade-timeout: 'x'/],
    [['--upgrade-timeout'], /--upgrade-timeout: a value is missing/], [['--deflate', '1'], /unknown option '1'/], [['--metrics', '1'], /unknown option '1'/],
    [['--cors', 'http://a.example/path'], /cors\.origins: "http:\/\/a\.example\/path"/], [['--cors', 'a.example'], /cors\.origins: "a\.example"/], [['--cors', 'http://a.example,'], /cors\.origins: ""/], [['--public', '/no/such/folder'], /"\/no\/such\/folder"/],
    // Options of the contract that have nothing behind them yet.
    ...['--cert', '--key', '--uploads', '--upload-limit', '--no-hash', '--redis', '--redis-key']
      .map((option) => [[option, '1'], new RegExp(`unknown option '${option}'`)])
  ]) {
    test(args.join(' '), async () => {
      const { code, stdout, stderr } = await runFixture(args)
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, message)
      assert.match(stderr, /^fixture-server: [^\n]+\n$/)
    })
  }
})

test('a port that is taken: one clear line that names it, status 1', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address()
  const { code, stdout, stderr } = await runFixture(['--port', `${port}`])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, new RegExp(`^fixture-server: [^\\n]*127\\.0\\.0\\.1:${port}[^\\n]*\\n$`))
})

test('every option that exists is taken', async (t) => {
  const server = await startFixture(['--host', '127.0.0.1', '--threads', '1', '--ping-interval', '1000', '--ping-timeout', '900', '--connect-timeout', '800', '--upgrade-timeout', '600',
    '--max-payload', '70000', '--deflate', '--metrics', '--cors', '*', '--high-water', '80000', '--max-queue', '90000', '--budget', '100000', '--stall-timeout', '700', '--public', path.join(root, 'tests/vectors'), '--node', 'left'])
  t.after(() => server.stop())
  const peer = await EnginePeer.join(server, server.port)
  const { pingInterval, pingTimeout, maxPayload } = peer.handshake
  assert.deepEqual([pingInterval, pingTimeout, maxPayload], [1000, 900, 70000])
  await peer.send('420["whoami"]')
  assert.equal(JSON.parse((await peer.receive()).slice(3))[0].node, 'left')
  assert.equal((await request(server.port, '/socketio_packets.json')).status, 200)
  assert.equal((await request(server.port, '/metrics')).status, 200)
})

test('/healthz and /readyz answer ok', async (t) => {
  const server = await startFixture()
  t.after(() => server.stop())
  for (const target of ['/healthz', '/readyz']) {
    const { status, body } = await request(server.port, target)
    assert.deepEqual([status, body], [200, 'ok'])
  }
})
