import { announce, byId } from '../dom.js'
import { Atlas } from './atlas.js'
import { Viewport } from './viewport.js'
import { wireMapInput } from './input.js'

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../thumbs.js").Thumbs} Thumbs */
/** @typedef {{item: Item, u: number, v: number}} Point */

/** Neighbours of the query that are ringed and joined to it. */
const ringed = 10

/**
 * The collection as a map: alike pictures lie close together. Dispatches
 * "choose" with an item as detail.
 */
export class PictureMap extends EventTarget {
  /** @param {Thumbs} thumbs */
  constructor (thumbs) {
    super()
    this.thumbs = thumbs
    this.canvas = byId('map-canvas', HTMLCanvasElement)
    this.card = byId('map-card', HTMLElement)
    this.message = byId('map-message', HTMLElement)
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'))
    this.view = new Viewport()
    this.atlas = new Atlas(() => this.schedule())
    /** @type {Point[]} in drawing order */
    this.points = []
    /** @type {Item|null} under the pointer or the keys */
    this.active = null
    /** @type {Item[]} */
    this.order = []
    /** @type {Item|null} */
    this.queryItem = null
    this.scheduled = false
    this.colours = { accent: '', line: '', ink: '', card: '' }
    new ResizeObserver(() => this.resize()).observe(this.canvas)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.resize())
    thumbs.addEventListener('ready', () => this.schedule())
    wireMapInput(this)
  }

  /**
   * @param {Item[]} items
   * @param {Float32Array} coords two numbers from -1 to 1 for each item
   */
  show (items, coords) {
    const across = spread(coords, 0)
    const up = spread(coords, 1)
    this.points = items.map((item, i) => ({ item, u: across(coords[2 * i]), v: up(coords[2 * i + 1]) }))
    this.message.hidden = true
    if (this.active && !items.includes(this.active)) this.activate(null)
    this.resize()
  }

  /**
   * Nothing to show, and why.
   * @param {string} text
   */
  empty (text) {
    this.points = []
    this.activate(null)
    this.message.textContent = text
    this.message.hidden = false
    this.schedule()
  }

  /**
   * Marks the query and its neighbours.
   * @param {Item[]} order by falling likeness, empty without a query
   * @param {Item|null} queryItem
   */
  mark (order, queryItem) {
    this.order = order
    this.queryItem = queryItem
    this.schedule()
  }

  /** Pictures were removed. */
  forget () {
    this.atlas.clear()
  }

  resize () {
    const { clientWidth: width, clientHeight: height } = this.canvas
    if (width === 0 || height === 0) return
    this.canvas.width = Math.round(width * devicePixelRatio)
    this.canvas.height = Math.round(height * devicePixelRatio)
    this.view.resize(width, height, this.points.length)
    const style = getComputedStyle(document.documentElement)
    const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim()
    this.colours = { accent: colour('accent'), line: colour('line'), ink: colour('ink'), card: colour('card') }
    this.schedule()
  }

  schedule () {
    if (this.scheduled) return
    this.scheduled = true
    requestAnimationFrame(() => {
      this.scheduled = false
      this.draw()
    })
  }

  draw () {
    const { context, view, canvas } = this
    if (canvas.clientWidth === 0) return
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
    context.clearRect(0, 0, view.width, view.height)
    context.imageSmoothingQuality = 'high'
    const near = new Set(this.order.filter((item) => item !== this.queryItem).slice(0, ringed))
    /** @type {Point[]} */
    const last = []
    const size = view.size()
    for (const point of this.points) {
      if (near.has(point.item) || point.item === this.queryItem || point.item === this.active) last.push(point)
      else this.drawPoint(point, size, this.order.length > 0 ? 0.35 : 1, '')
    }
    this.drawLines(near)
    const rank = (/** @type {Point} */ p) => (p.item === this.active ? 2 : p.item === this.queryItem ? 1 : 0)
    last.sort((a, b) => rank(a) - rank(b))
    for (const point of last) {
      const ring = point.item === this.active ? this.colours.ink : this.colours.accent
      this.drawPoint(point, size * (rank(point) > 0 ? 1.2 : 1), 1, ring)
    }
    this.moveCard()
  }

  /**
   * @param {Point} point
   * @param {number} size
   * @param {number} alpha
   * @param {string} ring colour, or "" for none
   */
  drawPoint ({ item, u, v }, size, alpha, ring) {
    const { context, view } = this
    const [cx, cy] = view.place(u, v)
    const half = size / 2
    if (cx + half < 0 || cy + half < 0 || cx - half > view.width || cy - half > view.height) return
    this.thumbs.want(item)
    context.globalAlpha = alpha
    const rounded = this.points.length <= 600 || ring !== ''
    if (rounded) {
      context.save()
      context.beginPath()
      context.roundRect(cx - half, cy - half, size, size, Math.min(8, size / 7))
      context.clip()
    }
    const drawn = this.atlas.draw(context, item, cx - half, cy - half, size, size * devicePixelRatio > 90)
    if (!drawn) {
      context.fillStyle = this.colours.line
      context.fillRect(cx - half, cy - half, size, size)
    }
    if (rounded) context.restore()
    context.globalAlpha = alpha
    if (ring) {
      context.strokeStyle = ring
      context.lineWidth = 3
      context.beginPath()
      context.roundRect(cx - half - 1, cy - half - 1, size + 2, size + 2, Math.min(9, size / 6))
      context.stroke()
    }
    context.globalAlpha = 1
  }

  /** @param {Set<Item>} near */
  drawLines (near) {
    const from = this.points.find((point) => point.item === this.queryItem)
    if (!from) return
    const { context, view } = this
    const [x, y] = view.place(from.u, from.v)
    context.strokeStyle = this.colours.accent
    context.lineWidth = 1.5
    context.globalAlpha = 0.6
    context.beginPath()
    for (const { item, u, v } of this.points) {
      if (!near.has(item)) continue
      context.moveTo(x, y)
      context.lineTo(...view.place(u, v))
    }
    context.stroke()
    context.globalAlpha = 1
  }

  /**
   * The topmost picture at a point of the screen.
   * @param {number} x
   * @param {number} y
   * @returns {Item|null}
   */
  hit (x, y) {
    const half = this.view.size() / 2
    /** @type {Item|null} */
    let best = null
    let least = Infinity
    for (const { item, u, v } of this.points) {
      const [cx, cy] = this.view.place(u, v)
      const distance = Math.max(Math.abs(cx - x), Math.abs(cy - y))
      if (distance <= half && distance < least) {
        best = item
        least = distance
      }
    }
    return best
  }

  /**
   * Shows the card of an item, or none.
   * @param {Item|null} item
   * @param {boolean} [spoken] whether its name is announced
   */
  activate (item, spoken = false) {
    if (item === this.active) return
    this.active = item
    this.canvas.classList.toggle('over', item !== null)
    if (item && spoken) announce(item.name)
    this.schedule()
  }

  moveCard () {
    const point = this.points.find(({ item }) => item === this.active)
    this.card.hidden = !point
    if (!point) return
    const image = this.card.querySelector('img')
    if (image && image.getAttribute('src') !== point.item.thumbURL) image.src = point.item.thumbURL
    if (image) image.hidden = point.item.thumbURL === ''
    const name = this.card.querySelector('span')
    if (name) name.textContent = point.item.name
    const [x, y] = this.view.place(point.u, point.v)
    const away = this.view.size() * 0.6 + 8
    const { offsetWidth, offsetHeight } = this.card
    const left = x + away + offsetWidth > this.view.width ? x - away - offsetWidth : x + away
    const top = Math.max(6, Math.min(this.view.height - offsetHeight - 6, y - offsetHeight / 2))
    this.card.style.transform = `translate(${Math.round(Math.max(6, left))}px, ${Math.round(top)}px)`
  }

  /**
   * The nearest picture in a direction on the screen from the active one.
   * @param {number} dx -1, 0 or 1
   * @param {number} dy -1, 0 or 1
   */
  step (dx, dy) {
    const start = this.points.find(({ item }) => item === this.active)
    const [x, y] = start ? this.view.place(start.u, start.v) : [this.view.width / 2, this.view.height / 2]
    /** @type {Point|null} */
    let best = null
    let least = Infinity
    for (const point of this.points) {
      if (point.item === this.active) continue
      const [px, py] = this.view.place(point.u, point.v)
      const along = (px - x) * dx + (py - y) * dy
      const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx)
      if (start && (along <= 0 || aside > along * 1.2)) continue
      const distance = start ? along + 2 * aside : Math.hypot(px - x, py - y)
      if (distance < least) {
        best = point
        least = distance
      }
    }
    if (!best) return
    this.view.reveal(...this.view.place(best.u, best.v))
    this.activate(best.item, true)
  }
}

/**
 * The stretch of one axis that makes its least value -1 and its largest 1.
 * @param {Float32Array} coords two for each point
 * @param {0|1} axis
 */
function spread (coords, axis) {
  let least = Infinity
  let largest = -Infinity
  for (let i = axis; i < coords.length; i += 2) {
    least = Math.min(least, coords[i])
    largest = Math.max(largest, coords[i])
  }
  const half = (largest - least) / 2
  return (/** @type {number} */ x) => (half > 0 ? (x - least) / half - 1 : 0)
}
