/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../views.js").Page} Page */
/** @typedef {[number, number, number]} Colour red, green, blue, 0 to 1 */
/** of has the colour of each picture that has one; legend tells what each means; names are those of places where many of one kind are.
 * @typedef {{of: Map<Item, Colour>, legend: {text: string, colour: Colour}[], kinds: Map<string, Item[]>}} Colours */

/** Told apart also by most who see colours differently (Okabe and Ito, with lighter and darker ones after them). */
const palette = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9', '#b8a800', '#7a5195', '#5f6b6d', '#8c510a', '#01665e', '#ef5675']

/** Kinds that have a colour of their own; the others share one. */
const most = palette.length

/** @param {string} hex @returns {Colour} */
const rgb = (hex) => /** @type {Colour} */ ([1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255))

/** @param {Colour} colour */
export function css ([r, g, b]) {
  return `rgb(${Math.round(255 * r)} ${Math.round(255 * g)} ${Math.round(255 * b)})`
}

/**
 * From blue over grey to orange.
 * @param {number} t 0 to 1
 * @returns {Colour}
 */
function ramp (t) {
  const ends = [rgb('#2166ac'), rgb('#bdbdbd'), rgb('#e66101')]
  const [a, b] = t < 0.5 ? [ends[0], ends[1]] : [ends[1], ends[2]]
  const s = t < 0.5 ? 2 * t : 2 * t - 1
  return /** @type {Colour} */ (a.map((x, i) => x + (b[i] - x) * s))
}

/**
 * @param {Page} page
 * @param {string} by group, label, score, date, or '' for none
 * @param {{other: string, none: string, alike: string, unlike: string}} words
 * @returns {Colours}
 */
export function coloursBy (page, by, words) {
  const { items } = page.collection
  if (by === 'group') return byKind(items, (item) => page.collection.groupName(item), words)
  if (by === 'label') return byKind(items, (item) => item.label, words)
  if (by === 'score') {
    const { scores } = page.search
    const values = [...scores.values()]
    const [low, high] = [Math.min(...values, 1), Math.max(...values.filter((s) => s < 0.9999), 0)]
    return scale(items, (item) => scores.get(item), low, high, [words.unlike, words.alike])
  }
  if (by === 'date') {
    const dates = items.map((item) => item.date).filter((d) => d > 0)
    const [low, high] = dates.reduce(([l, h], d) => [Math.min(l, d), Math.max(h, d)], [Infinity, -Infinity])
    const text = (/** @type {number} */ d) => (Number.isFinite(d) ? new Date(d).toLocaleDateString('en') : '')
    return scale(items, (item) => item.date || undefined, low, high, [text(low), text(high)])
  }
  return { of: new Map(), legend: [], kinds: new Map() }
}

/**
 * A colour for each of the most frequent kinds.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => string} kindOf '' for none
 * @param {{other: string, none: string}} words
 * @returns {{of: Map<T, Colour>, legend: {text: string, colour: Colour}[], kinds: Map<string, T[]>}}
 */
export function byKind (items, kindOf, words) {
  /** @type {Map<string, T[]>} */
  const kinds = new Map()
  for (const item of items) {
    const kind = kindOf(item)
    if (kind) kinds.set(kind, [...kinds.get(kind) ?? [], item])
  }
  const sorted = [...kinds].sort((a, b) => b[1].length - a[1].length)
  /** @type {Map<T, Colour>} */
  const of = new Map()
  /** @type {{text: string, colour: Colour}[]} */
  const legend = []
  const rest = rgb('#9a9a9a')
  sorted.forEach(([text, list], i) => {
    const colour = i < most ? rgb(palette[i]) : rest
    if (i < most) legend.push({ text, colour })
    for (const item of list) of.set(item, colour)
  })
  if (sorted.length > most) legend.push({ text: words.other, colour: rest })
  return { of, legend, kinds: new Map(sorted) }
}

/**
 * @param {Item[]} items
 * @param {(item: Item) => number|undefined} valueOf
 * @param {number} low
 * @param {number} high
 * @param {[string, string]} ends
 * @returns {Colours}
 */
function scale (items, valueOf, low, high, ends) {
  /** @type {Map<Item, Colour>} */
  const of = new Map()
  for (const item of items) {
    const value = valueOf(item)
    if (value !== undefined) of.set(item, ramp(high > low ? Math.max(0, Math.min(1, (value - low) / (high - low))) : 0.5))
  }
  return { of, legend: of.size > 0 ? [{ text: ends[0], colour: ramp(0) }, { text: ends[1], colour: ramp(1) }] : [], kinds: new Map() }
}
