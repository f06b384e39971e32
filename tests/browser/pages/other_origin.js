// What the tests call inside a page of another origin.

const megabyte = 1_000_000

/** The arguments of the next `event` of `emitter`. */
globalThis.next = (emitter, event) => new Promise((resolve) => { emitter.once(event, (...args) => resolve(args)) })

/** A socket with a connection of its own. */
globalThis.open = (url, options) => io(url, { forceNew: true, ...options })

/** The same, once it is connected and has been greeted. */
globalThis.connected = async (url, options) => {
  const socket = open(url, options)
  await next(socket, 'auth')
  return socket
}

/** A client of the bare Engine.IO endpoint that has its session. */
globalThis.opened = async (url, options) => {
  const socket = eio(url, { path: '/engine.io/', ...options })
  socket.binaryType = 'arraybuffer'
  await next(socket, 'open')
  return socket
}

/** The name of the transport, after an upgrade if `options` allow one. */
globalThis.finalTransport = async (engine, options) => {
  if (!options.transports && engine.transport.name === 'polling') await next(engine, 'upgrade')
  return engine.transport.name
}

/** Why a client could not connect. */
globalThis.refusalOf = (socket) => new Promise((resolve) => {
  for (const event of ['connect_error', 'error']) socket.on(event, (error) => resolve(error.message))
  for (const event of ['connect', 'open']) socket.on(event, () => resolve('connected'))
})

const text = 'é 你好 😀 \u0000\u2028'
const bytes = new Uint8Array(256).map((_, i) => i)
const bigText = 'é'.repeat(megabyte / 2)
const bigBytes = new Uint8Array(megabyte).map((_, i) => i * 7 + i / 256)

const isSame = (buffer, wanted) => {
  const got = new Uint8Array(buffer)
  return buffer instanceof ArrayBuffer && got.length === wanted.length && got.every((byte, i) => byte === wanted[i])
}

/** Sends events, and says which came back as they were. */
globalThis.exchangeEvents = async (socket) => {
  const roundTrip = async (...args) => {
    const answer = next(socket, 'message-back')
    socket.emit('message', ...args)
    return answer
  }
  const [mixedText, [{ file }], blob] = await roundTrip(text, [{ file: bytes }], new Blob([bytes]))
  const [ackedText, ackedBytes] = await new Promise((resolve) => {
    socket.emit('message-with-ack', text, bytes.buffer, (...all) => resolve(all))
  })
  const [bigTextBack] = await roundTrip(bigText)
  const [bigBytesBack] = await roundTrip(bigBytes)
  return {
    text: mixedText === text,
    binary: isSame(file, bytes) && isSame(blob, bytes),
    acked: ackedText === text && isSame(ackedBytes, bytes),
    bigText: bigTextBack === bigText,
    bigBinary: isSame(bigBytesBack, bigBytes),
  }
}

/** The same with Engine.IO messages. */
globalThis.exchangeMessages = async (socket) => {
  const roundTrip = async (message) => {
    const answer = next(socket, 'message')
    socket.send(message)
    return (await answer)[0]
  }
  return {
    text: await roundTrip(text) === text,
    binary: isSame(await roundTrip(bytes.buffer), bytes) && isSame(await roundTrip(bytes.subarray(3, 9)), bytes.subarray(3, 9)),
    bigText: await roundTrip(bigText) === bigText,
    bigBinary: isSame(await roundTrip(bigBytes), bigBytes),
  }
}

/** Whether `count` events sent at once, also before the connection, come back in order. */
globalThis.areEchoed = (socket, count) => new Promise((resolve) => {
  const heard = []
  socket.on('echo', (value) => {
    if (heard.push(value) === count) resolve(heard.every((one, i) => one === i))
  })
  for (let i = 0; i < count; i++) socket.emit('echo', i)
})

/** Events said in parts, and what has come back of them. */
globalThis.makeStages = (socket) => {
  const heard = []
  let said = 0
  let onHeard = () => {}
  socket.on('echo', (value) => {
    if (heard.push(value) === said) onHeard()
  })
  return {
    heard,
    say: (count) => { for (const end = said + count; said < end; said++) socket.emit('echo', said) },
    isHeard: () => new Promise((resolve) => {
      onHeard = resolve
      if (heard.length === said) resolve()
    }),
  }
}
