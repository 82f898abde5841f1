import { byId, count, notice } from './dom.js'

/** @typedef {import("./collection.js").Picture} Picture */
/** @typedef {{file: string, title: string, credit: string}} Sample */

/** Pictures shown as a foretaste on the start page. */
const shown = 9

/** The sample pictures that come with the page, if any do. */
export class Samples {
  /** @param {(pictures: Picture[]) => void} onPictures */
  constructor (onPictures) {
    this.onPictures = onPictures
    /** @type {Sample[]} */
    this.list = []
    this.button = byId('samples-button', HTMLButtonElement)
    this.button.addEventListener('click', () => void this.use())
  }

  async start () {
    try {
      const response = await fetch('./samples/samples.json')
      if (response.ok) this.list = await response.json()
    } catch { /* without them the button stays away */ }
    if (this.list.length === 0) return
    this.button.textContent = `Try it with ${count(this.list.length, 'sample picture')}`
    const step = Math.max(1, Math.floor(this.list.length / shown))
    const strip = this.list.filter((_, i) => i % step === 0).slice(0, shown).map((sample) => {
      const image = document.createElement('img')
      image.src = `./samples/${sample.file}`
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

  async use () {
    this.button.disabled = true
    const results = await Promise.allSettled(this.list.map(async (sample) => {
      const response = await fetch(`./samples/${sample.file}`)
      if (!response.ok) throw new Error(`${sample.file} answered ${response.status}`)
      const blob = await response.blob()
      return { name: sample.file, file: new File([blob], sample.file, { type: blob.type, lastModified: 0 }) }
    }))
    this.button.disabled = false
    const good = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []))
    const lost = results.length - good.length
    if (lost > 0) notice('samples', 'warn', `${count(lost, 'sample picture')} could not be fetched. Check the connection and try again.`)
    if (good.length > 0) this.onPictures(good)
  }
}
