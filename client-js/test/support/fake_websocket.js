// A WebSocket without a network: the test plays the server.

export class FakeWebSocket {
  /** @type {FakeWebSocket[]} every one made so far */
  static all = []

  static get last() { return FakeWebSocket.all.at(-1) }

  readyState = 0
  bufferedAmount = 0
  /** What the client has sent. */
  sent = []

  constructor(url, protocols, options) {
    Object.assign(this, { url, protocols, options })
    FakeWebSocket.all.push(this)
  }

  send(data) {
    if (this.readyState === 0) throw new Error('still connecting')
    this.sent.push(data)
  }

  close() { this.readyState = 3 }

  /** The server speaks. */
  receive(...messages) {
    this.readyState = 1
    for (const data of messages) this.onmessage?.({ data })
  }

  /** The server takes the connection. */
  accept({ pingInterval = 25000, pingTimeout = 20000, maxPayload = 1000000 } = {}) {
    this.receive(`0${JSON.stringify({ sid: 'S', upgrades: [], pingInterval, pingTimeout, maxPayload })}`)
  }

  /** The connection is lost. */
  drop(code = 1006) {
    this.readyState = 3
    this.onclose?.({ type: 'close', code })
  }

  /** The attempt fails. */
  refuse() {
    this.readyState = 3
    this.onerror?.({ type: 'error' })
    this.onclose?.({ type: 'close', code: 1006 })
  }
}

/** Lets promises that are settled already call back. */
export const settled = async () => { for (let i = 0; i < 10; i++) await undefined }
