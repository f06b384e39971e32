// Waiting for events without sleeping.

/** The arguments of the next `name`; rejects after 5 seconds, so that no test hangs. */
export async function next(emitter, name) {
  const [args] = await collect(emitter, name, 1)
  return args
}

/** The arguments of the next `count` events called `name`, as a list. */
export function collect(emitter, name, count) {
  return new Promise((resolve, reject) => {
    const seen = []
    const stop = () => {
      clearTimeout(timer)
      emitter.off(name, listener)
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`${seen.length} of ${count} "${name}" within 5 s`))
    }, 5000)
    const listener = (...args) => {
      if (seen.push(args) < count) return
      stop()
      resolve(seen)
    }
    emitter.on(name, listener)
  })
}

/** The next uncaught error, which then does not fail the test. */
export function nextUncaught() {
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      others.forEach((listener) => process.on('uncaughtException', listener))
      resolve(error)
    })
  })
}
