import { byId, calm, formatScore, element } from '../dom.js'

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../thumbs.js").Thumbs} Thumbs */

/** Height of the line with the name below a picture, in CSS pixels. */
const caption = 24
const gap = 10

/** What a tile says of a picture's notes, by their code. @type {Record<string, string>} */
const flags = {
  'picture-blank': 'blank',
  'picture-ground': 'on grey',
  'picture-shape': 'a part',
  'picture-profile': 'colours'
}

/**
 * The pictures as a listbox. Only those near the window exist in the document,
 * so that thousands cost no more than a screenful. Dispatches "choose" and
 * "view" with an item as detail.
 */
export class Grid extends EventTarget {
  /**
   * @param {Thumbs} thumbs
   * @param {import("../selection.js").Selection} selection
   */
  constructor (thumbs, selection) {
    super()
    this.thumbs = thumbs
    this.selection = selection
    /** A click selects instead of searching. */
    this.selecting = false
    /** Where a selection by Shift begins. */
    this.anchor = 0
    this.box = byId('grid', HTMLElement)
    /** @type {Item[]} */
    this.items = []
    /** @type {Map<Item, number>} */
    this.scores = new Map()
    this.near = 0
    /** @type {Item|null} */
    this.queryItem = null
    /** @type {Map<number, HTMLElement>} tiles in the document by item id */
    this.tiles = new Map()
    /** Index of the tile that takes the focus. */
    this.at = 0
    this.columns = 1
    this.size = 100
    this.scheduled = false
    const later = () => this.schedule()
    addEventListener('scroll', later, { passive: true })
    new ResizeObserver(() => this.layout()).observe(this.box)
    addEventListener('resize', later)
    thumbs.addEventListener('ready', (event) => this.refresh(/** @type {CustomEvent<Item>} */ (event).detail))
    selection.addEventListener('change', () => {
      for (const tile of this.tiles.values()) this.mark(tile, this.items[Number(tile.dataset.index)])
    })
    this.box.addEventListener('click', (event) => this.onClick(event))
    this.box.addEventListener('keydown', (event) => this.onKey(event))
    this.box.addEventListener('focusin', (event) => this.onFocus(event))
  }

  /**
   * Shows these items in this order.
   * @param {Item[]} items
   * @param {Map<Item, number>} scores
   * @param {number} near how many of them, in their order, are more alike than strangers
   * @param {Item|null} queryItem
   * @param {boolean} moving whether tiles glide to their places
   */
  show (items, scores, near, queryItem, moving) {
    const focused = this.items[this.at]
    this.items = items
    this.scores = scores
    this.near = near
    this.queryItem = queryItem
    const kept = focused ? items.indexOf(focused) : 0
    this.at = Math.max(0, Math.min(kept < 0 ? this.at : kept, items.length - 1))
    if (moving && !calm()) {
      this.box.classList.add('sorting')
      setTimeout(() => this.box.classList.remove('sorting'), 500)
    }
    this.layout()
  }

  layout () {
    const width = this.box.clientWidth
    if (width === 0) return
    const least = width < 480 ? 100 : width < 900 ? 132 : 156
    this.columns = Math.max(2, Math.floor((width + gap) / (least + gap)))
    this.size = Math.floor((width - gap * (this.columns - 1)) / this.columns)
    const rows = Math.ceil(this.items.length / this.columns)
    this.box.style.height = `${rows * this.rowHeight()}px`
    this.draw()
  }

  rowHeight () {
    return this.size + caption + gap
  }

  schedule () {
    if (this.scheduled) return
    this.scheduled = true
    requestAnimationFrame(() => {
      this.scheduled = false
      this.draw()
    })
  }

  /** Puts the tiles near the window into the document and takes the others out. */
  draw () {
    const box = this.box.getBoundingClientRect()
    if (box.width === 0) return
    const margin = innerHeight * 0.75
    const height = this.rowHeight()
    const first = Math.max(0, Math.floor((-box.top - margin) / height)) * this.columns
    const end = Math.min(this.items.length, Math.ceil((innerHeight - box.top + margin) / height) * this.columns)
    /** @type {Set<number>} */
    const wanted = new Set()
    for (let index = Math.max(first, end - 1); index >= first; index--) this.place(index, wanted)
    this.place(this.at, wanted)
    for (const [id, tile] of this.tiles) {
      if (wanted.has(id)) continue
      tile.remove()
      this.tiles.delete(id)
    }
  }

  /**
   * @param {number} index
   * @param {Set<number>} wanted
   */
  place (index, wanted) {
    const item = this.items[index]
    if (!item) return
    wanted.add(item.id)
    let tile = this.tiles.get(item.id)
    if (!tile) {
      tile = newTile(item)
      this.tiles.set(item.id, tile)
      this.box.append(tile)
    }
    const x = (index % this.columns) * (this.size + gap)
    const y = Math.floor(index / this.columns) * this.rowHeight()
    tile.style.transform = `translate(${x}px, ${y}px)`
    tile.style.width = `${this.size}px`
    tile.tabIndex = index === this.at ? 0 : -1
    tile.dataset.index = String(index)
    tile.setAttribute('aria-posinset', String(index + 1))
    tile.setAttribute('aria-setsize', String(this.items.length))
    tile.toggleAttribute('data-far', this.scores.has(item) && index >= this.near)
    this.fill(tile, item)
    this.thumbs.want(item)
  }

  /**
   * @param {HTMLElement} tile
   * @param {Item} item
   */
  fill (tile, item) {
    const score = this.scores.get(item)
    tile.dataset.state = item.state
    tile.toggleAttribute('data-bare', !item.file && !item.thumb && !item.later)
    tile.setAttribute('aria-selected', String(item === this.queryItem))
    this.mark(tile, item)
    const image = tile.querySelector('img')
    if (image && item.thumbURL && image.getAttribute('src') !== item.thumbURL) image.src = item.thumbURL
    const badge = /** @type {HTMLElement} */ (tile.querySelector('.score'))
    const gauge = /** @type {HTMLElement} */ (tile.querySelector('.gauge'))
    badge.hidden = gauge.hidden = score === undefined
    if (score === undefined) {
      delete tile.dataset.score
    } else {
      tile.dataset.score = String(score)
      badge.textContent = formatScore(score)
      gauge.style.width = `${Math.max(0, Math.min(1, score)) * 100}%`
    }
    const flag = /** @type {HTMLElement} */ (tile.querySelector('.flag'))
    flag.hidden = item.notes.length === 0
    flag.textContent = item.notes.map(({ code }) => flags[code] ?? 'remark').join(', ')
    flag.title = item.notes.map(({ message }) => message).join('; ')
    const noted = item.notes.map(({ message }) => `, ${message}`).join('')
    const said = score === undefined ? '' : `, likeness ${formatScore(score)}`
    const state = item.state === 'waiting' ? ', not read yet' : ''
    tile.setAttribute('aria-label', `${item.name}${said}${state}${noted}`)
  }

  /**
   * @param {HTMLElement} tile
   * @param {Item|undefined} item
   */
  mark (tile, item) {
    const chosen = item !== undefined && this.selection.has(item)
    if (this.selecting || this.selection.size > 0) tile.setAttribute('aria-checked', String(chosen))
    else tile.removeAttribute('aria-checked')
  }

  /** @param {boolean} on */
  setSelecting (on) {
    this.selecting = on
    this.box.classList.toggle('selecting', on)
    for (const tile of this.tiles.values()) this.mark(tile, this.items[Number(tile.dataset.index)])
  }

  /**
   * Selects one more or less, or all from the last one to it.
   * @param {number} index
   * @param {boolean} range
   */
  select (index, range) {
    if (range) {
      const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)]
      this.selection.add(this.items.slice(from, to + 1))
    } else {
      this.selection.toggle(this.items[index])
      this.anchor = index
    }
  }

  /** @param {Item} item */
  refresh (item) {
    const tile = this.tiles.get(item.id)
    if (tile) this.fill(tile, item)
  }

  /**
   * Moves the focus to an item and brings it into view.
   * @param {number} index
   */
  focusAt (index) {
    if (this.items.length === 0) return
    this.at = Math.max(0, Math.min(index, this.items.length - 1))
    this.draw()
    const tile = this.tiles.get(this.items[this.at].id)
    if (!tile) return
    tile.focus({ preventScroll: true })
    tile.scrollIntoView({ block: 'nearest' })
  }

  /** @param {Item} item */
  focusItem (item) {
    this.focusAt(Math.max(0, this.items.indexOf(item)))
  }

  /** Whether the focus is on one of the tiles. */
  hasFocus () {
    return this.box.contains(document.activeElement)
  }

  /** @param {Event} event */
  itemOf (event) {
    const tile = event.target instanceof Element ? event.target.closest('.tile') : null
    return tile instanceof HTMLElement ? this.items[Number(tile.dataset.index)] : undefined
  }

  /** @param {MouseEvent} event */
  onClick (event) {
    // The second click of a double one would hit whatever glided under it.
    const item = event.detail > 1 ? undefined : this.itemOf(event)
    if (!item) return
    if (this.selecting || event.ctrlKey || event.metaKey || event.shiftKey) this.select(this.items.indexOf(item), event.shiftKey)
    else this.dispatchEvent(new CustomEvent('choose', { detail: item }))
  }

  /** @param {FocusEvent} event */
  onFocus (event) {
    const item = this.itemOf(event)
    const index = item ? this.items.indexOf(item) : -1
    if (index >= 0 && index !== this.at) {
      this.at = index
      this.draw()
    }
  }

  /** @param {KeyboardEvent} event */
  onKey (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a' && !event.altKey) {
      this.selection.set(this.items)
      event.preventDefault()
      return
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const page = this.columns * Math.max(1, Math.floor(innerHeight / this.rowHeight()) - 1)
    /** @type {Record<string, number>} */
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: this.columns,
      ArrowUp: -this.columns,
      PageDown: page,
      PageUp: -page,
      Home: -this.items.length,
      End: this.items.length
    }
    const item = this.items[this.at]
    if (event.key in steps) {
      const aim = this.at + steps[event.key]
      const last = this.items.length - 1
      const rowBelow = Math.floor(this.at / this.columns) < Math.floor(last / this.columns)
      if (event.shiftKey && aim >= 0 && aim <= last) {
        if (this.selection.size === 0) this.anchor = this.at
        this.select(aim, true)
      }
      if (aim >= 0 && aim <= last || !event.key.startsWith('Arrow')) this.focusAt(aim)
      else if (event.key === 'ArrowDown' && rowBelow) this.focusAt(last)
    } else if ((event.key === 'x' || event.key === 'X') && item) {
      this.select(this.at, false)
    } else if (event.key === 'Delete' && this.selection.size > 0) {
      this.dispatchEvent(new Event('remove'))
    } else if (event.key === 'Escape' && this.selection.size > 0) {
      this.selection.clear()
    } else if (event.key === 'Enter' && item && this.selecting) {
      this.select(this.at, event.shiftKey)
    } else if (event.key === 'Enter' && item) {
      this.dispatchEvent(new CustomEvent('choose', { detail: item }))
    } else if (event.key === ' ' && item) {
      this.dispatchEvent(new CustomEvent('view', { detail: item }))
    } else {
      return
    }
    event.preventDefault()
  }
}

/** @param {Item} item */
function newTile (item) {
  const image = element('img', { alt: '', decoding: 'async', draggable: false })
  const part = (/** @type {string} */ className) => element('span', { className })
  return element('div', { className: 'tile', id: `picture-${item.id}`, title: item.name, attributes: { role: 'option' } },
    element('span', { className: 'shot' }, image, part('flag'), part('score'), part('gauge')),
    element('span', { className: 'name', textContent: item.name.slice(item.name.lastIndexOf('/') + 1) }))
}
