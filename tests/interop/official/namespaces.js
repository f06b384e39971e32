// tests/servers/compat_namespaces.cpp with the official server: rules, middleware, happenings.

export function registerNamespaces(io) {
  registerRules(io)
  registerMiddleware(io)
  registerHappenings(io)
}

function registerRules(io) {
  const made = []
  io.on('new_namespace', (nsp) => made.push(nsp.name))
  io.on('connection', (socket) => socket.on('made', (answer) => answer(made.filter((name) => /^\/(dynamic|token)-/.test(name)))))
  const dynamic = io.of(/^\/dynamic-\d+$/)
  dynamic.use((socket, next) => {
    socket.data = 'by the rule'
    next()
  })
  dynamic.on('connection', (socket) => {
    socket.emit('joined', socket.nsp.name, socket.data)
    socket.on('here', (...args) => socket.nsp.emit(...args))
    socket.on('everywhere', (...args) => dynamic.emit(...args))
  })
  const token = io.of((name, auth, next) => next(null, name.startsWith('/token-') && auth.token === 'good'))
  token.on('connection', (socket) => socket.emit('joined', socket.nsp.name))
}

function registerMiddleware(io) {
  const ordered = io.of('/ordered')
  for (const [name, delay] of [['first', 20], ['second', 0]]) {
    ordered.use((socket, next) => setTimeout(() => {
      socket.data.passed = [...(socket.data.passed ?? []), name]
      if (socket.handshake.auth.refusedBy !== name) return next()
      next(Object.assign(new Error(`refused by ${name}`), { data: { code: 42 } }))
    }, delay))
  }
  ordered.on('connection', (socket) => socket.emit('joined', socket.data.passed))

  io.of('/checked').on('connection', (socket) => {
    socket.use(([event, value], next) => {
      if (event === 'forbidden') return next(new Error('no entry'))
      if (event === 'later') return setTimeout(next, value)
      next()
    })
    socket.on('error', () => {})
    for (const event of ['forbidden', 'later', 'allowed']) {
      socket.on(event, (...args) => {
        const answer = typeof args.at(-1) === 'function' ? args.pop() : () => {}
        socket.emit('handled', event, ...args)
        answer('done')
      })
    }
  })
}

/** What `disconnecting` and `disconnect` were told of each client, called by its auth. */
function registerHappenings(io) {
  const heard = []
  io.of('/left').on('connection', (socket) => {
    const { name } = socket.handshake.auth
    socket.join('a room')
    socket.on('disconnecting', (reason) => heard.push([name, 'disconnecting', reason, [...socket.rooms].includes('a room')]))
    socket.on('disconnect', (reason) => heard.push([name, 'disconnect', reason, socket.rooms.size > 0]))
    socket.on('disconnect-me', (close) => socket.disconnect(close))
    socket.on('heard', (of, answer) => answer(heard.filter(([who]) => who === of)))
  })
}
