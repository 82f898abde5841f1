/**
 * Places of a map in two or three dimensions, made to fill -1 to 1, and how
 * they are seen.
 */
export class Space {
  constructor () {
    this.dims = 2
    /** @type {Float32Array} */
    this.places = new Float32Array(0)
    this.yaw = 0.5
    this.pitch = -0.3
  }

  /**
   * @param {Float32Array} coords
   * @param {number} dims
   */
  set (coords, dims) {
    this.dims = dims
    const n = coords.length / dims
    this.places = new Float32Array(coords.length)
    const ranges = Array.from({ length: dims }, (_, d) => {
      let [low, high] = [Infinity, -Infinity]
      for (let i = 0; i < n; i++) {
        low = Math.min(low, coords[i * dims + d])
        high = Math.max(high, coords[i * dims + d])
      }
      return { middle: (low + high) / 2, half: (high - low) / 2 }
    })
    // In space all directions have one scale, since they are turned into each other.
    const longest = Math.max(...ranges.map(({ half }) => half))
    for (let i = 0; i < n; i++) {
      for (let d = 0; d < dims; d++) {
        const { middle, half } = ranges[d]
        const by = dims === 3 ? longest : half
        this.places[i * dims + d] = by > 0 ? (coords[i * dims + d] - middle) / by : 0
      }
    }
  }

  /**
   * How a place is seen: to the right, up, and towards the viewer, -1 to 1.
   * @param {number} i
   * @returns {[number, number, number]}
   */
  seen (i) {
    const { dims, places } = this
    const [x, y, z] = [places[i * dims], places[i * dims + 1], dims === 3 ? places[i * dims + 2] : 0]
    if (dims !== 3) return [x, y, 0]
    const [c, s] = [Math.cos(this.yaw), Math.sin(this.yaw)]
    const [x1, z1] = [x * c + z * s, z * c - x * s]
    const [d, t] = [Math.cos(this.pitch), Math.sin(this.pitch)]
    const [y1, z2] = [y * d - z1 * t, z1 * d + y * t]
    const near = 1 / (1.9 - 0.55 * z2) * 1.5
    return [x1 * near * 0.8, y1 * near * 0.8, z2]
  }

  /**
   * @param {number} yaw radians
   * @param {number} pitch
   */
  turn (yaw, pitch) {
    this.yaw += yaw
    this.pitch = Math.max(-1.5, Math.min(1.5, this.pitch + pitch))
  }
}
