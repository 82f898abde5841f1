import { announce, byId, calm, formatScore } from '../dom.js'
import { words } from '../words.js'
import { Grid } from './grid.js'
import { PictureTools } from './tools.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */

/** The pictures as a grid, in their order or by likeness to one. */
export class PicturesView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'pictures'
    this.page = page
    this.visible = false
    this.grid = new Grid(page.thumbs, page.selection)
    this.tools = new PictureTools(page, this.grid)
    /** What the address asked for last. */
    this.asked = ''
    const { collection, search, viewer } = page
    for (const event of ['change', 'details']) collection.addEventListener(event, () => this.fill())
    collection.addEventListener('vectors', (event) => this.grid.refresh(/** @type {CustomEvent<Item>} */ (event).detail))
    search.addEventListener('change', () => this.sorted())
    this.grid.addEventListener('choose', (event) => page.findSimilar(/** @type {CustomEvent<Item>} */ (event).detail))
    this.grid.addEventListener('view', (event) => viewer.open(/** @type {CustomEvent<Item>} */ (event).detail, this.grid.items))
    this.fill()
  }

  show () {
    this.visible = true
    this.tools.show()
    const { route } = this.page
    const asked = ['sort', 'find', 'label', 'group'].map((name) => route.get(name)).join('\n')
    if (asked !== this.asked) {
      this.asked = asked
      this.fill(true)
    }
    this.grid.layout()
  }

  hide () {
    this.visible = false
  }

  /** The pictures in the order in which they are shown. */
  get items () {
    const { search, collection } = this.page
    return this.tools.apply(search.query ? search.order.concat(collection.waiting()) : collection.items, search.query !== null)
  }

  fill (moving = false) {
    const { search, collection } = this.page
    const any = collection.items.length > 0
    byId('start', HTMLElement).hidden = any
    byId('work', HTMLElement).hidden = !any
    const { items } = this
    // A filter leaves some out of those that are near.
    const alike = new Set(search.order.slice(0, search.near))
    const near = items.findLastIndex((item) => alike.has(item)) + 1
    this.grid.show(items, search.scores, near, search.query?.item ?? null, moving)
  }

  /** The order has become another one. */
  sorted () {
    const { search } = this.page
    const focused = this.grid.hasFocus()
    this.fill(true)
    if (!this.visible) return
    if (focused && search.query?.item) this.grid.focusItem(search.query.item)
    if (!search.query) {
      announce(words.pictures.originalOrder)
      return
    }
    const [first, second] = search.order
    const best = first === search.query.item ? second : first
    announce(best ? `${words.pictures.sortedBy(search.query.name)} ${words.pictures.best(best.name, formatScore(search.scores.get(best) ?? 0))}` : words.pictures.sorted)
    scrollTo({ top: 0, behavior: calm() ? 'auto' : 'smooth' })
  }

  /**
   * Moves the focus to a picture, or to the one that had it.
   * @param {Item|null} item
   */
  focus (item) {
    if (item) this.grid.focusItem(item)
    else this.grid.focusAt(this.grid.at)
  }
}
