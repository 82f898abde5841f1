import { Extractor } from '../../likeness.js'
import { words } from '../words.js'
import { teach, tellOthers, tune } from './learn.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./form.js").Options} Options */
/** @typedef {import("../../lib/analysis.js").TeachStep} TeachStep */
/** @typedef {import("../../lib/analysis.js").Measured} Measured */

/** A class: its label, its pictures, and whether it is left out of learning. @typedef {{name: string, items: Item[], out: boolean}} Class */

/** What was learned. Pictures are named by their keys: told is what is said of each, learned the class of those that were learned from.
 * @typedef {object} Result
 * @property {Blob} model a model file
 * @property {string} name of it
 * @property {import("../engine.js").Choice} choice what the vectors were of
 * @property {string[]} labels
 * @property {Map<string, {label: string, score: number}>} told
 * @property {Map<string, string>} learned
 * @property {Options} options that it was learned by
 * @property {{rounds: number, trainingAccuracy?: number, loss?: number, temperature: number, threshold: number, measured: Measured|null, headAlone?: Measured, agreement?: {pictures: number, mean: number, least: number, classes: number}}} report
 */

/** A lesson as it is stored: keys, with the label that was told and the one learned from (numbers of labels, -1 for none).
 * @typedef {object} Stored
 * @property {string[]} classes
 * @property {string[]} out
 * @property {Options} options
 * @property {{model: Blob, name: string, choice: import("../engine.js").Choice, labels: string[], keys: string[], told: number[], score: number[], learned: number[], options: Options, report: Result["report"]}|null} result
 */

/** @typedef {import("./learn.js").Hooks} Hooks */

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/**
 * The classes that pictures are in, by their labels, and what was learned from
 * them. Dispatches "change" when either is another.
 */
export class Lesson extends EventTarget {
  /** @param {Pick<Page, 'engine'|'collection'|'vectors'>} page */
  constructor (page) {
    super()
    this.page = page
    /** Classes that were made, also such as have no picture yet. @type {string[]} */
    this.made = []
    /** Those that are left out. @type {Set<string>} */
    this.out = new Set()
    /** @type {Options} */
    this.options = { head: 'softmax', folds: 5, seed: 0 }
    /** @type {Result|null} */
    this.result = null
    /** Rises when there are other pictures in place of these. */
    this.turn = 0
    /** What was learned, running. @type {Promise<Extractor>|null} */
    this.running = null
  }

  tell () {
    this.dispatchEvent(new Event('change'))
  }

  /** All classes in the order of their names, and the pictures of none. */
  classes () {
    /** @type {Map<string, Class>} */
    const of = new Map(this.made.map((name) => [name, { name, items: [], out: this.out.has(name) }]))
    /** @type {Item[]} */
    const none = []
    for (const item of this.page.collection.items) {
      const { label } = item
      if (!label) {
        none.push(item)
        continue
      }
      const known = of.get(label)
      if (known) known.items.push(item)
      else of.set(label, { name: label, items: [item], out: this.out.has(label) })
    }
    return { classes: [...of.values()].sort((a, b) => byName.compare(a.name, b.name)), none }
  }

  /**
   * What is lacking to learn: the name of a class that has one picture, '' where
   * there are fewer than two classes, null if there is enough.
   */
  lack () {
    const used = this.classes().classes.filter(({ items, out }) => !out && items.length > 0)
    if (used.length < 2) return ''
    return used.find(({ items }) => items.filter(({ vector }) => vector).length < 2)?.name ?? null
  }

  /** Whether there is enough to learn from. */
  ready () {
    return this.lack() === null
  }

  /** Whether classes, or what the vectors are of, are others than what was learned. */
  stale () {
    const { result, page } = this
    if (!result) return false
    const { model, layer, pool, resize } = page.engine.choice
    if (result.choice.model !== model || result.choice.layer !== layer || result.choice.pool !== pool || result.choice.resize !== resize) return true
    let n = 0
    for (const { key, label, vector } of page.collection.items) {
      if (!vector || !label || this.out.has(label)) continue
      if (result.learned.get(key) !== label) return true
      n++
    }
    return n !== result.learned.size
  }

  /**
   * Learns from the pictures that are in classes.
   * @param {Hooks} hooks
   * @returns {Promise<Result>}
   */
  async train (hooks) {
    const { engine, vectors, collection } = this.page
    const pool = engine.plainPool
    if (!pool) throw new Error(words.teach.noGem)
    const mine = this.turn
    const extractor = await engine.ready()
    const { analysis, items } = await vectors.ready()
    const model = new Uint8Array(await (await extractor.modelFile()).arrayBuffer())
    const name = this.result?.name ?? words.teach.projectName
    const of = new Map(items.flatMap((item) => (item.label && !this.out.has(item.label) ? [[item, item.label]] : [])))
    const options = { ...this.options }
    const choice = { ...engine.choice }
    const what = { ...choice, pool, model, name }
    const learned = options.head === 'tune' ? await tune(extractor, analysis, of, what, options, hooks) : await teach(analysis, items, of, what, options, hooks)
    const { model: file, labels, told, score, ...report } = learned.taught
    const blob = new Blob([file], { type: 'application/octet-stream' })
    const said = new Map(learned.items.map(({ key }, i) => [key, { label: labels[told[i]], score: score[i] }]))
    if (learned.items.length < items.length) await tellOthers(blob, items.filter((item) => !of.has(item)), said, hooks)
    if (mine !== this.turn) throw new DOMException('other pictures are here now', 'AbortError')
    this.take({
      model: blob,
      name,
      choice,
      labels,
      told: new Map(collection.items.flatMap(({ key }) => (said.has(key) ? [[key, /** @type {{label: string, score: number}} */ (said.get(key))]] : []))),
      learned: new Map([...of].map(([{ key }, label]) => [key, label])),
      options,
      report
    })
    return /** @type {Result} */ (this.result)
  }

  /** @param {Result|null} result */
  take (result) {
    this.stop()
    this.result = result
    this.tell()
  }

  /** What was learned, as a network that tells pictures. @returns {Promise<Extractor>} */
  extractor () {
    const { result } = this
    if (!result) return Promise.reject(new Error(words.teach.noResult))
    if (!this.running) {
      const running = this.running = Extractor.load({ model: result.model, workers: 1 })
      running.catch(() => { if (this.running === running) this.running = null })
    }
    return this.running
  }

  /** Ends what runs. */
  stop () {
    this.running?.then((extractor) => extractor.dispose(), () => {})
    this.running = null
  }

  /** Forgets all. */
  clear () {
    this.turn++
    this.made = []
    this.out = new Set()
    this.options = { head: 'softmax', folds: 5, seed: 0 }
    this.take(null)
  }

  /** @returns {Stored} */
  stored () {
    const { result } = this
    const at = new Map(result?.labels.map((label, i) => [label, i]))
    const keys = result ? [...result.told.keys()] : []
    return {
      classes: this.made,
      out: [...this.out],
      options: this.options,
      result: result && {
        model: result.model,
        name: result.name,
        choice: result.choice,
        labels: result.labels,
        keys,
        told: keys.map((key) => at.get(result.told.get(key)?.label ?? '') ?? -1),
        score: keys.map((key) => result.told.get(key)?.score ?? 0),
        learned: keys.map((key) => at.get(result.learned.get(key) ?? '') ?? -1),
        options: result.options,
        report: result.report
      }
    }
  }

  /** @param {Stored|null} stored null: there is none */
  restore (stored) {
    if (!stored) {
      this.clear()
      return
    }
    this.turn++
    const { classes, out, options, result } = stored
    this.made = classes
    this.out = new Set(out)
    this.options = options
    if (!result) {
      this.take(null)
      return
    }
    const { keys, told, score, learned, labels, ...rest } = result
    this.take({
      ...rest,
      labels,
      told: new Map(keys.flatMap((key, i) => (told[i] < 0 ? [] : [[key, { label: labels[told[i]], score: score[i] }]]))),
      learned: new Map(keys.flatMap((key, i) => (learned[i] < 0 ? [] : [[key, labels[learned[i]]]])))
    })
  }

  /**
   * What is taken home of it.
   * @returns {import("../home/gather.js").Taught|null}
   */
  home () {
    const { result } = this
    if (!result) return null
    const { measured } = result.report
    const items = this.page.collection.done()
    const found = (/** @type {Map<string, any>} */ map) => new Map(items.flatMap((item) => (map.has(item.key) ? [[item, map.get(item.key)]] : [])))
    return {
      labels: found(result.learned),
      told: found(result.told),
      ...measured ? { confusion: { classes: result.labels, counts: measured.confusion, accuracy: measured.accuracy, folds: measured.folds, head: result.options.head ?? 'softmax' } } : {},
      model: { name: `${result.name}.safetensors`, blob: result.model }
    }
  }
}
