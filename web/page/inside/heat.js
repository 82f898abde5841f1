import { element } from '../dom.js'

/**
 * A scale from nothing to much, seen as well without colours: transparent, then
 * orange to yellow (in the manner of "inferno", but lighter, since a picture lies
 * beneath).
 * @param {number} t 0 to 1
 * @returns {[number, number, number, number]}
 */
function warm (t) {
  return [Math.round(255 * Math.min(1, 0.55 + t)), Math.round(255 * t * 0.85), Math.round(80 * (1 - t)), Math.round(225 * Math.min(1, t * 1.15))]
}

/**
 * Blue where places made the pictures less alike.
 * @param {number} t 0 to 1
 * @returns {[number, number, number, number]}
 */
function cold (t) {
  return [40, 110, 255, Math.round(225 * Math.min(1, t * 1.15))]
}

/**
 * Paints values of a grid of places, one pixel each.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values row by row
 * @param {number} width
 * @param {number} height
 * @param {{most?: number, grey?: boolean}} [options] most: the value that is painted strongest; grey: on black, from the
 *   least value to the largest
 */
export function paint (canvas, values, width, height, { most, grey = false } = {}) {
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) return
  const image = context.createImageData(width, height)
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < width * height; i++) {
    low = Math.min(low, values[i])
    high = Math.max(high, values[i])
  }
  const top = most ?? Math.max(Math.abs(low), Math.abs(high))
  for (let i = 0; i < width * height; i++) {
    const v = values[i]
    let colour
    if (grey) {
      const t = high > low ? Math.round(255 * (v - low) / (high - low)) : 0
      colour = [t, t, t, 255]
    } else {
      const t = top > 0 ? Math.min(1, Math.abs(v) / top) : 0
      colour = v >= 0 ? warm(t) : cold(t)
    }
    image.data.set(colour, 4 * i)
  }
  context.putImageData(image, 0, 0)
}

/**
 * A picture as the network sees it, with a heat map over it.
 * @param {string} alt
 */
export function heated (alt) {
  const image = element('img', { alt })
  const canvas = element('canvas', { width: 1, height: 1, aria: { hidden: 'true' } })
  const mark = element('div', { className: 'place', hidden: true })
  const box = element('div', { className: 'heated' }, image, canvas, mark)
  let url = ''
  return {
    box,
    canvas,
    image,
    /** @param {Blob} blob */
    show (blob) {
      URL.revokeObjectURL(url)
      url = URL.createObjectURL(blob)
      image.src = url
    },
    /**
     * Marks one place of a grid, or none.
     * @param {number} place
     * @param {number} width
     * @param {number} height
     */
    mark (place, width, height) {
      mark.hidden = place < 0
      if (place < 0) return
      const [x, y] = [place % width, Math.floor(place / width)]
      Object.assign(mark.style, { left: `${100 * x / width}%`, top: `${100 * y / height}%`, width: `${100 / width}%`, height: `${100 / height}%` })
    }
  }
}

/**
 * A vector as a strip of bars.
 * @param {ArrayLike<number>} values
 * @param {string} label
 */
export function strip (values, label) {
  const canvas = element('canvas', { className: 'strip', width: values.length, height: 40, attributes: { role: 'img' }, aria: { label } })
  const context = canvas.getContext('2d')
  if (!context) return canvas
  const style = getComputedStyle(document.documentElement)
  context.fillStyle = style.getPropertyValue('--accent').trim() || 'teal'
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]))
  for (let i = 0; i < values.length; i++) {
    const h = most > 0 ? Math.round(20 * values[i] / most) : 0
    context.fillRect(i, 20 - Math.max(h, 0), 1, Math.abs(h))
  }
  return canvas
}
