import { breather, button, element } from '../dom.js'
import { fromList } from '../intake.js'
import { markSelected, sheet } from '../groups/sheet.js'
import { Mover } from '../mover.js'
import { words } from '../words.js'
import { deleteClass, fromFolders, fromGroups, leaveOut, makeClass, moveTo, moveToNew, renameClass } from './edit.js'
import { Recorder } from './recorder.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./lesson.js").Class} Class */

const w = words.teach

/** The classes with their pictures: they come by dragging, from groups, from folders, from files and from the camera. */
export class ClassesPanel {
  /** @param {Page} page */
  constructor (page) {
    this.page = page
    /** Counts the calls of fill. */
    this.listing = 0
    this.recorder = new Recorder((pictures) => void page.add(pictures), (folder) => page.collection.items.filter(({ name }) => name.startsWith(folder)).map(({ name }) => name))
    this.fresh = button(w.newClass, () => this.focus(makeClass(page)))
    this.groups = button(w.fromGroups, () => fromGroups(page))
    this.folders = button(w.fromFolders, () => fromFolders(page))
    this.state = element('p', { className: 'help', id: 'teach-state' })
    this.mover = new Mover('teach-move', { label: w.move, go: w.moveGo }, (to) => this.move(to))
    this.list = element('div', { className: 'groups' })
    /** @type {HTMLInputElement} */
    this.files = element('input', { type: 'file', className: 'sr', multiple: true, accept: 'image/*,.heic,.heif,.tif,.tiff', tabIndex: -1, attributes: { 'aria-hidden': 'true' } })
    /** The class that chosen files are of. */
    this.filesOf = ''
    this.files.addEventListener('change', () => void this.addFiles())
    this.box = element('div', {}, element('div', { className: 'tools' }, this.state, this.fresh, this.folders, this.groups, this.mover.box),
      this.recorder.box, this.list, this.files, element('p', { className: 'help', textContent: w.keys }))
  }

  /** Shows the classes as they are. */
  fill () {
    const { classes, none } = this.page.lesson.classes()
    const learned = classes.filter(({ out }) => !out).reduce((sum, { items }) => sum + items.length, 0)
    const lack = this.page.lesson.lack()
    this.state.textContent = lack === null ? w.state(classes.length, learned, none.length) : lack === '' ? w.tooFew : w.tooFewOf(lack)
    this.groups.hidden = this.page.collection.groups.length === 0
    this.folders.hidden = this.page.collection.items.every((item) => !this.page.collection.folder(item))
    void this.show(classes, none)
    this.offerMove()
  }

  /**
   * @param {Class[]} classes
   * @param {Item[]} none
   */
  async show (classes, none) {
    const mine = ++this.listing
    const rest = breather()
    /** @type {HTMLElement[]} */
    const made = []
    for (const one of classes) {
      await rest()
      if (mine !== this.listing) return
      made.push(this.section(one, classes))
    }
    if (none.length > 0) made.push(this.noneSection(none))
    // A button that is held must not be replaced.
    if (this.recorder.recording) {
      for (const fresh of made) {
        const old = this.list.querySelector(`section[data-class="${CSS.escape(fresh.dataset.class ?? '')}"]`)
        old?.querySelector('.sheet-box')?.replaceWith(fresh.querySelector('.sheet-box') ?? '')
        const n = old?.querySelector('.count')
        if (n) n.textContent = fresh.querySelector('.count')?.textContent ?? ''
      }
      return
    }
    const focused = document.activeElement?.closest('section[data-class]')?.getAttribute('data-class')
    const what = document.activeElement?.getAttribute('data-part')
    this.list.replaceChildren(...made)
    if (focused !== undefined && focused !== null && what) this.part(focused, what)?.focus()
  }

  /**
   * A part of a class's section.
   * @param {string} name
   * @param {string} part
   */
  part (name, part) {
    return /** @type {HTMLElement|null} */ (this.list.querySelector(`section[data-class="${CSS.escape(name)}"] [data-part="${part}"]`))
  }

  /** @param {string} name of a class whose name is to be written */
  focus (name) {
    setTimeout(() => {
      const field = this.part(name, 'name')
      field?.focus()
      if (field instanceof HTMLInputElement) field.select()
    }, 50)
  }

  /**
   * @param {Class} one
   * @param {Class[]} classes
   */
  section (one, classes) {
    const { page } = this
    const { name, items, out } = one
    const rename = (/** @type {HTMLInputElement} */ field) => {
      const to = field.value.trim()
      if (to === '' || to === name) field.value = name
      else renameClass(page, classes.find((other) => other.name === name) ?? one, to)
    }
    const hold = this.recorder.button(name)
    const add = button(w.add, () => {
      this.filesOf = name
      this.files.click()
    })
    hold.dataset.part = 'hold'
    add.dataset.part = 'add'
    const made = element('section', { className: out ? 'group out' : 'group', aria: { label: name }, data: { class: name } },
      element('header', {},
        element('input', { type: 'text', className: 'group-name', value: name, maxLength: 100, data: { part: 'name' }, aria: { label: w.name }, on: { change: (event) => rename(event.target) } }),
        element('span', { className: 'count', textContent: items.length.toLocaleString('en') }), element('span', { className: 'spring' }),
        add, hold,
        element('label', { className: 'leave-out' }, element('input', { type: 'checkbox', checked: out, data: { part: 'out' }, on: { change: (event) => leaveOut(page, name, event.target.checked) } }), w.leaveOut),
        button(w.delete, () => deleteClass(page, one))),
      items.length > 0 ? sheet(page, [...items].reverse(), { label: name, all: w.all }) : element('div', { className: 'sheet-box' }, element('p', { className: 'help', textContent: w.empty })))
    return this.droppable(made, name)
  }

  /** @param {Item[]} items */
  noneSection (items) {
    const made = element('section', { className: 'group', aria: { label: w.none }, data: { class: '' } },
      element('header', {}, element('h2', { textContent: w.none }), element('span', { className: 'count', textContent: items.length.toLocaleString('en') })),
      sheet(this.page, items, { label: w.none, all: w.all }))
    return this.droppable(made, '')
  }

  /**
   * Lets pictures be dropped on a section.
   * @param {HTMLElement} section
   * @param {string} name
   */
  droppable (section, name) {
    const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('text/x-likeness')
    section.addEventListener('dragover', (event) => {
      if (!carries(event)) return
      event.preventDefault()
      section.classList.add('over')
    })
    section.addEventListener('dragleave', () => section.classList.remove('over'))
    section.addEventListener('drop', (event) => {
      section.classList.remove('over')
      if (!carries(event)) return
      event.preventDefault()
      event.stopPropagation()
      moveTo(this.page, [...this.page.selection.items], name)
    })
    return section
  }

  async addFiles () {
    const { files } = this.files
    if (!files || files.length === 0) return
    const intake = await fromList(files)
    this.files.value = ''
    for (const problem of intake.problems) this.page.problems.show(problem)
    await this.page.add(intake.pictures.map((picture) => ({ ...picture, label: this.filesOf })))
  }

  /** Shows what is selected. */
  mark () {
    markSelected(this.page, this.list)
    this.offerMove()
  }

  /** Offers to move what is selected. */
  offerMove () {
    const { classes } = this.page.lesson.classes()
    this.mover.offer([...classes.map(({ name }) => /** @type {[string, string]} */ ([`class ${name}`, name])), ['new', w.newClass], ['none', w.none]], this.page.selection.size > 0)
  }

  /** @param {string} to "new", "none" or "class NAME" */
  move (to) {
    const { page } = this
    const items = [...page.selection.items]
    if (to === 'new') moveToNew(page, items)
    else moveTo(page, items, to === 'none' ? '' : to.slice('class '.length))
  }
}
