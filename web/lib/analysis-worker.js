// The engine without a model, for what is done with many vectors. Messages:
// {id, call, args} and {stop: id} in; {id, value, memory} or {id, error,
// memory}, {id, progress: [stage, done]} and {id, frame: [coords, done]} out,
// {alive} when this script has run. Long calls let others have a turn, so that
// answers come in any order.

import { ask, askLong, boot, fail, held } from './engine.js'
import { openViews, packCalls } from './pack-files.js'

/** @type {any} */
const scope = globalThis

/** Calls that are under way and are to stop. @type {Set<number>} */
const stopping = new Set()

/** Those that wait for their next turn. @type {(() => void)[]} */
const waiting = []

// A timer would wait for milliseconds at each turn.
const turn = new MessageChannel()
turn.port1.onmessage = () => waiting.shift()?.()

/** Short calls. */
const short = new Set(['readVectors', 'setVectors', 'nearest', 'rankSet', 'comparePrints'])

/** Calls that this script answers. @type {Record<string, (...args: any[]) => Promise<any>>} */
const own = { boot, ...packCalls }

/**
 * @param {number} id
 * @param {string} call
 * @param {any[]} args
 */
async function answer (id, call, args) {
  if (Object.hasOwn(own, call)) return own[call](...args)
  if (short.has(call)) return ask(call, ...args)
  // What it learns from lies in files.
  if (call === 'tuneNetwork' && args[6]) await openViews(args[6])
  return askLong(call, ...args, hooks(id))
}

/**
 * What a long call gives back on the way.
 * @param {number} id
 */
function hooks (id) {
  return {
    pause: () => new Promise(resolve => {
      waiting.push(() => resolve(stopping.has(id)))
      turn.port2.postMessage(0)
    }),
    onProgress: (/** @type {string} */ stage, /** @type {number} */ done) => scope.postMessage({ id, progress: [stage, done] }),
    onFrame: (/** @type {Float32Array} */ coords, /** @type {number} */ done) => scope.postMessage({ id, frame: [coords, done] }, [coords.buffer])
  }
}

/**
 * The buffers of an answer, which are handed over.
 * @param {any} value
 * @returns {Transferable[]}
 */
function buffersOf (value) {
  const parts = Array.isArray(value) ? value : [value]
  return parts.filter(p => ArrayBuffer.isView(p)).map(p => p.buffer)
}

scope.onmessage = async (/** @type {MessageEvent} */ event) => {
  const { id, call, args, stop } = event.data
  if (stop !== undefined) {
    stopping.add(stop)
    return
  }
  try {
    const value = await answer(id, call, args)
    scope.postMessage({ id, value, memory: held() }, buffersOf(value))
  } catch (e) {
    fail(id, e)
  }
  stopping.delete(id)
}

scope.postMessage({ alive: true })
