// The worker that many vectors are looked at in: its start, its calls, their end.

import { LikenessError, disposed } from './errors.js'
import { analysisParts, missingPart, startAnalysisWorker, whyNoWorker } from './missing.js'

/**
 * @typedef {object} Hooks
 * @property {AbortSignal} [signal] ends the work within a tenth of a second
 * @property {(p: any) => void} [onProgress]
 * @property {(coords: Float32Array, done: number) => void} [onFrame]
 */

/**
 * @typedef {object} Call
 * @property {string} call
 * @property {any[]} args
 * @property {Hooks} hooks
 * @property {(value: any) => void} resolve
 * @property {(error: any) => void} reject
 */

/** Milliseconds that work has to stop by itself; then its worker is ended. */
const grace = 70

/** Milliseconds until a worker that says nothing is looked after. */
const patience = 3000

/** A worker of analysis-worker.js. One that does not stop is ended, and the next call starts another. */
export class AnalysisCalls {
  /** @param {WebAssembly.Module} module */
  constructor (module) {
    this.module = module
    this.last = 0
    /** Calls that have no answer yet. @type {Map<number, Call>} */
    this.calls = new Map()
    /** Calls that are to stop, with the timers that end their worker. @type {Map<number, ReturnType<typeof setTimeout>>} */
    this.stopping = new Map()
    /** @type {{data: Float32Array, dim: number} | undefined} */
    this.vectors = undefined
    this.gone = false
    /** What uses the files of frozen layers: one thing at a time. @type {Promise<unknown>} */
    this.frozenUse = Promise.resolve()
    /** Bytes of the engine's memory. */
    this.memory = 0
    /** @type {Worker | undefined} */
    this.worker = undefined
    /** Kept when the worker can be asked. @type {Promise<void> | undefined} */
    this.ready = undefined
  }

  /** Ends the worker; what is under way is rejected. */
  dispose () {
    this.gone = true
    this.close(disposed('analysis'))
  }

  /**
   * Asks the worker.
   * @param {string} call a function of wasm/main.go
   * @param {any[]} args
   * @param {Hooks} [hooks]
   * @returns {Promise<any>}
   */
  async run (call, args, hooks = {}) {
    const { signal } = hooks
    if (this.gone) throw disposed('analysis')
    signal?.throwIfAborted()
    await this.open()
    signal?.throwIfAborted()
    const id = ++this.last
    const stop = () => this.stop(id, signal?.reason)
    try {
      return await new Promise((resolve, reject) => {
        this.calls.set(id, { call, args, hooks, resolve, reject })
        signal?.addEventListener('abort', stop, { once: true })
        this.worker?.postMessage({ id, call, args })
      })
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  frozenTurn (work) {
    const mine = this.frozenUse.then(work, work)
    this.frozenUse = mine.catch(() => {})
    return mine
  }

  /** Lets other pages have the files; there is nothing to close where no worker runs. */
  async closeFrozen () {
    if (this.worker && !this.gone) await this.run('closeViews', []).catch(() => {})
  }

  /**
   * Gives up a call: the promise is rejected, and the work ends at its next
   * pause, or with its worker where that does not come soon.
   * @param {number} id
   * @param {unknown} reason
   */
  stop (id, reason) {
    const call = this.calls.get(id)
    if (!call) return
    this.calls.delete(id)
    this.worker?.postMessage({ stop: id })
    this.stopping.set(id, setTimeout(() => this.renew(), grace))
    call.reject(reason)
  }

  /** Starts a worker in place of one that does not stop; what else it was at begins again. */
  renew () {
    const calls = [...this.calls]
    this.calls.clear()
    this.close(undefined)
    this.open().then(() => {
      for (const [id, call] of calls) {
        if (call.hooks.signal?.aborted) continue
        this.calls.set(id, call)
        this.worker?.postMessage({ id, call: call.call, args: call.args })
      }
    }, error => { for (const [, call] of calls) call.reject(error) })
    for (const [id, { hooks, reject }] of calls) {
      // Until then the call is in no list.
      hooks.signal?.addEventListener('abort', () => { if (!this.calls.has(id)) reject(hooks.signal?.reason) }, { once: true })
    }
  }

  /**
   * Starts the worker if there is none, with the vectors that were set.
   * @returns {Promise<void>}
   */
  open () {
    if (this.gone) return Promise.reject(disposed('analysis'))
    this.ready ??= this.begin()
    this.ready.catch(() => { this.ready = undefined })
    return this.ready
  }

  async begin () {
    const worker = startAnalysisWorker()
    this.worker = worker
    let alive = false
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let silence
    try {
      await new Promise((resolve, reject) => {
        // Firefox gives no event at all where a part of the worker is missing.
        const look = async () => {
          const error = await missingPart(analysisParts)
          if (alive) return
          if (error) reject(error)
          else silence = setTimeout(look, 5 * patience)
        }
        silence = setTimeout(look, patience)
        worker.onmessage = ({ data }) => {
          if (this.worker !== worker) return reject(disposed('analysis'))
          alive = true
          clearTimeout(silence)
          if (data.id === 0) return data.error ? reject(new LikenessError(data.error.code, data.error.message)) : resolve(undefined)
          if (data.crashed) reject(crashed(data.crashed))
          this.receive(data)
        }
        worker.onerror = event => {
          event.preventDefault?.()
          const why = event.message || 'no reason was given'
          if (alive) {
            reject(crashed(why))
            if (this.worker === worker) this.close(crashed(why))
          } else void whyNoWorker(why, analysisParts).then(reject)
        }
        worker.postMessage({ id: 0, call: 'boot', args: [this.module] })
      })
      if (this.vectors && this.worker === worker) worker.postMessage({ id: -1, call: 'setVectors', args: [this.vectors.data, this.vectors.dim] })
    } catch (e) {
      worker.terminate()
      throw e
    } finally {
      clearTimeout(silence)
    }
  }

  /** @param {any} message */
  receive (message) {
    if (message.crashed) return this.close(crashed(message.crashed))
    const { id, progress, frame } = message
    const call = this.calls.get(id)
    if (progress) return call?.hooks.onProgress?.({ stage: progress[0], done: progress[1] })
    if (frame) return call?.hooks.onFrame?.(frame[0], frame[1])
    if (id === undefined) return
    this.memory = message.memory
    clearTimeout(this.stopping.get(id))
    this.stopping.delete(id)
    this.calls.delete(id)
    if (message.error) call?.reject(new LikenessError(message.error.code, message.error.message))
    else call?.resolve(message.value)
  }

  /**
   * Ends the worker; the next call starts another one.
   * @param {unknown} reason for the calls that are under way
   */
  close (reason) {
    this.worker?.terminate()
    this.worker = undefined
    this.ready = undefined
    for (const timer of this.stopping.values()) clearTimeout(timer)
    this.stopping.clear()
    const calls = [...this.calls.values()]
    this.calls.clear()
    for (const call of calls) call.reject(reason)
  }
}

/** @param {string} why */
function crashed (why) {
  return new LikenessError('worker-crashed', `the worker stopped (${why}), perhaps for lack of memory; another takes its place: try again with fewer vectors, or close other pages`)
}
