/** @typedef {import("./zip.js").Made} Made */

/** The part of the File System Access API used here: a folder that may be written.
 * @typedef {FileSystemDirectoryHandle} Folder */

/** Whether this browser lets a page write into a folder that the visitor chooses. */
export function canWriteFolder () {
  return typeof (/** @type {any} */ (window).showDirectoryPicker) === 'function'
}

/**
 * Lets the visitor choose a folder to write into; null where nothing was chosen.
 * Must be called while a click is fresh.
 * @returns {Promise<Folder|null>}
 */
export async function chooseTarget () {
  try {
    return await /** @type {any} */ (window).showDirectoryPicker({ id: 'home', mode: 'readwrite', startIn: 'documents' })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    throw error
  }
}

/**
 * A new folder: name, or name-2, name-3, so that nothing is written over.
 * @param {Folder} into
 * @param {string} name
 * @returns {Promise<Folder>}
 */
export async function freshFolder (into, name) {
  for (let n = 1; ; n++) {
    const one = n === 1 ? name : `${name}-${n}`
    const there = await into.getDirectoryHandle(one).then(() => true, (error) => {
      if (error instanceof DOMException && error.name === 'NotFoundError') return false
      if (error instanceof DOMException && error.name === 'TypeMismatchError') return true
      throw error
    })
    if (!there) return into.getDirectoryHandle(one, { create: true })
  }
}

/**
 * Writes files into a folder, and the folders in it that they name.
 * @param {Folder} folder
 * @param {Made[]} files
 * @param {(done: number) => void} onProgress 0 to 1
 * @param {AbortSignal} signal
 */
export async function writeFolder (folder, files, onProgress, signal) {
  const all = files.reduce((sum, { blob }) => sum + blob.size, 1)
  let done = 0
  for (const { name, blob } of files) {
    const parts = name.split('/')
    let at = folder
    for (const part of parts.slice(0, -1)) at = await at.getDirectoryHandle(part, { create: true })
    const file = await at.getFileHandle(parts[parts.length - 1], { create: true })
    signal.throwIfAborted()
    const writer = await file.createWritable()
    try {
      await writer.write(blob)
      await writer.close()
    } catch (error) {
      await writer.abort().catch(() => {})
      throw error
    }
    onProgress((done += blob.size) / all)
  }
}
