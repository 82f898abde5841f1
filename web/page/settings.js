import { ask, byId, count, formatBytes } from './dom.js'
import { formatTime } from './progress.js'
import { words } from './words.js'

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./engine.js").Choice} Choice */
/** @typedef {import("./engine.js").Pool} Pool */
/** @typedef {import("./engine.js").Resize} Resize */

/** The dialog for model, layer, pooling and what is seen of a picture. Its choices are applied together. */
export class Settings {
  /**
   * @param {Engine} engine
   * @param {() => {pictures: number, seconds: number}} cost pictures that a change reads again, and the expected time, 0 if unknown
   * @param {(choice: Choice) => void} onApply
   */
  constructor (engine, cost, onApply) {
    this.engine = engine
    this.cost = cost
    this.dialog = byId('settings', HTMLDialogElement)
    this.model = byId('set-model', HTMLSelectElement)
    this.layer = byId('set-layer', HTMLSelectElement)
    this.pool = byId('set-pool', HTMLSelectElement)
    this.resize = byId('set-resize', HTMLSelectElement)
    this.apply = byId('set-apply', HTMLButtonElement)
    this.dialog.addEventListener('change', () => this.describe())
    this.model.addEventListener('change', () => this.fillLayers())
    this.apply.addEventListener('click', async () => {
      const choice = this.chosen()
      this.dialog.close()
      if (same(choice, engine.choice)) return
      const { pictures, seconds } = this.cost()
      const time = seconds > 1 ? `, about ${formatTime(seconds)}` : ''
      const text = `${count(pictures, 'picture')} will be read again${time}. You can cancel on the way and keep what you have.`
      if (pictures < 2 || await ask('Read the pictures again?', text, 'Read again')) onApply(choice)
    })
  }

  open () {
    const { choice, models } = this.engine
    this.model.replaceChildren(...models.map((m) => new Option(m.title, m.name, false, m.name === choice.model)))
    this.fillLayers()
    // Vectors that were brought may be of another power than the usual one.
    if ([...this.pool.options].every(({ value }) => value !== choice.pool)) this.pool.add(new Option(words.settings.power(choice.pool.replace('gem:', '')), choice.pool))
    this.pool.value = choice.pool
    this.resize.value = choice.resize
    this.describe()
    this.dialog.showModal()
  }

  /** Layers are known of the loaded model only; of another one its default is taken. */
  fillLayers () {
    const { engine } = this
    if (this.model.value === engine.choice.model && engine.extractor) {
      const options = engine.extractor.layers.map(({ name, shape }) => new Option(`${name} (${shape.join(' × ')})`, name))
      this.layer.replaceChildren(...options)
      this.layer.value = engine.choice.layer
    } else {
      const entry = engine.models.find((m) => m.name === this.model.value)
      this.layer.replaceChildren(new Option(entry?.default_layer ?? '', entry?.default_layer ?? ''))
    }
  }

  /** @returns {Choice} */
  chosen () {
    return { model: this.model.value, layer: this.layer.value, pool: /** @type {Pool} */ (this.pool.value), resize: /** @type {Resize} */ (this.resize.value) }
  }

  describe () {
    const entry = this.engine.models.find((m) => m.name === this.model.value)
    byId('set-model-note', HTMLElement).textContent = entry ? `${formatBytes(entry.bytes)}, ${entry.license}` : ''
    const { pictures } = this.cost()
    const length = this.engine.length(this.layer.value, /** @type {Pool} */ (this.pool.value))
    let text = length > 0 ? `${count(length, 'number')} for each picture` : ''
    const bytes = length * 4 * pictures
    if (bytes > 5e7) text += `, ${formatBytes(bytes)} of memory for your ${count(pictures, 'picture')}${bytes > 1.5e9 ? ': more than a browser tab usually has' : ''}`
    byId('set-size', HTMLElement).textContent = text && `${text}.`
  }
}

/**
 * @param {Choice} a
 * @param {Choice} b
 */
function same (a, b) {
  return a.model === b.model && a.layer === b.layer && a.pool === b.pool && a.resize === b.resize
}
