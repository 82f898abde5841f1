// Files of the origin's private file system that keep what frozen layers make of
// pictures, for the worker that trains. Each is one tab's alone while it is open;
// their form is that of package tune, which takes what is cut off or damaged for
// missing. Names: the model's hash, what the views depend on, a random part.

import { ask } from './engine.js'
import { folder } from './views-folder.js'

/** @typedef {{key: string, model: string, views: number, each: number}} Spec what the views depend on: Extractor.viewsKey */
/** @typedef {{name: string, handle: any, directory: FileSystemDirectoryHandle}} Open */

const end = '.views'
/** Milliseconds after which views of another model are of no use any more. */
const stale = 30 * 24 * 3600e3
/** How often, and after how many milliseconds each, a file is asked for that a worker held which has just ended. */
const [tries, pause] = [20, 50]

/** The files that are open, in the order in which the engine has them. @type {Open[]} */
let open = []
/** Key of the pack that is open. */
let current = ''
/** Calls one after the other. @type {Promise<any>} */
let last = Promise.resolve()

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn (work) {
  const mine = last.then(work, work)
  last = mine.catch(() => {})
  return mine
}

/** @returns {Promise<FileSystemDirectoryHandle>} */
async function directory () {
  const root = await navigator.storage?.getDirectory?.()
  if (!root || typeof FileSystemFileHandle === 'undefined' || !('createSyncAccessHandle' in FileSystemFileHandle.prototype)) {
    throw new DOMException('this browser, or a page without HTTPS, has no files for it', 'NotSupportedError')
  }
  return root.getDirectoryHandle(folder, { create: true })
}

/** @param {Spec} spec */
const beginning = ({ model, key }) => `${model.slice(0, 16)}-${key.slice(0, 32)}-`

/**
 * Opens a file for this worker alone and adds it to the pack.
 * @param {FileSystemDirectoryHandle} directory
 * @param {string} name
 * @param {boolean} create
 */
async function take (directory, name, create) {
  const file = /** @type {any} */ (await directory.getFileHandle(name, { create }))
  for (let i = 1; ; i++) {
    try {
      const handle = await file.createSyncAccessHandle()
      try {
        ask('addFile', handle)
      } catch (e) {
        handle.close()
        throw e
      }
      open.push({ name, handle, directory })
      return
    } catch (e) {
      if (/** @type {any} */ (e).name !== 'NoModificationAllowedError' || i >= tries) throw e
      await new Promise(resolve => setTimeout(resolve, pause))
    }
  }
}

function closeAll () {
  for (const { handle } of open.splice(0)) handle.close()
  current = ''
}

/**
 * Opens the files of a pack that no other tab has open.
 * @param {Spec} spec
 */
async function use (spec) {
  if (current === spec.key) return
  closeAll()
  const into = await directory()
  ask('openPack', spec.key, spec.views, spec.each)
  for await (const name of /** @type {any} */ (into).keys()) {
    if (!name.startsWith(beginning(spec)) || !name.endsWith(end)) continue
    await take(into, name, false).catch(() => {}) // another tab's, or gone: made anew
  }
  current = spec.key
}

/**
 * Removes files that are not open: what was unused for longest first, of other
 * models before that, until there are at most so many bytes. Other tabs keep
 * theirs.
 * @param {Spec} spec
 * @param {number} most
 */
async function trim (spec, most) {
  const into = await directory()
  const mine = new Set(open.map(({ name }) => name))
  let total = open.reduce((sum, { handle }) => sum + handle.getSize(), 0)
  /** @type {{name: string, other: boolean, size: number, used: number}[]} */
  const all = []
  for await (const name of /** @type {any} */ (into).keys()) {
    if (mine.has(name)) continue
    const file = await into.getFileHandle(name).then(handle => handle.getFile()).catch(() => null)
    if (!file) continue
    total += file.size
    all.push({ name, other: !name.startsWith(spec.model.slice(0, 16)), size: file.size, used: file.lastModified })
  }
  all.sort((a, b) => Number(b.other) - Number(a.other) || a.used - b.used)
  for (const { name, other, size, used } of all) {
    if (total <= most && !(other && Date.now() - used > stale)) continue
    await into.removeEntry(name).then(() => { total -= size }, () => {})
  }
}

/** @param {ArrayBuffer} bytes */
const hex = bytes => Array.from(new Uint8Array(bytes), b => b.toString(16).padStart(2, '0')).join('')

export const packCalls = {
  /**
   * Looks for the views of a picture.
   * @param {Spec} spec
   * @param {Blob} picture
   * @returns {Promise<{digest: string, found: boolean}>}
   */
  findViews: async (spec, picture) => {
    const digest = hex(await crypto.subtle.digest('SHA-256', await picture.arrayBuffer()))
    return inTurn(async () => {
      await use(spec)
      return { digest, found: ask('findViews', digest) }
    })
  },

  /**
   * Makes room for so many pictures more, below a limit in bytes.
   * @param {Spec} spec
   * @param {number} pictures
   * @param {number} limit
   */
  roomForViews: (spec, pictures, limit) => inTurn(async () => {
    await use(spec)
    for (const i of ask('unusedFiles').reverse()) open.splice(i, 1)[0].handle.close()
    await trim(spec, Math.max(0, limit - 2 * pictures * spec.views * spec.each))
  }),

  /**
   * Keeps the views of a picture.
   * @param {Spec} spec
   * @param {string} digest
   * @param {Uint8Array} values
   */
  addViews: (spec, digest, values) => inTurn(async () => {
    await use(spec)
    const add = async () => {
      if (ask('packFull')) await take(await directory(), `${beginning(spec)}${crypto.randomUUID().slice(0, 8)}${end}`, true)
      ask('addViews', digest, values)
    }
    try {
      await add()
    } catch (e) {
      if (/** @type {any} */ (e).code === 'argument') throw e
      await trim(spec, 0) // perhaps there is room then
      await add()
    }
  }),

  /** Lets other tabs have the files. */
  closeViews: () => inTurn(async () => closeAll())
}

/**
 * Opens what a call of tuneNetwork reads.
 * @param {Spec} spec
 */
export function openViews (spec) {
  return inTurn(() => use(spec))
}
