// The engine in the worker that imports this.

import '../wasm_exec.js'

/** @typedef {{value?: any, error?: {code: string, message: string}}} Result */

/** Must equal the constant in wasm/main.go. */
const version = 8

/** @type {any} */
const scope = globalThis

/** @type {any} */
let engine

/** @type {WebAssembly.Memory} */
export let memory

/** The engine stopped or its state is unknown: this worker is of no more use. */
export class Crash extends Error {}

/**
 * Starts the engine, once.
 * @param {WebAssembly.Module} module
 */
export async function boot (module) {
  const go = new scope.Go()
  const instance = await WebAssembly.instantiate(module, go.importObject)
  const crashed = (/** @type {string} */ why) => scope.postMessage({ crashed: why })
  memory = scope.__likenessMemory = /** @type {WebAssembly.Memory} */ (instance.exports.mem)
  go.run(instance).then(() => crashed('the engine stopped'), (/** @type {Error} */ e) => crashed(e.message))
  engine = scope.__likeness
  if (engine.version !== version) {
    throw { code: 'version', message: `likeness.wasm has version ${engine.version}, the library ${version}: reload the page, or build it again` }
  }
}

/**
 * Go turns its own panics into errors, so an exception or no answer at all
 * means that it has ended.
 * @param {string} name
 * @param {any[]} args
 */
export function ask (name, ...args) {
  /** @type {Result | undefined} */
  let result
  try {
    result = engine[name](...args)
  } catch (e) {
    throw new Crash(/** @type {Error} */ (e).message)
  }
  return unwrap(result)
}

/**
 * The same for calls that give a promise.
 * @param {string} name
 * @param {any[]} args
 */
export async function askLong (name, ...args) {
  /** @type {Promise<Result> | undefined} */
  let result
  try {
    result = engine[name](...args)
  } catch (e) {
    throw new Crash(/** @type {Error} */ (e).message)
  }
  return unwrap(await result)
}

/** @param {Result | undefined} result */
function unwrap (result) {
  if (!result) throw new Crash('the engine stopped')
  if (result.error) throw result.error
  return result.value
}

/** Bytes of the engine's memory. */
export function held () {
  return memory?.buffer.byteLength ?? 0
}

/**
 * Tells the page that a call failed.
 * @param {number} id
 * @param {unknown} e
 */
export function fail (id, e) {
  const { code, message } = /** @type {any} */ (e)
  if (e instanceof Crash) scope.postMessage({ crashed: message })
  else scope.postMessage({ id, error: { code: typeof code === 'string' ? code : 'internal', message: message ?? String(e) }, memory: held() })
}
