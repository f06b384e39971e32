// Compiled, never run: the same from a CommonJS module.
import client = require('banter-client')

const socket: client.Socket = client.io('http://localhost:3000', { multiplex: false })
export = socket.connected
