import { element } from '../dom.js'
import { words } from '../words.js'

/** How is learned: heads, or "tune" for the network itself, and their options under the names of the library.
 * @typedef {Record<string, any> & {head: string}} Options */
/** @typedef {{layer: string, parameters: number, end: boolean}} Trainable */

const w = words.teach

/** What each way of learning can be told, with what is usual. A way of its own is not told what it does not know.
 * @type {Record<string, Record<string, number|string|boolean>>} */
const fields = {
  softmax: { c: 10, epochs: 200, smoothing: 0, balanced: false, standardise: false },
  dense: { widths: '1024', epochs: 60, batch: 32, rate: 0.001, decay: 0.01, dropout: 0, smoothing: 0, patience: 0, balanced: false, standardise: false },
  knn: { k: 5 },
  tune: { from: '', views: 4, epochs: 30, batch: 16, rate: 0.0003, decay: 0.01, warmUp: 1, smoothing: 0, patience: 0, balanced: false }
}

/** What all can be told. @type {Record<string, number>} */
const common = { folds: 5, unsure: 0, seed: 0 }

/** Numbers of ends of blocks, from the last one, that are offered, and the one that is at first. */
const [offered, usualEnd] = [12, 2]

/** Bounds of the fields that are numbers: least, most, step. @type {Record<string, [number, number, number|"any"]>} */
const bounds = {
  k: [1, 1000, 1], c: [1e-6, 1e6, 'any'], epochs: [1, 10000, 1], batch: [1, 4096, 1], rate: [1e-7, 10, 'any'], decay: [0, 10, 'any'],
  dropout: [0, 0.9, 'any'], views: [1, 64, 1], warmUp: [0, 1000, 'any'], smoothing: [0, 0.5, 'any'], patience: [0, 1000, 1], folds: [0, 50, 1], unsure: [0, 0.5, 'any'], seed: [0, Number.MAX_SAFE_INTEGER, 1]
}

/** How is learned, as fields of a form. */
export class OptionsForm {
  /**
   * @param {() => void} onChange
   * @param {() => Trainable[]} trainable layers that the network can be trained from
   */
  constructor (onChange, trainable) {
    this.onChange = onChange
    this.trainable = trainable
    this.head = element('select', { id: 'teach-head', on: { change: () => { this.fill({ head: this.kind(), folds: 5 }); onChange() } } },
      ...Object.entries(w.heads).map(([value, text]) => element('option', { value }, text)))
    this.rows = element('div', { className: 'teach-fields', on: { change: () => onChange() } })
    this.more = element('details', { className: 'teach-more' }, element('summary', { textContent: w.settings }), this.rows)
    this.choice = element('label', { className: 'setting' }, w.head, this.head)
  }

  kind () {
    return this.head.value
  }

  /** @param {Options} options */
  fill (options) {
    const kind = options.head
    this.head.value = kind
    const given = /** @type {Record<string, any>} */ ({ ...options, ...options.widths ? { widths: options.widths.join(', ') } : {}, ...Object.fromEntries(['decay', 'warmUp'].flatMap((key) => (options[key] === undefined ? [] : [[key, Math.max(options[key], 0)]]))) })
    this.rows.replaceChildren(...Object.entries({ ...fields[kind], ...common }).map(([key, usual]) => this.row(key, usual, given[key] ?? usual)))
  }

  /**
   * @param {string} key
   * @param {number|string|boolean} usual
   * @param {number|string|boolean} value
   */
  row (key, usual, value) {
    const [name, note] = w.fields[key]
    const id = `teach-${key}`
    const [least, most, step] = bounds[key] ?? [0, 0, 1]
    const input = key === 'from'
      ? this.layers(String(value))
      : typeof usual === 'boolean'
      ? element('input', { type: 'checkbox', id, checked: Boolean(value) })
      : typeof usual === 'string'
        ? element('input', { type: 'text', id, value: String(value), inputMode: 'numeric', pattern: '\\s*\\d+\\s*(,\\s*\\d+\\s*)*', required: true })
        : element('input', { type: 'number', id, value: String(value), min: String(least), max: String(most), step: String(step), required: true })
    input.dataset.key = key
    return element('label', { className: 'teach-field' }, element('span', { textContent: name }), input, element('small', { textContent: note }))
  }

  /**
   * The layers that training may begin after: ends of blocks.
   * @param {string} value
   */
  layers (value) {
    const all = this.trainable()
    const ends = all.filter(({ end }) => end)
    const list = (ends.length > 0 ? ends : all).slice(-offered)
    const made = element('select', { id: 'teach-from', required: true }, ...list.map(({ layer, parameters }) => element('option', { value: layer, textContent: w.fromLayer(layer, parameters) })))
    made.value = list.some(({ layer }) => layer === value) ? value : list[Math.max(0, list.length - usualEnd)]?.layer ?? ''
    return made
  }

  /**
   * What is chosen, or null where a field says what is wrong with it.
   * @returns {Options|null}
   */
  read () {
    /** @type {Options} */
    const options = { head: this.kind() }
    for (const input of /** @type {NodeListOf<HTMLInputElement|HTMLSelectElement>} */ (this.rows.querySelectorAll('input, select'))) {
      const { key = '' } = input.dataset
      if (!input.checkValidity()) {
        this.more.open = true
        input.reportValidity()
        return null
      }
      if (input instanceof HTMLInputElement && input.type === 'checkbox') options[key] = input.checked
      else if (key === 'from') options[key] = input.value
      else if (key === 'widths') options[key] = input.value.split(',').map(Number)
      else options[key] = Number(input.value)
    }
    // 0 stands for the default in the engine.
    if (options.decay === 0) options.decay = -1
    if (options.warmUp === 0) options.warmUp = -1
    if (options.folds === 1) options.folds = 2
    if (options.folds === 0) options.unsure = 0
    return options
  }
}
