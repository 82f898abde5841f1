/** Small helpers for the document. */

/**
 * The element with this id, of the class it must have.
 * @template {Element} T
 * @param {string} id
 * @param {new (...args: never[]) => T} type
 * @returns {T}
 */
export function byId (id, type) {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with id ${id}`)
  return found
}

/** What an element is made with, beside its own properties: on are listeners by event, data and aria attributes of
 * those kinds, attributes any others, style CSSOM properties (custom ones too, with their two hyphens).
 * @typedef {{on?: Record<string, (event: any) => void>, data?: Record<string, string>, aria?: Record<string, string>, attributes?: Record<string, string>, style?: Record<string, string>}} Extras */

/**
 * A new element: `element('button', { type: 'button', className: 'button', on: { click } }, icon('add'), 'Add')`.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<Omit<HTMLElementTagNameMap[K], keyof Extras>> & Extras} [props]
 * @param {...(Node|string|null|false)} children null and false are left out
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element (tag, props = {}, ...children) {
  const { on = {}, data = {}, aria = {}, attributes = {}, style = {}, ...own } = /** @type {Extras & Record<string, unknown>} */ (props)
  const made = document.createElement(tag)
  Object.assign(made, own)
  for (const [event, run] of Object.entries(on)) made.addEventListener(event, run)
  for (const [key, value] of Object.entries(data)) made.dataset[key] = value
  for (const [key, value] of Object.entries(aria)) made.setAttribute(`aria-${key}`, value)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  for (const [key, value] of Object.entries(style)) made.style.setProperty(key, value)
  made.append(...children.filter((child) => child !== null && child !== false))
  return made
}

/**
 * One of the drawings in index.html, of those whose id is i- and the name.
 * @param {string} name
 */
export function icon (name) {
  const space = 'http://www.w3.org/2000/svg'
  const drawing = document.createElementNS(space, 'svg')
  drawing.setAttribute('class', 'icon')
  drawing.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(space, 'use')
  use.setAttribute('href', `#i-${name}`)
  drawing.append(use)
  return drawing
}

/**
 * @param {string} text
 * @param {() => void} onClick
 * @param {string} [className]
 * @returns {HTMLButtonElement}
 */
export function button (text, onClick, className = 'button small') {
  return element('button', { type: 'button', className, on: { click: onClick } }, text)
}

/**
 * Says a message to screen readers; a repeated one is said again.
 * @param {string} message
 */
export function announce (message) {
  const live = byId('live', HTMLElement)
  live.textContent = ''
  setTimeout(() => { live.textContent = message }, 50)
}

/**
 * Shows a message above the pictures until it is dismissed or replaced.
 * @param {string} key messages with the same key replace each other
 * @param {"good"|"warn"|"bad"} kind
 * @param {string} message
 * @param {{label: string, run: () => void, quiet?: boolean}} [action] quiet: nobody is to be led to it
 */
export function notice (key, kind, message, action) {
  clearNotice(key)
  const box = element('div', { className: 'notice' }, element('p', { textContent: message }))
  box.dataset.kind = kind
  box.dataset.key = key
  box.setAttribute('role', kind === 'bad' ? 'alert' : 'status')
  if (action) box.append(button(action.label, () => { box.remove(); action.run() }, action.quiet ? 'button small' : 'button small primary'))
  box.append(button('Dismiss', () => box.remove()))
  byId('notices', HTMLElement).append(box)
}

/** @param {string} key */
export function clearNotice (key) {
  for (const old of byId('notices', HTMLElement).querySelectorAll('[data-key]')) {
    if (old instanceof HTMLElement && old.dataset.key === key) old.remove()
  }
}

/**
 * Asks in a dialog; resolves to true only for the affirmative button.
 * @param {string} title
 * @param {string} text
 * @param {string} yes the label of the affirmative button
 * @returns {Promise<boolean>}
 */
export function ask (title, text, yes) {
  const dialog = byId('confirm', HTMLDialogElement)
  byId('confirm-title', HTMLElement).textContent = title
  byId('confirm-text', HTMLElement).textContent = text
  const button = byId('confirm-yes', HTMLButtonElement)
  button.textContent = yes
  return new Promise((resolve) => {
    let answer = false
    button.onclick = () => { answer = true; dialog.close() }
    dialog.onclose = () => resolve(answer)
    dialog.showModal()
  })
}

/**
 * Asks for a short text in a dialog.
 * @param {string} title
 * @param {{label: string, yes: string, text?: string, known?: string[]}} options label of the field and of the affirmative button, the
 *   text at first, and texts to choose from
 * @returns {Promise<string|null>} without spaces about it; null where it was cancelled
 */
export function askText (title, { label, yes, text = '', known = [] }) {
  const dialog = byId('ask', HTMLDialogElement)
  const field = byId('ask-text', HTMLInputElement)
  byId('ask-title', HTMLElement).textContent = title
  byId('ask-label', HTMLElement).textContent = label
  byId('ask-yes', HTMLButtonElement).textContent = yes
  byId('ask-known', HTMLDataListElement).replaceChildren(...known.map((value) => element('option', { value })))
  field.value = text
  return new Promise((resolve) => {
    /** @type {string|null} */
    let answer = null
    byId('ask-form', HTMLFormElement).onsubmit = () => { answer = field.value.trim() }
    dialog.onclose = () => resolve(answer)
    dialog.showModal()
    field.select()
  })
}

/** Lets every button marked data-close close its dialog. */
export function wireDialogs () {
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.addEventListener('click', (event) => {
      const inside = event.target instanceof Element && event.target.closest('[data-close]')
      if (inside || event.target === dialog && !insideBox(dialog, event)) dialog.close()
    })
  }
}

/**
 * @param {Element} element
 * @param {MouseEvent} event
 */
function insideBox (element, event) {
  const box = element.getBoundingClientRect()
  return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom
}

/**
 * "1 picture", "2,345 pictures"
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function count (n, one, many = `${one}s`) {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}

/** Milliseconds that work may hold up the page at a time. */
const hold = 12

/**
 * Lets the page live during long work: call what it returns between steps.
 * @returns {() => Promise<void>|void}
 */
export function breather () {
  let since = performance.now()
  return () => {
    if (performance.now() - since < hold) return
    return new Promise((resolve) => setTimeout(resolve)).then(() => { since = performance.now() })
  }
}

/** @param {number} bytes */
export function formatBytes (bytes) {
  if (bytes < 1000) return `${bytes} bytes`
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${(bytes / 1e9).toFixed(1)} GB`
}

/** @returns {boolean} whether the visitor asked for little motion */
export function calm () {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

/**
 * A cosine as shown: two digits and a true minus sign.
 * @param {number} score
 */
export function formatScore (score) {
  return score.toFixed(2).replace(/^-0\.00$/, '0.00').replace('-', '\u2212')
}
