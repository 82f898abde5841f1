// <likeness-search src>: the visitor's own picture against an index.

import { LikenessError } from '../lib/errors.js'
import { Crop } from './crop.js'
import { element, LikenessElement } from './element.js'
import { shoot } from './shoot.js'

/** @typedef {import('./collection.js').Match} Match */
/** @typedef {import('./collection.js').PictureIndex} PictureIndex */

export class SearchElement extends LikenessElement {
  constructor () {
    super()
    /** The engine, from the first search on. @type {Promise<import('../lib/extractor.js').Extractor> | undefined} */
    this.extractor = undefined
    /** The items that may be found. @type {Uint32Array | undefined} */
    this.allowed = undefined
    /** Searches what was asked last again. @type {(() => void) | undefined} */
    this.again = undefined
    /** The last search. @type {symbol | undefined} */
    this.current = undefined
  }

  start () {
    const w = this.words
    this.file = element('input', { type: 'file', accept: 'image/*,.heic,.heif,.avif,.tif,.tiff', hidden: true, onchange: () => this.take(this.file.files) })
    this.ask = element('div', { className: 'ask', part: 'drop' },
      element('button', { type: 'button', className: 'first', part: 'choose', onclick: () => this.file.click() }, w.choose),
      element('button', { type: 'button', part: 'camera', hidden: !navigator.mediaDevices?.getUserMedia, onclick: () => this.camera() }, w.camera),
      element('p', {}, w.drop), this.file)
    this.query = element('div', { className: 'query', hidden: true })
    this.tags = element('label', { className: 'tags', part: 'tags', hidden: true })
    this.status = element('div', { className: 'status', part: 'status', role: 'status' })
    this.slots = element('slot', { name: 'empty' })
    this.heading = element('h2', { part: 'heading', hidden: true }, w.results)
    this.list = element('ol', { part: 'results', 'aria-label': w.results })
    this.root.replaceChildren(this.ask, this.query, this.tags, this.status, this.slots, this.heading, this.list)
    this.listen()
    this.offerTags()
  }

  listen () {
    const over = (/** @type {boolean} */ on) => this.ask.classList.toggle('over', on)
    this.ondragover = (/** @type {DragEvent} */ e) => { e.preventDefault(); over(true) }
    this.ondragleave = () => over(false)
    this.ondrop = (/** @type {DragEvent} */ e) => { e.preventDefault(); over(false); this.dropped(e.dataTransfer) }
    this.paste = (/** @type {ClipboardEvent} */ e) => {
      if (e.clipboardData?.files.length && !isField(e.target)) this.take(e.clipboardData.files)
    }
    document.addEventListener('paste', this.paste)
  }

  disconnectedCallback () {
    super.disconnectedCallback()
    if (this.paste) document.removeEventListener('paste', this.paste)
    this.extractor?.then((/** @type {any} */ e) => e.dispose(), () => {})
    this.extractor = undefined
  }

  /** Tags are read when the element is shown: a search needs none of them. */
  async offerTags () {
    try {
      const index = await this.index()
      const tags = await index.tags()
      if (!tags.length) return
      const select = element('select', { part: 'tag' }, element('option', { value: '' }, this.words.all),
        ...tags.map((t, i) => element('option', { value: String(i) }, `${t.name} (${t.items.length})`)))
      select.onchange = () => {
        this.allowed = select.value === '' ? undefined : tags[Number(select.value)].items
        this.again?.()
      }
      this.tags.replaceChildren(this.words.tag, select)
      this.tags.hidden = false
    } catch (e) {
      this.fail(e)
    }
  }

  /** @param {DataTransfer | null} data */
  async dropped (data) {
    if (data?.files.length) return this.take(data.files)
    const url = data?.getData('text/uri-list').split('\n')[0]
    try {
      if (!url) throw new LikenessError('picture-type', this.words.noPicture)
      const response = await fetch(url).catch(() => undefined)
      if (!response?.ok) throw new LikenessError('picture-type', this.words.noPicture)
      await this.search(await response.blob())
    } catch (e) {
      this.fail(e)
    }
  }

  /** @param {FileList | null} files */
  take (files) {
    if (files?.[0]) this.search(files[0])
    this.file.value = ''
  }

  async camera () {
    try {
      const picture = await shoot(this.query, this.words)
      if (picture) await this.search(picture)
    } catch {
      this.fail(new LikenessError('camera', this.words.noCamera))
    }
  }

  /**
   * Searches for a picture.
   * @param {Blob | ImageBitmap} picture
   * @returns {Promise<Match[] | undefined>} the matches; undefined where an error was shown, or another search came
   */
  async search (picture) {
    if (picture instanceof Blob) await this.preview(picture)
    return this.run(async index => {
      const extractor = await this.engine(index)
      this.say(this.words.reading)
      const { layer, pool, resize, signal: as } = index.manifest.source
      const vector = await extractor.extract(picture, { layer, pool, resize, as })
      return () => {
        this.say(this.words.searching)
        return index.search(extractor, vector, { k: Number(this.getAttribute('count')) || 12, items: this.allowed })
      }
    })
  }

  /** @param {Match} match */
  more (match) {
    this.run(async index => () => index.more(match.item, Number(this.getAttribute('count')) || 12))
  }

  /**
   * Shows what a search finds; the last one asked for wins.
   * @param {(index: PictureIndex) => Promise<() => Promise<Match[]>>} prepare gives the search, which is run again when the tag changes
   */
  async run (prepare) {
    const mine = this.current = Symbol('search')
    this.slots.hidden = true
    try {
      return await this.withIndex(async index => {
        const search = await prepare(index)
        const once = async () => {
          const matches = await search()
          if (this.current !== mine) return
          this.say(matches.length ? '' : this.words.none)
          this.heading.hidden = !matches.length
          this.show(this.list, index, matches, m => this.more(m))
          this.tell('likeness-results', { matches })
          return matches
        }
        if (this.current === mine) this.again = () => { once().catch(e => this.fail(e)) }
        return await once()
      })
    } catch (e) {
      if (this.current === mine) this.fail(e)
    }
  }

  /**
   * The engine with the index's model, fetched at the first search.
   * @param {PictureIndex} index
   * @returns {Promise<import('../lib/extractor.js').Extractor>}
   */
  engine (index) {
    const { file, model, model_hash: hash } = index.manifest.source
    const address = this.getAttribute('model') ?? (file && new URL(file, index.base).href)
    this.extractor ??= (async () => {
      if (!address) throw new LikenessError('option', `<likeness-search> needs model, the address of ${model}.safetensors: the index was made without the program`)
      const { Extractor } = await import('../likeness.js')
      const extractor = await Extractor.load({ model: address, workers: 1, onProgress: p => this.progress(p) })
      if (extractor.info.hash !== hash) {
        extractor.dispose()
        throw new LikenessError('model-mixed', `the index was made with the model ${model} (${hash.slice(0, 8)}), ${address} is ${extractor.info.hash.slice(0, 8)}: copy the index's own`)
      }
      return extractor
    })()
    this.extractor.catch(() => { this.extractor = undefined })
    return this.extractor
  }

  /** @param {{loaded: number, total: number, stage: string}} p */
  progress (p) {
    this.tell('likeness-progress', p)
    const bar = element('progress', p.total > 0 ? { max: p.total, value: p.loaded, 'aria-label': this.words.loading } : { 'aria-label': this.words.loading })
    this.status.className = 'status'
    this.status.replaceChildren(element('slot', { name: 'loading' }, `${this.words.loading} `, bar))
  }

  /** @param {string} text */
  say (text) {
    this.status.className = 'status'
    this.status.replaceChildren(text)
  }

  /** @param {any} e */
  fail (e) {
    this.status.className = 'status error'
    this.status.replaceChildren(element('slot', { name: 'error' }, this.failed(e)))
  }

  /**
   * Shows the picture, if the browser can, so that a part can be chosen.
   * @param {Blob} picture
   */
  async preview (picture) {
    const w = this.words
    const bitmap = await createImageBitmap(picture).catch(() => undefined)
    this.query.hidden = !bitmap
    if (!bitmap) return
    const part = element('button', { type: 'button', part: 'search-part', hidden: true, onclick: async () => this.search(await crop.cut()) }, w.part)
    const whole = element('button', { type: 'button', part: 'search-whole', hidden: true, onclick: () => { crop.set(undefined); this.search(picture) } }, w.whole)
    const crop = new Crop(bitmap, w, () => {
      part.hidden = !crop.part
      whole.hidden = !crop.part
    })
    this.query.replaceChildren(crop.frame, element('div', {}, element('p', { className: 'hint' }, w.partHint), element('div', { className: 'actions' }, part, whole)))
  }
}

/** @param {EventTarget | null} target */
function isField (target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.localName))
}
