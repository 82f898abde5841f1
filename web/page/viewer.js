import { byId } from './dom.js'

/** @typedef {import("./collection.js").Item} Item */
/** @typedef {import("./collection.js").Collection} Collection */
/** @typedef {import("./route.js").Route} Route */

/**
 * Shows one picture large. One of the collection stands in the address (show),
 * so that the browser's back closes it.
 */
export class Viewer {
  /**
   * @param {Collection} collection
   * @param {Route} route
   * @param {(item: Item) => void} onSimilar the button to find similar ones
   * @param {(file: Blob) => Promise<Blob|null>} other makes a picture of what the browser does not show
   * @param {(file: Blob) => Promise<string>} labels what the model says of a picture; '' where it has no labels
   */
  constructor (collection, route, onSimilar, other, labels) {
    this.labels = labels
    this.collection = collection
    this.route = route
    this.dialog = byId('viewer', HTMLDialogElement)
    this.image = byId('viewer-image', HTMLImageElement)
    this.similar = byId('viewer-similar', HTMLButtonElement)
    this.url = ''
    /** @type {Item|null} */
    this.item = null
    /** The pictures that previous and next go through. @type {Item[]} */
    this.list = []
    /** It was opened here, so that closing goes back in the history. */
    this.pushed = false
    this.similar.addEventListener('click', () => {
      const { item } = this
      if (item) onSimilar(item)
    })
    this.why = byId('viewer-why', HTMLAnchorElement)
    this.inside = byId('viewer-inside', HTMLAnchorElement)
    this.previous = byId('viewer-previous', HTMLButtonElement)
    this.next = byId('viewer-next', HTMLButtonElement)
    this.previous.addEventListener('click', () => this.step(-1))
    this.next.addEventListener('click', () => this.step(1))
    this.dialog.addEventListener('keydown', (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (way) this.step(way)
    })
    for (const link of [this.why, this.inside]) {
      // The dialog goes without a step back in the history: the link is the next one.
      link.addEventListener('click', () => { this.pushed = false })
    }
    /** @type {Blob|null} */
    this.file = null
    this.image.addEventListener('error', () => {
      const { file } = this
      this.file = null
      if (file) void other(file).then((made) => { if (made && this.dialog.open) this.show(made) })
    })
    this.dialog.addEventListener('close', () => {
      this.file = null
      this.item = null
      this.image.removeAttribute('src')
      URL.revokeObjectURL(this.url)
      if (!this.route.get('show')) return
      if (this.pushed) history.back()
      else this.route.set({ show: '' }, { replace: true })
    })
    route.addEventListener('change', () => this.update())
    collection.addEventListener('change', () => this.update())
  }

  /** @param {Blob} file */
  show (file) {
    URL.revokeObjectURL(this.url)
    this.url = URL.createObjectURL(file)
    this.image.src = this.url
  }

  /**
   * Opens a picture of the collection.
   * @param {Item} item
   * @param {Item[]} [list] what previous and next go through
   */
  open (item, list = this.collection.items) {
    this.list = list
    this.pushed = true
    this.route.set({ show: item.key })
  }

  /** Shows what the address says. */
  update () {
    const item = this.collection.byKey.get(this.route.get('show')) ?? null
    if (item === this.item) return
    if (!item) {
      this.dialog.close()
      return
    }
    this.item = item
    this.fill(item.name, item.file ?? item.thumb)
    this.similar.hidden = item.vector === null
    const query = this.collection.byKey.get(this.route.get('like'))
    const of = (/** @type {Record<string, string>} */ params) => `#inside?${new URLSearchParams(params)}`
    this.why.hidden = !query || query === item
    if (query) this.why.href = of({ tab: 'why', of: query.key, with: item.key, like: query.key })
    this.inside.hidden = item.vector === null
    this.inside.href = of({ of: item.key, ...query ? { like: query.key } : {} })
    const at = this.list.indexOf(item)
    this.previous.disabled = at <= 0
    this.next.disabled = at < 0 || at >= this.list.length - 1
  }

  /**
   * Goes to another picture of the list.
   * @param {number} way
   */
  step (way) {
    const { item } = this
    const next = item && this.list[this.list.indexOf(item) + way]
    if (next) this.route.set({ show: next.key }, { replace: true })
  }

  /**
   * Shows a picture that is not of the collection.
   * @param {string} name
   * @param {Blob} file
   */
  preview (name, file) {
    this.item = null
    for (const part of [this.similar, this.why, this.inside]) part.hidden = true
    this.previous.disabled = this.next.disabled = true
    this.fill(name, file)
  }

  /**
   * @param {string} name
   * @param {Blob|null} file
   */
  fill (name, file) {
    this.file = file
    if (file) this.show(file)
    this.image.alt = name
    byId('viewer-name', HTMLElement).textContent = name
    if (!this.dialog.open) this.dialog.showModal()
    void this.tell(file)
  }

  /**
   * What the model says of a picture, where it has labels.
   * @param {Blob|null} file
   */
  async tell (file) {
    const box = byId('viewer-labels', HTMLElement)
    box.hidden = true
    const said = file && await this.labels(file).catch(() => '')
    if (!said || this.file !== file) return
    box.textContent = said
    box.hidden = false
  }
}
