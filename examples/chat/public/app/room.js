// One room as this page knows it: what was said, who is here, who is typing.
// No DOM and no network in here.

const keepAtMost = 500

/** @typedef {{ id: string, room: string, name: string, text: string, at: number, seq: number }} Message */

export class Room {
  /** Oldest first, each id once. @type {Message[]} */
  messages = []
  /** Older messages exist on the server. */
  hasMore = false
  /** The server has confirmed that we are in. */
  isJoined = false
  unread = 0
  members = []
  #typing = new Map()

  constructor(name) {
    this.name = name
  }

  get oldest() { return this.messages[0]?.seq }

  /**
   * What `join` answered. If it does not reach back to what is here, the gap is not
   * papered over: the log starts anew and the rest can be loaded.
   */
  enter({ members, messages, more }) {
    const newest = this.messages.at(-1)?.seq ?? -1
    const reachesBack = !more || messages.some((message) => message.seq <= newest)
    if (!reachesBack) this.messages = []
    if (this.messages.length === 0) this.hasMore = more
    for (const message of messages) this.add(message)
    this.members = [...members]
    this.#typing.clear()
    this.isJoined = true
  }

  /** The connection is gone: who is here and who is typing is not known any more. */
  suspend() {
    this.isJoined = false
    this.#typing.clear()
  }

  addEarlier({ messages, more }) {
    for (const message of messages) this.#insert(message)
    this.hasMore = more
  }

  /** False if the message is known already. */
  add(message) {
    if (!this.#insert(message)) return false
    this.#typing.delete(message.name)
    return true
  }

  /** Forgets the oldest beyond a bound; not while somebody reads them. */
  trim() {
    if (this.messages.length <= keepAtMost) return
    this.messages.splice(0, this.messages.length - keepAtMost)
    this.hasMore = true
  }

  setMember(name, isHere) {
    this.members = this.members.filter((member) => member !== name)
    if (isHere) this.members.push(name)
    else this.#typing.delete(name)
  }

  /** @param {number} until when to forget it, should no news come */
  setTyping(name, isTyping, until) {
    if (isTyping) this.#typing.set(name, until)
    else this.#typing.delete(name)
  }

  typingNames(now) {
    for (const [name, until] of this.#typing) if (until <= now) this.#typing.delete(name)
    return [...this.#typing.keys()]
  }

  // By sequence number; nearly always at the end.
  #insert(message) {
    if (this.messages.some((known) => known.id === message.id)) return false
    let at = this.messages.length
    while (at > 0 && this.messages[at - 1].seq > message.seq) --at
    this.messages.splice(at, 0, message)
    return true
  }
}
