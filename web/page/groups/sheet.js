import { element } from '../dom.js'

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../views.js").Page} Page */

/** Pictures of a group that are shown at first. */
const shown = 24

/**
 * A contact sheet: small pictures that can be selected, by pointer and keys,
 * and dragged: a listbox, and a button for those that are not shown at first.
 * @param {Page} page
 * @param {Item[]} items the most central first
 * @param {{label: string, all: (n: number) => string, whole?: boolean, note?: (item: Item) => string}} options whole: all pictures are shown;
 *   note: what stands below each
 */
export function sheet (page, items, { label, all, whole = false, note }) {
  const box = element('div', { className: 'sheet', attributes: { role: 'listbox', 'aria-multiselectable': 'true' }, aria: { label } })
  const tile = (/** @type {Item} */ item, /** @type {number} */ i) => element('div', {
    className: 'tile', tabIndex: i === 0 ? 0 : -1, title: item.name, draggable: true, data: { key: item.key },
    attributes: { role: 'option' }, aria: { selected: String(page.selection.has(item)), label: note ? `${item.name}: ${note(item)}` : item.name }
  }, page.thumbs.image(item, ''), note ? element('small', { textContent: note(item) }) : '')
  const more = element('button', { type: 'button', className: 'button small', on: { click: () => fill(items.length) } }, all(items.length))
  const fill = (/** @type {number} */ n) => {
    box.replaceChildren(...items.slice(0, n).map(tile))
    more.hidden = items.length <= n
  }
  fill(whole ? items.length : shown)
  const item = (/** @type {Event} */ event) => {
    const key = event.target instanceof Element ? event.target.closest('[data-key]')?.getAttribute('data-key') : null
    return key ? page.collection.byKey.get(key) : undefined
  }
  box.addEventListener('click', (event) => {
    const found = item(event)
    if (found) page.selection.toggle(found)
  })
  box.addEventListener('dblclick', (event) => {
    const found = item(event)
    if (found) page.viewer.open(found)
  })
  box.addEventListener('dragstart', (event) => {
    const found = item(event)
    if (!found) return
    if (!page.selection.has(found)) page.selection.set([found])
    event.dataTransfer?.setData('text/x-likeness', String(page.selection.size))
  })
  box.addEventListener('keydown', (event) => onKey(page, box, event, item(event)))
  return element('div', { className: 'sheet-box' }, box, more)
}

/**
 * @param {Page} page
 * @param {HTMLElement} box
 * @param {KeyboardEvent} event
 * @param {Item|undefined} item
 */
function onKey (page, box, event, item) {
  if (!item || event.altKey || event.ctrlKey || event.metaKey) return
  if (event.key === ' ') page.selection.toggle(item)
  else if (event.key === 'Enter') page.viewer.open(item)
  else {
    const tiles = /** @type {HTMLElement[]} */ ([...box.querySelectorAll('.tile')])
    const at = tiles.findIndex((tile) => tile.dataset.key === item.key)
    const across = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Home: -at, End: tiles.length - 1 - at }
    const next = tiles[at + (steps[event.key] ?? NaN)]
    if (!next) return
    tiles[at].tabIndex = -1
    next.tabIndex = 0
    next.focus()
  }
  event.preventDefault()
}

/**
 * Shows which pictures are selected, in all sheets below an element.
 * @param {Page} page
 * @param {HTMLElement} below
 */
export function markSelected (page, below) {
  for (const tile of below.querySelectorAll('.tile[data-key]')) {
    const item = page.collection.byKey.get(tile.getAttribute('data-key') ?? '')
    tile.setAttribute('aria-selected', String(item !== undefined && page.selection.has(item)))
  }
}
