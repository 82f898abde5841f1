import { element, icon } from '../dom.js'
import { words } from '../words.js'
import { PictureMap } from './map.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */

/** The collection as a map. */
export class MapView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'map'
    this.page = page
    /** Version of the collection that is shown. */
    this.drawn = -1
    this.visible = false
    this.box = build(page)
    this.map = new PictureMap(page.thumbs)
    this.map.addEventListener('choose', (event) => page.findSimilar(/** @type {CustomEvent<Item>} */ (event).detail))
    page.search.addEventListener('change', () => this.mark())
    page.collection.addEventListener('change', () => {
      this.fill()
      this.mark()
    })
    page.embedder.addEventListener('end', () => {
      this.map.forget()
      void this.draw()
    })
    this.fill()
  }

  show () {
    this.visible = true
    this.map.resize()
    void this.draw()
  }

  hide () {
    this.visible = false
  }

  /** Shows what the view is for where there are no pictures. */
  fill () {
    const any = this.page.collection.items.length > 0
    this.box.full.hidden = !any
    this.box.empty.hidden = any
    if (!any) this.map.forget()
  }

  mark () {
    const { search } = this.page
    this.map.mark(search.order, search.query?.item ?? null)
  }

  async draw () {
    const { collection, engine } = this.page
    if (!this.visible || this.drawn === collection.version) return
    const { explained } = this.box
    const items = collection.done()
    if (items.length < 3) {
      this.map.empty(words.map.tooFew)
      explained.textContent = ''
      return
    }
    const version = this.drawn = collection.version
    if (this.map.points.length === 0) this.map.empty(words.map.laying(items.length))
    try {
      const extractor = await engine.ready()
      const result = await extractor.pca(items.map((item) => /** @type {Float32Array} */ (item.vector)), 2)
      if (version !== this.drawn) return
      this.map.show(items, result.coords)
      explained.textContent = words.map.explained(Array.from(result.explained).slice(0, 2).reduce((sum, part) => sum + part, 0))
    } catch (error) {
      this.drawn = -1
      this.map.empty(words.map.failed(error instanceof Error ? error.message : String(error)))
    }
  }
}

/** @param {Page} page */
function build (page) {
  const zoom = (/** @type {string} */ what, /** @type {string} */ label, /** @type {string} */ drawing) =>
    element('button', { type: 'button', className: 'button icon-only', title: label, data: { map: what }, aria: { label } }, icon(drawing))
  const keys = (/** @type {string} */ text) => text.split(' ').map((key) => element('kbd', { textContent: key }))
  const explained = element('span', { id: 'map-explained' })
  const full = element('div', { className: 'map-full' },
    element('div', { className: 'map', id: 'map' },
      element('canvas', { id: 'map-canvas', tabIndex: 0, attributes: { role: 'application' }, aria: { roledescription: 'map of pictures', label: 'Map of your pictures: alike ones lie close together', describedby: 'map-help' } }),
      element('p', { id: 'map-message', className: 'map-message', hidden: true }),
      element('div', { className: 'map-buttons' }, zoom('in', 'Zoom in', 'add'), zoom('out', 'Zoom out', 'minus'), zoom('fit', 'Show all', 'fit')),
      element('div', { id: 'map-card', className: 'map-card', hidden: true }, element('img', { alt: '' }), element('span'))),
    element('p', { id: 'map-help', className: 'help' },
      explained,
      element('span', {}, ...keys('← ↑ → ↓'), ' next picture'),
      element('span', {}, ...keys('Shift'), ' + arrows pan'),
      element('span', {}, ...keys('+ − 0'), ' zoom'),
      element('span', {}, ...keys('Enter'), ' find similar')))
  const empty = page.emptyState(words.map.title, words.map.about, 'map')
  document.getElementById('view-map')?.append(empty, full)
  return { full, empty, explained }
}
