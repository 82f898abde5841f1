import { button, element, formatScore, notice } from '../dom.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { heated, paint, strip } from './heat.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {{layer: string, shape: [number, number, number], data: Float32Array}} Map */

const w = words.inside

/** Pictures that are looked through for like places: each is run through the network. */
const most = 3000

/** Channels that are shown at first. */
const shown = 48

/** A layer of one picture: all its channels, and each place's likes in the collection. */
export class LayersPanel {
  /**
   * @param {Page} page
   * @param {() => Item|null} picture
   */
  constructor (page, picture) {
    this.page = page
    this.picture = picture
    this.task = new Task()
    /** @type {Map|null} */
    this.map = null
    this.asked = ''
    this.seen = heated('')
    this.caption = element('p', { className: 'help' })
    this.channels = element('div', { className: 'channels', attributes: { role: 'group' }, aria: { label: w.channels } })
    this.place = element('div', { className: 'place-facts' })
    this.box = element('div', { className: 'look' },
      element('div', { className: 'pair' }, element('div', {}, this.seen.box, this.caption), element('div', {}, element('p', { className: 'help', textContent: w.placeHint }), this.task.box, this.place)),
      element('h2', { textContent: w.channels }), this.channels)
    this.seen.box.tabIndex = 0
    this.seen.box.setAttribute('role', 'application')
    this.seen.box.setAttribute('aria-label', w.placeHint)
    this.seen.box.addEventListener('click', (event) => this.click(event))
    this.seen.box.addEventListener('keydown', (event) => this.key(event))
  }

  /** @param {URLSearchParams} params */
  async show (params) {
    const item = this.picture()
    if (!item?.file) return
    const { engine } = this.page
    const extractor = await engine.ready()
    const layer = params.get('layer') || engine.choice.layer
    const asked = `${item.key} ${layer} ${engine.choice.model}`
    if (asked !== this.asked) {
      this.asked = asked
      this.task.cancel()
      const resize = engine.choice.resize === 'tiles' || engine.choice.resize === '' ? undefined : engine.choice.resize
      const [map, seen] = await Promise.all([extractor.featureMap(item.file, { layer, resize }), extractor.seen(item.file, { resize })])
      if (this.asked !== asked) return
      this.map = map
      this.seen.image.alt = item.name
      this.seen.show(seen)
      this.fill()
    }
    this.mark(params)
  }

  fill () {
    const { map } = this
    if (!map) return
    const [h, wide, c] = map.shape
    const list = (/** @type {number} */ n) => {
      this.channels.replaceChildren(...Array.from({ length: Math.min(n, c) }, (_, k) => {
        const canvas = element('canvas')
        paint(canvas, channel(map, k), wide, h, { grey: true })
        return element('button', { type: 'button', className: 'channel', title: w.channel(k), data: { channel: String(k) }, aria: { label: w.channel(k), pressed: 'false' }, on: { click: () => this.choose(k) } }, canvas, element('small', {}, String(k)))
      }))
      if (c > n) this.channels.append(button(w.allChannels(c), () => { list(c); this.mark(this.page.route.params) }))
    }
    list(shown)
  }

  /** @param {number} k */
  choose (k) {
    this.page.route.set({ channel: this.page.route.get('channel') === String(k) ? '' : k }, { replace: true })
  }

  /** @param {URLSearchParams} params */
  mark (params) {
    const { map } = this
    if (!map) return
    const [h, wide, c] = map.shape
    const k = params.get('channel') ? Number(params.get('channel')) : -1
    const one = k >= 0 && k < c
    paint(this.seen.canvas, one ? channel(map, k) : strength(map), wide, h)
    this.caption.textContent = one ? w.channelCaption(k, h, wide) : w.strengthCaption(h, wide, c)
    for (const b of this.channels.querySelectorAll('[data-channel]')) b.setAttribute('aria-pressed', String(b.getAttribute('data-channel') === String(k)))
    const place = params.get('place') ? Number(params.get('place')) : -1
    const known = place >= 0 && place < h * wide ? place : -1
    this.seen.mark(known, wide, h)
    if (this.told === `${this.asked} ${known}`) return
    this.told = `${this.asked} ${known}`
    this.place.replaceChildren()
    if (known >= 0) this.tell(known)
  }

  /** @param {number} place */
  tell (place) {
    const { map } = this
    if (!map) return
    const [, wide, c] = map.shape
    const vector = map.data.subarray(place * c, (place + 1) * c)
    this.place.append(
      element('h3', { textContent: w.placeTitle(Math.floor(place / wide), place % wide) }),
      strip(vector, w.vectorOf(c)),
      element('p', { className: 'help', textContent: w.vectorOf(c) }),
      button(w.findPlaces, () => void this.alike(vector), 'button'))
  }

  /**
   * The places of the collection most like one.
   * @param {Float32Array} vector
   */
  async alike (vector) {
    const { map, page } = this
    const own = this.picture()
    if (!map) return
    const [h, wide, c] = map.shape
    const items = page.collection.items.filter((item) => item.file && item.state === 'done').slice(0, most)
    const extractor = await page.engine.ready()
    try {
      const found = await this.task.run(w.findingPlaces, async ({ signal, onProgress }) => {
        /** @type {{item: Item, place: number, score: number}[]} */
        const best = []
        let done = 0
        const files = items.map((item) => /** @type {Blob} */ (item.file))
        for await (const { index, error, vector: data } of extractor.extractAll(files, { layer: map.layer, pool: 'none', normalize: false, signal })) {
          onProgress({ done: ++done / items.length })
          if (error || !data) continue
          const { place, score } = bestPlace(data, h * wide, c, vector)
          best.push({ item: items[index], place, score })
        }
        return best.filter(({ item }) => item !== own).sort((x, y) => y.score - x.score).slice(0, 12)
      })
      if (!found) return
      this.place.querySelector('.places')?.remove()
      this.place.append(element('div', { className: 'places' }, ...found.map(({ item, place, score }) => {
        const [x, y] = [place % wide, Math.floor(place / wide)]
        const mark = element('i', { style: { left: `${100 * x / wide}%`, top: `${100 * y / h}%`, width: `${100 / wide}%`, height: `${100 / h}%` } })
        return element('button', { type: 'button', className: 'bare small-picture', title: item.name, aria: { label: `${item.name}, ${formatScore(score)}` }, on: { click: () => page.route.set({ of: item.key, place }) } },
          page.thumbs.image(item, ''), mark, element('small', {}, formatScore(score)))
      })))
    } catch (error) {
      notice('inside', 'bad', w.failed(error instanceof Error ? error.message : String(error)))
    }
  }

  /** @param {MouseEvent} event */
  click (event) {
    if (!this.map) return
    const [h, wide] = this.map.shape
    const box = this.seen.box.getBoundingClientRect()
    const x = Math.min(wide - 1, Math.floor((event.clientX - box.left) / box.width * wide))
    const y = Math.min(h - 1, Math.floor((event.clientY - box.top) / box.height * h))
    this.page.route.set({ place: y * wide + x }, { replace: true })
  }

  /** @param {KeyboardEvent} event */
  key (event) {
    if (!this.map) return
    const [h, wide] = this.map.shape
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const way = ways[event.key]
    if (!way) return
    event.preventDefault()
    const now = this.page.route.get('place')
    const at = now === '' ? Math.floor(h / 2) * wide + Math.floor(wide / 2) : Number(now)
    const x = Math.max(0, Math.min(wide - 1, at % wide + way[0]))
    const y = Math.max(0, Math.min(h - 1, Math.floor(at / wide) + way[1]))
    this.page.route.set({ place: y * wide + x }, { replace: true })
  }
}

/**
 * One channel of a map.
 * @param {Map} map
 * @param {number} k
 */
export function channel (map, k) {
  const [h, wide, c] = map.shape
  return Float32Array.from({ length: h * wide }, (_, p) => map.data[p * c + k])
}

/**
 * The length of each place's vector.
 * @param {Map} map
 */
function strength (map) {
  const [h, wide, c] = map.shape
  return Float32Array.from({ length: h * wide }, (_, p) => {
    let sum = 0
    for (let k = 0; k < c; k++) sum += map.data[p * c + k] ** 2
    return Math.sqrt(sum)
  })
}

/**
 * The place whose vector is most like one, by cosine.
 * @param {Float32Array} data
 * @param {number} places
 * @param {number} c
 * @param {Float32Array} vector
 */
function bestPlace (data, places, c, vector) {
  let own = 0
  for (let k = 0; k < c; k++) own += vector[k] ** 2
  let best = { place: 0, score: -Infinity }
  for (let p = 0; p < places; p++) {
    let dot = 0
    let square = 0
    for (let k = 0; k < c; k++) {
      const x = data[p * c + k]
      dot += x * vector[k]
      square += x * x
    }
    const score = square > 0 && own > 0 ? dot / Math.sqrt(square * own) : 0
    if (score > best.score) best = { place: p, score }
  }
  return best
}
