import { byId, count, notice } from './dom.js'

/** @typedef {import("./collection.js").Picture} Picture */
/** Addresses are relative to the page. @typedef {{file: string, thumbnail: string, title: string, credit: string}} Sample */

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

  async use () {
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
