// What frozen layers made of pictures, kept in the browser's private file system
// (OPFS) for the next time that the network is trained.

/** The folder of all. */
const root = 'likeness-looked'
/** Settings whose values are kept, those used last. */
const most = 3
/** Bytes of the checksum at the end of a file. */
const tail = 32

/** The build of the page: another engine may make others. */
const build = () => document.querySelector('meta[name=likeness-version]')?.getAttribute('content') ?? ''

/**
 * What the values depend on beside the picture.
 * @typedef {{hash: string, from: string, layer: string, views: number, seed: number, resize: string}} Settings
 */

/** @param {BufferSource} bytes */
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')

/** Where there is no such file system, and on pages that are not served securely, nothing is kept. */
const there = () => globalThis.isSecureContext && 'storage' in navigator && 'getDirectory' in navigator.storage

/** The values of one training's settings. */
export class Looked {
  /** @param {FileSystemDirectoryHandle|null} folder null: nothing is kept */
  constructor (folder) {
    this.folder = folder
    /** Pictures whose values were there. */
    this.found = 0
  }

  /**
   * Opens what is kept for settings; that of the settings used longest ago goes.
   * @param {Settings} settings
   */
  static async open (settings) {
    if (!there()) return new Looked(null)
    try {
      const name = hex(await sha256(new TextEncoder().encode(JSON.stringify({ ...settings, build: build() })))).slice(0, 32)
      const all = await (await navigator.storage.getDirectory()).getDirectoryHandle(root, { create: true })
      const last = [name, ...used().filter((other) => other !== name)].slice(0, most)
      localStorage.setItem(root, JSON.stringify(last))
      for await (const other of /** @type {any} */ (all).keys()) if (!last.includes(other)) await all.removeEntry(other, { recursive: true })
      return new Looked(await all.getDirectoryHandle(name, { create: true }))
    } catch { // no room, or a private window: it is computed again
      return new Looked(null)
    }
  }

  /** Forgets all that is kept. */
  static async forget () {
    if (!there()) return
    try {
      localStorage.removeItem(root)
      await (await navigator.storage.getDirectory()).removeEntry(root, { recursive: true })
    } catch { /* there is nothing */ }
  }

  /**
   * The values of a picture: those that are kept, or else what make gives, which
   * is kept then. A file that was cut short or changed is not taken.
   * @param {Blob} file
   * @param {() => Promise<Uint8Array>} make
   * @returns {Promise<Uint8Array>}
   */
  async values (file, make) {
    if (!this.folder) return make()
    const name = hex(await sha256(await file.arrayBuffer()))
    const kept = await this.read(name)
    if (kept) {
      this.found++
      return kept
    }
    const made = await make()
    await this.write(name, made)
    return made
  }

  /** @param {string} name @returns {Promise<Uint8Array|null>} */
  async read (name) {
    try {
      const handle = await this.folder?.getFileHandle(name)
      if (!handle) return null
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer())
      const values = bytes.subarray(0, Math.max(0, bytes.length - tail))
      return hex(await sha256(values)) === hex(bytes.subarray(values.length)) ? values.slice() : null
    } catch {
      return null
    }
  }

  /**
   * A file is there whole or not at all: it takes its place when it is closed.
   * @param {string} name
   * @param {Uint8Array} values
   */
  async write (name, values) {
    try {
      const handle = await this.folder?.getFileHandle(name, { create: true })
      const to = await handle?.createWritable()
      await to?.write(new Blob([/** @type {BlobPart} */ (values), /** @type {BlobPart} */ (await sha256(/** @type {BufferSource} */ (values)))]))
      await to?.close()
    } catch { // no more room: what is kept stays, nothing more is
      this.folder = null
    }
  }
}

/** Names of the settings used last, the newest first. @returns {string[]} */
function used () {
  try {
    const names = JSON.parse(localStorage.getItem(root) ?? '[]')
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
  } catch {
    return []
  }
}
