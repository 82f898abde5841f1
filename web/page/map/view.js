import { button, element, notice } from '../dom.js'
import { markSelected, sheet } from '../groups/sheet.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { coloursBy, css } from './colours.js'
import { contours } from './contours.js'
import { MapControls } from './controls.js'
import { PictureMap } from './map.js'
import { saveMap } from './save.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../../lib/analysis.js").VectorMap} VectorMap */

const w = words.map

/** Pictures that may be placed on a map before it is laid out anew: so many, or this share of it. */
const few = 20
const share = 0.2

/** The collection as a map. */
export class MapView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'map'
    this.page = page
    this.visible = false
    /** What is shown, and what is being made: collection and parameters in one word. */
    this.drawn = ''
    this.task = new Task()
    /** @type {{map: VectorMap, items: Item[]}|null} */
    this.made = null
    const act = { lasso: () => this.setLasso(!this.map.lassoing), anew: () => this.anew(), save: (/** @type {'csv'|'svg'|'png'} */ kind) => this.save(kind) }
    this.controls = new MapControls(page, this.task, act)
    this.map = new PictureMap(page.thumbs, page.selection)
    this.map.addEventListener('choose', (event) => page.findSimilar(/** @type {CustomEvent<Item>} */ (event).detail))
    page.search.addEventListener('change', () => {
      this.mark()
      if (this.page.route.get('colour') === 'score') this.colour()
    })
    page.collection.addEventListener('change', () => {
      this.fill()
      this.mark()
      if (!this.visible) return
      void this.draw()
      this.colour()
    })
    page.collection.addEventListener('details', () => { if (this.visible) this.colour() })
    page.selection.addEventListener('change', () => { if (this.visible) this.selected() })
    page.embedder.addEventListener('end', () => { if (this.visible) void this.draw() })
    this.fill()
  }

  /** @param {URLSearchParams} params */
  show (params) {
    this.visible = true
    this.controls.method.value = this.choice().method
    this.controls.dims.value = String(this.choice().dims)
    this.controls.colourBy.value = params.get('colour') ?? ''
    this.controls.density.checked = params.get('density') === '1'
    for (const [name, field] of Object.entries(this.controls.numbers)) field.value = params.get(name) ?? ''
    const { method } = this.choice()
    this.controls.fields.perplexity.hidden = method !== 'tsne'
    this.controls.fields.neighbours.hidden = this.controls.fields.minDist.hidden = method !== 'umap'
    this.controls.fields.seed.hidden = method === 'pca'
    this.map.resize()
    void this.draw()
    this.colour()
    this.contour()
    this.selected()
  }

  hide () {
    this.visible = false
    this.task.cancel()
    this.setLasso(false)
  }

  /** What the address asks for. */
  choice () {
    const { route } = this.page
    const number = (/** @type {string} */ name, /** @type {number} */ least, /** @type {number} */ most) => {
      const value = Number(route.get(name))
      return route.get(name) !== '' && value >= least && value <= most ? value : undefined
    }
    const asked = route.get('method')
    const method = /** @type {'umap'|'tsne'|'pca'} */ (asked in w.methods ? asked : 'umap')
    return {
      method,
      dims: /** @type {2|3} */ (route.get('dims') === '3' ? 3 : 2),
      seed: method === 'pca' ? undefined : number('seed', 0, 1e9),
      perplexity: method === 'tsne' ? number('perplexity', 1, 333) : undefined,
      neighbours: method === 'umap' ? number('neighbours', 2, 1000) : undefined,
      minDist: method === 'umap' ? number('minDist', 0, 1) : undefined
    }
  }

  /** Shows what the view is for where there are no pictures. */
  fill () {
    const any = this.page.collection.items.length > 0
    this.controls.full.hidden = !any
    this.controls.empty.hidden = any
    if (!any) this.map.forget()
  }

  mark () {
    const { search } = this.page
    // Strangers are no part of the answer.
    this.map.mark(search.order.slice(0, search.near), search.query?.item ?? null)
  }

  /** Makes the map that the address asks for, shown as it moves. */
  async draw () {
    const { collection, vectors } = this.page
    if (!this.visible) return
    const done = collection.done().length
    if (done < 3) {
      this.map.empty(w.tooFew)
      this.controls.explained.textContent = ''
      this.drawn = ''
      return
    }
    const choice = this.choice()
    if (done < 16) choice.method = 'pca'
    const wanted = JSON.stringify([collection.version, choice])
    if (wanted === this.drawn) return
    this.drawn = wanted
    if (this.map.points.length === 0) this.map.empty(w.laying(done))
    try {
      if (await this.again(choice)) return
      const { analysis, items } = await vectors.ready()
      if (this.drawn !== wanted) return
      const { dims } = choice
      const map = await this.task.run(w.laying(done), (hooks) => analysis.map(choice, {
        ...hooks,
        onFrame: (coords) => { if (this.drawn === wanted) this.map.show(items, coords, dims) }
      }))
      if (!map) {
        if (this.drawn === wanted) this.drawn = ''
        return
      }
      if (this.drawn !== wanted) return
      collection.setLaid({ asked: this.asked(choice), keys: items.map(({ key }) => key), map, placed: 0 })
      this.take(map, items)
    } catch (error) {
      this.drawn = ''
      const why = error instanceof Error ? error.message : String(error)
      if (this.map.points.length === 0) this.map.empty(w.failed(why))
      else notice('map', 'bad', w.failed(why))
    }
  }

  /**
   * Whether the map that is there will do: what has come since is placed on it,
   * and what was removed leaves it, without moving the others.
   * @param {ReturnType<MapView["choice"]>} choice
   */
  async again (choice) {
    const { collection, vectors } = this.page
    const { laid } = collection
    if (laid?.asked !== this.asked(choice)) return false
    const rows = new Map(laid.keys.map((key, i) => [key, i]))
    const fresh = collection.done().filter(({ key }) => !rows.has(key))
    if (fresh.length + laid.placed > Math.max(few, laid.keys.length * share)) return false
    if (fresh.length > 0) {
      const { analysis, items } = await vectors.ready()
      const places = new Map(items.map(({ key }, i) => [key, i]))
      const on = laid.keys.flatMap((key, row) => (places.has(key) ? [row] : []))
      if (on.length < 16) return false
      const coords = await this.task.run(w.placing(fresh.length), ({ signal }) => analysis.place({ ...laid.map, coords: rowsOf(laid.map, on) },
        { on: on.map((row) => places.get(laid.keys[row]) ?? 0), fresh: fresh.map(({ key }) => places.get(key) ?? 0), signal }))
      if (!coords) return true
      const all = new Float32Array(laid.map.coords.length + coords.length)
      all.set(laid.map.coords)
      all.set(coords, laid.map.coords.length)
      collection.setLaid({ ...laid, keys: laid.keys.concat(fresh.map(({ key }) => key)), map: { ...laid.map, coords: all }, placed: laid.placed + fresh.length })
    }
    const now = /** @type {import("../collection.js").Laid} */ (collection.laid)
    const shown = now.keys.flatMap((key, row) => (collection.byKey.get(key)?.vector ? [row] : []))
    this.take({ ...now.map, coords: rowsOf(now.map, shown) }, shown.map((row) => /** @type {Item} */ (collection.byKey.get(now.keys[row]))))
    return true
  }

  /**
   * What a map is of, in one word.
   * @param {ReturnType<MapView["choice"]>} choice
   */
  asked (choice) {
    return JSON.stringify([choice, this.page.engine.choice])
  }

  /** Lays the map out again, with all that has been placed on it since. */
  anew () {
    this.page.collection.laid = null
    this.drawn = ''
    void this.draw()
  }

  /**
   * Shows a finished map.
   * @param {VectorMap} map
   * @param {Item[]} items
   */
  take (map, items) {
    const { dims } = map
    this.made = { map, items }
    this.map.show(items, map.coords, dims)
    this.controls.explained.textContent = map.method === 'pca' ? w.explained(map.explained.reduce((sum, part) => sum + part, 0), dims) : w.explainedBy(w.methods[map.method])
    this.controls.anew.hidden = !this.page.collection.laid?.placed
    this.contour()
  }

  colour () {
    const colours = coloursBy(this.page, this.page.route.get('colour'), w)
    this.map.colours = colours
    this.controls.legend.hidden = colours.legend.length === 0
    this.controls.legend.replaceChildren(...colours.legend.map(({ text, colour }) => element('li', {}, element('i', { style: { background: css(colour) } }), text)))
    this.map.schedule()
  }

  contour () {
    this.map.lines = this.controls.density.checked && this.map.space.dims === 2 ? contours(this.map.points) : []
    this.map.schedule()
  }

  /** @param {boolean} on */
  setLasso (on) {
    this.map.lassoing = on
    this.controls.lasso.setAttribute('aria-pressed', String(on))
    this.map.canvas.classList.toggle('lassoing', on)
  }

  /** The list of what is selected. */
  selected () {
    const { selection } = this.page
    const items = [...selection.items]
    this.controls.chosen.hidden = items.length === 0
    this.map.schedule()
    if (items.length === 0) {
      this.controls.chosen.replaceChildren()
      return
    }
    this.controls.chosen.replaceChildren(element('header', {}, element('h2', { textContent: w.selectedCount(items.length) }), element('span', { className: 'spring' }),
      button(w.clearSelection, () => selection.clear()), button(w.remove, () => this.page.remove(items))),
    sheet(this.page, items, { label: w.selected, all: w.all }))
    markSelected(this.page, this.controls.chosen)
  }

  /** @param {'csv'|'svg'|'png'} kind */
  save (kind) {
    if (this.made) saveMap(kind, this.made.items, this.made.map, this.map)
  }
}

/**
 * Some of a map's coordinates.
 * @param {VectorMap} map
 * @param {number[]} rows
 */
function rowsOf ({ coords, dims }, rows) {
  const out = new Float32Array(rows.length * dims)
  rows.forEach((row, i) => { for (let k = 0; k < dims; k++) out[i * dims + k] = coords[row * dims + k] })
  return out
}
