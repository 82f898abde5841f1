import { announce, button, element, formatBytes } from '../dom.js'
import { save } from '../save.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { contents, filesOf } from './files.js'
import { canWriteFolder, chooseTarget, freshFolder, writeFolder } from './folder.js'
import { gather } from './gather.js'
import { makeZip } from './zip.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("./gather.js").Taught} Taught */
/** @typedef {import("./zip.js").Made} Made */

const w = words.home

/**
 * The dialog that gives the visitor everything there is: vectors, names, labels,
 * groups, map, plots, and a script that does the analysis again.
 */
export class Home {
  /** @param {Page} page */
  constructor (page) {
    this.page = page
    /** @type {Taught|null} */
    this.taught = null
    this.task = new Task()
    this.list = element('ul', { className: 'home-list' })
    this.message = element('p', { id: 'home-message', attributes: { role: 'status' } })
    this.zip = button(w.zip, () => void this.run((when) => this.download(when)), 'button primary')
    this.folder = button(w.folder, () => void this.intoFolder(), 'button')
    this.folder.hidden = !canWriteFolder()
    this.dialog = element('dialog', { id: 'home', className: 'panel', aria: { labelledby: 'home-title' }, on: { close: () => this.task.cancel() } },
      element('h2', { id: 'home-title', textContent: w.title }), element('p', { textContent: w.about }), this.list, this.task.box, this.message,
      element('div', { className: 'dialog-buttons' }, this.zip, this.folder, button(w.close, () => this.dialog.close(), 'button')))
    document.body.append(this.dialog)
  }

  /**
   * @param {Taught|null} [taught] what a taught model adds, where there is one
   */
  open (taught = null) {
    this.taught = taught
    const any = this.page.collection.done().length > 0
    this.list.hidden = !any
    this.list.replaceChildren(...(any ? contents(this.page, taught) : []).map((text) => element('li', { textContent: text })))
    this.message.className = ''
    this.message.textContent = any ? '' : w.nothing
    this.busy(!any)
    this.dialog.showModal()
  }

  /** @param {boolean} busy */
  busy (busy) {
    this.zip.disabled = this.folder.disabled = busy
  }

  /** The folder is chosen first, while the click is fresh. */
  async intoFolder () {
    try {
      const target = await chooseTarget()
      if (target) await this.run((when) => this.write(target, when))
    } catch (error) {
      this.fail(error)
    }
  }

  /**
   * @param {(when: Date) => Promise<string|undefined>} work tells what was done, undefined where it was cancelled
   */
  async run (work) {
    this.busy(true)
    this.message.className = ''
    this.message.textContent = ''
    try {
      const told = await work(new Date())
      this.message.textContent = told ?? w.cancelled
      announce(this.message.textContent)
    } catch (error) {
      this.fail(error)
    } finally {
      this.busy(false)
    }
  }

  /** @param {unknown} error */
  fail (error) {
    const name = error instanceof DOMException ? error.name : ''
    const why = error instanceof Error ? error.message : String(error)
    this.message.className = 'bad'
    this.message.textContent = name === 'QuotaExceededError' ? w.full : name === 'NotAllowedError' || name === 'SecurityError' ? w.notAllowed : w.failed(why)
  }

  /**
   * All files, made here.
   * @param {Date} when
   * @param {import("../task.js").Hooks} hooks
   */
  async make (when, { signal, onProgress }) {
    const known = await gather(this.page, this.taught, { signal, onProgress: ({ done }) => onProgress({ done: 0.8 * done }) })
    const files = await filesOf(known, this.taught, when)
    signal.throwIfAborted()
    return files
  }

  /** @param {Date} when */
  async download (when) {
    const name = nameOf(when)
    const blob = await this.task.run(w.making, async (hooks) => {
      const files = await this.make(when, hooks)
      return makeZip(files.map((file) => ({ ...file, name: `${name}/${file.name}` })), when, hooks.signal)
    })
    if (!blob) return
    save(`${name}.zip`, [blob], 'application/zip')
    return w.downloaded(`${name}.zip`, formatBytes(blob.size))
  }

  /**
   * @param {import("./folder.js").Folder} target
   * @param {Date} when
   */
  async write (target, when) {
    return this.task.run(w.making, async (hooks) => {
      const files = await this.make(when, hooks)
      const folder = await freshFolder(target, nameOf(when))
      await writeFolder(folder, files, (done) => hooks.onProgress({ done: 0.8 + 0.2 * done }), hooks.signal)
      return w.written(files.length, `${target.name}/${folder.name}`)
    })
  }
}

/** @param {Date} when */
function nameOf (when) {
  return `likeness-${when.getFullYear()}-${String(when.getMonth() + 1).padStart(2, '0')}-${String(when.getDate()).padStart(2, '0')}`
}
