// The ways in which stock clients connect, and engine.io-client for tests that need nothing above it.
import { Fetch, NodeWebSocket, Socket as EngineSocket } from 'engine.io-client'
import { request } from './raw_http.js'
import { next, until } from './support.js'

/** For each way the options of the client, and the transport it is on in the end. */
export const ways = {
  'default options: polling, then an upgrade': { options: { transports: undefined }, last: 'websocket' },
  'polling only': { options: { transports: ['polling'] }, last: 'polling' },
  'WebSocket only': { options: { transports: ['websocket'] }, last: 'websocket' },
  'WebSocket first, polling if that fails': { options: { transports: ['websocket', 'polling'], tryAllTransports: true }, last: 'websocket' },
  'polling with fetch, then an upgrade': { options: { transports: [Fetch, NodeWebSocket] }, last: 'websocket' }
}

/** Resolves once `engine`, a client of engine.io-client, is on `transport` and no upgrade is under way. */
export function isOn(engine, transport) {
  return until(() => engine.transport.name === transport && !engine.upgrading)
}

/** Resolves once the server has answered other requests for a while: polls that were sent before are held by then. */
export async function pollsAreHeld(server) {
  for (let i = 0; i < 20; i++) await isForgotten(server, 'nobody')
}

/** How connections end whose client is gone: with its process, or its network. */
export const losses = {
  'is closed': (socket) => socket.destroy(),
  'is reset': (socket) => socket.resetAndDestroy()
}

/**
 * Ends all connections of a client that polls with `agent`, so that it cannot even say goodbye.
 * @param {(socket: import('node:net').Socket) => void} lose one of `losses`
 * @returns {() => void} lets it connect again
 */
export function cutOff(agent, lose) {
  agent.createConnection = (options, done) => { done(new Error('there is no network')) }
  for (const socket of Object.values(agent.sockets).flat()) lose(socket)
  return () => { delete agent.createConnection }
}

/** Opens clients of the bare Engine.IO endpoint, and remembers them to close them all after a test. */
export class EngineClients {
  #server
  #open = []

  /** @param {() => { url: string }} server */
  constructor(server) { this.#server = server }

  /** A client that is connecting. */
  connecting(options = {}) {
    const socket = new EngineSocket(this.#server().url, { path: '/engine.io/', ...options })
    this.#open.push(socket)
    return socket
  }

  /** A client that has its session; an upgrade may be under way. */
  async open(options) {
    const socket = this.connecting(options)
    await next(socket, 'open')
    return socket
  }

  closeAll() {
    for (const socket of this.#open.splice(0)) socket.off('message').close()
  }
}

/** True once the server does not know the Engine.IO session `sid` any more. */
export async function isForgotten(server, sid) {
  // Of another revision than the session's: refused, and a session that lives stays as it is.
  const { body } = await request(server.port, `/engine.io/?EIO=3&transport=websocket&sid=${sid}`)
  return /"message":"Session ID unknown"/.test(body)
}
