import { button, element, formatBytes, formatScore, notice } from '../dom.js'
import { save } from '../save.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { findTurned } from './turned.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** One picture that is there more than once, the best first; turned says how some differ from the first of the vectors;
 * keep are those that stay.
 * @typedef {{items: Item[], cosines: Map<Item, number>, turned: Map<Item, string>, keep: Set<Item>}} Twins */

const w = words.twins

/** Sets of twins shown at a time. */
const step = 40

/** Pictures that are there more than once. */
export class TwinsPanel {
  /** @param {Page} page */
  constructor (page) {
    this.page = page
    this.visible = false
    this.task = new Task()
    /** What was looked for last. */
    this.asked = ''
    /** @type {Twins[]} */
    this.sets = []
    this.shown = step
    this.value = element('output', { className: 'value' })
    this.range = element('input', { type: 'range', id: 'twins-threshold', min: '0.6', max: '1', step: '0.01', value: '0.8', on: { input: () => this.tell(), change: () => page.route.set({ threshold: this.range.value }, { replace: true }) } })
    this.state = element('p', { id: 'twins-state', attributes: { role: 'status' } })
    this.actions = element('div', { className: 'row', hidden: true })
    this.list = element('div', { className: 'twins' })
    this.box = element('div', { hidden: true },
      element('div', { className: 'tools' }, element('label', { className: 'setting' }, w.threshold, this.range, this.value)),
      this.task.box, this.state, this.actions, element('p', { className: 'help', textContent: w.about }), this.list)
    page.embedder.addEventListener('end', () => { if (this.visible) void this.look() })
    page.collection.addEventListener('change', () => { if (this.visible) void this.look() })
  }

  /** @param {URLSearchParams} params */
  show (params) {
    this.visible = true
    const threshold = Number(params.get('threshold') ?? 0.8)
    this.range.value = String(threshold >= 0.6 && threshold <= 1 ? threshold : 0.8)
    this.tell()
    return this.look()
  }

  hide () {
    this.visible = false
    this.task.cancel()
  }

  tell () {
    this.value.textContent = Number(this.range.value).toFixed(2)
  }

  async look () {
    const { page } = this
    const asked = `${page.collection.version} ${this.range.value}`
    if (asked === this.asked) return
    this.asked = asked
    try {
      const { analysis, items } = await page.vectors.ready()
      const found = await this.task.run(w.looking, (hooks) => analysis.twins({ threshold: Number(this.range.value) }, hooks))
      if (!found) {
        this.asked = ''
        return
      }
      this.sets = found.map(({ members, cosines }) => setOf(Array.from(members, (i) => items[i]), cosines))
      this.shown = step
      this.fill()
      await this.addTurned(analysis, items)
    } catch (error) {
      this.asked = ''
      notice('twins', 'bad', w.failed(error instanceof Error ? error.message : String(error)))
    }
  }

  /**
   * Adds copies that were turned or mirrored, to the sets that are there or as
   * sets of their own. What was chosen meanwhile stays.
   * @param {import("../../lib/analysis.js").Analysis} analysis
   * @param {Item[]} items
   */
  async addTurned (analysis, items) {
    const { asked, page } = this
    const setOfItem = new Map(this.sets.flatMap((set, i) => set.items.map((item) => /** @type {const} */ ([item, i]))))
    const turned = await this.task.run(w.turning, (hooks) => findTurned(page, analysis, items, Int32Array.from(items, (item) => setOfItem.get(item) ?? -1), hooks))
    if (!turned || turned.length === 0 || this.asked !== asked) return
    for (const { a, b, quarters, mirrored } of turned) {
      const back = this.sets.some(({ items }) => items.includes(b))
      const [known, other] = back ? [b, a] : [a, b]
      let set = this.sets.find(({ items }) => items.includes(known))
      if (set?.items.includes(other)) continue
      if (!set) this.sets.push(set = setOf([known], Float32Array.of(1)))
      set.items.push(other)
      set.cosines.set(other, cosine(known, other))
      set.turned.set(other, w.turned(back && !mirrored ? (4 - quarters) % 4 : quarters, mirrored))
    }
    this.fill()
  }

  /** The pictures that are not kept. */
  others () {
    return this.sets.flatMap(({ items, keep }) => items.filter((item) => !keep.has(item)))
  }

  fill () {
    this.list.replaceChildren(...this.sets.slice(0, this.shown).map((set) => this.row(set)))
    if (this.sets.length > this.shown) this.list.append(button(w.more(this.sets.length - this.shown), () => { this.shown += step; this.fill() }))
    this.count()
  }

  count () {
    const others = this.others()
    this.state.textContent = w.found(this.sets.length, others.length)
    this.actions.hidden = others.length === 0
    this.actions.replaceChildren(
      button(w.select(others.length), () => this.page.selection.set(others)),
      button(w.save, () => save('twins.txt', others.map(({ name }) => `${name}\n`).join(''))),
      button(w.remove, () => this.page.remove(others)))
  }

  /** @param {Twins} set */
  row (set) {
    const [first] = set.items
    return element('section', { className: 'twin-set', attributes: { role: 'group' }, aria: { label: first.name } }, ...set.items.map((item) => {
      const keep = element('input', { type: 'checkbox', checked: set.keep.has(item), on: { change: () => {
        if (keep.checked) set.keep.add(item)
        else set.keep.delete(item)
        card.classList.toggle('kept', keep.checked)
        this.count()
      } } })
      const facts = [w.size(item.width, item.height), item.bytes ? formatBytes(item.bytes) : '', item.date ? new Date(item.date).toLocaleDateString('en') : ''].filter(Boolean).join(' · ')
      const card = element('article', { className: `twin${set.keep.has(item) ? ' kept' : ''}` },
        element('button', { type: 'button', className: 'bare', aria: { label: `View ${item.name}` }, on: { click: () => this.page.viewer.open(item) } }, this.page.thumbs.image(item, '')),
        element('strong', { textContent: item.name.replace(/^.*\//, ''), title: item.name }),
        element('small', { textContent: facts }),
        element('small', { textContent: item === first ? w.first : set.turned.get(item) ?? `${words.frame.likeness} ${formatScore(set.cosines.get(item) ?? 0)}` }),
        element('label', {}, keep, ` ${w.keep}`))
      return card
    }))
  }
}

/**
 * The best comes first: most pixels, then most bytes, then the oldest.
 * @param {Item[]} members the first is what the cosines are with
 * @param {Float32Array} cosines
 * @returns {Twins}
 */
function setOf (members, cosines) {
  const known = new Map(members.map((item, i) => [item, cosines[i]]))
  const items = [...members].sort((a, b) => b.width * b.height - a.width * a.height || b.bytes - a.bytes || a.date - b.date)
  return { items, cosines: known, turned: new Map(), keep: new Set([items[0]]) }
}

/**
 * @param {Item} a
 * @param {Item} b
 */
function cosine (a, b) {
  let sum = 0
  a.vector?.forEach((x, k) => { sum += x * (b.vector?.[k] ?? 0) })
  return sum
}
