import { breather, count } from './dom.js'
import { filesOf } from './kept/folders.js'
import { partVectors } from './kept/read.js'
import { skipFile, skipFolder } from './skip.js'
import { drawable } from './sound/drawn.js'

/** @typedef {import("./collection.js").Picture & {file: Blob}} Picture */
/** @typedef {{name: string, reason: string, remedy: string}} Problem */
/** hidden and skipped count the files and folders that were passed over, folders those that were dropped or chosen;
 * vectors are files of vectors, each with what belongs to it, projects what a page has saved; signals are sounds, tables
 * and texts, which are there only where no picture and no vectors came with them.
 * @typedef {{pictures: Picture[], vectors: {name: string, file: Blob}[][], projects: {name: string, file: Blob}[], models: {name: string, file: Blob}[], signals: Picture[], problems: Problem[], hidden: number, skipped: number, folders: number}} Intake */

const extensions = /\.(jpe?g|jfif|png|gif|webp|bmp|dib|tiff?|avif|heic|heif|svg|ico|pgm|ppm|pbm|pnm)$/i
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/**
 * Everything in a drop or a paste, folders opened. Must be called while the
 * event is being handled: its entries are gone afterwards.
 * @param {DataTransfer} transfer
 * @returns {Promise<Intake>}
 */
export function fromTransfer (transfer) {
  /** @type {FileSystemEntry[]} */
  const entries = []
  /** @type {File[]} */
  const loose = []
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue
    const entry = typeof item.webkitGetAsEntry === 'function' ? item.webkitGetAsEntry() : null
    const file = item.getAsFile()
    if (entry?.isDirectory) entries.push(entry)
    else if (file) loose.push(file)
  }
  return fromEntries(entries, loose)
}

/** What has been found so far. */
function nothing () {
  return { pictures: /** @type {Picture[]} */ ([]), vectors: /** @type {Intake["vectors"]} */ ([]), projects: /** @type {Intake["projects"]} */ ([]), models: /** @type {Intake["models"]} */ ([]), signals: /** @type {Picture[]} */ ([]), problems: /** @type {Problem[]} */ ([]), hidden: 0, skipped: 0, folders: 0 }
}

/**
 * @param {FileSystemEntry[]} entries
 * @param {File[]} loose
 * @returns {Promise<Intake>}
 */
async function fromEntries (entries, loose) {
  const found = nothing()
  found.pictures = loose.map((file) => ({ name: file.name, file }))
  found.folders = entries.length
  for (const entry of entries) await walk(entry, found, true)
  return sift(found)
}

/**
 * Files from a file or folder chooser.
 * @param {FileList} list
 * @returns {Promise<Intake>}
 */
export async function fromList (list) {
  const found = nothing()
  const folders = new Set()
  const skipped = new Set()
  const rest = breather()
  for (const file of list) {
    await rest()
    const name = file.webkitRelativePath || file.name
    const path = name.split('/')
    if (path.length > 1) folders.add(path[0])
    // The first is the folder that was chosen.
    const at = path.findIndex((part, i) => i > 0 && i < path.length - 1 && skipFolder(part, path[i - 1]))
    if (at > 0) skipped.add(path.slice(0, at + 1).join('/'))
    else if (path.length > 1 && skipFile(path[path.length - 1])) found.hidden++
    else found.pictures.push({ name, file })
  }
  found.folders = folders.size
  found.skipped = skipped.size
  return sift(found)
}

/**
 * Files of a folder that the browser can remember.
 * @param {import("./kept/folders.js").Folder} folder
 * @returns {Promise<Intake>}
 */
export async function fromFolder (folder) {
  const { files, hidden, skipped } = await filesOf(folder)
  return sift({ ...nothing(), pictures: files, hidden, skipped, folders: 1 })
}

/**
 * @param {FileSystemEntry} entry
 * @param {Intake} into
 * @param {boolean} named by the person, and not found in a folder
 */
async function walk (entry, into, named) {
  const name = entry.fullPath.replace(/^\//, '')
  try {
    if (entry.isFile) {
      if (!named && skipFile(entry.name)) { into.hidden++; return }
      const fileEntry = /** @type {FileSystemFileEntry} */ (entry)
      into.pictures.push({ name, file: await new Promise((resolve, reject) => fileEntry.file(resolve, reject)) })
      return
    }
    if (!named && skipFolder(entry.name, name.split('/').at(-2) ?? '')) { into.skipped++; return }
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader()
    // readEntries answers in batches of at most 100 and ends with an empty one.
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
      if (batch.length === 0) return
      for (const child of batch) await walk(child, into, false)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    into.problems.push({ name, reason: `It could not be opened: ${reason}`, remedy: 'Check that you may read it and that it still exists, then add it again.' })
  }
}

/**
 * Keeps what may be a picture, in natural order of the names.
 * @param {Intake} found
 * @returns {Promise<Intake>}
 */
async function sift (found) {
  /** @type {Picture[]} */
  const pictures = []
  /** @type {Picture[]} */
  const signals = []
  const rest = breather()
  const { sets, others } = await partVectors(found.pictures)
  for (const picture of /** @type {Picture[]} */ (others)) {
    await rest()
    const base = picture.name.slice(picture.name.lastIndexOf('/') + 1)
    if (/\.likeness(?: ?\(\d+\))?\.zip$/i.test(base)) {
      found.projects.push(picture)
    } else if (/\.safetensors$/i.test(base)) {
      found.models.push(picture)
    } else if (picture.file.type.startsWith('image/') || extensions.test(base) || await startsLikePicture(picture.file)) {
      pictures.push(picture)
    } else if (drawable.test(base)) {
      signals.push(picture)
    } else {
      found.problems.push({ name: picture.name, reason: 'This is not a picture.', remedy: 'Add JPEG, PNG, GIF, WebP, BMP, TIFF, HEIC or AVIF files.' })
    }
  }
  if (pictures.length + sets.length > 0) {
    for (const { name } of signals.splice(0)) found.problems.push({ name, reason: 'This is not a picture.', remedy: 'Add it without pictures beside it to have a picture made of it.' })
  }
  for (const list of [pictures, signals]) list.sort((a, b) => byName.compare(a.name, b.name))
  return { ...found, pictures, signals, vectors: sets }
}

/**
 * Whether the first bytes are those of a picture whose name does not say so.
 * @param {Blob} file
 */
async function startsLikePicture (file) {
  try {
    const head = new Uint8Array(await file.slice(0, 12).arrayBuffer())
    const text = String.fromCharCode(...head)
    return text.startsWith('\xff\xd8\xff') || text.startsWith('\x89PNG') || text.startsWith('GIF8') || text.startsWith('BM') ||
      text.startsWith('II*\0') || text.startsWith('MM\0*') || text.startsWith('RIFF') && text.endsWith('WEBP') || /^....ftyp(avif|heic|mif1)/s.test(text)
  } catch {
    return false
  }
}

/**
 * What to say when nothing came of a drop.
 * @param {Intake} intake
 */
export function nothingFound (intake) {
  const { folders, problems, hidden, skipped } = intake
  if (problems.length > 0) return `No pictures among ${count(problems.length, 'file')}. Add JPEG, PNG, GIF, WebP, BMP, TIFF, HEIC or AVIF files.`
  if (folders > 0) return hidden + skipped > 0 ? 'That folder holds only files of the system and of other programs, no pictures. Choose another one.' : 'That folder is empty. Choose one that holds pictures.'
  return 'Nothing came with that. Drop picture files or folders from your file manager; a picture from another web page must be saved first.'
}

/**
 * What was passed over.
 * @param {Intake} intake
 */
export function skippedText ({ skipped, hidden }) {
  const files = hidden > 0 ? ` and ${count(hidden, 'file')}` : ''
  return `${count(skipped, 'folder')}${files} passed over: hidden, or kept by other programs (previews, recycle bins). Choose such a folder itself to read it.`
}
