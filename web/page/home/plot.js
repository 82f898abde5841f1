import { byKind } from '../map/colours.js'

/** @typedef {{circle: [number, number, number], fill: string, title?: string}|{box: [number, number, number, number], fill: string}|{text: string, at: [number, number], size: number, anchor?: 'start'|'middle'|'end', turned?: boolean, fill?: string}} Shape */
/** A drawing on white, in pixels; both formats are drawn from the same shapes. @typedef {{width: number, height: number, shapes: Shape[]}} Plot */
/** @typedef {import("./zip.js").Made} Made */

const ink = '#222222'
const [margin, line] = [24, 20]
/** Classes above which the numbers in a confusion matrix would be too small to be read. */
const mostNumbered = 40

/**
 * A map, coloured by what the pictures are.
 * @param {string[]} names
 * @param {import("../../lib/analysis.js").VectorMap} map a third dimension is left out
 * @param {string[]} kinds '' for none
 * @param {{other: string, none: string}} words
 * @returns {Plot}
 */
export function scatter (names, { coords, dims }, kinds, words) {
  const [width, height] = [1200, 900]
  const indices = names.map((_, i) => i)
  const { of, legend } = byKind(indices, (i) => kinds[i], words)
  const on = indices.filter((i) => Number.isFinite(coords[i * dims]))
  const room = legend.length > 0 ? width - 280 : width
  const span = [0, 1].map((k) => on.reduce(([low, high], i) => [Math.min(low, coords[i * dims + k]), Math.max(high, coords[i * dims + k])], [Infinity, -Infinity]))
  const radius = Math.min(Math.max(Math.sqrt(0.012 * room * height / Math.max(on.length, 1)), 1.25), 6)
  const edge = margin + radius
  const scale = Math.min((room - 2 * edge) / (span[0][1] - span[0][0] || 1), (height - 2 * edge) / (span[1][1] - span[1][0] || 1))
  const middle = span.map(([low, high]) => (low + high) / 2)
  /** @type {Shape[]} */
  const shapes = on.map((i) => {
    const colour = of.get(i)
    return {
      circle: [room / 2 + scale * (coords[i * dims] - middle[0]), height / 2 - scale * (coords[i * dims + 1] - middle[1]), radius],
      fill: colour ? hex(colour) : '#9a9a9a',
      title: names[i]
    }
  })
  legend.forEach(({ text, colour }, i) => shapes.push(
    { circle: [room + 8, margin + line * (i + 0.5), 5], fill: hex(colour) },
    { text: short(text), at: [room + 22, margin + line * (i + 0.5) + 4.5], size: 13 }))
  return { width, height, shapes }
}

/**
 * A confusion matrix: rows are what pictures are, columns what they were told as.
 * @param {string[]} classes
 * @param {number[][]} counts
 * @param {{is: string, told: string}} words
 * @returns {Plot}
 */
export function matrix (classes, counts, words) {
  const cell = classes.length <= mostNumbered ? 34 : Math.max(4, Math.floor(1360 / classes.length))
  const size = Math.min(13, cell)
  const room = 2 * margin + line + Math.max(...classes.map((name) => short(name).length), 4) * size * 0.6
  const end = room + cell * classes.length
  /** @type {Shape[]} */
  const shapes = [
    { text: words.told, at: [(room + end) / 2, margin], size: 13, anchor: 'middle' },
    { text: words.is, at: [margin, (room + end) / 2], size: 13, anchor: 'middle', turned: true }
  ]
  counts.forEach((row, y) => {
    const all = row.reduce((sum, n) => sum + n, 0)
    row.forEach((n, x) => {
      const share = all > 0 ? n / all : 0
      shapes.push({ box: [room + x * cell, room + y * cell, cell - 1, cell - 1], fill: shade(share) })
      if (n > 0 && classes.length <= mostNumbered) {
        shapes.push({ text: String(n), at: [room + (x + 0.5) * cell, room + (y + 0.5) * cell + 4.5], size: 12, anchor: 'middle', fill: share > 0.5 ? '#ffffff' : ink })
      }
    })
  })
  classes.forEach((name, i) => shapes.push(
    { text: short(name), at: [room - 8, room + (i + 0.5) * cell + size / 3], size, anchor: 'end' },
    { text: short(name), at: [room + (i + 0.5) * cell + size / 3, room - 8], size, anchor: 'start', turned: true }))
  return { width: Math.ceil(end + margin), height: Math.ceil(end + margin), shapes }
}

/**
 * A drawing in both formats.
 * @param {string} name without its end
 * @param {Plot} plot
 * @returns {Promise<Made[]>}
 */
export async function draw (name, plot) {
  return [{ name: `${name}.svg`, blob: new Blob([svg(plot)], { type: 'image/svg+xml' }) }, { name: `${name}.png`, blob: await png(plot) }]
}

/** @param {Plot} plot */
function svg ({ width, height, shapes }) {
  // What XML cannot hold, not even escaped, is left out.
  const escape = (/** @type {string} */ text) => text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
  const f = (/** @type {number} */ x) => String(Math.round(100 * x) / 100)
  const lines = shapes.map((shape) => {
    if ('circle' in shape) {
      const [x, y, r] = shape.circle
      const title = shape.title === undefined ? '' : `<title>${escape(shape.title)}</title>`
      return `<circle cx="${f(x)}" cy="${f(y)}" r="${f(r)}" fill="${shape.fill}" fill-opacity="${title ? 0.85 : 1}">${title}</circle>`
    }
    if ('box' in shape) {
      const [x, y, w, h] = shape.box
      return `<rect x="${f(x)}" y="${f(y)}" width="${f(w)}" height="${f(h)}" fill="${shape.fill}"/>`
    }
    const [x, y] = shape.at
    return `<text x="${f(x)}" y="${f(y)}" font-size="${shape.size}" fill="${shape.fill ?? ink}"${shape.anchor ? ` text-anchor="${shape.anchor}"` : ''}${shape.turned ? ` transform="rotate(-90 ${f(x)} ${f(y)})"` : ''}>${escape(shape.text)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">\n<rect width="100%" height="100%" fill="#ffffff"/>\n${lines.join('\n')}\n</svg>\n`
}

/** @param {Plot} plot */
function png ({ width, height, shapes }) {
  // Twice as fine, for print.
  const canvas = new OffscreenCanvas(2 * width, 2 * height)
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
  context.scale(2, 2)
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, width, height)
  for (const shape of shapes) {
    context.fillStyle = ('fill' in shape && shape.fill) || ink
    if ('circle' in shape) {
      context.globalAlpha = shape.title === undefined ? 1 : 0.85
      context.beginPath()
      context.arc(...shape.circle, 0, 2 * Math.PI)
      context.fill()
      context.globalAlpha = 1
    } else if ('box' in shape) {
      context.fillRect(...shape.box)
    } else {
      context.save()
      context.translate(...shape.at)
      if (shape.turned) context.rotate(-Math.PI / 2)
      context.font = `${shape.size}px sans-serif`
      context.textAlign = shape.anchor === 'middle' ? 'center' : shape.anchor ?? 'start'
      context.fillText(shape.text, 0, 0)
      context.restore()
    }
  }
  return canvas.convertToBlob({ type: 'image/png' })
}

/**
 * From white to blue.
 * @param {number} share 0 to 1
 */
function shade (share) {
  return hex([1 - 0.97 * share, 1 - 0.62 * share, 1 - 0.36 * share])
}

/** Programs that draw SVG know fewer ways to write a colour than browsers. @param {[number, number, number]|number[]} colour */
function hex (colour) {
  return `#${colour.map((x) => Math.round(255 * x).toString(16).padStart(2, '0')).join('')}`
}

/** @param {string} text */
function short (text) {
  const letters = [...text]
  return letters.length > 32 ? `${letters.slice(0, 18).join('')}…${letters.slice(-13).join('')}` : text
}
