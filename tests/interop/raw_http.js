// One HTTP request as text, and its answer taken apart.
import { exchange } from './raw.js'
import { openingHandshake } from './raw_websocket.js'

function parse(bytes) {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [start, ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  return { status: Number(start.split(' ')[1]), start, headers, body: text.slice(end + 4) }
}

/** Sends an ordinary request, and answers once the server has closed the connection. */
export async function request(port, target, { method = 'GET', headers = {}, body = '' } = {}) {
  const length = body || method === 'POST' ? { 'Content-Length': Buffer.byteLength(body) } : {}
  const all = { Host: `127.0.0.1:${port}`, ...length, ...headers, Connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return parse(await exchange(port, Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n${body}`, 'latin1')))
}

/** Sends the opening handshake of a WebSocket that is to be refused. */
export async function refusedUpgrade(port, target, changes) {
  return parse(await exchange(port, openingHandshake(port, target, changes)))
}
