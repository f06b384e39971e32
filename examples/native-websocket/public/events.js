// All a page needs to speak plain JSON events over the browser's own WebSocket:
//
//   {"name":"move","data":[12,5]}            an event, in both directions
//   {"name":"add","data":[12,5],"id":7}      the same, and an answer is wanted
//   {"id":7,"data":[17]}                     the answer to 7

export class Events {
  #socket
  #handlers = new Map()
  #answers = new Map()
  #lastId = 0

  constructor(url) {
    this.#socket = new WebSocket(url)
    this.#socket.addEventListener('message', ({ data }) => this.#received(JSON.parse(data)))
    this.#socket.addEventListener('close', ({ reason }) => {
      for (const { reject } of this.#answers.values()) reject(new Error('the connection is closed'))
      this.#answers.clear()
      this.#handlers.get('disconnect')?.(reason)
    })
  }

  /** Besides the server's events: "connect" once joined, "disconnect" when it is over. */
  on(name, handler) { this.#handlers.set(name, handler) }

  emit(name, ...data) { this.#send({ name, data }) }

  ask(name, ...data) {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject })
      this.#send({ name, data, id })
    })
  }

  #send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #received({ name, data = [], id }) {
    if (name !== undefined) return this.#handlers.get(name)?.(...data)
    const answer = this.#answers.get(id)
    this.#answers.delete(id)
    answer?.resolve(...data)
  }
}
