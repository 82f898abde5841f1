// <likeness-more src item>: the pictures most like one of the index. Needs
// neither model nor engine.

import { LikenessError } from '../lib/errors.js'
import { element, LikenessElement } from './element.js'

export class MoreElement extends LikenessElement {
  static observedAttributes = ['item', 'src', 'count']

  start () {
    this.list = element('ol', { part: 'results', 'aria-label': this.words.moreLikeIt })
    this.status = element('div', { className: 'status', part: 'status', role: 'status', hidden: true })
    this.root.replaceChildren(this.status, this.list)
    this.fill()
  }

  attributeChangedCallback (/** @type {string} */ name) {
    if (name === 'src') this.opening = undefined
    if (this.list) this.fill()
  }

  async fill () {
    const wanted = this.getAttribute('item') ?? ''
    try {
      await this.withIndex(async index => {
        const item = /^\d+$/.test(wanted) ? Number(wanted) : await index.find(wanted)
        if (item === undefined) throw new LikenessError('item-unknown', `<likeness-more>: the index has no picture '${wanted}': item is its path as likeness index saw it, or its number`)
        const matches = await index.more(item, Number(this.getAttribute('count')) || 6)
        if (wanted !== (this.getAttribute('item') ?? '')) return
        this.status.hidden = true
        this.show(this.list, index, matches)
        this.tell('likeness-results', { matches })
      })
    } catch (e) {
      this.status.textContent = this.failed(e)
      this.status.className = 'status error'
      this.status.hidden = false
      this.list.replaceChildren()
    }
  }
}
