import { announce, count } from './dom.js'
import { words } from './words.js'

/** @typedef {import("./collection.js").Item} Item */
/** @typedef {import("./collection.js").Collection} Collection */
/** @typedef {import("../lib/extractor.js").Extracted} Extracted */
/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./engine.js").Choice} Choice */
/** @typedef {import("./progress.js").ProgressPanel} ProgressPanel */
/** @typedef {import("./problems.js").Problems} Problems */

/**
 * Turns the pictures of the collection into vectors, one run at a time.
 * Dispatches "end" after each run.
 */
export class Embedder extends EventTarget {
  /**
   * @param {Engine} engine
   * @param {Collection} collection
   * @param {ProgressPanel} progress
   * @param {Problems} problems
   */
  constructor (engine, collection, progress, problems) {
    super()
    this.engine = engine
    this.collection = collection
    this.progress = progress
    this.problems = problems
    /** @type {AbortController|null} */
    this.running = null
  }

  /** Reads whatever has no vector yet; pictures added meanwhile join in. */
  async run () {
    if (this.running || this.collection.waiting().length === 0) return
    const stop = this.running = new AbortController()
    this.progress.start('Reading', () => stop.abort())
    this.progress.wait('Waiting for the model…')
    let done = 0
    try {
      await orAbort(this.engine.ready(), stop.signal)
      this.progress.start('Reading', () => stop.abort())
      for (let batch = this.collection.waiting(); batch.length > 0 && !stop.signal.aborted; batch = this.collection.waiting()) {
        /** @type {Item[]} */
        const bad = []
        await this.each(batch, stop.signal, (item, result) => {
          done++
          if (result.vector) {
            this.collection.setVector(item, result)
            this.problems.setNotes(item)
          } else {
            bad.push(item)
            this.problems.add(item.name, result.error)
          }
          this.progress.update(done, done + this.waitingNow(bad))
        })
        this.collection.remove(bad)
      }
    } catch (error) {
      if (!stop.signal.aborted) this.problems.add('Reading stopped', error)
      stop.abort()
    }
    this.running = null
    this.finish(stop.signal.aborted)
  }

  /** @param {Item[]} bad */
  waitingNow (bad) {
    return this.collection.waiting().length - bad.length
  }

  /** @param {boolean} stopped */
  finish (stopped) {
    const left = this.collection.waiting().length
    const ready = this.collection.items.length - left
    if (left > 0 && stopped) {
      this.progress.paused(`Stopped: ${ready.toLocaleString('en')} of ${count(this.collection.items.length, 'picture')} read. What was read is kept.`, 'Go on', () => void this.run())
    } else {
      this.progress.hide()
      if (ready > 0) announce(`${count(ready, 'picture')} ready. Choose one to find similar ones.`)
    }
    this.dispatchEvent(new Event('end'))
  }

  /**
   * Reads every picture again under another choice. The old vectors and choice
   * stay in use until all is done, and altogether when it is cancelled.
   * @param {Choice} choice
   * @returns {Promise<boolean>} whether the choice was taken up
   */
  async again (choice) {
    if (this.running) return false
    const former = { ...this.engine.choice }
    const stop = this.running = new AbortController()
    const items = this.collection.done().filter((item) => item.file)
    /** @type {Map<Item, import("../lib/extractor.js").Description>} */
    const fresh = new Map()
    /** @type {{item: Item, error: unknown}[]} */
    const bad = this.collection.done().filter((item) => !item.file).map((item) => ({ item, error: words.frame.noFile }))
    try {
      this.progress.start('Reading again', () => stop.abort())
      this.progress.wait('Changing the settings…')
      await this.engine.use(choice, stop.signal)
      this.progress.start('Reading again', () => stop.abort())
      let done = 0
      await this.each(items, stop.signal, (item, result) => {
        if (result.vector) fresh.set(item, result)
        else bad.push({ item, error: result.error })
        this.progress.update(++done, items.length)
      })
      stop.signal.throwIfAborted()
    } catch (error) {
      if (!stop.signal.aborted) this.problems.add('The new settings', error)
      stop.abort()
    }
    const took = !stop.signal.aborted
    if (took) {
      for (const { item, error } of bad) this.problems.add(item.name, error)
      this.collection.remove(bad.map(({ item }) => item))
      for (const [item, read] of fresh) {
        this.collection.setVector(item, read)
        this.problems.setNotes(item)
      }
    } else {
      await this.engine.use(former).catch((error) => this.problems.add('The former settings', error))
    }
    this.running = null
    if (!took) announce('Cancelled. The former settings and vectors are kept.')
    this.finish(false)
    void this.run()
    return took
  }

  /**
   * @param {Item[]} items
   * @param {AbortSignal} signal
   * @param {(item: Item, result: Extracted) => void} onEach
   */
  async each (items, signal, onEach) {
    const { layer, pool, resize } = this.engine.choice
    const extractor = await this.engine.ready()
    const files = items.map((item) => item.file)
    try {
      for await (const result of extractor.extractAll(/** @type {Blob[]} */ (files), { layer, pool, resize: resize || undefined, normalize: true, signal })) {
        const item = items[result.index]
        // Pictures may be removed while they are being read.
        if (this.collection.byKey.get(item.key) === item) onEach(item, result)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  cancel () {
    this.running?.abort()
  }

  /**
   * Waits until nothing is being read.
   * @param {AbortSignal} signal
   */
  async idle (signal) {
    while (this.running) await orAbort(new Promise((resolve) => this.addEventListener('end', resolve, { once: true })), signal)
  }
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
function orAbort (promise, signal) {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    promise.then(resolve, reject)
  })
}
