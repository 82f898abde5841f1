import { element } from '../dom.js'
import { words } from '../words.js'
import { channel } from './layers.js'
import { strip } from './heat.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */

const w = words.inside

/** Strongest channels that are told of. */
const strongest = 5
/** Rows and columns of the grid of numbers. */
const most = 8

/** Feature map, flattened and pooled vector, on the same numbers. */
export class NumbersPanel {
  /**
   * @param {Page} page
   * @param {() => Item|null} picture
   */
  constructor (page, picture) {
    this.page = page
    this.picture = picture
    this.asked = ''
    this.box = element('div', { className: 'look numbers' })
  }

  /** @param {URLSearchParams} params */
  async show (params) {
    const item = this.picture()
    if (!item?.file) return
    const { engine } = this.page
    const extractor = await engine.ready()
    const layer = params.get('layer') || engine.choice.layer
    const asked = `${item.key} ${layer} ${params.get('channel')} ${engine.choice.model} ${this.page.collection.version}`
    if (asked === this.asked) return
    this.asked = asked
    const map = await extractor.featureMap(item.file, { layer })
    if (this.asked !== asked) return
    const [h, wide, c] = map.shape
    const pooled = Float64Array.from({ length: c }, (_, k) => channel(map, k).reduce((sum, x) => sum + x, 0) / (h * wide))
    const order = Array.from(pooled.keys()).sort((x, y) => pooled[y] - pooled[x])
    const k = params.get('channel') ? Math.min(Number(params.get('channel')), c - 1) : order[0]
    const values = channel(map, k)
    const places = h * wide
    const table = element('table', { className: 'grid-numbers' }, element('caption', { textContent: w.mapCaption(k, h, wide) }),
      ...Array.from({ length: Math.min(h, most) }, (_, y) => element('tr', {}, ...Array.from({ length: Math.min(wide, most) }, (_, x) => element('td', { textContent: values[y * wide + x].toFixed(2), title: w.at(y, x) })))))
    this.box.replaceChildren(
      element('p', { textContent: w.numbersIntro }),
      element('section', {}, element('h2', { textContent: w.mapTitle(h, wide, c) }), element('p', { textContent: w.mapText(places, c) }), table,
        h > most || wide > most ? element('p', { className: 'help', textContent: w.corner(most) }) : null),
      element('section', {}, element('h2', { textContent: w.flatTitle(places * c) }), element('p', { textContent: w.flatText }),
        element('p', { className: 'formula', textContent: w.flatRule(0, Math.min(1, wide - 1), wide, c, k, values[Math.min(1, wide - 1)].toFixed(2)) })),
      element('section', {}, element('h2', { textContent: w.poolTitle(c) }), element('p', { textContent: w.poolText(places) }),
        element('p', { className: 'formula', textContent: w.poolRule(k, places, values.reduce((sum, x) => sum + x, 0).toFixed(2), pooled[k].toFixed(4)) }),
        strip(pooled, w.vectorOf(c)), element('p', { className: 'help', textContent: w.poolAfter })),
      element('section', {}, element('h2', { textContent: w.strongTitle }), element('p', { className: 'help', textContent: w.strongText }), ...order.slice(0, strongest).map((n) => this.tops(n, pooled[n]))))
  }

  /**
   * The pictures of the collection in which a channel is strongest.
   * @param {number} k
   * @param {number} value
   */
  tops (k, value) {
    const { page } = this
    const { choice } = page.engine
    const fits = choice.pool === 'avg' && choice.layer === (page.route.get('layer') || choice.layer)
    const best = fits ? page.collection.done().map((item) => ({ item, x: item.vector?.[k] ?? 0 })).sort((x, y) => y.x - x.x).slice(0, 8) : []
    return element('div', { className: 'top-channel' },
      element('button', { type: 'button', className: 'button small', on: { click: () => page.route.set({ channel: k }, { replace: true }) } }, `${w.channel(k)}: ${value.toFixed(2)}`),
      fits ? null : element('p', { className: 'help', textContent: w.strongElsewhere }),
      element('div', { className: 'places' }, ...best.map(({ item }) => element('button', { type: 'button', className: 'bare small-picture', title: item.name, aria: { label: item.name }, on: { click: () => page.route.set({ of: item.key }) } }, page.thumbs.image(item, '')))))
  }
}
