import { byId } from './dom.js'
import { words } from './words.js'

/**
 * What every view is given: the parts of the page that are shared by all.
 * @typedef {object} Page
 * @property {import("./engine.js").Engine} engine the loaded network and the choice of layer and pooling
 * @property {import("./collection.js").Collection} collection the pictures
 * @property {import("./selection.js").Selection} selection those that are selected
 * @property {import("./route.js").Route} route the address
 * @property {import("./undo.js").Undo} undo
 * @property {import("./thumbs.js").Thumbs} thumbs small pictures
 * @property {import("./viewer.js").Viewer} viewer shows one picture large
 * @property {import("./search.js").Search} search the picture that is searched with, and the order it gives
 * @property {import("./vectors.js").Vectors} vectors the vectors in a worker that makes maps and groups
 * @property {import("./embed.js").Embedder} embedder reads pictures
 * @property {import("./progress.js").ProgressPanel} progress
 * @property {import("./problems.js").Problems} problems
 * @property {import("./samples.js").Samples} samples
 * @property {typeof import("./words.js").words} words what it says, in English
 * @property {(item: import("./collection.js").Item, view?: string) => void} findSimilar searches with a picture, in this view or another
 * @property {(items: Iterable<import("./collection.js").Item>) => void} remove takes pictures out; can be undone
 * @property {(name: string) => void} open goes to a view as it was left
 * @property {import("./teach/lesson.js").Lesson} lesson classes, and what was learned from them
 * @property {(pictures: import("./collection.js").Picture[]) => Promise<void>} add takes pictures in
 * @property {() => void} leave takes everything off the page; what is kept on the device stays there
 * @property {() => Promise<void>} keep keeps what is on the page on this device, if it is not kept yet
 * @property {(file: Blob, name: string) => Promise<void>} openProject opens a project in place of what is on the page
 * @property {(title: string, text: string, icon: string) => HTMLElement} emptyState says what a view is for while there is nothing to show, with the ways to begin
 */
/**
 * One of the page's views. It builds its document below #view- and its name,
 * and finds what it needs in the page that its constructor is given.
 * @typedef {object} View
 * @property {string} name as it stands in the address
 * @property {(params: URLSearchParams) => void} show it has become visible, or its parameters are others
 * @property {() => void} hide it is no longer visible
 */

/** Which view is seen: the one that the address names. */
export class Views {
  /**
   * @param {Page} page
   * @param {View[]} views
   */
  constructor (page, views) {
    this.page = page
    /** @type {Map<string, View>} */
    this.byName = new Map(views.map((view) => [view.name, view]))
    /** @type {View|null} */
    this.shown = null
    /** Where each view was scrolled to. @type {Map<string, number>} */
    this.scrolled = new Map()
    for (const link of document.querySelectorAll('[data-view]')) {
      link.addEventListener('click', (event) => {
        const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event)
        if (ctrlKey || metaKey || shiftKey) return
        event.preventDefault()
        this.open(link.getAttribute('data-view') ?? '')
      })
    }
    page.route.addEventListener('change', () => this.update())
  }

  /**
   * Goes to a view as it was left, the present search taken along.
   * @param {string} name
   */
  open (name) {
    const { route } = this.page
    if (name === route.view) return
    const params = new URLSearchParams(route.last.get(name) ?? '')
    params.delete('show')
    params.delete('like')
    route.go(name, { ...Object.fromEntries(params), like: route.get('like') })
  }

  /** Shows what the address says. */
  update () {
    const { route } = this.page
    const view = this.byName.get(route.view)
    if (!view) return
    if (view !== this.shown) {
      if (this.shown) {
        this.scrolled.set(this.shown.name, scrollY)
        byId(`view-${this.shown.name}`, HTMLElement).hidden = true
        this.shown.hide()
      }
      this.shown = view
      document.body.dataset.view = view.name
      byId(`view-${view.name}`, HTMLElement).hidden = false
      for (const link of document.querySelectorAll('[data-view]')) {
        if (link.getAttribute('data-view') === view.name) link.setAttribute('aria-current', 'page')
        else link.removeAttribute('aria-current')
      }
      document.title = words.frame.title(words.frame.views[view.name] ?? '')
      view.show(route.params)
      scrollTo(0, this.scrolled.get(view.name) ?? 0)
    } else {
      view.show(route.params)
    }
  }
}
