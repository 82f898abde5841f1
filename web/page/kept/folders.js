import { breather } from '../dom.js'
import { skipFile, skipFolder } from '../skip.js'

/** A folder on the disk that the visitor has given to the page, where the browser can remember it (File System Access API).
 * @typedef {FileSystemDirectoryHandle & {queryPermission?: (how: {mode: 'read'}) => Promise<PermissionState>, requestPermission?: (how: {mode: 'read'}) => Promise<PermissionState>}} Folder */

/** @typedef {{name: string, file: File}} Found */

/** Whether this browser can remember a folder. */
export function canRemember () {
  return typeof (/** @type {any} */ (window).showDirectoryPicker) === 'function'
}

/**
 * Lets the visitor choose a folder; null where nothing was chosen.
 * @returns {Promise<Folder|null>}
 */
export async function chooseFolder () {
  try {
    return await /** @type {any} */ (window).showDirectoryPicker({ id: 'pictures', mode: 'read' })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    throw error
  }
}

/**
 * Whether the page may read a folder now; asking needs a click of the visitor.
 * @param {Folder} folder
 * @param {boolean} ask
 */
export async function mayRead (folder, ask) {
  if (await (folder.queryPermission?.({ mode: 'read' }) ?? 'granted') === 'granted') return true
  return ask && await folder.requestPermission?.({ mode: 'read' }) === 'granted'
}

/**
 * The files of a folder, by their paths from it on.
 * @param {Folder} folder
 * @returns {Promise<{files: Found[], hidden: number, skipped: number}>}
 */
export async function filesOf (folder) {
  const all = { files: /** @type {Found[]} */ ([]), hidden: 0, skipped: 0 }
  const rest = breather()
  /** @param {FileSystemDirectoryHandle} at @param {string} path */
  const walk = async (at, path) => {
    for await (const entry of /** @type {any} */ (at).values()) {
      await rest()
      if (entry.kind === 'directory') {
        if (skipFolder(entry.name, at.name)) all.skipped++
        else await walk(entry, `${path}/${entry.name}`)
      } else if (skipFile(entry.name)) all.hidden++
      else {
        // One that vanishes meanwhile is no reason to stop.
        const file = await entry.getFile().catch(() => null)
        if (file) all.files.push({ name: `${path}/${entry.name}`, file })
      }
    }
  }
  await walk(folder, folder.name)
  return all
}
