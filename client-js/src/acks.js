// The acknowledgements one socket waits for.

import { callSafely } from './emitter.js'

export class Acks {
  /** The id that the next `add` will use. */
  nextId = 0

  /** @type {Map<number, { callback: Function, takesError: boolean, timer?: ReturnType<typeof setTimeout> }>} */
  #pending = new Map()

  /**
   * @param {Function} callback gets `(...answer)`, or `(error, ...answer)` if there is a timeout
   * @param {number | undefined} timeout milliseconds, Infinity for an error but no deadline
   * @param {() => void} onTimeout called before the callback
   */
  add(callback, timeout, onTimeout) {
    const id = this.nextId++
    const takesError = timeout !== undefined
    const timer = takesError && timeout < Infinity ? setTimeout(() => {
      onTimeout()
      this.fail(id, new Error('operation has timed out'))
    }, timeout) : undefined
    this.#pending.set(id, { callback, takesError, timer })
  }

  /**
   * An answer has come. One that nobody waits for (any more) is ignored.
   * @param {number} id
   * @param {any[]} answer
   */
  answer(id, answer) {
    const entry = this.#take(id)
    if (entry) callSafely(entry.callback, entry.takesError ? [null, ...answer] : answer)
  }

  /**
   * No answer will come. Callbacks that take no error are forgotten.
   * @param {number} id
   * @param {Error} error
   * @returns {boolean} whether somebody was told
   */
  fail(id, error) {
    const entry = this.#take(id)
    if (!entry?.takesError) return false
    callSafely(entry.callback, [error])
    return true
  }

  /**
   * @param {Error} error
   * @param {(id: number) => boolean} isKept those that have yet to be sent
   */
  failAll(error, isKept) {
    for (const id of [...this.#pending.keys()]) {
      if (!isKept(id)) this.fail(id, error)
    }
  }

  /** @param {number} id */
  #take(id) {
    const entry = this.#pending.get(id)
    this.#pending.delete(id)
    clearTimeout(entry?.timer)
    return entry
  }
}
