import { announce, ask, button, element, formatBytes, notice } from '../dom.js'
import { save } from '../save.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { ClassesPanel } from './classes.js'
import { makeClass } from './edit.js'
import { openProject, projectEnd, saveProject } from './project.js'
import { ResultsPanel } from './results.js'
import { TrainPanel } from './train.js'
import { TryPanel } from './try.js'

/** @typedef {import("../views.js").Page} Page */

const w = words.teach

/** Classes of the visitor's own, learned from pictures. */
export class TeachView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'teach'
    this.page = page
    this.visible = false
    this.tab = ''
    this.timer = 0
    const tab = (/** @type {string} */ name) => element('a', { href: `#teach${name ? `?tab=${name}` : ''}`, data: { tab: name } }, w.tabs[name])
    this.tabs = Object.keys(w.tabs).map(tab)
    this.training = new TrainPanel(page, () => page.route.go('teach', { tab: 'results' }))
    this.panels = /** @type {const} */ ({ '': new ClassesPanel(page), results: new ResultsPanel(page), try: new TryPanel(page) })
    this.task = new Task()
    this.chooser = element('input', { type: 'file', className: 'sr', accept: '.zip', tabIndex: -1, attributes: { 'aria-hidden': 'true' } })
    this.chooser.addEventListener('change', () => {
      const file = this.chooser.files?.[0]
      this.chooser.value = ''
      if (file) void page.openProject(file, file.name)
    })
    const open = () => button(w.openProject, () => this.chooser.click())
    this.full = element('div', { className: 'teach-full' },
      element('nav', { className: 'tabs', aria: { label: words.frame.views.teach } }, ...this.tabs),
      this.training.box, ...Object.values(this.panels).map(({ box }) => box), this.task.box,
      element('div', { className: 'tools project' }, button(w.saveProject, () => void this.saveProject()), open(), element('small', { className: 'help', textContent: w.projectNote })))
    this.empty = page.emptyState(w.title, w.about, 'teach')
    this.empty.querySelector('.choices')?.append(button(w.beginEmpty, () => { makeClass(page); makeClass(page) }, 'button'), button(w.openProject, () => this.chooser.click(), 'button'))
    document.getElementById('view-teach')?.append(this.empty, this.full, this.chooser)
    for (const event of ['change', 'details', 'vectors']) page.collection.addEventListener(event, () => this.later())
    page.embedder.addEventListener('end', () => this.fill())
    page.lesson.addEventListener('change', () => this.fill())
    page.selection.addEventListener('change', () => {
      if (!this.visible) return
      this.panels[''].mark()
      this.panels.results.mark()
    })
    this.fill()
  }

  /** Many pictures may come in a moment. */
  later () {
    if (!this.visible || this.timer) return
    this.timer = setTimeout(() => {
      this.timer = 0
      this.fill()
    }, 150)
  }

  /** @param {URLSearchParams} params */
  show (params) {
    this.visible = true
    const tab = params.get('tab') ?? ''
    this.tab = Object.hasOwn(this.panels, tab) ? tab : ''
    for (const link of this.tabs) {
      if (link.dataset.tab === this.tab) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    for (const [name, { box }] of Object.entries(this.panels)) box.hidden = name !== this.tab
    this.training.box.hidden = this.tab === 'try'
    this.leavePanels()
    this.fill()
  }

  /** What another tab does not need ends. */
  leavePanels () {
    if (this.tab !== 'try' || !this.visible) this.panels.try.stop()
    if (this.tab !== '' || !this.visible) this.panels[''].recorder.stop()
  }

  hide () {
    this.visible = false
    this.leavePanels()
  }

  /** Shows all as it is. */
  fill () {
    const { collection, lesson } = this.page
    const any = collection.items.length > 0 || lesson.made.length > 0
    this.full.hidden = !any
    this.empty.hidden = any
    if (!this.visible || !any) return
    this.training.fill()
    if (this.tab === 'results') this.panels.results.fill()
    else if (this.tab === 'try') this.panels.try.fill()
    else this.panels[''].fill()
  }

  async saveProject () {
    try {
      const blob = await this.task.run(w.saving, (hooks) => saveProject(this.page, hooks))
      if (!blob) return
      const name = `${this.page.lesson.result?.name ?? w.projectName}${projectEnd}`
      save(name, [blob], 'application/zip')
      notice('project', 'good', w.saved(name, formatBytes(blob.size)))
    } catch (error) {
      notice('project', 'bad', w.saveFailed(error instanceof Error ? error.message : String(error)))
    }
  }

  /**
   * Opens a project in place of what is there.
   * @param {Blob} file
   * @param {string} name
   */
  async openProject (file, name) {
    const { page } = this
    try {
      const sure = async () => page.collection.items.length === 0 || ask(w.replace, w.replaceText, w.open)
      if (!await this.task.run(w.opening, () => openProject(page, file, sure))) return
      const { classes } = page.lesson.classes()
      announce(w.opened(page.collection.items.length, classes.length))
      notice('project', 'good', w.opened(page.collection.items.length, classes.length))
      page.route.go('teach', page.lesson.result ? { tab: 'results' } : {})
    } catch (error) {
      notice('project', 'bad', w.openFailed(name, error instanceof Error ? error.message : String(error)))
    }
  }
}
