/** @typedef {Record<string, string|number|boolean|null|undefined>} Params null, undefined, false and '' leave a parameter out */

/**
 * The state of the page as its address tells it: `#map?method=umap` is the
 * view map with one parameter. Going somewhere makes an entry in the browser's
 * history, so that back and forward work. Dispatches "change" when the
 * address has become another, whoever changed it.
 */
export class Route extends EventTarget {
  /** @param {string[]} views names, the first one for an address that names none */
  constructor (views) {
    super()
    this.views = views
    this.view = views[0]
    this.params = new URLSearchParams()
    /** What each view was last shown with, for the way back to it. @type {Map<string, string>} */
    this.last = new Map()
    this.read()
    addEventListener('popstate', () => { if (this.read()) this.tell() })
    // An address typed by hand is no popstate in every browser.
    addEventListener('hashchange', () => { if (this.read()) this.tell() })
  }

  /** Takes up the address; returns whether it is another. */
  read () {
    const text = location.hash.slice(1)
    const at = text.indexOf('?')
    const name = at < 0 ? text : text.slice(0, at)
    const view = this.views.includes(name) ? name : this.views[0]
    const params = new URLSearchParams(at < 0 ? '' : text.slice(at + 1))
    if (view === this.view && params.toString() === this.params.toString()) return false
    this.take(view, params)
    return true
  }

  /**
   * @param {string} view
   * @param {URLSearchParams} params
   */
  take (view, params) {
    this.view = view
    this.params = params
    this.last.set(view, params.toString())
  }

  tell () {
    this.dispatchEvent(new Event('change'))
  }

  /**
   * Goes to a view in the state that these parameters tell, all others left out.
   * @param {string} view
   * @param {Params} [params]
   * @param {{replace?: boolean}} [how] replace: in place of the present entry of the history
   */
  go (view, params = {}, { replace = false } = {}) {
    const next = new URLSearchParams()
    for (const [key, value] of Object.entries(params)) {
      if (value !== null && value !== undefined && value !== false && value !== '') next.set(key, String(value))
    }
    if (view === this.view && next.toString() === this.params.toString()) return
    this.take(view, next)
    history[replace ? 'replaceState' : 'pushState'](null, '', this.address(view, next))
    this.tell()
  }

  /**
   * Changes some parameters of the present view.
   * @param {Params} changes
   * @param {{replace?: boolean}} [how]
   */
  set (changes, how) {
    this.go(this.view, { ...Object.fromEntries(this.params), ...changes }, how)
  }

  /**
   * @param {string} view
   * @param {URLSearchParams} params
   */
  address (view, params) {
    const text = params.toString()
    if (view === this.views[0] && text === '') return location.pathname + location.search
    return `#${view}${text ? `?${text}` : ''}`
  }

  /** @param {string} name */
  get (name) {
    return this.params.get(name) ?? ''
  }
}
