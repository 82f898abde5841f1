// What lies over the pictures of a map: lines to neighbours, a line that is drawn
// around pictures, and the card of one.

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./map.js").Point} Point */
/** @typedef {import("./map.js").PictureMap} PictureMap */
/** @typedef {import("./viewport.js").Viewport} Viewport */

/**
 * Joins the query to its neighbours.
 * @param {PictureMap} map
 * @param {Point|undefined} from
 * @param {Set<Item>} near
 */
export function drawLines ({ context, view, theme, points }, from, near) {
  if (!from) return
  const [x, y] = view.place(from.u, from.v)
  context.strokeStyle = theme.accent
  context.lineWidth = 1.5
  context.globalAlpha = 0.6
  context.beginPath()
  for (const { item, u, v } of points) {
    if (!near.has(item)) continue
    context.moveTo(x, y)
    context.lineTo(...view.place(u, v))
  }
  context.stroke()
  context.globalAlpha = 1
}

/** @param {PictureMap} map */
export function drawLasso ({ context, lasso, theme }) {
  if (lasso.length < 2) return
  context.beginPath()
  lasso.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)))
  context.closePath()
  context.strokeStyle = theme.accent
  context.lineWidth = 2
  context.stroke()
  context.globalAlpha = 0.12
  context.fillStyle = theme.accent
  context.fill()
  context.globalAlpha = 1
}

/**
 * Puts the card beside a point, inside the map; without one it is hidden.
 * @param {HTMLElement} card
 * @param {Point|undefined} point
 * @param {Viewport} view
 */
export function placeCard (card, point, view) {
  card.hidden = !point
  if (!point) return
  const image = card.querySelector('img')
  if (image && image.getAttribute('src') !== point.item.thumbURL) image.src = point.item.thumbURL
  if (image) image.hidden = point.item.thumbURL === ''
  const name = card.querySelector('span')
  if (name) name.textContent = point.item.name
  const [x, y] = view.place(point.u, point.v)
  const away = view.size() * 0.6 + 8
  const { offsetWidth, offsetHeight } = card
  const left = x + away + offsetWidth > view.width ? x - away - offsetWidth : x + away
  const top = Math.max(6, Math.min(view.height - offsetHeight - 6, y - offsetHeight / 2))
  card.style.transform = `translate(${Math.round(Math.max(6, left))}px, ${Math.round(top)}px)`
}
