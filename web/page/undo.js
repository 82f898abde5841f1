import { announce, button, element } from './dom.js'
import { words } from './words.js'

/**
 * Something that can be taken back.
 * @typedef {object} Step
 * @property {string} label what has been done, as a sentence: "3 pictures removed."
 * @property {() => void} redo does it
 * @property {() => void} undo takes it back
 */

/** Steps that are remembered. */
const most = 100
/** Milliseconds that a toast stays. */
const stays = 8000

/**
 * What has been done and can be taken back: by the toast that tells of it, by
 * Ctrl-Z and done again by Ctrl-Shift-Z or Ctrl-Y. Dispatches "change".
 */
export class Undo extends EventTarget {
  /** @param {HTMLElement} toasts where they appear */
  constructor (toasts) {
    super()
    this.toasts = toasts
    /** @type {Step[]} */
    this.done = []
    /** @type {Step[]} */
    this.undone = []
    document.addEventListener('keydown', (event) => this.onKey(event))
  }

  /**
   * Does a step and remembers it.
   * @param {Step} step
   */
  do (step) {
    step.redo()
    this.done.push(step)
    if (this.done.length > most) this.done.shift()
    this.undone = []
    this.toast(step.label, words.frame.undo, () => this.undo())
    this.dispatchEvent(new Event('change'))
  }

  undo () {
    const step = this.done.pop()
    if (!step) return
    step.undo()
    this.undone.push(step)
    this.toast(words.frame.undone(step.label), words.frame.redo, () => this.redo())
    this.dispatchEvent(new Event('change'))
  }

  redo () {
    const step = this.undone.pop()
    if (!step) return
    step.redo()
    this.done.push(step)
    this.toast(step.label, words.frame.undo, () => this.undo())
    this.dispatchEvent(new Event('change'))
  }

  /** Forgets all steps, where they cannot be taken back any more. */
  forget () {
    this.done = []
    this.undone = []
    this.toasts.replaceChildren()
    this.dispatchEvent(new Event('change'))
  }

  /**
   * A short message that goes by itself, with one thing to do; it takes the place of the one before.
   * @param {string} text
   * @param {string} label
   * @param {() => void} run
   */
  toast (text, label, run) {
    const box = element('div', { className: 'toast' }, element('p', { textContent: text }), button(label, run))
    this.toasts.replaceChildren(box)
    announce(text)
    let timer = 0
    const wait = () => { timer = setTimeout(() => box.remove(), stays) }
    const hold = () => clearTimeout(timer)
    // It stays while it is being read or reached for.
    box.addEventListener('pointerenter', hold)
    box.addEventListener('pointerleave', wait)
    box.addEventListener('focusin', hold)
    box.addEventListener('focusout', wait)
    wait()
  }

  /** @param {KeyboardEvent} event */
  onKey (event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return
    const { target } = event
    // Text fields have their own undo; a dialog is finished first.
    if (target instanceof Element && target.closest('input:not([type=range], [type=checkbox]), textarea, dialog[open]')) return
    const key = event.key.toLowerCase()
    if (key === 'z' && !event.shiftKey) this.undo()
    else if (key === 'z' || key === 'y') this.redo()
    else return
    event.preventDefault()
  }
}
