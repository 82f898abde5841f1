// Waiting that a caller can end.

/**
 * The promise, or a rejection as soon as the signal aborts.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function unlessAborted (promise, signal) {
  if (!signal) return promise
  promise.catch(() => {}) // it may fail after an abort
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    const value = /** @type {T} */ (await Promise.race([promise, aborted]))
    signal.throwIfAborted()
    return value
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
