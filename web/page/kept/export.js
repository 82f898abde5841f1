import { byId, button, count, formatBytes, element } from '../dom.js'
import { writeParquet } from './parquet.js'
import { projectorFiles } from './projector.js'
import { groupNames, origin, sideFile } from './sidefile.js'

/** @typedef {import("../collection.js").Collection} Collection */
/** @typedef {import("../engine.js").Engine} Engine */
/** @typedef {import("../thumbs.js").Thumbs} Thumbs */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {"npy"|"csv"|"jsonl"|"tsv"|"parquet"} Format */
/** @typedef {{name: string, blob: Blob}} Made */
/**
 * The part of the File System Access API used here.
 * @typedef {{createWritable: () => Promise<{write: (data: Blob) => Promise<void>, close: () => Promise<void>, abort: () => Promise<void>}>}} SaveHandle
 * @typedef {(options: {suggestedName: string}) => Promise<SaveHandle>} SavePicker
 */

/**
 * Makes the files of the vectors and saves them; they stay in the dialog, so a
 * failed save loses nothing and can be repeated.
 */
export class Exporter {
  /**
   * @param {Engine} engine
   * @param {Collection} collection
   * @param {Thumbs} thumbs
   */
  constructor (engine, collection, thumbs) {
    this.engine = engine
    this.collection = collection
    this.thumbs = thumbs
    this.dialog = byId('export', HTMLDialogElement)
    this.message = byId('export-message', HTMLElement)
    this.list = byId('export-files', HTMLElement)
    for (const choice of document.querySelectorAll('[data-export]')) {
      choice.addEventListener('click', () => void this.run(/** @type {Format} */ (choice.getAttribute('data-export'))))
    }
    this.dialog.addEventListener('close', () => this.list.replaceChildren())
  }

  /** @param {Format} format */
  async run (format) {
    const items = this.collection.done()
    const waiting = this.collection.items.length - items.length
    this.list.replaceChildren()
    if (!this.dialog.open) this.dialog.showModal()
    if (items.length === 0) {
      this.message.textContent = 'There are no vectors yet. Wait until pictures have been read, then export.'
      return
    }
    this.message.textContent = `Writing ${count(items.length, 'vector')}…`
    /** @type {Made[]} */
    let files
    try {
      files = await this.make(format, items)
    } catch (error) {
      this.message.textContent = `The vectors could not be written: ${reason(error)} Nothing is lost; close other pages to free memory and try again.`
      return
    }
    const rest = waiting > 0 ? ` ${count(waiting, 'picture')} not read yet ${waiting === 1 ? 'is' : 'are'} not in it.` : ''
    const what = format === 'tsv' ? ' The TensorFlow Embedding Projector loads the two .tsv; the config names them with the sprite for one of your own.' : ''
    this.message.textContent = `${count(items.length, 'vector')} of ${count(this.engine.length(), 'number')}.${rest}${what}`
    const saves = files.map((file) => this.offer(file))
    // A picker needs one click for each file, a plain download does not.
    if (!picker()) for (const save of saves) await save()
    else await saves[0]()
  }

  /**
   * @param {Format} format
   * @param {Item[]} items
   * @returns {Promise<Made[]>}
   */
  async make (format, items) {
    const { engine, collection } = this
    const { model, layer, pool } = engine.choice
    const name = `${model}-${layer}-${pool}`.replace(/[^\w.-]+/g, '_')
    const names = items.map((item) => item.name)
    const vectors = items.map((item) => /** @type {Float32Array} */ (item.vector))
    const groups = groupNames(collection, items)
    /** @type {[string, string[]][]} */
    const columns = [...items.some(({ label }) => label) ? [/** @type {[string, string[]]} */ (['label', items.map(({ label }) => label)])] : [],
      ...groups ? [/** @type {[string, string[]]} */ (['group', groups])] : []]
    if (format === 'parquet') {
      const data = new Float32Array(items.length * engine.length())
      vectors.forEach((vector, i) => data.set(vector, i * engine.length()))
      const buffer = await writeParquet({ names, data, dim: engine.length(), columns, origin: origin(engine) })
      return [{ name: `${name}.parquet`, blob: new Blob([buffer]) }]
    }
    const extractor = await engine.ready()
    const files = await extractor.exportVectors(format, { names, vectors, name, columns })
    files.push({ name: `${name}.${format}.json`, blob: new Blob([sideFile(engine, collection, items, format)], { type: 'application/json' }) })
    if (format === 'tsv') files.push(...await projectorFiles(name, items, engine.length(), (list, place) => this.thumbs.each(list, place)))
    return files
  }

  /**
   * Adds a file with its save button to the dialog.
   * @param {Made} file
   * @returns {() => Promise<void>}
   */
  offer (file) {
    const state = element('small', { textContent: formatBytes(file.blob.size) })
    state.setAttribute('role', 'status')
    const save = async () => {
      state.className = ''
      try {
        state.textContent = await store(file)
        again.textContent = 'Save again'
      } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') {
          state.textContent = `${formatBytes(file.blob.size)}, not saved yet`
          return
        }
        state.className = 'bad'
        state.textContent = explain(error)
        again.textContent = 'Try again'
      }
    }
    const again = button('Save', () => void save())
    this.list.append(element('li', {}, element('div', {}, element('strong', { textContent: file.name }), state), again))
    return save
  }
}

/** @returns {SavePicker|null} */
function picker () {
  const found = /** @type {{showSaveFilePicker?: SavePicker}} */ (/** @type {unknown} */ (window)).showSaveFilePicker
  return typeof found === 'function' ? found.bind(window) : null
}

/**
 * @param {Made} file
 * @returns {Promise<string>} what happened, for the visitor
 */
async function store (file) {
  const pick = picker()
  if (pick) {
    const handle = await pick({ suggestedName: file.name }).catch((error) => {
      // The click is too long ago: the button in the dialog gives a fresh one.
      if (error instanceof DOMException && error.name === 'SecurityError') throw new DOMException('', 'AbortError')
      throw error
    })
    const writer = await handle.createWritable()
    try {
      await writer.write(file.blob)
      await writer.close()
    } catch (error) {
      await writer.abort().catch(() => {})
      throw error
    }
    return `${formatBytes(file.blob.size)}, saved`
  }
  const url = URL.createObjectURL(file.blob)
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60000)
  return `${formatBytes(file.blob.size)}, given to your browser’s downloads; save again if it did not arrive`
}

/** @param {unknown} error */
function explain (error) {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'QuotaExceededError') return 'The disk is full. The vectors are kept here: free some space or choose another disk, then try again.'
  if (name === 'NotAllowedError') return 'Saving there was not allowed. The vectors are kept here: choose another folder and try again.'
  return `Not saved: ${reason(error)} The vectors are kept here: choose another place, or free some space, and try again.`
}

/** @param {unknown} error */
function reason (error) {
  const text = error instanceof Error ? error.message : String(error)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
