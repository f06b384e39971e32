// The script-tag build: a global `io` with everything else as its properties.

import { io, Manager, protocol, Socket } from './index.js'

Object.assign(globalThis, { io: Object.assign(io, { io, connect: io, Manager, protocol, Socket }) })
