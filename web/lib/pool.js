// A pool of engine workers that share one compiled module. A crashed worker
// takes only its own task with it and is replaced.

import { LikenessError, disposed } from './errors.js'

/**
 * @typedef {object} Task
 * @property {string} call
 * @property {any[]} args
 * @property {Transferable[]} transfer
 * @property {(value: any) => void} resolve
 * @property {(error: any) => void} reject
 */

class Seat {
  /**
   * @param {Pool} pool
   */
  constructor (pool) {
    this.pool = pool
    /** @type {Task | undefined} */
    this.task = undefined
    this.ready = false
    this.gone = false
    /** Number of the last request. */
    this.id = 0
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    this.worker.onmessage = event => this.receive(event.data)
    this.worker.onerror = event => {
      event.preventDefault()
      this.crash(event.message || 'the worker could not be started')
    }
    this.worker.onmessageerror = () => this.crash('its answer could not be read')
  }

  /** @param {any} message */
  receive (message) {
    if (message.progress) return this.pool.onProgress(message.progress)
    if (message.crashed) return this.crash(message.crashed)
    if (message.id !== this.id) return
    const { spent } = this.pool
    for (const stage of /** @type {const} */ (['decode', 'read', 'engine'])) spent[stage] += message.spent?.[stage] ?? 0
    const task = this.task
    this.task = undefined
    if (task) {
      if (message.error) task.reject(new LikenessError(message.error.code, message.error.message))
      else task.resolve(message.value)
    }
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

  /** @param {string} why */
  crash (why) {
    if (this.gone) return
    this.gone = true
    const task = this.task
    this.task = undefined
    this.worker.terminate()
    this.pool.replace(this)
    task?.reject(new LikenessError('worker-crashed', `the worker stopped (${why}), perhaps for lack of memory; it was replaced: try this picture again, or make it smaller`))
  }
}

export class Pool {
  /**
   * @param {WebAssembly.Module} module
   * @param {string} model absolute address
   * @param {number} workers
   * @param {(p: {loaded: number, total: number}) => void} onProgress
   */
  constructor (module, model, workers, onProgress) {
    this.module = module
    this.workers = workers
    /**
     * The file once it has been fetched, so that all workers run the same and a
     * replacement needs no network.
     * @type {string | Blob}
     */
    this.model = model
    this.onProgress = onProgress
    this.disposed = false
    /** @type {Seat[]} */
    this.seats = []
    /** @type {Task[]} */
    this.queue = []
    /** Milliseconds of all pictures: decoding, reading the pixels, the engine. */
    this.spent = { decode: 0, read: 0, engine: 0 }
  }

  /**
   * Adds a worker; resolves with the model's description.
   * @returns {Promise<any>}
   */
  async add () {
    const seat = new Seat(this)
    this.seats.push(seat)
    try {
      const { info, file } = await new Promise((resolve, reject) =>
        seat.give({ call: 'start', args: [this.module, this.model], transfer: [], resolve, reject }))
      this.model = file
      seat.ready = true
      this.next()
      return info
    } catch (e) {
      seat.worker.terminate()
      this.seats = this.seats.filter(s => s !== seat)
      throw e
    }
  }

  /**
   * @param {string} call
   * @param {any[]} args
   * @param {Transferable[]} [transfer]
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  run (call, args, transfer = [], signal = undefined) {
    if (this.disposed) return Promise.reject(disposed())
    let stop = () => {}
    return new Promise((resolve, reject) => {
      const task = { call, args, transfer, resolve, reject }
      stop = () => {
        this.queue = this.queue.filter(t => t !== task)
        reject(signal?.reason)
      }
      if (signal?.aborted) return stop()
      signal?.addEventListener('abort', stop, { once: true })
      this.queue.push(task)
      if (this.seats.length === 0) this.refill()
      this.next()
    }).finally(() => signal?.removeEventListener('abort', stop))
  }

  next () {
    for (const seat of this.seats) {
      if (!seat.ready || seat.task) continue
      const task = this.queue.shift()
      if (!task) return
      seat.give(task)
    }
  }

  /** @param {Seat} seat */
  replace (seat) {
    this.seats = this.seats.filter(s => s !== seat)
    if (!this.disposed && seat.ready) this.refill()
  }

  /** Starts another worker; if none is left to take them, what waits is rejected. */
  refill () {
    this.add().catch(error => {
      if (this.seats.length > 0) return
      for (const task of this.queue.splice(0)) task.reject(error)
    })
  }

  dispose () {
    this.disposed = true
    for (const seat of this.seats) {
      seat.worker.terminate()
      seat.task?.reject(disposed())
    }
    for (const task of this.queue.splice(0)) task.reject(disposed())
    this.seats = []
  }
}
