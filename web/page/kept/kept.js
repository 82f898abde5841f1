import { Analysis } from '../../likeness.js'
import { ask, byId, button, count, element, formatBytes, notice } from '../dom.js'
import { fromFolder } from '../intake.js'
import { Paths } from '../paths.js'
import { words } from '../words.js'
import { mayRead } from './folders.js'
import { Store } from './store.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./store.js").Entry} Entry */
/** @typedef {import("./store.js").Row} Row */

const w = words.kept

/** Pictures in one transaction. */
const batch = 400
/** Milliseconds for which changes are gathered. */
const pause = 500
/** Bytes of pictures up to which they are proposed to be kept too. */
const small = 300e6
/** Where this tab remembers what it has open, for after a reload. */
const here = 'likeness-kept'

/** Collections that are kept in this browser, by the visitor's wish. */
export class Kept {
  /**
   * @param {Page} page
   * @param {(intake: import("../intake.js").Intake, use: "add") => void} take
   * @param {Store} [store]
   */
  constructor (page, take, store = new Store()) {
    this.page = page
    this.take = take
    /** Folders that pictures on the page came from. @type {import("./folders.js").Folder[]} */
    this.folders = []
    this.store = store
    /** The collection that is open and kept. @type {Entry|null} */
    this.entry = null
    /** Keys that are to be written. @type {Set<string>} */
    this.dirty = new Set()
    /** Keys that are stored, and those whose small picture is. @type {Set<string>} */
    this.stored = new Set()
    /** @type {Set<string>} */
    this.drawn = new Set()
    this.timer = 0
    /** @type {Promise<void>} */
    this.writing = Promise.resolve()
    this.dialog = byId('keep', HTMLDialogElement)
    this.field = byId('keep-name', HTMLInputElement)
    this.files = byId('keep-files', HTMLInputElement)
    this.list = byId('kept-list', HTMLElement)
    this.channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('likeness-kept') : null
    byId('keep-yes', HTMLButtonElement).addEventListener('click', () => void this.begin())
    byId('menu-keep', HTMLButtonElement).addEventListener('click', () => this.open())
    const { collection } = page
    collection.addEventListener('vectors', (event) => this.mark([/** @type {CustomEvent<Item>} */ (event).detail]))
    collection.addEventListener('change', () => this.mark(collection.items.filter((item) => !this.stored.has(item.key))))
    collection.addEventListener('laid', () => void this.writePart('map', collection.laid))
    page.lesson.addEventListener('change', () => void this.writePart('lesson', page.lesson.stored()))
    collection.addEventListener('details', () => this.mark(collection.items))
    page.thumbs.addEventListener('ready', (event) => this.mark([/** @type {CustomEvent<Item>} */ (event).detail]))
    addEventListener('pagehide', () => void this.flush())
    this.channel?.addEventListener('message', ({ data }) => void this.heard(data))
  }

  /** Shows what there is, and opens again what this tab had open. */
  async start () {
    await this.show()
    const id = sessionStorage.getItem(here)
    if (id) await this.use(id, true)
  }

  async show () {
    /** @type {Entry[]} */
    let entries = []
    try {
      entries = await this.store.list()
    } catch { /* private windows of some browsers keep nothing */ }
    byId('kept', HTMLElement).hidden = entries.length === 0
    this.list.replaceChildren(...entries.map((entry) => element('li', {},
      element('button', { type: 'button', className: 'button', data: { kept: entry.id }, on: { click: () => void this.use(entry.id) } }, entry.name),
      element('small', { textContent: `${count(entry.count, 'picture')}, ${new Date(entry.updated).toLocaleDateString('en')}` }),
      button(w.forget, () => void this.forget(entry)))))
  }

  open () {
    const bytes = this.page.collection.items.reduce((sum, item) => sum + (item.file?.size ?? 0), 0)
    this.field.value = this.entry?.name ?? w.usual(new Date())
    this.files.checked = this.entry?.files ?? bytes <= small
    byId('keep-files-text', HTMLElement).textContent = w.files(formatBytes(bytes))
    byId('keep-text', HTMLElement).textContent = this.entry ? w.already(this.entry.name) : w.about
    this.dialog.showModal()
  }

  /** Keeps the collection from now on, as the dialog says. */
  async begin () {
    this.dialog.close()
    await this.keep(this.field.value.trim() || w.usual(new Date()), this.files.checked)
  }

  /** Keeps what is taught, without the pictures themselves, if it is not kept yet: nobody is to lose it. */
  async keepProject () {
    if (this.entry || typeof indexedDB === 'undefined') return
    const kept = await this.keep(w.usualProject(new Date()), false)
    const entry = /** @type {Entry|null} */ (this.entry)
    if (kept && entry) notice('kept', 'good', words.teach.kept(entry.name), { label: words.teach.notKept, run: () => void this.forget(entry), quiet: true })
  }

  /**
   * @param {string} name
   * @param {boolean} files whether the pictures themselves are kept too
   * @returns {Promise<boolean>} whether all of it is stored
   */
  async keep (name, files) {
    const { engine, collection } = this.page
    void navigator.storage?.persist?.()
    this.entry = {
      id: this.entry?.id ?? crypto.randomUUID(),
      name,
      choice: { ...engine.choice },
      hash: engine.extractor?.info.hash ?? '',
      count: collection.items.length,
      updated: Date.now(),
      files,
      groups: collection.groups,
      folders: this.folders
    }
    this.dirty = new Set(collection.items.map((item) => item.key))
    this.drawn.clear()
    const whole = await this.flush()
    if (whole) {
      sessionStorage.setItem(here, this.entry.id)
      await this.writePart('map', collection.laid)
      await this.writePart('lesson', this.page.lesson.stored())
      notice('kept', 'good', w.done(this.entry.name))
    }
    await this.show()
    return whole
  }

  /** @param {Item[]} items that are others than stored */
  mark (items) {
    if (!this.entry) return
    for (const item of items) this.dirty.add(item.key)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.flush(), pause)
  }

  /**
   * Writes what has changed.
   * @returns {Promise<boolean>} whether all of it is stored
   */
  async flush () {
    let whole = true
    this.writing = this.writing.then(async () => { whole = await this.writeAll() })
    await this.writing
    return whole
  }

  async writeAll () {
    const { collection, engine } = this.page
    const { entry } = this
    if (!entry) return true
    const dirty = [...this.dirty]
    this.dirty.clear()
    const gone = [...this.stored].filter((key) => !collection.byKey.has(key))
    const order = new Map(collection.items.map((item, i) => [item, i]))
    Object.assign(entry, { count: collection.items.length, updated: Date.now(), groups: collection.groups, choice: { ...engine.choice }, hash: engine.extractor?.info.hash ?? entry.hash })
    try {
      for (let at = 0; at < dirty.length || at === 0; at += batch) {
        const rows = dirty.slice(at, at + batch).flatMap((key) => {
          const item = collection.byKey.get(key)
          return item ? [this.row(entry, item, order.get(item) ?? 0)] : []
        })
        const blobs = rows.flatMap(({ key }) => this.blobs(entry, /** @type {Item} */ (collection.byKey.get(key))))
        await this.store.write(entry, rows, blobs, at === 0 ? gone : [])
        for (const { key, thumb } of blobs) if (thumb) this.drawn.add(key)
        for (const row of rows) this.stored.add(row.key)
      }
      for (const key of gone) {
        this.stored.delete(key)
        this.drawn.delete(key)
      }
      this.channel?.postMessage({ id: entry.id })
      return true
    } catch (error) {
      for (const key of dirty) this.dirty.add(key)
      const full = error instanceof DOMException && error.name === 'QuotaExceededError'
      notice('kept', 'bad', full ? w.full : w.failed(error instanceof Error ? error.message : String(error)), { label: w.again, run: () => void this.flush() })
      return false
    }
  }

  /**
   * Stores what belongs to the whole collection, if it is kept, and tells other tabs.
   * @param {'map'|'lesson'} part
   * @param {any} value
   */
  async writePart (part, value) {
    const { entry } = this
    if (!entry) return
    try {
      await this.store.writePart(entry.id, part, value)
      this.channel?.postMessage({ id: entry.id })
    } catch (error) {
      notice('kept', 'bad', w.failed(error instanceof Error ? error.message : String(error)))
    }
  }

  /**
   * @param {Entry} entry
   * @param {Item} item
   * @param {number} order
   * @returns {Row}
   */
  row (entry, item, order) {
    const { key, name, vector, notes, label, group, width, height, bytes, date } = item
    return { collection: entry.id, key, order, name, vector, notes, label, group, width, height, bytes, date }
  }

  /**
   * Small picture and picture, where they are not stored yet.
   * @param {Entry} entry
   * @param {Item} item
   * @returns {import("./store.js").Blobs[]}
   */
  blobs (entry, { key, thumb, file }) {
    return this.drawn.has(key) || !thumb && !(entry.files && file) ? [] : [{ collection: entry.id, key, thumb, file: entry.files ? file : null }]
  }

  /**
   * Opens a kept collection in place of what is on the page.
   * @param {string} id
   * @param {boolean} [again] after a reload, when nothing is to be asked
   */
  async use (id, again = false) {
    const { page } = this
    const entry = (await this.store.list().catch(() => [])).find((e) => e.id === id)
    if (!entry) {
      sessionStorage.removeItem(here)
      return
    }
    if (!again && page.collection.items.length > 0 && !await ask(w.replace, w.replaceText, w.openIt)) return
    try {
      await page.engine.ready()
      if (page.engine.models.every(({ name }) => name !== entry.choice.model)) throw new Error(w.noModel(entry.choice.model))
      await page.engine.use(entry.choice)
      if (entry.hash && page.engine.extractor?.info.hash !== entry.hash) throw new Error(w.otherModel(entry.choice.model))
      await this.flush()
      this.entry = null
      page.collection.clear()
      page.undo.forget()
      const [rows, laid, lesson] = await Promise.all([this.store.rows(id), this.store.part(id, 'map'), this.store.part(id, 'lesson')])
      page.collection.laid = laid
      const later = async (/** @type {Item} */ item) => this.fetch(id, [item])
      await page.collection.add(rows.map(({ collection, order, ...row }) => ({ ...row, file: null, later })))
      page.collection.setGroups(entry.groups, new Map(page.collection.items.filter((item) => item.group >= 0).map((item) => [item, item.group])))
      page.lesson.restore(lesson)
      this.stored = new Set(rows.map(({ key }) => key))
      this.drawn = new Set(this.stored)
      this.dirty.clear()
      this.entry = entry
      sessionStorage.setItem(here, id)
      void page.embedder.run()
      this.folders = entry.folders ?? []
      void this.fetchAll(id).then(() => this.reconnect(false))
    } catch (error) {
      notice('kept', 'bad', w.cannotOpen(entry.name, error instanceof Error ? error.message : String(error)))
    }
  }

  /**
   * Brings small pictures, and pictures where they are kept.
   * @param {string} id
   * @param {Item[]} items
   */
  async fetch (id, items) {
    const found = await this.store.blobs(id, items.map(({ key }) => key))
    items.forEach((item, i) => {
      item.later = undefined
      item.thumb ??= found[i]?.thumb ?? null
      item.file ??= found[i]?.file ?? null
      if (item.thumb) this.drawn.add(item.key)
    })
  }

  /**
   * All of them, while the page is used.
   * @param {string} id
   */
  async fetchAll (id) {
    const { items } = this.page.collection
    for (let at = 0; at < items.length && this.entry?.id === id; at += batch) {
      await this.fetch(id, items.slice(at, at + batch).filter(({ later }) => later))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    if (this.entry?.id === id) this.page.collection.dispatchEvent(new Event('files'))
  }

  /** @param {Entry} entry */
  async forget (entry) {
    if (!await ask(w.forgetTitle(entry.name), w.forgetText, w.forget)) return
    if (this.entry?.id === entry.id) this.leave()
    await this.store.remove(entry.id)
    if (!await Analysis.forgetFrozen()) notice('kept', 'warn', w.forgetLater)
    this.channel?.postMessage({ id: entry.id, gone: true })
    await this.show()
  }

  /**
   * A folder that pictures come from, to be asked for again when they are opened.
   * @param {import("./folders.js").Folder} folder
   */
  remember (folder) {
    this.folders.push(folder)
    if (!this.entry) return
    this.entry.folders = this.folders
    this.mark([])
  }

  /**
   * Finds the pictures of a kept collection on the disk again.
   * @param {boolean} ask whether the visitor has just clicked
   */
  async reconnect (ask) {
    const { entry } = this
    const bare = this.page.collection.items.some(({ file }) => !file)
    if (!entry || entry.files || !bare || this.folders.length === 0) return
    for (const folder of this.folders) {
      const may = await mayRead(folder, ask).catch(() => false)
      if (!may) {
        if (!ask) notice('folder', 'good', w.folder(folder.name), { label: w.folderYes, run: () => void this.reconnect(true) })
        return
      }
      try {
        const intake = await fromFolder(folder)
        // What has been taken off the page, or has changed on the disk, is not brought back.
        const bare = new Paths(this.page.collection.items.filter(({ file }) => !file))
        const pictures = intake.pictures.filter(({ name, file }) => {
          const item = bare.find(name)
          return item && (item.bytes === 0 || item.bytes === file.size)
        })
        if (pictures.length > 0) this.take({ ...intake, pictures, vectors: [], problems: [], skipped: 0 }, 'add')
      } catch (error) {
        notice('folder', 'bad', w.folderFailed(error instanceof Error ? error.message : String(error)))
      }
    }
  }

  /** The collection on the page is kept no longer. */
  leave () {
    this.entry = null
    this.folders = []
    this.dirty.clear()
    this.stored.clear()
    this.drawn.clear()
    sessionStorage.removeItem(here)
  }

  /**
   * What another tab has done.
   * @param {{id: string, gone?: boolean}} message
   */
  async heard ({ id, gone }) {
    await this.show()
    if (this.entry?.id !== id) return
    if (gone) {
      this.leave()
      notice('kept', 'warn', w.goneElsewhere)
    } else {
      notice('kept', 'warn', w.changedElsewhere(this.entry.name), { label: w.reload, run: () => void this.use(id, true) })
    }
  }
}
