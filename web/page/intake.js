import { count } from './dom.js'

/** @typedef {import("./collection.js").Picture} Picture */
/** @typedef {{name: string, reason: string, remedy: string}} Problem */
/** @typedef {{pictures: Picture[], problems: Problem[], hidden: number, folders: number}} Intake */

const extensions = /\.(jpe?g|jfif|png|gif|webp|bmp|dib|tiff?|avif|heic|heif|svg|ico|pgm|ppm|pbm|pnm)$/i
const systemFiles = /^(\.|thumbs\.db$|desktop\.ini$|icon\r$)/i
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

/**
 * @param {FileSystemEntry[]} entries
 * @param {File[]} loose
 * @returns {Promise<Intake>}
 */
async function fromEntries (entries, loose) {
  /** @type {Picture[]} */
  const all = loose.map((file) => ({ name: file.name, file }))
  /** @type {Problem[]} */
  const problems = []
  for (const entry of entries) await walk(entry, all, problems)
  return sift(all, problems, entries.length)
}

/**
 * Files from a file or folder chooser.
 * @param {FileList} list
 * @returns {Promise<Intake>}
 */
export function fromList (list) {
  const all = Array.from(list, (file) => ({ name: file.webkitRelativePath || file.name, file }))
  const folders = new Set(all.filter((p) => p.file.webkitRelativePath).map((p) => p.name.split('/')[0]))
  return sift(all, [], folders.size)
}

/**
 * @param {FileSystemEntry} entry
 * @param {Picture[]} into
 * @param {Problem[]} problems
 */
async function walk (entry, into, problems) {
  const name = entry.fullPath.replace(/^\//, '')
  try {
    if (entry.isFile) {
      const fileEntry = /** @type {FileSystemFileEntry} */ (entry)
      into.push({ name, file: await new Promise((resolve, reject) => fileEntry.file(resolve, reject)) })
      return
    }
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader()
    // readEntries answers in batches of at most 100 and ends with an empty one.
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
      if (batch.length === 0) return
      for (const child of batch) await walk(child, into, problems)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    problems.push({ name, reason: `could not be opened: ${reason}`, remedy: 'Check that you may read it and that it still exists, then add it again.' })
  }
}

/**
 * Keeps what may be a picture, in natural order of the names.
 * @param {Picture[]} all
 * @param {Problem[]} problems
 * @param {number} folders
 * @returns {Promise<Intake>}
 */
async function sift (all, problems, folders) {
  /** @type {Picture[]} */
  const pictures = []
  let hidden = 0
  for (const picture of all) {
    const base = picture.name.slice(picture.name.lastIndexOf('/') + 1)
    if (systemFiles.test(base)) { hidden++; continue }
    if (picture.file.type.startsWith('image/') || extensions.test(base) || await startsLikePicture(picture.file)) {
      pictures.push(picture)
    } else {
      problems.push({ name: picture.name, reason: 'is not a picture.', remedy: 'Add JPEG, PNG, GIF, WebP, BMP, TIFF or AVIF files.' })
    }
  }
  pictures.sort((a, b) => byName.compare(a.name, b.name))
  return { pictures, problems, hidden, folders }
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
  const { folders, problems, hidden } = intake
  if (problems.length > 0) return `No pictures among ${count(problems.length, 'file')}. Add JPEG, PNG, GIF, WebP, BMP, TIFF or AVIF files.`
  if (folders > 0) return hidden > 0 ? 'That folder holds only system files, no pictures. Choose another one.' : 'That folder is empty. Choose one that holds pictures.'
  return 'Nothing came with that. Drop picture files or folders from your file manager; a picture from another web page must be saved first.'
}
