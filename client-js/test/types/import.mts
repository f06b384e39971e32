// Compiled, never run: what an application in TypeScript may write.
import client, { io, Manager, type Options, type Socket } from 'banter-client'
import WebSocket from 'ws'

const options: Options = { WebSocket, auth: (send) => send({ token: 't' }), query: { n: 1 }, timeout: false }
const socket: Socket = io('http://localhost:3000/chat', options)
socket.on('news', (text: string, n: number) => text.repeat(n)).once('connect', () => socket.id?.length)
socket.timeout(500).volatile.emit('event', new Uint8Array(1), (error: Error | null) => error?.message)
socket.io.on('reconnect_attempt', (n: number) => n).opts.reconnectionDelay = 10
const answer: string = await socket.emitWithAck('question')
const other: Socket = new Manager('ws://localhost', { reconnection: false }).socket('/other', { ackTimeout: 5 })
client({ path: '/x' }).disconnect().off('news').onAny((name: string) => name)
export { answer, other }

// @ts-expect-error an option of another name
io({ reconnections: false })
// @ts-expect-error the id is given by the server, to members that are there
socket._session
