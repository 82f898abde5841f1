// What both elements have: words, the index, and the list of pictures.

import { LikenessError } from '../lib/errors.js'
import { PictureIndex } from './collection.js'
import { dress } from './style.js'
import { english, languageOf, wordsOf } from './words.js'

/** @typedef {import('./collection.js').Match} Match */

/**
 * @param {string} name
 * @param {Record<string, any>} [props] properties; those with a dash, part, role and slot are attributes
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function element (name, props = {}, ...children) {
  const e = document.createElement(name)
  for (const [key, value] of Object.entries(props)) {
    if (key.includes('-') || ['part', 'role', 'slot', 'for'].includes(key)) e.setAttribute(key, value)
    else /** @type {any} */ (e)[key] = value
  }
  e.append(...children)
  return e
}

export class LikenessElement extends HTMLElement {
  constructor () {
    super()
    this.root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    dress(this.root)
    this.words = english
    /** @type {Promise<PictureIndex> | undefined} */
    this.opening = undefined
    /** Addresses made for small pictures. @type {string[]} */
    this.urls = []
  }

  async connectedCallback () {
    this.words = await wordsOf(languageOf(this))
    if (!this.isConnected) return
    this.start()
    void this.keepOffline()
  }

  /**
   * Keeps page, program and index for use without a network, where the attribute
   * offline asks for it; its value is the address of a service worker higher up,
   * for pages that are not in the folder of the index.
   */
  async keepOffline () {
    const script = this.getAttribute('offline')
    if (script === null || !navigator.serviceWorker) return
    const base = new URL((this.getAttribute('src') ?? './').replace(/\/?$/, '/'), document.baseURI)
    const url = script ? new URL(script, document.baseURI) : new URL('sw.js', base)
    try {
      await navigator.serviceWorker.register(url)
      const { active } = await navigator.serviceWorker.ready
      const done = new Promise(resolve => navigator.serviceWorker.addEventListener('message', ({ data }) => { if (data?.kept) resolve(undefined) }))
      const used = performance.getEntriesByType('resource').map(({ name }) => name).filter(name => name.startsWith(location.origin) && !name.startsWith(base.href))
      active?.postMessage({ keep: [location.href.replace(/#.*$/, ''), ...new Set(used)] })
      await done
      this.tell('likeness-offline', {})
    } catch (e) {
      this.tell('likeness-error', { code: 'offline', message: `the page could not be kept for use without a network (${/** @type {Error} */ (e).message}): ${url.pathname} must be served as a script, and the page lie below it` })
    }
  }

  disconnectedCallback () {
    this.forget()
  }

  /** Overridden: builds what is shown. */
  start () {}

  /** The index that src leads to, opened once. */
  index () {
    const src = this.getAttribute('src')
    if (!src) return Promise.reject(new LikenessError('option', `<${this.localName}> needs src, the folder that likeness index made`))
    this.opening ??= PictureIndex.open(src)
    this.opening.catch(() => { this.opening = undefined })
    return this.opening
  }

  /**
   * Runs a task on the index; once more with a fresh one where it was replaced
   * on the host meanwhile.
   * @template T
   * @param {(index: PictureIndex) => Promise<T>} task
   * @returns {Promise<T>}
   */
  async withIndex (task) {
    const index = await this.index()
    try {
      return await task(index)
    } catch (e) {
      if (/** @type {any} */ (e).code !== 'index-changed') throw e
      this.opening = undefined
      const fresh = await this.index()
      if (fresh.manifest.generation === index.manifest.generation) throw e
      return task(fresh)
    }
  }

  /**
   * @param {string} name
   * @param {any} detail
   */
  tell (name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  /** @param {any} e */
  failed (e) {
    const code = e?.code ?? 'internal'
    this.tell('likeness-error', { code, message: e?.message ?? String(e) })
    return e?.message ?? String(e)
  }

  forget () {
    for (const url of this.urls.splice(0)) URL.revokeObjectURL(url)
  }

  /**
   * Fills a list with matches.
   * @param {HTMLElement} list
   * @param {PictureIndex} index
   * @param {Match[]} matches
   * @param {((match: Match) => void)} [more] what "More like this" does
   */
  show (list, index, matches, more) {
    this.forget()
    const template = /** @type {HTMLTemplateElement | null} */ (this.querySelector(':scope > template[slot=result]'))
    list.replaceChildren(...matches.map(m => element('li', { part: 'result' }, ...(template ? this.fromTemplate(template, index, m) : this.tile(index, m, more)))))
  }

  /**
   * @param {PictureIndex} index
   * @param {Match} m
   * @param {((match: Match) => void)} [more]
   */
  tile (index, m, more) {
    const title = m.title || m.path.replace(/^.*\//, '')
    const img = this.picture(index, m, m.url ? '' : title)
    const percent = Math.round(Math.max(m.score, 0) * 100)
    const inside = [
      element('span', { className: 'shown', part: 'thumb' }, img),
      element('span', { className: 'title', part: 'title', title }, title),
      element('span', { className: 'quiet' }, `${percent} % ${this.words.alike}`)
    ]
    const bar = element('i')
    bar.style.width = `${percent}%`
    const parts = [
      m.url ? element('a', { part: 'link', href: new URL(m.url, document.baseURI).href }, ...inside) : element('span', { part: 'link', className: 'plain' }, ...inside),
      element('span', { className: 'meter', part: 'score', 'aria-hidden': 'true' }, bar)
    ]
    if (m.text) parts.push(element('span', { className: 'hint', part: 'text' }, m.text))
    if (more) parts.push(element('button', { type: 'button', part: 'more', 'aria-label': `${this.words.more}: ${title}`, onclick: () => more(m) }, this.words.more))
    return parts
  }

  /**
   * @param {PictureIndex} index
   * @param {Match} m
   * @param {string} alt
   */
  picture (index, m, alt) {
    const img = element('img', { alt, loading: 'lazy', decoding: 'async' })
    index.thumb(m).then(url => {
      if (!url) return
      if (url.startsWith('blob:')) this.urls.push(url)
      img.src = url
    }, e => { img.alt = alt || this.failed(e) })
    return img
  }

  /**
   * A copy of the author's own template: elements with data-likeness title,
   * text, score, thumb or link are filled.
   * @param {HTMLTemplateElement} template
   * @param {PictureIndex} index
   * @param {Match} m
   */
  fromTemplate (template, index, m) {
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true))
    for (const e of copy.querySelectorAll('[data-likeness]')) {
      const field = e.getAttribute('data-likeness')
      if (field === 'thumb') e.replaceWith(Object.assign(this.picture(index, m, m.title || m.path), { className: e.className }))
      else if (field === 'link' && m.url) e.setAttribute('href', new URL(m.url, document.baseURI).href)
      else if (field === 'score') e.textContent = m.score.toFixed(2)
      else if (field === 'title') e.textContent = m.title || m.path
      else if (field === 'text') e.textContent = m.text ?? ''
    }
    return [copy]
  }
}
