// Written conversations, which the server's tests play as well; here the client has its half of them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, test } from 'node:test'
import { ExchangePlayer } from './support/exchange_player.js'

const vectors = (name) => JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}`, import.meta.url), 'utf8')).exchanges

beforeEach((t) => t.mock.timers.enable({ apis: ['setTimeout', 'Date'] }))

describe('a server that breaks a rule', () => {
  for (const { title, breaks, lines, behind = [], end, reason } of vectors('invalid_exchanges.json')) {
    if (breaks !== 'server') continue
    test(`${title}: ${reason ?? 'does no harm'}`, async (t) => {
      const player = new ExchangePlayer(t.mock.timers)
      t.after(() => player.close())
      const opening = ['› websocket', '‹ 0{"sid":"S1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}']
      for (const line of [...opening, ...lines]) await player.play(line)
      if (end === 'open') {
        await player.isAlive()
        assert.deepEqual(player.heard.filter(([, name]) => name !== 'disconnect'), player.expected)
        return
      }
      assert.equal(player.ws.readyState, 3)
      const { heard } = player
      for (const line of behind) player.ws.receive(line.slice(2))
      const joined = heard.filter(([, name]) => name === 'connect').map(([nsp]) => nsp)
      assert.deepEqual(heard.slice(-joined.length), joined.map((nsp) => [nsp, 'disconnect', reason]))
      assert.deepEqual(heard.slice(0, -joined.length), player.expected)
    })
  }
})

describe('a sample conversation', () => {
  for (const { title, only, lines } of vectors('sample_exchanges.json')) {
    if (only === 'server') continue
    test(title, async (t) => {
      const player = new ExchangePlayer(t.mock.timers)
      t.after(() => player.close())
      for (const line of lines) await player.play(line)
      const isByServer = ([, name, reason]) => name !== 'disconnect' || reason === 'io server disconnect'
      assert.deepEqual(player.heard.filter(isByServer), player.expected)
    })
  }
})
