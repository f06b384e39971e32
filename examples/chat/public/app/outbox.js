// Messages on their way. Each is kept in the browser until the server confirms
// it, and sent again with the same id as often as needed; the server stores an id
// once. One is in flight at a time, so they arrive in the order they were written.
//
//   queued --> sending --> (confirmed: gone from here)
//     ^           |  \---> failed     the server refuses it for good
//     \-----------/                   no answer, or "busy": again later

const retryDelay = 1000

/**
 * @typedef {{ id: string, room: string, name: string, text: string, at: number,
 *   state?: 'queued' | 'sending' | 'failed', problem?: string }} Entry
 */

export class Outbox {
  #entries
  #store
  #send
  #isReady
  #onChange
  #onConfirmed
  #name = ''
  #isOpen = false
  #inFlight = null
  #timer = null

  /**
   * @param {object} parts
   * @param {{ load(): Entry[], save(entry: Entry): void, remove(id: string): void }} parts.store
   * @param {(entry: Entry) => Promise<object>} parts.send the server's answer; rejects if there is none
   * @param {(entry: Entry) => boolean} parts.isReady its room is joined on this connection
   * @param {(entry: Entry) => void} parts.onChange
   * @param {(entry: Entry, answer: { seq: number, at: number }) => void} parts.onConfirmed
   */
  constructor({ store, send, isReady, onChange, onConfirmed }) {
    this.#store = store
    this.#send = send
    this.#isReady = isReady
    this.#onChange = onChange
    this.#onConfirmed = onConfirmed
    this.#entries = store.load().map((entry) => ({ ...entry, state: entry.problem ? 'failed' : 'queued' }))
  }

  /** The entries of `room` written under the present name, oldest first. */
  of(room) {
    return this.#entries.filter((entry) => entry.room === room && entry.name === this.#name)
  }

  /** Only what was written under this name is sent; entries of `previous` come along. */
  setName(name, previous = '') {
    this.#name = name
    if (!previous) return
    for (const entry of this.#entries.filter((one) => one.name === previous)) {
      entry.name = name
      this.#keep(entry)
    }
  }

  add(entry) {
    const added = { ...entry, state: 'queued' }
    this.#entries.push(added)
    this.#keep(added)
    this.#next()
  }

  retry(id) {
    const entry = this.#entries.find((one) => one.id === id)
    if (entry?.state !== 'failed') return
    delete entry.problem
    entry.state = 'queued'
    this.#keep(entry)
    this.#next()
  }

  discard(id) {
    const entry = this.#drop(id)
    if (entry) this.#onChange(entry)
  }

  /** A room was joined: send what waited for it. */
  resume() {
    this.#isOpen = true
    this.#next()
  }

  /** The connection is gone: keep what is there. */
  pause() {
    this.#isOpen = false
    this.#release()
  }

  /** The message came back from the room: that confirms it as well as the answer. */
  confirm(id, answer) {
    const entry = this.#drop(id)
    if (entry) this.#onConfirmed(entry, answer)
    if (this.#inFlight === id) this.#release()
    this.#next()
  }

  #next() {
    if (!this.#isOpen || this.#inFlight || this.#timer) return
    const entry = this.#entries.find((one) => one.state === 'queued' && one.name === this.#name && this.#isReady(one))
    if (!entry) return
    this.#inFlight = entry.id
    entry.state = 'sending'
    this.#onChange(entry)
    this.#send(entry).then((answer) => this.#answered(entry, answer), () => this.#unanswered(entry))
  }

  #answered(entry, answer) {
    if (answer?.ok) return this.confirm(entry.id, answer)
    if (answer?.code === 'busy') return this.#unanswered(entry)
    if (this.#inFlight === entry.id) this.#inFlight = null
    entry.state = 'failed'
    entry.problem = answer?.error ?? 'The server did not understand this message.'
    this.#keep(entry)
    this.#next()
  }

  // Waits a little: a server that is busy or confused is not helped by haste.
  #unanswered(entry) {
    if (this.#inFlight !== entry.id) return
    this.#release()
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#next()
    }, retryDelay)
  }

  #release() {
    const entry = this.#entries.find((one) => one.id === this.#inFlight)
    this.#inFlight = null
    if (entry?.state !== 'sending') return
    entry.state = 'queued'
    this.#onChange(entry)
  }

  #keep(entry) {
    const { id, room, name, text, at, problem } = entry
    this.#store.save({ id, room, name, text, at, problem })
    this.#onChange(entry)
  }

  #drop(id) {
    const index = this.#entries.findIndex((entry) => entry.id === id)
    if (index < 0) return null
    const [entry] = this.#entries.splice(index, 1)
    this.#store.remove(id)
    return entry
  }
}
