// One engine in one worker. Messages: {fetch} and {id, call, args} in; {id, value,
// spent, memory} or {id, error, memory} out; {alive} when this script has run,
// {progress} while a model loads.

import { toBMP } from './bmp.js'
import { describe, render, seen, thumbnail, views } from './decode.js'
import { ask, askLong, boot, fail, held, memory } from './engine.js'
import { fetchAhead } from './fetch-ahead.js'
import { reader } from './ranges.js'

/** @type {any} */
const scope = globalThis

/** Milliseconds of the stages of the present picture, and when the last one ended. */
let spent = { decode: 0, read: 0, engine: 0 }
let lapped = 0

/** No request has come since the start. */
let idle = true

/** @param {'decode' | 'read' | 'engine'} stage */
function lap (stage) {
  const now = performance.now()
  spent[stage] += now - lapped
  lapped = now
}

/**
 * Room for pixels in the engine's memory, until the next call of the engine.
 * @param {number} bytes
 */
function place (bytes) {
  const at = ask('place', bytes)
  return new Uint8Array(/** @type {ArrayBuffer} */ (memory.buffer), at, bytes)
}

/**
 * @param {WebAssembly.Module} module
 * @param {string | Blob} model absolute address, or the file that another worker has fetched
 * @returns {Promise<any>} what the model is
 */
async function start (module, model) {
  await boot(module)
  if (model instanceof Blob) {
    ask('loadBytes', new Uint8Array(await model.arrayBuffer()))
  } else {
    const onProgress = (/** @type {number} */ loaded, /** @type {number} */ total) => scope.postMessage({ progress: { loaded, total } })
    await askLong('load', model, { onProgress })
  }
  return ask('info')
}

/** The model's file. */
function file () {
  const { at, length } = ask('file')
  return new Blob([new Uint8Array(/** @type {ArrayBuffer} */ (memory.buffer), at, length)])
}

/** Milliseconds after a start in which a first picture may still come. */
const warmAfter = 30

/**
 * Runs on a picture of noise, larger than the network's input, if nothing has
 * been asked yet: what is made for the first picture is then there, and the
 * browser's optimising compiler has seen the inner loops.
 */
function warm () {
  if (!idle) return
  const width = 640
  const height = 480
  const rgba = new Uint8Array(4 * width * height).map((_, i) => i * 7919 >> 5)
  try {
    for (let i = 0; i < 2; i++) ask('run', rgba, width, height)
  } catch { /* a picture will tell the fault */ }
}

/** @type {Record<string, (...args: any[]) => any>} */
const calls = {
  start,
  file,
  describe: (parcel, options) => describe({ ask, place, lap }, parcel, options),
  thumbnail: async (parcel, options) => {
    const { rgba, width, height } = await thumbnail({ ask, place, lap }, parcel, options)
    return toBMP(rgba, width, height)
  },
  render: async (parcel, { as, name }) => new Blob([await render({ ask, place, lap }, parcel, as, name)], { type: 'image/bmp' }),
  seen: async (parcel, options) => {
    const { rgba, width, height } = await seen({ ask, place, lap }, parcel, options)
    return toBMP(rgba, width, height)
  },
  explain: async (a, b, { pool, strongest, ...options }) => {
    const engine = { ask, place, lap }
    await describe(engine, a, { ...options, keep: 0 })
    await describe(engine, b, { ...options, keep: 1 })
    return ask('explain', { pool, strongest })
  },
  views: (parcel, options) => views({ ask, place, lap }, parcel, options),
  viewsKey: (options) => ask('viewsKey', options),
  trainable: (layer) => ask('trainable', layer),
  evaluate: (data, labels) => ask('evaluate', data, labels),
  classify: (vector) => ask('classify', vector),
  searchIndex: (base, manifest, vector, options) => askLong('searchIndex', manifest, vector, { ...options, read: reader(base) }),
  rank: (query, data) => ask('rank', query, data),
  pca: (data, options) => ask('pca', data, options),
  export: (data, options) => ask('export', data, options)
}

/**
 * The buffers of an answer, which are handed over.
 * @param {any} value
 * @returns {Transferable[]}
 */
function buffersOf (value) {
  const parts = Array.isArray(value) ? value : value?.vectors ?? [value?.vector]
  return parts.filter((/** @type {any} */ p) => ArrayBuffer.isView(p)).map((/** @type {any} */ p) => p.buffer)
}

scope.onmessage = async (/** @type {MessageEvent} */ event) => {
  const { id, call, args } = event.data
  if (event.data.fetch) return fetchAhead(event.data.fetch)
  if (call === 'crash') { // tests: an error outside any handler
    setTimeout(() => { throw new Error('crash asked for') })
    return
  }
  idle = call === 'start'
  spent = { decode: 0, read: 0, engine: 0 }
  lapped = performance.now()
  try {
    const value = await calls[call](...args)
    scope.postMessage({ id, value, spent, memory: held() }, buffersOf(value))
    if (idle) setTimeout(warm, warmAfter)
  } catch (e) {
    fail(id, e)
  }
}

scope.postMessage({ alive: true })
