// Which pictures of a map a place, a direction or a line means.

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./map.js").Point} Point */
/** @typedef {import("./viewport.js").Viewport} Viewport */

/**
 * The topmost picture at a point of the screen.
 * @param {Point[]} points
 * @param {Viewport} view
 * @param {number} x
 * @param {number} y
 * @returns {Item|null}
 */
export function topmost (points, view, x, y) {
  const half = view.size() / 2
  /** @type {Item|null} */
  let best = null
  let least = Infinity
  for (const { item, u, v } of points) {
    const [cx, cy] = view.place(u, v)
    const distance = Math.max(Math.abs(cx - x), Math.abs(cy - y))
    if (distance <= half && distance < least) {
      best = item
      least = distance
    }
  }
  return best
}

/**
 * The nearest picture in a direction on the screen from the active one, or from
 * the middle.
 * @param {Point[]} points
 * @param {Viewport} view
 * @param {Item|null} active
 * @param {number} dx -1, 0 or 1
 * @param {number} dy -1, 0 or 1
 * @returns {Point|null}
 */
export function nearestAhead (points, view, active, dx, dy) {
  const start = points.find(({ item }) => item === active)
  const [x, y] = start ? view.place(start.u, start.v) : [view.width / 2, view.height / 2]
  /** @type {Point|null} */
  let best = null
  let least = Infinity
  for (const point of points) {
    if (point.item === active) continue
    const [px, py] = view.place(point.u, point.v)
    const along = (px - x) * dx + (py - y) * dy
    const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx)
    if (start && (along <= 0 || aside > along * 1.2)) continue
    const distance = start ? along + 2 * aside : Math.hypot(px - x, py - y)
    if (distance < least) {
      best = point
      least = distance
    }
  }
  return best
}

/**
 * Whether a point is inside a closed line, by the crossings to its left.
 * @param {[number, number][]} line
 * @param {number} x
 * @param {number} y
 */
export function within (line, x, y) {
  let inside = false
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [[x1, y1], [x2, y2]] = [line[i], line[j]]
    if ((y1 > y) !== (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)) inside = !inside
  }
  return inside
}
