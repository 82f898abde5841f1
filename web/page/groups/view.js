import { words } from '../words.js'

/** @typedef {import("../views.js").Page} Page */

/** The collection in groups of alike pictures. */
export class GroupsView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'groups'
    this.page = page
    document.getElementById('view-groups')?.append(page.emptyState(words.groups.title, words.groups.about, 'groups'))
  }

  show () {}

  hide () {}
}
