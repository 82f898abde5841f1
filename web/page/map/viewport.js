/**
 * What part of the map is seen: a point of the map at base scale times `scale`
 * plus the offset is its place on the screen, in CSS pixels.
 */
export class Viewport {
  constructor () {
    this.width = 1
    this.height = 1
    this.scale = 1
    this.x = 0
    this.y = 0
    /** Shown pictures at scale 1, CSS pixels. */
    this.base = 40
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} n pictures on the map
   */
  resize (width, height, n) {
    this.width = width
    this.height = height
    this.base = Math.max(16, Math.min(84, 0.62 * Math.sqrt(width * height / Math.max(1, n))))
  }

  fit () {
    this.scale = 1
    this.x = 0
    this.y = 0
  }

  /** Side of a picture at the present scale: pictures grow slower than the map. */
  size () {
    return Math.min(220, this.base * this.scale ** 0.55)
  }

  /**
   * @param {number} u -1 to 1 from left to right
   * @param {number} v -1 to 1 from bottom to top
   * @returns {[number, number]}
   */
  place (u, v) {
    const margin = this.base / 2 + 10
    const x = this.width / 2 + u * (this.width / 2 - margin)
    const y = this.height / 2 - v * (this.height / 2 - margin)
    return [x * this.scale + this.x, y * this.scale + this.y]
  }

  /**
   * Zooms about a point of the screen that stays where it is.
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y]
   */
  zoom (factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.max(0.5, Math.min(60, this.scale * factor))
    const real = scale / this.scale
    this.x = x - (x - this.x) * real
    this.y = y - (y - this.y) * real
    this.scale = scale
    this.limit()
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan (dx, dy) {
    this.x += dx
    this.y += dy
    this.limit()
  }

  /** Keeps at least a corner of the map on the screen. */
  limit () {
    const keep = 80
    this.x = Math.max(keep - this.width * this.scale, Math.min(this.width - keep, this.x))
    this.y = Math.max(keep - this.height * this.scale, Math.min(this.height - keep, this.y))
  }

  /**
   * Pans so far that a point of the screen is well inside.
   * @param {number} x
   * @param {number} y
   */
  reveal (x, y) {
    const edge = Math.min(90, this.width / 4, this.height / 4)
    this.pan(Math.max(0, edge - x) - Math.max(0, x - this.width + edge), Math.max(0, edge - y) - Math.max(0, y - this.height + edge))
  }
}
