import { element, notice } from '../dom.js'
import { words } from '../words.js'
import { layerChoices } from './choices.js'
import { ComparePanel } from './compare.js'
import { LayersPanel } from './layers.js'
import { NumbersPanel } from './numbers.js'
import { WhyPanel } from './why.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */

const w = words.inside

/** What the network sees in a picture, and why two are alike. */
export class InsideView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'inside'
    this.page = page
    this.visible = false
    /** Version of the collection whose pictures are offered. */
    this.offered = -1
    /** Whose layers are offered. @type {import("../../lib/extractor.js").Extractor|null} */
    this.layersOf = null
    const picture = () => this.picture()
    this.panels = { layers: new LayersPanel(page, picture), why: new WhyPanel(page, picture), numbers: new NumbersPanel(page, picture), compare: new ComparePanel(page, picture) }
    this.tabs = Object.entries(w.tabs).map(([name, text]) => element('a', { href: `#inside?tab=${name}`, data: { tab: name }, on: { click: (event) => this.open(event, name) } }, text))
    this.which = element('select', { id: 'inside-picture', aria: { label: w.picture }, on: { change: () => page.route.set({ of: this.which.value, with: '', place: '' }) } })
    this.layer = element('select', { id: 'inside-layer', on: { change: () => page.route.set({ layer: this.layer.value, channel: '', place: '' }) } })
    this.layerField = element('label', { className: 'setting' }, w.layer, this.layer)
    this.full = element('div', { className: 'inside' },
      element('nav', { className: 'tabs', aria: { label: words.frame.views.inside } }, ...this.tabs),
      element('div', { className: 'tools' }, element('label', { className: 'setting' }, w.picture, this.which), this.layerField),
      ...Object.values(this.panels).map((panel) => panel.box))
    this.bare = element('p', { className: 'help', hidden: true, textContent: w.bare })
    this.full.append(this.bare)
    this.empty = page.emptyState(w.title, w.about, 'inside')
    document.getElementById('view-inside')?.append(this.empty, this.full)
    for (const event of ['change', 'vectors', 'files']) page.collection.addEventListener(event, () => { if (this.visible) this.update() })
    page.engine.addEventListener('ready', () => { if (this.visible) this.update() })
    page.search.addEventListener('change', () => { if (this.visible) this.update() })
  }

  /** The picture that is looked at: the one that the address names, the one searched with, or the first. */
  picture () {
    const { collection, route, search } = this.page
    return collection.byKey.get(route.get('of')) ?? search.query?.item ?? collection.items.find((item) => item.file && item.vector) ?? null
  }

  /**
   * @param {MouseEvent} event
   * @param {string} tab
   */
  open (event, tab) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    this.page.route.set({ tab: tab === 'layers' ? '' : tab })
  }

  show () {
    this.visible = true
    this.update()
  }

  hide () {
    this.visible = false
    this.panels.compare.hide()
  }

  update () {
    const { page } = this
    const { params } = page.route
    const any = page.collection.items.length > 0
    this.full.hidden = !any
    this.empty.hidden = any
    if (!any) return
    const wanted = params.get('tab') ?? 'layers'
    const tab = /** @type {keyof typeof this.panels} */ (wanted in this.panels ? wanted : 'layers')
    for (const link of this.tabs) {
      if (link.dataset.tab === tab) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    const bare = !page.collection.items.some(({ file, later }) => file || later)
    this.bare.hidden = !bare
    for (const [name, panel] of Object.entries(this.panels)) panel.box.hidden = bare || name !== tab
    this.layerField.hidden = tab !== 'layers' && tab !== 'numbers'
    this.offer()
    this.panels[tab].show(params).catch((error) => notice('inside', 'bad', w.failed(error instanceof Error ? error.message : String(error))))
  }

  /** Fills the two choosers. */
  offer () {
    const { page } = this
    const item = this.picture()
    const known = page.collection.items
    const version = page.collection.version + known.filter(({ file }) => file).length / 1e7
    if (this.offered !== version) {
      this.offered = version
      this.which.replaceChildren(...known.filter(({ file }) => file).slice(0, 5000).map(({ key, name }) => element('option', { value: key }, name)))
    }
    if (item) this.which.value = item.key
    const { extractor, choice } = page.engine
    if (!extractor) return
    if (this.layersOf !== extractor) {
      this.layersOf = extractor
      this.layer.replaceChildren(...layerChoices(extractor.layers))
    }
    this.layer.value = page.route.get('layer') || choice.layer
  }
}
