import { Analysis } from '../../likeness.js'
import { element, formatScore, notice } from '../dom.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { layerChoices } from './choices.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {{layer: string, pool: 'avg'|'max'|'flatten'}} Take */

const w = words.inside

/** Pictures that are read for it at most: each is read once for both sides. */
const most = 3000
/** Neighbours that are compared. */
const near = 10

/** Two layers or poolings side by side. */
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
    /** @type {[HTMLSelectElement, HTMLSelectElement][]} */
    this.fields = [0, 1].map(() => [element('select'), element('select', {}, ...Object.entries(w.pools).map(([value, text]) => element('option', { value }, text)))])
    this.go = element('button', { type: 'button', className: 'button primary', on: { click: () => void this.run() } }, w.compare)
    this.figures = element('div', { className: 'figures', attributes: { role: 'status' } })
    this.sides = element('div', { className: 'pair' })
    this.box = element('div', { className: 'look' }, element('p', { textContent: w.compareIntro }),
      element('div', { className: 'tools' }, ...this.fields.map(([layer, pool], i) => element('label', { className: 'setting' }, w.side[i], layer, pool)), this.go),
      this.task.box, this.figures, this.sides)
  }

  /** @param {URLSearchParams} params */
  async show (params) {
    const extractor = await this.page.engine.ready()
    const { choice } = this.page.engine
    const wanted = [[params.get('layer') || choice.layer, params.get('pool') ?? 'avg'], [params.get('layer2') || extractor.layers[Math.floor(extractor.layers.length / 2)].name, params.get('pool2') ?? 'avg']]
    this.fields.forEach(([layer, pool], i) => {
      if (layer.options.length !== extractor.layers.length) layer.replaceChildren(...layerChoices(extractor.layers))
      layer.value = wanted[i][0]
      pool.value = wanted[i][1]
    })
    this.neighbours()
  }

  async run () {
    const { page } = this
    const takes = /** @type {[Take, Take]} */ (this.fields.map(([layer, pool]) => ({ layer: layer.value, pool: /** @type {Take['pool']} */ (pool.value) })))
    page.route.set({ layer: takes[0].layer, pool: takes[0].pool, layer2: takes[1].layer, pool2: takes[1].pool }, { replace: true })
    const extractor = await page.engine.ready()
    const items = page.collection.items.filter((item) => item.file).slice(0, most)
    try {
      const figures = await this.task.run(w.comparing, async ({ signal, onProgress }) => {
        /** @type {Float32Array[]} */
        const left = []
        /** @type {Float32Array[]} */
        const right = []
        /** @type {Item[]} */
        const kept = []
        let done = 0
        for await (const { index, vectors } of extractor.extractAll(items.map((item) => /** @type {Blob} */ (item.file)), { layers: takes, signal })) {
          onProgress({ done: 0.8 * ++done / items.length })
          if (!vectors) continue
          left.push(vectors[0])
          right.push(vectors[1])
          kept.push(items[index])
        }
        this.read = { left, right, items: kept, takes }
        return measure(this.read, (/** @type {Float32Array[]} */ v, /** @type {number[]} */ l) => extractor.evaluate(v, l), signal)
      })
      if (!figures) return
      this.figures.replaceChildren(...this.table(figures))
      this.neighbours()
    } catch (error) {
      notice('inside', 'bad', w.failed(error instanceof Error ? error.message : String(error)))
    }
  }

  /** @param {Awaited<ReturnType<typeof measure>>} f */
  table (f) {
    const percent = (/** @type {number} */ x) => `${Math.round(100 * x)} %`
    const parts = [element('p', {}, element('strong', {}, `${w.agreement} ${percent(f.agreement)}`), ` ${w.agreementText(near)}`)]
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
    this.sides.replaceChildren(...lists.map((list, i) => element('section', {}, element('h2', {}, `${w.side[i]}: ${read.takes[i].layer}, ${w.pools[read.takes[i].pool]}`),
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
  const k = Math.min(near, items.length - 1)
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
  return { agreement: items.length > 1 ? same / (items.length * k) : 1, quality, labels: names.length }
}
