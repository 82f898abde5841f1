// One worker of a pool and the task that it is at.

import { LikenessError } from './errors.js'
import { missingPart, startWorker, whyNoWorker } from './missing.js'

/**
 * @typedef {object} Task
 * @property {string} call
 * @property {any[]} args
 * @property {Transferable[]} transfer
 * @property {(value: any) => void} resolve
 * @property {(error: any) => void} reject
 */

/**
 * Bytes of the engine's memory beyond which a worker is renewed: WebAssembly
 * never gives memory back.
 */
const most = 150e6

/** Milliseconds until a worker that says nothing is looked after. */
const patience = 3000

/** Bytes above those after the start that a large model is always granted. */
const margin = 100e6

export class Seat {
  /** @param {import('./pool.js').Pool} pool */
  constructor (pool) {
    this.pool = pool
    /** @type {Task | undefined} */
    this.task = undefined
    this.ready = false
    this.gone = false
    /** Why it is gone, if it was not ended. @type {LikenessError | Promise<LikenessError> | undefined} */
    this.failure = undefined
    /** Another worker takes over as soon as this one is idle. */
    this.retired = false
    /** Another worker is being started to take over. */
    this.heavy = false
    /** Bytes of the engine's memory, and those after the start. */
    this.memory = 0
    this.base = 0
    /** The worker's script has run. */
    this.alive = false
    /** Number of the last request. */
    this.id = 0
    this.worker = startWorker()
    this.worker.onmessage = event => this.receive(event.data)
    this.worker.onerror = event => {
      event.preventDefault?.()
      this.crash(event.message || 'no reason was given')
    }
    this.worker.onmessageerror = () => this.crash('its answer could not be read')
    this.silence = setTimeout(() => void this.ask(), patience)
  }

  /** Firefox gives no event at all where a part of the worker is missing. */
  async ask () {
    const error = await missingPart()
    if (this.gone || this.alive) return
    if (!error) {
      this.silence = setTimeout(() => void this.ask(), 5 * patience)
      return
    }
    const { task } = this
    this.failure = error
    this.end()
    task?.reject(error)
  }

  /** @param {any} message */
  receive (message) {
    if (this.gone) return
    this.alive = true
    clearTimeout(this.silence)
    if (message.alive) return
    if (message.progress) return this.pool.onProgress(message.progress)
    if (message.crashed) return this.crash(message.crashed)
    if (message.id !== this.id) return
    this.memory = message.memory
    this.base ||= message.memory
    const { spent } = this.pool
    for (const stage of /** @type {const} */ (['decode', 'read', 'engine'])) spent[stage] += message.spent?.[stage] ?? 0
    const task = this.task
    this.task = undefined
    if (task) {
      if (message.error) task.reject(new LikenessError(message.error.code, message.error.message))
      else task.resolve(message.value)
    }
    if (this.retired) this.end()
    else if (!this.heavy && this.ready && this.memory > Math.max(most, this.base + margin)) this.pool.renew(this)
    this.pool.next()
  }

  /** @param {Task} task */
  give (task) {
    this.task = task
    try {
      this.worker.postMessage({ id: ++this.id, call: task.call, args: task.args }, task.transfer)
    } catch (e) {
      this.task = undefined
      task.reject(new LikenessError('picture-type', `the picture cannot be handed to the worker (${/** @type {Error} */ (e).message}): if it comes from another site, load it with crossorigin="anonymous", or pass its file`))
      queueMicrotask(() => this.pool.next())
    }
  }

  /** Ends the worker without a word to its task. */
  end () {
    this.gone = true
    clearTimeout(this.silence)
    this.worker.terminate()
    this.pool.leave(this)
  }

  /** @param {string} why */
  crash (why) {
    if (this.gone) return
    const task = this.task
    this.task = undefined
    const error = new LikenessError('worker-crashed', `the worker stopped (${why}), perhaps for lack of memory; it was replaced: try this picture again, or make it smaller`)
    this.failure = this.alive ? error : whyNoWorker(why)
    this.end()
    this.pool.replace(this)
    void Promise.resolve(this.failure).then(task?.reject)
  }
}
