/** @typedef {import("./map.js").PictureMap} PictureMap */

/** Movement in CSS pixels below which a press counts as a click. */
const still = 5

/**
 * Pointer, wheel, buttons and keys of the map.
 * @param {PictureMap} map
 */
export function wireMapInput (map) {
  const { canvas } = map
  wirePointers(map)
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
    // A pinch on a touchpad arrives as a wheel with ctrl and small deltas.
    const strength = event.ctrlKey ? 0.012 : 0.0016
    map.view.zoom(Math.exp(-event.deltaY * lines * strength), event.offsetX, event.offsetY)
    map.schedule()
  }, { passive: false })
  canvas.addEventListener('keydown', (event) => onKey(map, event))
  canvas.addEventListener('blur', () => map.activate(null))
  for (const button of document.querySelectorAll('[data-map]')) {
    button.addEventListener('click', () => {
      const what = button.getAttribute('data-map')
      if (what === 'fit') map.view.fit()
      else map.view.zoom(what === 'in' ? 1.5 : 1 / 1.5)
      map.schedule()
    })
  }
}

/** @param {PictureMap} map */
function wirePointers (map) {
  const { canvas, view } = map
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map()
  let moved = 0
  let lassoing = false
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
    if (down.size === 0) moved = 0
    lassoing = down.size === 0 && (map.lassoing || event.shiftKey)
    if (lassoing) map.lasso = [[event.offsetX, event.offsetY]]
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY })
  })
  canvas.addEventListener('pointermove', (event) => {
    const here = { x: event.offsetX, y: event.offsetY }
    const before = down.get(event.pointerId)
    if (!before) {
      if (event.pointerType === 'mouse') map.activate(map.hit(here.x, here.y))
      return
    }
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1]
    if (other) {
      const was = Math.hypot(before.x - other.x, before.y - other.y)
      const is = Math.hypot(here.x - other.x, here.y - other.y)
      if (was > 0) view.zoom(is / was, (here.x + other.x) / 2, (here.y + other.y) / 2)
      view.pan((here.x - before.x) / 2, (here.y - before.y) / 2)
      moved = still + 1
    } else {
      moved += Math.hypot(here.x - before.x, here.y - before.y)
      if (lassoing) map.lasso.push([here.x, here.y])
      else if (moved > still) {
        canvas.classList.add('panning')
        if (map.space.dims === 3 && !event.ctrlKey) map.turn((here.x - before.x) / 180, (here.y - before.y) / 180)
        else view.pan(here.x - before.x, here.y - before.y)
      }
    }
    down.set(event.pointerId, here)
    map.schedule()
  })
  canvas.addEventListener('pointerup', (event) => {
    const pressed = down.delete(event.pointerId)
    canvas.classList.remove('panning')
    if (lassoing && pressed) {
      lassoing = false
      map.endLasso(event.ctrlKey || event.metaKey)
      if (moved > still) return
    }
    if (!pressed || moved > still || down.size > 0) return
    const item = map.hit(event.offsetX, event.offsetY)
    if (item && (event.ctrlKey || event.metaKey)) {
      map.selection.toggle(item)
      return
    }
    // A finger has no hover: the first tap shows the card, the second searches.
    if (item && event.pointerType !== 'mouse' && map.active !== item) map.activate(item, true)
    else if (item) map.dispatchEvent(new CustomEvent('choose', { detail: item }))
    else map.activate(null)
  })
  canvas.addEventListener('pointercancel', (event) => {
    down.delete(event.pointerId)
    lassoing = false
    map.lasso = []
    canvas.classList.remove('panning')
  })
  canvas.addEventListener('pointerleave', () => {
    if (down.size === 0 && document.activeElement !== canvas) map.activate(null)
  })
}

/**
 * @param {PictureMap} map
 * @param {KeyboardEvent} event
 */
function onKey (map, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  /** @type {Record<string, [number, number]>} */
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  const arrow = arrows[event.key]
  if (arrow && event.shiftKey && map.space.dims === 3) map.turn(0.12 * arrow[0], 0.12 * arrow[1])
  else if (arrow && event.shiftKey) map.view.pan(-60 * arrow[0], -60 * arrow[1])
  else if (arrow) map.step(...arrow)
  else if (event.key === '+' || event.key === '=') map.view.zoom(1.3)
  else if (event.key === '-' || event.key === '_') map.view.zoom(1 / 1.3)
  else if (event.key === '0' || event.key === 'Home') map.view.fit()
  else if (event.key === ' ' && map.active) map.selection.toggle(map.active)
  else if (event.key === 'Escape' && map.selection.size > 0) map.selection.clear()
  else if (event.key === 'Enter' && map.active) map.dispatchEvent(new CustomEvent('choose', { detail: map.active }))
  else return
  event.preventDefault()
  map.schedule()
}
