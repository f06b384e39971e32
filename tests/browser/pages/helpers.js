// What the tests call inside their page.

/** The arguments of the next `event` of `socket`. */
globalThis.next = (socket, event) => new Promise((resolve) => { socket.once(event, (...args) => resolve(args)) })

/** A socket of its own connection, over WebSocket, also where the client would begin with polling. */
globalThis.open = (url, options) => io(url, { transports: ['websocket'], forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 500, ...options })

/** The same, once it is connected; the fixture server's greeting has come as well. */
globalThis.connected = async (url, options) => {
  const socket = open(url, options)
  const [, [auth]] = await Promise.all([next(socket, 'connect'), next(socket, 'auth')])
  return Object.assign(socket, { greeting: auth })
}
