import { byId, count, make } from './dom.js'

/** @typedef {import("./intake.js").Problem} Problem */

/** Problems shown one by one; the rest are only counted. */
const most = 500

/** The list of pictures that could not be read, with the reason and the remedy. */
export class Problems {
  constructor () {
    this.box = byId('problems', HTMLDetailsElement)
    this.title = byId('problems-title', HTMLElement)
    this.list = byId('problems-list', HTMLElement)
    this.total = 0
    byId('problems-clear', HTMLButtonElement).addEventListener('click', () => this.clear())
  }

  /**
   * @param {string} name
   * @param {unknown} error
   */
  add (name, error) {
    const message = error instanceof Error ? error.message : String(error)
    this.show({ name, reason: message, remedy: remedy(name, message) })
  }

  /** @param {Problem} problem */
  show ({ name, reason, remedy }) {
    this.total++
    this.title.textContent = `${count(this.total, 'file')} could not be read`
    if (this.total <= most) {
      this.list.append(make('li', {}, make('strong', { text: name }), make('span', { text: remedy ? `${reason} ${remedy}` : reason })))
    } else if (this.total === most + 1) {
      this.list.append(make('li', { text: `Only the first ${most} are listed.` }))
    }
    this.box.hidden = false
  }

  clear () {
    this.total = 0
    this.list.replaceChildren()
    this.box.hidden = true
    this.box.open = false
  }
}

/**
 * A remedy that follows from the name, where the message gives none.
 * @param {string} name
 * @param {string} message
 */
function remedy (name, message) {
  if (/\.(heic|heif)$/i.test(name) && !/jpe?g/i.test(message)) return 'Convert it to JPEG first, or open this page in Safari, which can read HEIC.'
  return ''
}
