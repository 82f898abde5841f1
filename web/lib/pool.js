// A pool of engine workers that share one compiled module. A crashed worker
// takes only its own task with it and is replaced; so is one whose task is
// given up, and one that a giant picture has left with too much memory.

import { disposed } from './errors.js'
import { Seat } from './seat.js'

/** @typedef {import('./seat.js').Task} Task */

/** Milliseconds for a first picture before the model's file is copied. */
const lull = 300

export class Pool {
  /**
   * @param {Promise<WebAssembly.Module>} module
   * @param {string | Blob} model absolute address, or the file
   * @param {number} workers
   * @param {(p: {loaded: number, total: number}) => void} onProgress
   */
  constructor (module, model, workers, onProgress) {
    this.module = module
    this.workers = workers
    /** The file once it was kept. */
    this.model = model
    /** @type {Promise<Blob> | undefined} */
    this.file = undefined
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
      if (typeof this.model === 'string') seat.worker.postMessage({ fetch: this.model })
      const module = await this.module
      if (seat.gone) throw await seat.failure ?? disposed()
      const info = await new Promise((resolve, reject) =>
        seat.give({ call: 'start', args: [module, this.model], transfer: [], resolve, reject }))
      seat.ready = true
      this.next()
      return info
    } catch (e) {
      seat.end()
      throw e
    }
  }

  /** Keeps the model's file, and starts the other workers. */
  async fill () {
    if (this.workers === 1) await new Promise(resolve => setTimeout(resolve, lull))
    try {
      await this.keep()
    } catch { /* they will fetch it */ }
    if (this.disposed) return
    for (let i = 1; i < this.workers; i++) this.refill()
  }

  /**
   * Keeps the model's file outside of the worker that has fetched it, so that all
   * workers run the same and a replacement needs no network.
   * @returns {Promise<Blob>}
   */
  async keep () {
    this.file ??= typeof this.model === 'string' ? this.run('file', []) : Promise.resolve(this.model)
    try {
      this.model = await this.file
      return this.model
    } catch (e) {
      this.file = undefined
      throw e
    }
  }

  /**
   * @param {string} call
   * @param {any[]} args
   * @param {Transferable[]} [transfer]
   * @param {AbortSignal} [signal] frees the worker, whatever it is at
   * @returns {Promise<any>}
   */
  run (call, args, transfer = [], signal = undefined) {
    if (this.disposed) return Promise.reject(disposed())
    let stop = () => {}
    return new Promise((resolve, reject) => {
      const task = { call, args, transfer, resolve, reject }
      stop = () => {
        this.queue = this.queue.filter(t => t !== task)
        this.free(task)
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
    for (const seat of [...this.seats]) {
      if (!seat.ready || seat.task || seat.retired) continue
      const task = this.queue.shift()
      if (!task) return
      seat.give(task)
    }
  }

  /**
   * Gives up a task that may be under way: its worker cannot be stopped
   * otherwise than by ending it.
   * @param {Task} task
   */
  free (task) {
    const seat = this.seats.find(s => s.task === task)
    if (!seat) return
    seat.end()
    this.replace(seat)
  }

  /** @param {Seat} seat has ended */
  leave (seat) {
    this.seats = this.seats.filter(s => s !== seat)
  }

  /** @param {Seat} seat has ended */
  replace (seat) {
    // One that was to be renewed has its successor already.
    if (!this.disposed && seat.ready && !seat.heavy) this.refill()
  }

  /**
   * Starts a worker in place of one that holds too much memory. That one goes
   * on until the new one is ready, so that nobody waits.
   * @param {Seat} seat
   */
  renew (seat) {
    seat.heavy = true
    this.add().then(() => {
      seat.retired = true
      if (!seat.task && !seat.gone) seat.end()
    }, () => {
      seat.heavy = false
      if (seat.gone) this.refill()
    })
  }

  /** Starts another worker; if none is left to take them, what waits is rejected. */
  refill () {
    if (this.disposed) return
    this.add().catch(error => {
      if (this.seats.length > 0) return
      for (const task of this.queue.splice(0)) task.reject(error)
    })
  }

  dispose () {
    this.disposed = true
    for (const seat of [...this.seats]) {
      const { task } = seat
      seat.end()
      task?.reject(disposed())
    }
    for (const task of this.queue.splice(0)) task.reject(disposed())
  }
}
