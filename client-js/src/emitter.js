// Named listeners. A listener that throws disturbs neither the other listeners
// nor the caller: its error surfaces as an uncaught one, on a later microtask.

/** @typedef {(...args: any[]) => void} Listener */

/**
 * Calls foreign code. What it throws becomes an uncaught error of its own turn.
 * @param {Function} callback
 * @param {any[]} args
 * @param {unknown} [self] what the callback sees as `this`
 */
export function callSafely(callback, args, self) {
  try {
    callback.apply(self, args)
  } catch (error) {
    queueMicrotask(() => { throw error })
  }
}

export class Emitter {
  /** @type {Map<string, Array<Listener & { original?: Listener }>>} */
  #listeners = new Map()

  /**
   * @param {string} name
   * @param {Listener} listener
   */
  on(name, listener) {
    if (typeof listener !== 'function') throw new TypeError(`listener of "${name}" is not a function`)
    this.#listeners.set(name, [...this.listeners(name), listener])
    return this
  }

  /**
   * @param {string} name
   * @param {Listener} listener called for the next event of that name only
   */
  once(name, listener) {
    /** @type {Listener & { original?: Listener }} */
    const wrapper = (...args) => {
      this.off(name, wrapper)
      listener.apply(this, args)
    }
    wrapper.original = listener
    return this.on(name, wrapper)
  }

  /**
   * Removes one listener, all of a name, or all there are.
   * @param {string} [name]
   * @param {Listener} [listener] the function given to `on` or `once`
   */
  off(name, listener) {
    if (name === undefined) this.#listeners.clear()
    else {
      const rest = this.listeners(name).filter((entry) => listener && entry !== listener && entry.original !== listener)
      this.#listeners.delete(name) // names may be made up for one use
      if (rest.length) this.#listeners.set(name, rest)
    }
    return this
  }

  /**
   * @param {string} name
   * @returns {ReadonlyArray<Listener & { original?: Listener }>}
   */
  listeners(name) { return this.#listeners.get(name) ?? [] }

  /**
   * Calls the listeners there are now: lists are replaced, never changed, so a
   * listener may add and remove others.
   * @internal
   * @param {string} name
   * @param {any[]} args
   */
  _fire(name, ...args) {
    for (const listener of this.listeners(name)) callSafely(listener, args, this)
  }
}
