import { element, formatScore } from '../dom.js'
import { words } from '../words.js'
import { heated, paint } from './heat.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../../lib/extractor.js").Explanation} Explanation */

const w = words.inside

/** Pairs of places that are joined by lines. */
const pairs = 8

/** Why two pictures are alike: the parts of both, which sum to the score. */
export class WhyPanel {
  /**
   * @param {Page} page
   * @param {() => Item|null} picture
   */
  constructor (page, picture) {
    this.page = page
    this.picture = picture
    this.asked = ''
    this.a = heated('')
    this.b = heated('')
    this.lines = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    this.lines.setAttribute('class', 'why-lines')
    this.lines.setAttribute('aria-hidden', 'true')
    this.captions = [element('figcaption'), element('figcaption')]
    this.sum = element('div', { className: 'sum', attributes: { role: 'status' } })
    this.others = element('div', { className: 'places' })
    this.stage = element('div', { className: 'why-stage' },
      element('figure', {}, this.a.box, this.captions[0]), element('figure', {}, this.b.box, this.captions[1]), this.lines)
    this.full = element('div', {}, this.sum, this.stage, element('p', { className: 'help', textContent: w.whyHelp }))
    this.none = element('p', { className: 'help', textContent: w.whyNone })
    this.box = element('div', { className: 'look' }, this.full, this.none, element('h2', { textContent: w.whyOthers }), this.others)
    new ResizeObserver(() => this.draw()).observe(this.stage)
  }

  /** @param {URLSearchParams} params */
  async show (params) {
    const { page } = this
    const a = this.picture()
    if (!a?.file || !a.vector) return
    await this.offer(a)
    const b = page.collection.byKey.get(params.get('with') ?? '') ?? this.nearest ?? null
    const pool = page.engine.plainPool
    this.none.textContent = pool ? w.whyNone : w.whyGeneralised
    this.full.hidden = !b?.file || !pool
    this.none.hidden = !this.full.hidden
    if (!b?.file || !pool) return
    const { layer, resize } = page.engine.choice
    const asked = [a.key, b.key, page.engine.choice.model, layer, pool, resize].join('\n')
    if (asked === this.asked) return
    this.asked = asked
    const extractor = await page.engine.ready()
    const how = { layer, pool, resize: resize || undefined, strongest: pairs }
    const [result, seenA, seenB] = await Promise.all([extractor.explain(a.file, b.file, how), extractor.seen(a.file, how), extractor.seen(b.file, how)])
    if (this.asked !== asked) return
    this.result = result
    this.a.show(seenA)
    this.b.show(seenB)
    this.a.image.alt = a.name
    this.b.image.alt = b.name
    this.captions[0].textContent = a.name.replace(/^.*\//, '')
    this.captions[1].textContent = b.name.replace(/^.*\//, '')
    this.tell(result)
    const [h, wide] = result.shape
    const most = Math.max(...result.a, ...result.b, 1e-9)
    paint(this.a.canvas, result.a, wide, h, { most })
    paint(this.b.canvas, result.b, wide, h, { most })
    this.draw()
  }

  /** @param {Explanation} result */
  tell (result) {
    const total = (/** @type {Float64Array} */ parts) => parts.reduce((sum, x) => sum + x, 0)
    this.sum.replaceChildren(
      element('strong', { textContent: `${w.score} ${result.score.toFixed(4)}` }),
      element('span', { textContent: w.pairsSum(result.strongest.length, result.strongest.reduce((sum, { part }) => sum + part, 0), result.score) }),
      element('span', { textContent: w.sums(result.a.length, total(result.a).toFixed(4), total(result.b).toFixed(4)) }))
  }

  /** Lines between the pairs of places that add most. */
  draw () {
    const { result, stage } = this
    if (!result || this.full.hidden) return
    const outer = stage.getBoundingClientRect()
    const [a, b] = [this.a.box.getBoundingClientRect(), this.b.box.getBoundingClientRect()]
    if (outer.width === 0) return
    this.lines.setAttribute('viewBox', `0 0 ${outer.width} ${outer.height}`)
    const [, columns] = result.grid
    const [h, wide] = result.shape
    const centre = (/** @type {DOMRect} */ box, /** @type {number} */ cell) => {
      const y = Math.min((Math.floor(cell / columns) + 0.5) * result.step / h, 1)
      const x = Math.min((cell % columns + 0.5) * result.step / wide, 1)
      return [box.left - outer.left + x * box.width, box.top - outer.top + y * box.height]
    }
    const most = result.strongest[0]?.part ?? 1
    this.lines.replaceChildren(...result.strongest.filter(({ part }) => part > 0).map(({ a: from, b: to, part }) => {
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'line')
      const [x1, y1] = centre(a, from)
      const [x2, y2] = centre(b, to)
      for (const [name, value] of Object.entries({ x1, y1, x2, y2, 'stroke-width': 1 + 3 * part / most, 'stroke-opacity': 0.35 + 0.65 * part / most })) line.setAttribute(name, String(value))
      return line
    }))
  }

  /**
   * The pictures most like one, to be chosen from.
   * @param {Item} item
   */
  async offer (item) {
    const { page } = this
    const { analysis, items, version } = await page.vectors.ready()
    if (this.offered === `${item.key} ${version}`) return
    this.offered = `${item.key} ${version}`
    const near = await analysis.nearest(/** @type {Float32Array} */ (item.vector), Math.min(13, items.length))
    const others = near.map(({ index, score }) => ({ item: items[index], score })).filter((n) => n.item !== item).slice(0, 12)
    /** @type {Item|undefined} */
    this.nearest = others[0]?.item
    this.others.replaceChildren(...others.map((n) => element('button', { type: 'button', className: 'bare small-picture', title: n.item.name, aria: { label: `${n.item.name}, ${formatScore(n.score)}` }, on: { click: () => page.route.set({ with: n.item.key }) } },
      page.thumbs.image(n.item, ''), element('small', {}, formatScore(n.score)))))
  }
}
