// A picture of which a part can be marked, by pointer and by keys.

import { element } from './element.js'

/** Pixels of the longer side at which the picture is shown. */
const side = 240

/** Steps of the keys, as a share of the picture. */
const step = 0.05

export class Crop {
  /**
   * @param {ImageBitmap} bitmap
   * @param {{query: string, partHint: string}} words
   * @param {() => void} changed
   */
  constructor (bitmap, words, changed) {
    this.bitmap = bitmap
    this.changed = changed
    const scale = Math.min(side / Math.max(bitmap.width, bitmap.height), 1)
    this.width = Math.max(Math.round(bitmap.width * scale), 1)
    this.height = Math.max(Math.round(bitmap.height * scale), 1)
    const canvas = element('canvas', { width: this.width, height: this.height })
    canvas.getContext('2d').drawImage(bitmap, 0, 0, this.width, this.height)
    this.mark = element('div', { className: 'part', hidden: true })
    this.frame = element('div', { className: 'frame', part: 'query', tabIndex: 0, role: 'application', 'aria-label': `${words.query}. ${words.partHint}` }, canvas, this.mark)
    /** Shares of the picture: left, top, right, bottom. @type {[number, number, number, number] | undefined} */
    this.part = undefined
    this.frame.onpointerdown = (/** @type {PointerEvent} */ e) => this.drag(e)
    this.frame.onkeydown = (/** @type {KeyboardEvent} */ e) => this.key(e)
  }

  /** @param {PointerEvent} e */
  place (e) {
    const box = this.frame.getBoundingClientRect()
    const within = (/** @type {number} */ v) => Math.min(Math.max(v, 0), 1)
    return [within((e.clientX - box.left) / box.width), within((e.clientY - box.top) / box.height)]
  }

  /** @param {PointerEvent} start */
  drag (start) {
    if (start.button !== 0) return
    const [x, y] = this.place(start)
    this.frame.setPointerCapture(start.pointerId)
    this.frame.onpointermove = (/** @type {PointerEvent} */ e) => {
      const [u, v] = this.place(e)
      const part = /** @type {[number, number, number, number]} */ ([Math.min(x, u), Math.min(y, v), Math.max(x, u), Math.max(y, v)])
      this.set((part[2] - part[0]) * this.width > 8 && (part[3] - part[1]) * this.height > 8 ? part : undefined)
    }
    this.frame.onpointerup = this.frame.onpointercancel = () => { this.frame.onpointermove = null }
  }

  /** @param {KeyboardEvent} e */
  key (e) {
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[e.key]
    if (e.key === 'Escape') return this.set(undefined)
    if (!way) return
    e.preventDefault()
    let [l, t, r, b] = this.part ?? [.25, .25, .75, .75]
    if (e.shiftKey) {
      r = Math.min(Math.max(r + way[0], l + step), 1)
      b = Math.min(Math.max(b + way[1], t + step), 1)
    } else {
      const dx = Math.min(Math.max(way[0], -l), 1 - r)
      const dy = Math.min(Math.max(way[1], -t), 1 - b)
      ;[l, t, r, b] = [l + dx, t + dy, r + dx, b + dy]
    }
    this.set([l, t, r, b])
  }

  /** @param {[number, number, number, number] | undefined} part */
  set (part) {
    this.part = part
    this.mark.hidden = !part
    if (part) {
      const [l, t, r, b] = part.map(v => `${v * 100}%`)
      Object.assign(this.mark.style, { left: l, top: t, width: `calc(${r} - ${l})`, height: `calc(${b} - ${t})` })
    }
    this.changed()
  }

  /** The marked part as pixels.
   * @returns {Promise<ImageBitmap>} */
  cut () {
    const [l, t, r, b] = this.part ?? [0, 0, 1, 1]
    const { width, height } = this.bitmap
    const [x, y] = [Math.round(l * width), Math.round(t * height)]
    return createImageBitmap(this.bitmap, x, y, Math.max(Math.round(r * width) - x, 1), Math.max(Math.round(b * height) - y, 1))
  }
}
