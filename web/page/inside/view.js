import { words } from '../words.js'

/** @typedef {import("../views.js").Page} Page */

/** What the network sees in a picture. */
export class InsideView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'inside'
    this.page = page
    document.getElementById('view-inside')?.append(page.emptyState(words.inside.title, words.inside.about, 'inside'))
  }

  show () {}

  hide () {}
}
