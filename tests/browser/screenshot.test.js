// Writes docs/chat.png, the picture in the README, when BANTER_SCREENSHOT is set.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { io } from 'socket.io-client'
import { root } from './program.js'
import { launchBrowser, patience, Person, startChat } from './support.js'

const skip = process.env.BANTER_SCREENSHOT ? false : 'set BANTER_SCREENSHOT to write docs/chat.png'

let browser
before(async () => { if (!skip) browser = await launchBrowser() })
after(() => browser?.close())

const talk = [
  ['Mira', 'Good morning! Has anybody tried the new build on a phone?'],
  ['Emil', 'Yes, on two of them. Notes: https://example.org/notes/phones'],
  ['Emil', 'The train went through a tunnel, and nothing was lost 🚇'],
  ['نور', 'صباح الخير! 👋'],
]

test('the picture for the README', { skip, timeout: 120_000 }, async (t) => {
  const server = await startChat(t)
  const sockets = new Map()
  for (const [name, text] of talk) {
    if (!sockets.has(name)) {
      const socket = io(server.url, { auth: { name }, transports: ['websocket'], forceNew: true })
      t.after(() => socket.disconnect())
      sockets.set(name, socket)
      for (const room of ['lobby', 'releases', 'coffee']) await socket.timeout(patience).emitWithAck('join', room)
    }
    await sockets.get(name).timeout(patience).emitWithAck('message', 'lobby', crypto.randomUUID(), text)
  }
  const ann = await Person.join(t, browser, server.url, 'Ann', { deviceScaleFactor: 2, viewport: { width: 1200, height: 720 } })
  await ann.openRoom('releases')
  await ann.page.click('.room:has-text("lobby")')
  await ann.isIn('lobby')
  await ann.say('Then let us ship it 🎉')
  await ann.seesState('Then let us ship it 🎉', 'delivered')
  await sockets.get('Mira').timeout(patience).emitWithAck('message', 'releases', crypto.randomUUID(), '0.1.0 is out')
  sockets.get('Mira').emit('typing', 'lobby', true)
  await ann.seesTyping('Mira is typing')
  await ann.page.mouse.move(600, 200)
  await mkdir(path.join(root, 'docs'), { recursive: true })
  await ann.page.screenshot({ path: path.join(root, 'docs/chat.png') })
})
