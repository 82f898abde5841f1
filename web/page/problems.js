import { byId, count, element } from './dom.js'

/** @typedef {import("./intake.js").Problem} Problem */

/** @typedef {import("./collection.js").Item} Item */

/** Problems shown one by one; the rest are only counted. */
const most = 500

/**
 * The list of pictures that could not be read, with the reason and the remedy,
 * and of those that were read and have something to be known.
 */
export class Problems {
  constructor () {
    this.box = byId('problems', HTMLDetailsElement)
    this.title = byId('problems-title', HTMLElement)
    this.list = byId('problems-list', HTMLElement)
    this.failed = 0
    /** Rows of pictures with notes; null where only counted. @type {Map<Item, HTMLElement|null>} */
    this.noted = new Map()
    byId('problems-clear', HTMLButtonElement).addEventListener('click', () => this.clear())
  }

  get total () {
    return this.failed + this.noted.size
  }

  /**
   * @param {string} name
   * @param {unknown} error
   */
  add (name, error) {
    const message = error instanceof Error ? error.message : String(error)
    this.show({ name, reason: message, remedy: '' })
  }

  /** @param {Problem} problem */
  show ({ name, reason, remedy }) {
    this.failed++
    const text = remedy ? `${sentence(reason)} ${remedy}` : sentence(reason)
    if (this.failed <= most) {
      this.list.append(element('li', {}, element('strong', { textContent: name }), element('span', { textContent: text })))
    } else if (this.failed === most + 1) {
      this.list.append(element('li', { textContent: `Only the first ${most} are listed.` }))
    }
    this.head()
  }

  /**
   * Takes up the notes of a picture in place of those before.
   * @param {Item} item
   */
  setNotes (item) {
    const before = this.noted.get(item)
    before?.remove()
    this.noted.delete(item)
    if (item.notes.length > 0) {
      const row = this.noted.size < most ? element('li', { className: 'noted' }, element('strong', { textContent: item.name }), element('span', { textContent: item.notes.map(({ message }) => sentence(message)).join(' ') })) : null
      if (row) this.list.append(row)
      this.noted.set(item, row)
    } else if (before === undefined) {
      return
    }
    this.head()
  }

  /** @param {Iterable<Item>} kept pictures still on the page */
  keepOnly (kept) {
    const set = new Set(kept)
    for (const [item, row] of this.noted) {
      if (set.has(item)) continue
      row?.remove()
      this.noted.delete(item)
    }
    this.head()
  }

  head () {
    const parts = []
    if (this.failed > 0) parts.push(`${count(this.failed, 'file')} could not be read`)
    if (this.noted.size > 0) parts.push(`${count(this.noted.size, 'picture')} with a remark`)
    this.title.textContent = parts.join(', ')
    this.box.hidden = parts.length === 0
    if (this.box.hidden) this.box.open = false
  }

  clear () {
    this.failed = 0
    this.noted.clear()
    this.list.replaceChildren()
    this.head()
  }
}

/** @param {string} message */
function sentence (message) {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`
}
