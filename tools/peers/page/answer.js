// The worker's end of asker.js; a classic script, for workers of both kinds.

/** @param {Record<string, (argument: any) => any>} calls */
globalThis.answer = calls => {
  globalThis.onmessage = async ({ data: { call, argument } }) => {
    try {
      globalThis.postMessage({ value: await calls[call](argument) })
    } catch (e) {
      globalThis.postMessage({ error: e?.message ?? String(e) })
    }
  }
}

/**
 * Times a function.
 * @param {number} count
 * @param {() => any} run
 * @returns {Promise<number[]>} milliseconds
 */
globalThis.timed = async (count, run) => {
  const times = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return times
}
