import { breather, byId, count, notice } from './dom.js'
import { readNPY } from './kept/npy.js'

/** @typedef {import("./collection.js").Picture} Picture */
/** Addresses are relative to the page. @typedef {{file: string, thumbnail: string, title: string, credit: string}} Sample */

/** Pictures shown as a foretaste on the start page. */
const shown = 9

/** What tools/site writes of the sample collection; paths are in the site.
 * @typedef {{model_hash: string, layer: string, pool: string, count: number, dim: number, names: string[], label: string[], size: number[], type: string, side: number, title: string, credit: string, vectors: string, packs: string[], per_pack: number, foretaste: string[]}} Known */

/**
 * The sample pictures that come with the page, if any do: photos, and a
 * collection whose vectors are there already.
 */
export class Samples {
  /**
   * @param {(pictures: Picture[]) => void|Promise<void>} onPictures
   * @param {() => {hash: string, layer: string, pool: string, resize: string}} choice what vectors must be of to be taken as they are
   */
  constructor (onPictures, choice) {
    this.onPictures = onPictures
    this.choice = choice
    /** @type {Known|null} */
    this.known = null
    this.open = byId('samples-open', HTMLButtonElement)
    this.open.addEventListener('click', () => void this.use())
    /** @type {Sample[]} */
    this.list = []
    this.button = byId('samples-button', HTMLButtonElement)
    this.button.addEventListener('click', () => void this.photos())
  }

  async start () {
    try {
      const response = await fetch('./samples/samples.json')
      if (response.ok) this.list = await response.json()
    } catch { /* without them the button stays away */ }
    try {
      const response = await fetch('./samples/emoji/collection.json')
      if (response.ok) this.known = await response.json()
    } catch { /* without it there are the photos */ }
    if (this.known) this.open.textContent = `Open ${count(this.known.count, 'sample picture')}`
    this.open.hidden = !this.known
    if (this.list.length === 0) return
    this.button.textContent = `Try it with ${count(this.list.length, 'sample picture')}`
    const step = Math.max(1, Math.floor(this.list.length / shown))
    const foretaste = this.known?.foretaste.map((path) => ({ thumbnail: path, title: path.replace(/^.*\/|\.\w+$/g, '').replaceAll('-', ' '), credit: this.known?.credit ?? '' }))
    const strip = (foretaste ?? this.list.filter((_, i) => i % step === 0)).slice(0, shown).map((sample) => {
      const image = document.createElement('img')
      image.src = sample.thumbnail
      image.alt = sample.title
      image.title = [sample.title, sample.credit].filter(Boolean).join('. ')
      image.loading = 'lazy'
      const row = document.createElement('li')
      row.append(image)
      return row
    })
    byId('samples-strip', HTMLElement).replaceChildren(...strip)
    byId('samples', HTMLElement).hidden = false
    byId('menu-samples', HTMLElement).hidden = false
  }

  /** The collection, or the photos where there is none. */
  async use () {
    if (!this.known) return this.photos()
    this.open.disabled = true
    try {
      await this.onPictures(await this.pictures(this.known))
    } catch (error) {
      notice('samples', 'warn', `The sample pictures could not be fetched (${error instanceof Error ? error.message : error}). Check the connection and try again.`)
    } finally {
      this.open.disabled = false
    }
  }

  /**
   * @param {Known} known
   * @returns {Promise<Picture[]>}
   */
  async pictures (known) {
    const { hash, layer, pool, resize } = this.choice()
    const fits = known.model_hash === hash && known.layer === layer && known.pool === pool && resize === ''
    const packs = Promise.all(known.packs.map(fetched))
    const vectors = fits ? readNPY(await (await fetched(known.vectors)).arrayBuffer()) : null
    const files = await packs
    /** @type {Picture[]} */
    const pictures = []
    let at = 0
    const rest = breather()
    for (let i = 0; i < known.count; i++) {
      await rest()
      if (i % known.per_pack === 0) at = 0
      const blob = files[Math.floor(i / known.per_pack)].slice(at, at + known.size[i], known.type)
      at += known.size[i]
      pictures.push({
        name: known.names[i],
        file: new File([blob], known.names[i].replace(/^.*\//, ''), { type: known.type, lastModified: 0 }),
        label: known.label[i],
        bytes: known.size[i],
        width: known.side,
        height: known.side,
        thumb: blob,
        ...vectors ? { vector: vectors.data.slice(i * known.dim, (i + 1) * known.dim) } : {}
      })
    }
    return pictures
  }

  async photos () {
    this.button.disabled = true
    let small = 0
    const results = await Promise.allSettled(this.list.map(async ({ file, thumbnail }) => {
      const blob = await fetched(file).catch(async () => {
        // Without a network there is what the start page shows.
        const instead = await fetched(thumbnail)
        small++
        return instead
      })
      const name = file.slice(file.lastIndexOf('/') + 1)
      return { name, file: new File([blob], name, { type: blob.type, lastModified: 0 }) }
    }))
    this.button.disabled = false
    const good = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))
    const lost = results.length - good.length
    if (small > 0) notice('samples', 'warn', `${count(small, 'sample picture')} could not be fetched and ${small === 1 ? 'is' : 'are'} here as the small version: ${small === 1 ? 'its vector differs' : 'their vectors differ'} a little.`)
    if (lost > 0) notice('samples', 'warn', `${count(lost, 'sample picture')} could not be fetched. Check the connection and try again.`)
    if (good.length > 0) this.onPictures(good)
  }
}

/** @param {string} file */
async function fetched (file) {
  const response = await fetch(file)
  if (!response.ok) throw new Error(`${file} answered ${response.status}`)
  return response.blob()
}
