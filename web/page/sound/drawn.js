import { byId } from '../dom.js'

/** @typedef {import("../collection.js").Picture & {file: Blob}} Picture */
/** @typedef {import("../engine.js").Engine} Engine */
/** @typedef {import("../problems.js").Problems} Problems */

/** Names of files that pictures are made of: sounds, tables and texts. */
export const drawable = /\.(wav|wave|csv|tsv|txt|text|md)$/i

/** What suits a kind; the others suit all. @type {Record<string, RegExp>} */
const endings = { mel: /\.(wav|wave)$/i, gaf: /\.(csv|tsv)$/i, recurrence: /\.(csv|tsv)$/i, page: /\.(txt|text|md)$/i }

/** Pictures of sounds, tables and texts, made as the settings say. */
export class Drawn {
  /**
   * @param {Engine} engine
   * @param {Problems} problems
   */
  constructor (engine, problems) {
    this.engine = engine
    this.problems = problems
    this.kind = byId('set-signal', HTMLSelectElement)
    this.parameters = byId('set-signal-parameters', HTMLInputElement)
    /** What was applied last. */
    this.wanted = { kind: 'auto', parameters: '' }
    byId('set-apply', HTMLButtonElement).addEventListener('click', () => {
      this.wanted = { kind: this.kind.value, parameters: this.parameters.value.trim() }
    })
    byId('settings', HTMLDialogElement).addEventListener('close', () => {
      this.kind.value = this.wanted.kind
      this.parameters.value = this.wanted.parameters
    })
  }

  /**
   * What is made of a file: what was asked for where that suits it.
   * @param {string} name
   * @returns {import("../../lib/extractor.js").SignalOptions}
   */
  as (name) {
    const { kind, parameters } = this.wanted
    if (endings[kind] && !endings[kind].test(name)) return 'auto'
    const pairs = parameters.split(',').filter(Boolean).map((part) => {
      const [key, ...value] = part.split('=')
      return [key.trim(), value.join('=').trim()]
    })
    return /** @type {any} */ ({ ...Object.fromEntries(pairs), kind })
  }

  /**
   * The picture of a file under the file's name.
   * @param {string} name
   * @param {Blob} file
   */
  async draw (name, file) {
    const extractor = await this.engine.ready()
    const picture = await extractor.render(file, { as: this.as(name), name })
    const base = name.slice(name.lastIndexOf('/') + 1)
    return new File([picture], base, { type: picture.type, lastModified: file instanceof File ? file.lastModified : Date.now() })
  }

  /**
   * The pictures of files; those that fail are told.
   * @param {Picture[]} files
   */
  async all (files) {
    /** @type {Picture[]} */
    const pictures = []
    for (const { name, file } of files) {
      try {
        pictures.push({ name, file: await this.draw(name, file) })
      } catch (error) {
        this.problems.add(name, error)
      }
    }
    return pictures
  }
}
