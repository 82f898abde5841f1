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

/**
 * @param {string} tag
 * @param {{className?: string, text?: string}} [options]
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function make (tag, options = {}, ...children) {
  const element = document.createElement(tag)
  if (options.className) element.className = options.className
  if (options.text !== undefined) element.textContent = options.text
  element.append(...children)
  return element
}

/**
 * @param {string} text
 * @param {() => void} onClick
 * @param {string} [className]
 * @returns {HTMLButtonElement}
 */
export function button (text, onClick, className = 'button small') {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = className
  element.textContent = text
  element.addEventListener('click', onClick)
  return element
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
 * @param {{label: string, run: () => void}} [action]
 */
export function notice (key, kind, message, action) {
  clearNotice(key)
  const box = make('div', { className: 'notice' }, make('p', { text: message }))
  box.dataset.kind = kind
  box.dataset.key = key
  box.setAttribute('role', kind === 'bad' ? 'alert' : 'status')
  if (action) box.append(button(action.label, () => { box.remove(); action.run() }, 'button small primary'))
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
