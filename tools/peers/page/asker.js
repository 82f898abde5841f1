// A peer in a worker of its own, asked one thing at a time.

/**
 * @param {string} script
 * @param {WorkerOptions} [options]
 */
export function asker (script, options) {
  const worker = new Worker(new URL(script, import.meta.url), options)
  /** @type {{resolve: (value: any) => void, reject: (error: Error) => void} | undefined} */
  let waiting
  const fail = (/** @type {string} */ why) => { waiting?.reject(new Error(why)) }
  worker.onmessage = ({ data }) => data.error ? fail(data.error) : waiting?.resolve(data.value)
  worker.onerror = event => fail(event.message || 'the worker could not be started')
  return {
    /**
     * @param {string} call
     * @param {any} [argument]
     * @returns {Promise<any>}
     */
    ask: (call, argument) => new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      worker.postMessage({ call, argument })
    }),
    stop: () => worker.terminate()
  }
}
