// How long a polling session that the server has closed waits for the client to fetch the news: 30 seconds.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { payload, PollingPeer, unknownSession } from './polling_peer.js'
import { startFixture } from './support.js'

let server
before(async () => { server = await startFixture() })
after(() => server.stop())

/** A session that Socket.IO has closed while no poll was held. */
async function closing(t) {
  const peer = await PollingPeer.join(t, server.port)
  assert.equal(await peer.post('42[]'), '200 ok')
  peer.destroy() // idle connections are not kept for that long
  return peer
}

describe('a session that is closing', { concurrency: true }, () => {
  test('is still there after 25 seconds: the GET is answered 6 and 1', async (t) => {
    const peer = await closing(t)
    await delay(25_000)
    assert.equal(await peer.poll(), `200 ${payload('6', '1')}`)
    assert.equal(await peer.poll(), unknownSession)
  })

  test('is dropped silently after 30 seconds without a GET', async (t) => {
    const peer = await closing(t)
    await delay(30_500)
    assert.equal(await peer.poll(), unknownSession)
  })
})
