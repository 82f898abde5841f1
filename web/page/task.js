import { button, element } from './dom.js'
import { words } from './words.js'

/** Milliseconds after which work is told about: shorter work needs no word. */
const unnoticed = 400

/** @typedef {{signal: AbortSignal, onProgress: (p: {done: number}) => void}} Hooks */

/**
 * Work of a view that takes a while: one at a time, with its progress and a
 * button that ends it.
 */
export class Task {
  constructor () {
    this.text = element('span')
    this.bar = element('progress', { max: 1, attributes: { 'aria-label': words.frame.progress } })
    this.box = element('div', { className: 'task', hidden: true, attributes: { role: 'status' } },
      this.text, this.bar, button(words.frame.cancel, () => this.cancel()))
    /** @type {AbortController|null} */
    this.under = null
  }

  get running () {
    return this.under !== null
  }

  cancel () {
    this.under?.abort()
  }

  /**
   * Runs work in place of what was under way.
   * @template T
   * @param {string} label
   * @param {(hooks: Hooks) => Promise<T>} work
   * @returns {Promise<T|undefined>} undefined where it was cancelled
   */
  async run (label, work) {
    this.cancel()
    const mine = this.under = new AbortController()
    this.text.textContent = label
    this.bar.removeAttribute('value')
    const timer = setTimeout(() => { this.box.hidden = false }, unnoticed)
    try {
      return await work({ signal: mine.signal, onProgress: ({ done }) => { if (this.under === mine) this.bar.value = done } })
    } catch (error) {
      if (mine.signal.aborted) return
      throw error
    } finally {
      clearTimeout(timer)
      if (this.under === mine) {
        this.under = null
        this.box.hidden = true
      }
    }
  }
}
