// HTTP/1.1 answers, read byte by byte off a RawSocket (RFC 9112).
import { RawSocket } from './raw.js'

/** The head of a request, from its lines. */
export const request = (...lines) => `${lines.join('\r\n')}\r\n\r\n`

export const get = (path, ...headers) => request(`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers)

function parseHead(bytes) {
  const [start, ...lines] = bytes.toString('latin1').trimEnd().split('\r\n')
  const headers = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value // RFC 9110 section 5.2
  }
  return { start, status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]), headers }
}

/** Reads one answer; `withoutBody` for one to HEAD. */
export async function readAnswer(socket, { withoutBody = false } = {}) {
  const answer = parseHead(await socket.readUntil('\r\n\r\n'))
  const hasNone = withoutBody || answer.status < 200 || answer.status === 204 || answer.status === 304
  const size = hasNone ? 0 : Number(answer.headers['content-length'])
  return { ...answer, body: size ? await socket.read(size) : Buffer.alloc(0) }
}

/** Reads answers until the server ends. */
export async function readAnswers(socket) {
  const answers = []
  while (!await socket.isAtEnd()) answers.push(await readAnswer(socket))
  return answers
}

/** Sends `bytes` on a new connection and answers all the answers there are until the server ends. */
export async function answersTo(port, bytes, cut = Infinity) {
  const socket = await RawSocket.connect(port)
  try {
    await socket.writeCut(Buffer.from(bytes, 'latin1'), cut)
    return await readAnswers(socket)
  } finally {
    socket.destroy()
  }
}

/** The one answer to a request on a connection of its own. */
export async function answerTo(port, bytes, options) {
  const socket = await RawSocket.connect(port)
  try {
    await socket.write(Buffer.from(bytes, 'latin1'))
    return await readAnswer(socket, options)
  } finally {
    socket.destroy()
  }
}
