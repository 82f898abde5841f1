// The download of a model begins while the engine is still being compiled.

/** Bytes that wait for the engine; the connection waits beyond them. */
const ahead = 32 << 20

/**
 * Begins to fetch; the next request for the same address, the engine's, gets the
 * answer.
 * @param {string} url
 */
export function fetchAhead (url) {
  const plain = globalThis.fetch
  const answer = plain(url).then(buffered)
  answer.catch(() => {}) // the engine's request tells it
  globalThis.fetch = (input, options) => {
    if (input !== url) return plain(input, options)
    globalThis.fetch = plain
    return answer
  }
}

/**
 * The response, which goes on to be received although nobody reads it.
 * @param {Response} response
 */
function buffered (response) {
  if (!response.ok || !response.body) return response
  const body = response.body.pipeThrough(new TransformStream({}, new ByteLengthQueuingStrategy({ highWaterMark: ahead })))
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers })
}
