import { csv, save } from '../save.js'
import { css } from './colours.js'

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../../lib/analysis.js").VectorMap} VectorMap */

/**
 * Saves a map: its places as a table, or a drawing of them as it is seen.
 * @param {'csv'|'svg'|'png'} kind
 * @param {Item[]} items
 * @param {VectorMap} made
 * @param {import("./map.js").PictureMap} map
 */
export function saveMap (kind, items, made, map) {
  if (kind === 'csv') {
    const { dims, coords } = made
    save('map.csv', csv([['name', 'x', 'y', 'z'].slice(0, 1 + dims), ...items.map((item, i) => [item.name, ...coords.subarray(i * dims, (i + 1) * dims)])]), 'text/csv;charset=utf-8')
  } else if (kind === 'svg') {
    save('map.svg', svg(map), 'image/svg+xml')
  } else {
    const { canvas, sprites, view } = map
    const out = document.createElement('canvas')
    out.width = canvas.width
    out.height = canvas.height
    const context = out.getContext('2d')
    if (!context) return
    context.fillStyle = map.theme.card
    context.fillRect(0, 0, out.width, out.height)
    map.draw() // what a graphics processor has drawn is there for the length of a frame only
    if (sprites && !sprites.lost && view.width > 1) context.drawImage(sprites.canvas, 0, 0)
    context.drawImage(canvas, 0, 0)
    out.toBlob((blob) => { if (blob) save('map.png', [blob], 'image/png') }, 'image/png')
  }
}

/** @param {import("./map.js").PictureMap} map */
function svg (map) {
  const { view, points, colours } = map
  const escape = (/** @type {string} */ text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
  const dots = points.map((point) => {
    const [x, y] = view.place(point.u, point.v)
    const colour = colours.of.get(point.item)
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" fill="${colour ? css(colour) : '#0f766e'}"><title>${escape(point.item.name)}</title></circle>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${view.width} ${view.height}" width="${view.width}" height="${view.height}">\n${dots.join('\n')}\n</svg>\n`
}
