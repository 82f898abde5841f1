import { Analysis } from '../../likeness.js'
import { element, formatScore, notice } from '../dom.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { layerChoices } from './choices.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../../lib/extractor.js").Extractor} Extractor */
/** @typedef {{model: string, layer: string, pool: 'avg'|'max'|'flatten'}} Take */

const w = words.inside

/** Pictures that are read for it at most: each is read once for both sides. */
const most = 3000
/** Neighbours that are compared. */
const near = 10

/** Two layers, poolings or models side by side. */
export class ComparePanel {
  /**
   * @param {Page} page
   * @param {() => Item|null} picture
   */
  constructor (page, picture) {
    this.page = page
    this.picture = picture
    this.task = new Task()
    /** @type {{left: Float32Array[], right: Float32Array[], items: Item[], takes: [Take, Take]}|null} */
    this.read = null
    /** Models other than the page's, by name. @type {Map<string, Promise<Extractor>>} */
    this.others = new Map()
    /** Model, layer and pooling of each side. @type {[HTMLSelectElement, HTMLSelectElement, HTMLSelectElement][]} */
    this.fields = [0, 1].map((side) => [element('select', { hidden: true, on: { change: () => void this.offer(side) } }), element('select'), element('select', {}, ...Object.entries(w.pools).map(([value, text]) => element('option', { value }, text)))])
    this.go = element('button', { type: 'button', className: 'button primary', on: { click: () => void this.run() } }, w.compare)
    this.figures = element('div', { className: 'figures', attributes: { role: 'status' } })
    this.sides = element('div', { className: 'pair' })
    this.box = element('div', { className: 'look' }, element('p', { textContent: w.compareIntro }),
      element('div', { className: 'tools' }, ...this.fields.map((selects, i) => element('fieldset', { className: 'setting' }, element('legend', {}, w.side[i]), ...selects)), this.go),
      this.task.box, this.figures, this.sides)
  }

  /** @param {URLSearchParams} params */
  async show (params) {
    const { engine } = this.page
    const extractor = await engine.ready()
    const { choice, models } = engine
    const middle = extractor.layers[Math.floor(extractor.layers.length / 2)].name
    const wanted = ['', '2'].map((n) => [params.get(`model${n}`) || choice.model, params.get(`layer${n}`) || (n ? '' : choice.layer), params.get(`pool${n}`) || 'avg'])
    for (const [side, [model, layer, pool]] of this.fields.entries()) {
      if (model.options.length !== models.length) model.replaceChildren(...models.map(({ name, title }) => element('option', { value: name }, title)))
      model.hidden = models.length < 2
      model.value = models.some(({ name }) => name === wanted[side][0]) ? wanted[side][0] : choice.model
      await this.offer(side, wanted[side][1] || (model.value === choice.model ? middle : ''))
      layer.setAttribute('aria-label', `${w.side[side]}: ${w.layer}`)
      model.setAttribute('aria-label', `${w.side[side]}: ${w.model}`)
      pool.setAttribute('aria-label', `${w.side[side]}: ${w.pooling}`)
      pool.value = wanted[side][2]
    }
    this.neighbours()
  }

  /** Lets go of what was loaded for it. */
  hide () {
    this.task.cancel()
    for (const other of this.others.values()) void other.then((extractor) => extractor.dispose(), () => {})
    this.others.clear()
  }

  /**
   * The layers of a side's model.
   * @param {number} side
   * @param {string} [wanted]
   */
  async offer (side, wanted = '') {
    const [model, layer] = this.fields[side]
    const { layers, info } = await this.extractor(model.value)
    if (layer.dataset.model !== model.value) {
      layer.replaceChildren(...layerChoices(layers))
      layer.dataset.model = model.value
      layer.value = info.defaultLayer
    }
    if (layers.some(({ name }) => name === wanted)) layer.value = wanted
  }

  /**
   * @param {string} name of a model
   * @returns {Promise<Extractor>}
   */
  extractor (name) {
    const { engine } = this.page
    if (name === engine.choice.model) return engine.ready()
    const made = this.others.get(name) ?? engine.beside(name)
    this.others.set(name, made)
    made.catch(() => this.others.delete(name))
    return made
  }

  async run () {
    const { page } = this
    const takes = /** @type {[Take, Take]} */ (this.fields.map(([model, layer, pool]) => ({ model: model.value, layer: layer.value, pool: /** @type {Take['pool']} */ (pool.value) })))
    page.route.set({ model: takes[0].model, layer: takes[0].layer, pool: takes[0].pool, model2: takes[1].model, layer2: takes[1].layer, pool2: takes[1].pool }, { replace: true })
    const items = page.collection.items.filter((item) => item.file).slice(0, most)
    try {
      const figures = await this.task.run(w.comparing, async ({ signal, onProgress }) => {
        const [left, right] = await this.readBoth(items, takes, signal, (done) => onProgress({ done: 0.8 * done }))
        const kept = items.filter((item) => left.has(item) && right.has(item))
        const of = (/** @type {Map<Item, Float32Array>} */ vectors) => kept.map((item) => /** @type {Float32Array} */ (vectors.get(item)))
        this.read = { left: of(left), right: of(right), items: kept, takes }
        const extractor = await page.engine.ready()
        return measure(this.read, (/** @type {Float32Array[]} */ v, /** @type {number[]} */ l) => extractor.evaluate(v, l), signal)
      })
      if (!figures) return
      this.figures.replaceChildren(...this.table(figures))
      this.neighbours()
    } catch (error) {
      notice('inside', 'bad', w.failed(error instanceof Error ? error.message : String(error)))
    }
  }

  /**
   * The vectors of both sides; those of one model are of one run.
   * @param {Item[]} items
   * @param {[Take, Take]} takes
   * @param {AbortSignal} signal
   * @param {(done: number) => void} onDone
   */
  async readBoth (items, takes, signal, onDone) {
    const files = items.map((item) => /** @type {Blob} */ (item.file))
    const found = [new Map(), new Map()]
    const runs = takes[0].model === takes[1].model ? [[0, 1]] : [[0], [1]]
    let done = 0
    for (const sides of runs) {
      const extractor = await this.extractor(takes[sides[0]].model)
      const layers = sides.map((side) => ({ layer: takes[side].layer, pool: takes[side].pool }))
      for await (const { index, vectors } of extractor.extractAll(files, { layers, signal })) {
        onDone(++done / (items.length * runs.length))
        if (vectors) for (const [at, side] of sides.entries()) found[side].set(items[index], vectors[at])
      }
    }
    return found
  }

  /** @param {Awaited<ReturnType<typeof measure>>} f */
  table (f) {
    const percent = (/** @type {number} */ x) => `${Math.round(100 * x)} %`
    const parts = [element('p', {}, element('strong', {}, `${w.agreement} ${percent(f.agreement)}`), ` ${w.agreementText(f.k)}`)]
    if (f.quality) {
      const [a, b] = f.quality
      /** @type {[string, 'p1'|'p5'|'map'|'knn'][]} */
      const rows = [[w.p1, 'p1'], [w.p5, 'p5'], [w.map, 'map'], [w.knn, 'knn']]
      parts.push(/** @type {any} */ (element('table', { className: 'quality' }, element('tr', {}, element('th', {}, w.labelled(f.labels)), element('th', {}, w.side[0]), element('th', {}, w.side[1])),
        ...rows.map(([name, key]) => element('tr', {}, element('th', {}, name), element('td', {}, percent(a[key])), element('td', {}, percent(b[key])))))))
    } else parts.push(element('p', { className: 'help', textContent: w.noLabels }))
    return parts
  }

  /** The picture's neighbours under both. */
  neighbours () {
    const { read, page } = this
    const item = this.picture()
    const at = read && item ? read.items.indexOf(item) : -1
    if (!read || at < 0) {
      this.sides.replaceChildren()
      return
    }
    const lists = [read.left, read.right].map((vectors) => ranked(vectors, at).slice(0, near))
    const sets = lists.map((list) => new Set(list.map(({ index }) => index)))
    this.sides.replaceChildren(...lists.map((list, i) => element('section', {}, element('h2', {}, `${w.side[i]}: ${read.takes[0].model === read.takes[1].model ? '' : `${read.takes[i].model}, `}${read.takes[i].layer}, ${w.pools[read.takes[i].pool]}`),
      element('div', { className: 'places' }, ...list.map(({ index, score }) => {
        const other = read.items[index]
        const fresh = !sets[1 - i].has(index)
        return element('button', { type: 'button', className: `bare small-picture${fresh ? ' fresh' : ''}`, title: fresh ? w.onlyHere(other.name) : other.name, aria: { label: fresh ? w.onlyHere(other.name) : other.name }, on: { click: () => page.route.set({ of: other.key }) } }, page.thumbs.image(other, ''), element('small', {}, formatScore(score)))
      })))))
  }
}

/**
 * @param {Float32Array[]} vectors of length 1
 * @param {number} at
 */
function ranked (vectors, at) {
  const q = vectors[at]
  return vectors.map((v, index) => {
    let score = 0
    for (let k = 0; k < q.length; k++) score += q[k] * v[k]
    return { index, score }
  }).filter(({ index }) => index !== at).sort((a, b) => b.score - a.score || a.index - b.index)
}

/**
 * @param {{left: Float32Array[], right: Float32Array[], items: Item[]}} read
 * @param {(vectors: Float32Array[], labels: number[]) => Promise<{queries: number, p1: number, p5: number, map: number, knn: number}>} evaluate
 * @param {AbortSignal} signal
 */
async function measure ({ left, right, items }, evaluate, signal) {
  const analysis = await Analysis.start({ signal })
  // Among few pictures the nearest ten would be all of them, and agree whatever the layers are.
  const k = Math.min(near, Math.ceil((items.length - 1) / 2))
  /** @type {Set<number>[][]} */
  const sets = []
  try {
    for (const vectors of [left, right]) {
      const dim = vectors[0].length
      const data = new Float32Array(vectors.length * dim)
      vectors.forEach((v, i) => data.set(v, i * dim))
      await analysis.set(data, dim)
      /** @type {Set<number>[]} */
      const each = []
      for (let i = 0; i < items.length && k > 0; i++) {
        signal.throwIfAborted()
        each.push(new Set((await analysis.nearest(i, k)).map(({ index }) => index)))
      }
      sets.push(each)
    }
  } finally {
    analysis.dispose()
  }
  let same = 0
  sets[0].forEach((set, i) => { for (const j of set) if (sets[1][i].has(j)) same++ })
  const names = [...new Set(items.map(({ label }) => label))].filter(Boolean)
  const number = new Map(names.map((name, i) => [name, i]))
  const labelled = items.flatMap((item, i) => (item.label ? [i] : []))
  const quality = names.length > 1
    ? await Promise.all([left, right].map((vectors) => evaluate(labelled.map((i) => vectors[i]), labelled.map((i) => number.get(items[i].label) ?? 0))))
    : null
  return { agreement: items.length > 1 ? same / (items.length * k) : 1, k, quality, labels: names.length }
}
