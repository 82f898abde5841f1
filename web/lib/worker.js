// One engine in one worker. Messages: {id, call, args} in; {id, value, spent,
// memory} or {id, error, memory} out; {alive} when this script has run,
// {progress} while a model loads.

import '../wasm_exec.js'
import { toBMP } from './bmp.js'
import { describe, thumbnail } from './decode.js'
import { reader } from './ranges.js'

/** @typedef {{value?: any, error?: {code: string, message: string}}} Result */

/** Must equal the constant in wasm/main.go. */
const version = 4

/** @type {any} */
const scope = globalThis

/** @type {any} */
let engine

/** The engine's memory. @type {WebAssembly.Memory} */
let memory

/** Milliseconds of the stages of the present picture, and when the last one ended. */
let spent = { decode: 0, read: 0, engine: 0 }
let lapped = 0

/** No request has come since the start. */
let idle = true

/** The engine stopped or its state is unknown: this worker is of no more use. */
class Crash extends Error {}

/**
 * Go turns its own panics into errors, so an exception or no answer at all
 * means that it has ended.
 * @param {string} name
 * @param {any[]} args
 */
function ask (name, ...args) {
  /** @type {Result | undefined} */
  let result
  try {
    result = engine[name](...args)
  } catch (e) {
    throw new Crash(/** @type {Error} */ (e).message)
  }
  return unwrap(result)
}

/** @param {Result | undefined} result */
function unwrap (result) {
  if (!result) throw new Crash('the engine stopped')
  if (result.error) throw result.error
  return result.value
}

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
 * @returns {Promise<{info: any, file: Blob}>}
 */
async function start (module, model) {
  const go = new scope.Go()
  const instance = await WebAssembly.instantiate(module, go.importObject)
  const crashed = (/** @type {string} */ why) => scope.postMessage({ crashed: why })
  go.run(instance).then(() => crashed('the engine stopped'), (/** @type {Error} */ e) => crashed(e.message))
  engine = scope.__likeness
  memory = /** @type {WebAssembly.Memory} */ (instance.exports.mem)
  if (engine.version !== version) {
    throw { code: 'version', message: `likeness.wasm has version ${engine.version}, the library ${version}: reload the page, or build it again` }
  }
  if (model instanceof Blob) {
    ask('loadBytes', new Uint8Array(await model.arrayBuffer()))
    return { info: ask('info'), file: model }
  }
  const onProgress = (/** @type {number} */ loaded, /** @type {number} */ total) => scope.postMessage({ progress: { loaded, total } })
  const bytes = unwrap(await engine.load(model, { onProgress }))
  return { info: ask('info'), file: new Blob([bytes]) }
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
  describe: (parcel, options) => describe({ ask, place, lap }, parcel, options),
  thumbnail: async (parcel, options) => {
    const { rgba, width, height } = await thumbnail({ ask, place, lap }, parcel, options)
    return toBMP(rgba, width, height)
  },
  searchIndex: async (base, manifest, vector, options) => unwrap(await engine.searchIndex(manifest, vector, { ...options, read: reader(base) })),
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
  const parts = Array.isArray(value) ? value : [value?.vector]
  return parts.filter(p => ArrayBuffer.isView(p)).map(p => p.buffer)
}

scope.onmessage = async (/** @type {MessageEvent} */ event) => {
  const { id, call, args } = event.data
  if (call === 'crash') { // tests: an error outside any handler
    setTimeout(() => { throw new Error('crash asked for') })
    return
  }
  idle = call === 'start'
  spent = { decode: 0, read: 0, engine: 0 }
  lapped = performance.now()
  const held = () => memory?.buffer.byteLength ?? 0
  try {
    const value = await calls[call](...args)
    scope.postMessage({ id, value, spent, memory: held() }, buffersOf(value))
    if (idle) setTimeout(warm, warmAfter)
  } catch (e) {
    const { code, message } = /** @type {any} */ (e)
    if (e instanceof Crash) scope.postMessage({ crashed: message })
    else scope.postMessage({ id, error: { code: typeof code === 'string' ? code : 'internal', message: message ?? String(e) }, memory: held() })
  }
}

scope.postMessage({ alive: true })
