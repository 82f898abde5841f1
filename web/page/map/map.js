import { announce, byId } from '../dom.js'
import { Atlas } from './atlas.js'
import { css } from './colours.js'
import { wireMapInput } from './input.js'
import { drawLasso, drawLines, placeCard } from './overlay.js'
import { nearestAhead, topmost, within } from './reach.js'
import { Space } from './space.js'
import { Sprites, stride } from './sprites.js'
import { Viewport } from './viewport.js'

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../thumbs.js").Thumbs} Thumbs */
/** @typedef {import("./colours.js").Colours} Colours */
/** @typedef {import("../selection.js").Selection} Selection */
/** near is how close to the viewer, -1 to 1; 0 in the plane.
 * @typedef {{item: Item, u: number, v: number, near: number}} Point */

/** Neighbours of the query that are ringed and joined to it. */
const ringed = 10
/** Of a picture without a colour. */
const grey = [0.6, 0.6, 0.6]
/** Pictures up to which each is drawn with round corners, on the canvas. */
const few = 600

/**
 * The collection as a map: alike pictures lie close together. Dispatches
 * "choose" with an item as detail.
 */
export class PictureMap extends EventTarget {
  /**
   * @param {Thumbs} thumbs
   * @param {Selection} selection
   */
  constructor (thumbs, selection) {
    super()
    this.thumbs = thumbs
    this.selection = selection
    this.space = new Space()
    /** @type {Item[]} */
    this.items = []
    /** @type {Colours} */
    this.colours = { of: new Map(), legend: [], kinds: new Map() }
    /** Lines of equal density, where they are wanted. @type {[number, number, number, number][]} */
    this.lines = []
    /** The line that is drawn about pictures, in CSS pixels. @type {[number, number][]} */
    this.lasso = []
    this.lassoing = false
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
    this.theme = { accent: '', line: '', ink: '', card: '' }
    this.sprites = Sprites.on(byId('map-pictures', HTMLCanvasElement))
    this.instances = new Float32Array(0)
    new ResizeObserver(() => this.resize()).observe(this.canvas)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.resize())
    thumbs.addEventListener('ready', () => this.schedule())
    wireMapInput(this)
  }

  /**
   * @param {Item[]} items
   * @param {Float32Array} coords numbers for each item
   * @param {2|3} dims
   */
  show (items, coords, dims) {
    const same = this.items.length === items.length
    this.items = items
    if (this.many !== (this.atlas.fresh !== null)) {
      this.atlas.fresh = this.many ? [] : null
      this.atlas.clear()
    }
    this.atlas.expect(items.length)
    this.space.set(coords, dims)
    this.project()
    this.message.hidden = true
    if (this.active && !items.includes(this.active)) this.activate(null)
    // A frame of a map that moves needs no more than to be drawn.
    if (same && this.canvas.width > 0) this.schedule()
    else this.resize()
  }

  /** Where the pictures are seen; those behind come first. */
  project () {
    const { items, space } = this
    if (this.points.length !== items.length) this.points = items.map((item) => ({ item, u: 0, v: 0, near: 0 }))
    items.forEach((item, i) => {
      const point = this.points[i]
      const [u, v, near] = space.seen(i)
      point.item = item
      point.u = u
      point.v = v
      point.near = near
    })
    if (this.space.dims === 3) this.points.sort((a, b) => a.near - b.near)
  }

  /**
   * @param {number} yaw radians
   * @param {number} pitch
   */
  turn (yaw, pitch) {
    this.space.turn(yaw, pitch)
    this.project()
    this.schedule()
  }

  /**
   * Nothing to show, and why.
   * @param {string} text
   */
  empty (text) {
    this.points = []
    this.items = []
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
    this.theme = { accent: colour('accent'), line: colour('line'), ink: colour('ink'), card: colour('card') }
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
    const rank = (/** @type {Point} */ p) => (p.item === this.active ? 3 : p.item === this.queryItem ? 2 : near.has(p.item) ? 1 : 0)
    this.drawDensity()
    this.drawMany(rank)
    drawLines(this, this.points.find((point) => point.item === this.queryItem), near)
    for (const point of this.points.filter((p) => rank(p) > 0).sort((a, b) => rank(a) - rank(b))) {
      this.drawPoint(point, this.sizeOf(point) * (rank(point) > 1 ? 1.2 : 1), 1, point.item === this.active ? this.theme.ink : this.theme.accent)
    }
    this.drawNames()
    drawLasso(this)
    placeCard(this.card, this.points.find(({ item }) => item === this.active), this.view)
  }

  /** Side of a picture in CSS pixels: nearer ones are larger. @param {Point} point */
  sizeOf ({ near }) {
    return this.view.size() * (1 + 0.35 * near)
  }

  /**
   * All pictures that are not marked: by the graphics processor where it can.
   * @param {(point: Point) => number} rank
   */
  drawMany (rank) {
    const { sprites, atlas, view, selection } = this
    const dim = this.order.length > 0 && this.colours.of.size === 0 ? 0.35 : 1
    const { many } = this
    if (this.instances.length < this.points.length * stride) this.instances = new Float32Array(Math.ceil(this.points.length * 1.2) * stride)
    const { ink } = this
    let n = 0
    for (const point of this.points) {
      if (rank(point) > 0) continue
      const size = this.sizeOf(point)
      const [x, y] = view.place(point.u, point.v)
      if (x + size < 0 || y + size < 0 || x - size > view.width || y - size > view.height) continue
      const chosen = selection.has(point.item)
      const colour = this.colours.of.get(point.item)
      if (!many || size * devicePixelRatio > 90) {
        this.drawPoint(point, size, dim, chosen ? this.theme.ink : colour ? css(colour) : '')
        continue
      }
      const cell = atlas.cells.get(point.item) ?? -1
      if (cell < 0) {
        // An address for each of thousands would take the browser seconds: only where there is no small picture yet.
        if (!point.item.thumb && !point.item.later) this.thumbs.want(point.item)
        atlas.want(point.item, 'small')
      }
      const [r, g, b] = chosen ? ink : colour ?? grey
      const at = n++ * stride
      const { instances } = this
      instances[at] = x
      instances[at + 1] = y
      instances[at + 2] = size
      instances[at + 3] = cell
      instances[at + 4] = r
      instances[at + 5] = g
      instances[at + 6] = b
      instances[at + 7] = dim
      instances[at + 8] = chosen ? 3 : colour ? Math.max(2, size * 0.14) : 0
    }
    if (!sprites || sprites.lost) return
    if (many) sprites.take(atlas)
    sprites.draw(view.width, view.height, devicePixelRatio, atlas.across, atlas.across * atlas.cell / atlas.side, this.instances, n)
  }

  /** Whether there are so many pictures that the graphics processor draws them, if it can. */
  get many () {
    return this.sprites !== null && !this.sprites.lost && this.items.length > few
  }

  /** The ink of the theme as the graphics processor takes it. */
  get ink () {
    return matchMedia('(prefers-color-scheme: dark)').matches ? [1, 1, 1] : [0.08, 0.08, 0.08]
  }

  drawDensity () {
    const { context, view } = this
    if (this.lines.length === 0) return
    context.strokeStyle = this.theme.accent
    context.globalAlpha = 0.35
    context.lineWidth = 1
    context.beginPath()
    for (const [u1, v1, u2, v2] of this.lines) {
      context.moveTo(...view.place(u1, v1))
      context.lineTo(...view.place(u2, v2))
    }
    context.stroke()
    context.globalAlpha = 1
  }

  /** Names of groups or labels where many of one kind are, while the map is seen from afar. */
  drawNames () {
    const { context, view } = this
    if (view.scale > 3 || this.colours.kinds.size === 0) return
    const at = new Map(this.points.map((point) => [point.item, point]))
    context.font = '600 14px system-ui, sans-serif'
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.lineWidth = 4
    context.strokeStyle = this.theme.card
    context.fillStyle = this.theme.ink
    const middle = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1]
    /** @type {[number, number][]} */
    const taken = []
    for (const [name, items] of this.colours.kinds) {
      const points = items.flatMap((item) => at.get(item) ?? [])
      if (points.length < Math.max(3, this.points.length / 200)) continue
      const [x, y] = view.place(middle(points.map((p) => p.u)), middle(points.map((p) => p.v)))
      if (taken.some(([tx, ty]) => Math.abs(tx - x) < 90 && Math.abs(ty - y) < 18)) continue
      taken.push([x, y])
      const text = name.length > 24 ? `${name.slice(0, 23)}…` : name
      context.strokeText(text, x, y)
      context.fillText(text, x, y)
    }
  }

  /**
   * Selects the pictures inside the line that was drawn.
   * @param {boolean} more beside those that are selected
   */
  endLasso (more) {
    const { lasso } = this
    this.lasso = []
    this.schedule()
    if (lasso.length < 3) return
    const found = this.points.filter(({ u, v }) => within(lasso, ...this.view.place(u, v))).map(({ item }) => item)
    this.selection.set(more ? [...this.selection.items, ...found] : found)
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
    const rounded = this.points.length <= few || ring !== ''
    if (rounded) {
      context.save()
      context.beginPath()
      context.roundRect(cx - half, cy - half, size, size, Math.min(8, size / 7))
      context.clip()
    }
    const drawn = this.atlas.draw(context, item, cx - half, cy - half, size, size * devicePixelRatio > 90)
    if (!drawn) {
      context.fillStyle = this.theme.line
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

  /**
   * The topmost picture at a point of the screen.
   * @param {number} x
   * @param {number} y
   */
  hit (x, y) {
    return topmost(this.points, this.view, x, y)
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

  /**
   * The nearest picture in a direction on the screen from the active one.
   * @param {number} dx -1, 0 or 1
   * @param {number} dy -1, 0 or 1
   */
  step (dx, dy) {
    const best = nearestAhead(this.points, this.view, this.active, dx, dy)
    if (!best) return
    this.view.reveal(...this.view.place(best.u, best.v))
    this.activate(best.item, true)
  }
}
