// A TCP client that sends exactly the bytes it is given, cut up as told, and reads only when asked: what
// nobody asks for stays in the kernel, as with a client that does not read.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

export class RawSocket {
  #socket
  #chunks = []
  #size = 0
  #hasEnded = false
  #error = null

  /** @returns {Promise<RawSocket>} */
  static async connect(port, host = '127.0.0.1') {
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return new RawSocket(socket)
  }

  constructor(socket) {
    this.#socket = socket
    socket.on('error', (error) => { this.#error = error })
    socket.on('end', () => { this.#hasEnded = true })
  }

  /** Sends; resolves once the kernel has taken everything. */
  async write(bytes) {
    if (this.#error) throw this.#error
    await new Promise((resolve, reject) => this.#socket.write(bytes, (error) => (error ? reject(error) : resolve())))
  }

  /** Sends in TCP segments of `size` bytes, with a turn of the event loop between two. */
  async writeCut(bytes, size) {
    for (let at = 0; at < bytes.length; at += size) {
      await this.write(bytes.subarray(at, at + size))
      await turn()
    }
  }

  /** Reads exactly `size` bytes; throws if the server ends before. */
  async read(size) {
    while (this.#size < size) {
      if (!await this.#fill()) throw new Error(`the server ended after ${this.#size} of ${size} bytes`)
    }
    return this.#take(size)
  }

  /** Reads up to and including `mark`. */
  async readUntil(mark) {
    for (;;) {
      const all = this.#all()
      const at = all.indexOf(mark)
      if (at >= 0) return this.#take(at + mark.length)
      if (!await this.#fill()) throw new Error(`the server ended before ${JSON.stringify(mark)}: ${all.toString('latin1')}`)
    }
  }

  /** Reads until the server ends its side. A reset connection throws. */
  async readToEnd() {
    while (await this.#fill());
    return this.#take(this.#size)
  }

  /** True if the server has ended its side and everything before has been read. */
  async isAtEnd() {
    return this.#size === 0 && !await this.#fill()
  }

  /** Sends FIN; resolves once the kernel has it. */
  end() {
    return new Promise((resolve) => this.#socket.end(resolve))
  }

  /** Ends at once, with RST. */
  reset() {
    this.#socket.resetAndDestroy()
  }

  destroy() {
    this.#socket.destroy()
  }

  // Waits for more; false at the end.
  async #fill() {
    for (;;) {
      if (this.#error) throw this.#error
      const chunk = this.#socket.read()
      if (chunk) {
        this.#chunks.push(chunk)
        this.#size += chunk.length
        return true
      }
      if (this.#hasEnded || this.#socket.destroyed) return false
      await this.#change()
    }
  }

  #change() {
    return new Promise((resolve) => {
      const events = ['readable', 'end', 'error', 'close']
      const done = () => {
        for (const event of events) this.#socket.off(event, done)
        resolve()
      }
      for (const event of events) this.#socket.on(event, done)
    })
  }

  #all() {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  #take(size) {
    const first = this.#chunks[0]?.length >= size ? this.#chunks[0] : this.#all()
    if (size === first.length) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(size)
    this.#size -= size
    return first.subarray(0, size)
  }
}

/** Opens a connection, sends `bytes` and answers everything until the server ends. */
export async function exchange(port, bytes, cut = Infinity) {
  const socket = await RawSocket.connect(port)
  try {
    await socket.writeCut(Buffer.from(bytes), cut)
    return await socket.readToEnd()
  } finally {
    socket.destroy()
  }
}
