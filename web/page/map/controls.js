import { button, element, icon } from '../dom.js'
import { words } from '../words.js'

const w = words.map

/** What stands about the map: its settings, above and below it. */
export class MapControls {
  /**
   * @param {import("../views.js").Page} page
   * @param {import("../task.js").Task} task
   * @param {{lasso: () => void, anew: () => void, save: (kind: 'csv'|'svg'|'png') => void}} act
   */
  constructor (page, task, act) {
    const choose = (/** @type {string} */ name, /** @type {Record<string, string>} */ options) => element('select', { id: `map-${name}`, on: { change: (event) => page.route.set({ [name]: event.target.value }) } },
      ...Object.entries(options).map(([value, text]) => element('option', { value }, text)))
    this.method = choose('method', w.methods)
    this.dims = choose('dims', w.dimensions)
    this.colourBy = choose('colour', w.colours)
    const number = (/** @type {string} */ name, /** @type {number} */ least, /** @type {number} */ most, /** @type {number} */ step, /** @type {number} */ usual) =>
      element('input', { type: 'number', id: `map-${name}`, min: String(least), max: String(most), step: String(step), placeholder: String(usual), on: { change: (event) => page.route.set({ [name]: event.target.value }) } })
    this.numbers = { perplexity: number('perplexity', 1, 333, 1, 30), neighbours: number('neighbours', 2, 1000, 1, 15), minDist: number('minDist', 0, 1, 0.05, 0.1), seed: number('seed', 0, 1e9, 1, 0) }
    this.fields = Object.fromEntries(Object.entries(this.numbers).map(([name, field]) => [name, element('label', { className: 'setting' }, w.parameters[name], field)]))
    this.lasso = element('button', { type: 'button', className: 'button small', id: 'map-lasso', aria: { pressed: 'false' }, title: w.lassoHint, on: { click: act.lasso } }, w.lasso)
    this.density = element('input', { type: 'checkbox', id: 'map-density', on: { change: () => page.route.set({ density: this.density.checked ? 1 : '' }, { replace: true }) } })
    const more = element('details', { className: 'more' }, element('summary', {}, w.more),
      element('div', { className: 'tools' }, ...Object.values(this.fields), element('label', { className: 'setting' }, this.density, w.density),
        ...(/** @type {const} */ (['csv', 'svg', 'png'])).map((kind) => button(w.save[kind], () => act.save(kind)))))
    this.anew = element('button', { type: 'button', className: 'button small', id: 'map-anew', hidden: true, on: { click: act.anew } }, w.anew)
    const tools = element('div', { className: 'tools map-tools' },
      element('label', { className: 'setting' }, w.method, this.method), element('label', { className: 'setting' }, w.dimension, this.dims),
      element('label', { className: 'setting' }, w.colour, this.colourBy), this.lasso, this.anew, more)
    const zoom = (/** @type {string} */ what, /** @type {string} */ label, /** @type {string} */ drawing) =>
      element('button', { type: 'button', className: 'button icon-only', title: label, data: { map: what }, aria: { label } }, icon(drawing))
    this.explained = element('span', { id: 'map-explained' })
    this.legend = element('ul', { className: 'legend', hidden: true })
    this.chosen = element('section', { className: 'group', hidden: true, aria: { label: w.selected } })
    const keys = (/** @type {string} */ text) => text.split(' ').map((key) => element('kbd', { textContent: key }))
    this.full = element('div', { className: 'map-full' }, tools, task.box,
      element('div', { className: 'map', id: 'map-box' },
        element('canvas', { id: 'map-pictures', aria: { hidden: 'true' } }),
        element('canvas', { id: 'map-canvas', tabIndex: 0, attributes: { role: 'application' }, aria: { roledescription: 'map of pictures', label: w.label, describedby: 'map-help' } }),
        element('p', { id: 'map-message', className: 'map-message', hidden: true }),
        element('div', { className: 'map-buttons' }, zoom('in', w.zoomIn, 'add'), zoom('out', w.zoomOut, 'minus'), zoom('fit', w.fit, 'fit')),
        element('div', { id: 'map-card', className: 'map-card', hidden: true }, element('img', { alt: '' }), element('span'))),
      this.legend,
      element('p', { id: 'map-help', className: 'help' }, this.explained, ...w.keys.map(([key, text]) => element('span', {}, ...keys(key), ` ${text}`))),
      this.chosen)
    this.empty = page.emptyState(w.title, w.about, 'map')
    document.getElementById('view-map')?.append(this.empty, this.full)
  }
}
