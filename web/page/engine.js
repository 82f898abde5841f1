import { Extractor } from '../likeness.js'
import { byId, clearNotice, count, formatBytes, notice } from './dom.js'

/** unlike is the cosine up to which pictures are strangers, by the default layer averaged.
 * blob is the file of one that the visitor has brought.
 * @typedef {{name: string, file: string, title: string, default_layer: string, license: string, source: string, bytes: number, sha256: string, unlike?: number, blob?: Blob}} ModelEntry */
/** @typedef {"avg"|"max"|"flatten"|"gem"|`gem:${number}`} Pool */
/** How a picture is brought to the network's input; '' as the model says. @typedef {""|"shorter"|"stretch"|"fit"|"tiles"} Resize */
/** @typedef {{model: string, layer: string, pool: Pool, resize: Resize}} Choice */

/**
 * The loaded network and what was chosen of it. Dispatches "ready" when a
 * network has been loaded.
 */
export class Engine extends EventTarget {
  constructor () {
    super()
    /** @type {ModelEntry[]} */
    this.models = []
    /** @type {Extractor|null} */
    this.extractor = null
    /** @type {Choice} */
    this.choice = { model: '', layer: '', pool: 'avg', resize: '' }
    this.failure = ''
    /** Layers that the network can be trained from, for vectors of the chosen one. @type {{layer: string, parameters: number, end: boolean}[]} */
    this.trainable = []
  }

  /** The extractor; waits for it while it is loading or being retried. */
  async ready () {
    while (!this.extractor) await new Promise((resolve) => this.addEventListener('ready', resolve, { once: true }))
    return this.extractor
  }

  /** Loads the first model of the list; a failure is shown with a way to retry. */
  async start () {
    clearNotice('model')
    try {
      if (this.models.length === 0) this.models = await fetchModels()
      const model = this.models[0]
      await this.use({ model: model.name, layer: model.default_layer, pool: 'avg', resize: this.choice.resize })
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error)
      state('failed', 'No model')
      notice('model', 'bad', `The model could not be loaded: ${this.failure}`, { label: 'Retry', run: () => void this.start() })
    }
  }

  /**
   * Takes up a choice, loading another network only if it asks for one. On
   * failure the former network and choice stay.
   * @param {Choice} choice
   * @param {AbortSignal} [signal]
   */
  async use (choice, signal) {
    const old = this.extractor
    if (!old || choice.model !== this.choice.model) {
      const entry = this.entry(choice.model)
      state('loading', `Loading ${entry.title}…`)
      try {
        this.extractor = await loadModel(entry, signal)
      } catch (error) {
        if (old) this.show()
        throw error
      }
      old?.dispose()
    }
    this.choice = { ...choice }
    this.trainable = await /** @type {Extractor} */ (this.extractor).trainable(choice.layer).catch(() => [])
    this.show()
    this.dispatchEvent(new Event('ready'))
  }

  /**
   * Another model of the list, beside the one in use; the caller disposes of it.
   * @param {string} name
   * @param {AbortSignal} [signal]
   */
  async beside (name, signal) {
    try {
      return await loadModel(this.entry(name), signal)
    } finally {
      if (this.extractor) this.show()
    }
  }

  /**
   * Takes a model file of the visitor's into the list; the page goes on with the
   * model that it has.
   * @param {string} name of the file
   * @param {Blob} blob
   * @returns {Promise<{entry: ModelEntry, labels: number}>} labels that it tells
   */
  async bring (name, blob) {
    const extractor = await Extractor.load({ model: blob, workers: 1 })
    const { info } = extractor
    extractor.dispose()
    const base = info.name || name.replace(/^.*\/|\.safetensors$/gi, '')
    let fresh = base
    for (let n = 2; this.models.some((model) => model.name === fresh && model.sha256 !== info.hash); n++) fresh = `${base} ${n}`
    const entry = { name: fresh, file: name, title: fresh, default_layer: info.defaultLayer, license: info.license, source: info.source, bytes: blob.size, sha256: info.hash, blob }
    this.models = [...this.models.filter((model) => model.name !== fresh), entry]
    return { entry, labels: info.classes?.labels.length ?? 0 }
  }

  /** @param {string} name */
  entry (name) {
    const entry = this.models.find((model) => model.name === name)
    if (!entry) throw new Error(`There is no model named ${name} in models/models.json.`)
    return entry
  }

  /** The pooling, or null for generalised means, which no head of a model file learns from and no picture explains. */
  get plainPool () {
    const { pool } = this.choice
    return pool === 'avg' || pool === 'max' || pool === 'flatten' ? pool : null
  }

  /** Numbers in one vector of a layer under a pooling; 0 when the layer is unknown. */
  length (layer = this.choice.layer, pool = this.choice.pool) {
    const shape = this.extractor?.layers.find((l) => l.name === layer)?.shape
    if (!shape) return 0
    return pool === 'flatten' ? shape[0] * shape[1] * shape[2] : shape[2]
  }

  /** The cosine up to which pictures are no more alike than strangers, as far as it is known. @returns {number|null} */
  unlike () {
    const { model, layer, pool } = this.choice
    const entry = this.models.find(({ name }) => name === model)
    return entry?.unlike !== undefined && layer === entry.default_layer && pool === 'avg' ? entry.unlike : null
  }

  show () {
    const { title } = this.entry(this.choice.model)
    state('ready', title, `· ${count(this.length(), 'number')} a picture`)
    byId('settings-button', HTMLButtonElement).disabled = false
  }
}

/**
 * Loads a model and holds it to the list: a file that was replaced may still
 * lie in the browser's cache, or the list may be newer than the file.
 * @param {ModelEntry} entry
 * @param {AbortSignal} [signal]
 * @param {boolean} [again]
 * @returns {Promise<Extractor>}
 */
async function loadModel (entry, signal, again = false) {
  const model = entry.blob ?? new URL(entry.file, document.baseURI).href
  const extractor = await Extractor.load({
    model,
    signal,
    onProgress: ({ loaded, total }) => {
      // Of a compressed file the host tells another number.
      const all = entry.bytes || total
      const size = all ? `${formatBytes(loaded)} of ${formatBytes(all)}` : formatBytes(loaded)
      state('loading', loaded < all ? `Loading ${entry.title}: ${size}` : `Starting ${entry.title}…`)
    }
  })
  if (!entry.sha256 || extractor.info.hash === entry.sha256 || model instanceof Blob) return extractor
  extractor.dispose()
  if (again) throw new Error(`${entry.file} is not the file that models/models.json lists: the site is being replaced. Reload in a minute; if it is your own site, run “make build” and copy the whole dist folder.`)
  const fresh = await fetch(model, { cache: 'reload', signal })
  await fresh.arrayBuffer()
  return loadModel(entry, signal, true)
}

/** @returns {Promise<ModelEntry[]>} */
async function fetchModels () {
  const response = await fetch('./models/models.json', { cache: 'no-cache' }).catch(() => null)
  if (!response?.ok) {
    const why = response ? `models/models.json answered ${response.status}` : 'models/models.json could not be reached'
    throw new Error(`${why}. If this is your own site, run “make build” and copy the whole dist folder; otherwise check the connection and retry.`)
  }
  const text = await response.text()
  if (/^\s*</.test(text)) throw new Error('models/models.json is not there, and the server answers with a page in its place. If this is your own site, copy the whole dist folder there again.')
  /** @type {unknown} */
  let list
  try {
    list = JSON.parse(text)
  } catch { /* told below */ }
  if (!Array.isArray(list) || list.length === 0 || list.some((m) => typeof m?.name !== 'string' || typeof m?.file !== 'string')) {
    throw new Error('models/models.json lists no model. Run “make build” again and copy the whole dist folder.')
  }
  return list
}

/**
 * @param {"loading"|"ready"|"failed"} kind
 * @param {string} text
 * @param {string} [more] shown where there is room
 */
function state (kind, text, more = '') {
  byId('model-dot', HTMLElement).dataset.state = kind
  byId('model-text', HTMLElement).textContent = text
  byId('model-size', HTMLElement).textContent = more
}
