// Made by go generate ./engine/picture/skip: edit the lists there.

const folders = new Set([
  '#recycle',
  '#snapshot',
  '$recycle.bin',
  '@eadir',
  '@recently-snapshot',
  '@recycle',
  '@tmp',
  '__macosx',
  'lost+found',
  'network trash folder',
  'recycler',
  'system volume information',
  'temporary items'
])

const files = new Set([
  'desktop.ini',
  'ehthumbs.db',
  'ehthumbs_vista.db',
  'icon\r',
  'picasa.ini',
  'thumbs.db',
  'zbthumbnail.info'
])

const originals = new Set(['originals', 'masters'])

/**
 * Whether a folder inside a folder is another program's: previews, a recycle bin, an index.
 * @param {string} name without the path
 * @param {string} parent name of the folder that it is in
 */
export function skipFolder (name, parent) {
  return name.startsWith('.') || folders.has(name.toLowerCase()) ||
    (parent.toLowerCase().endsWith('.photoslibrary') && !originals.has(name.toLowerCase()))
}

/**
 * Whether a file inside a folder is another program's: previews, a recycle bin, an index.
 * @param {string} name without the path
 */
export function skipFile (name) {
  return name.startsWith('.') || files.has(name.toLowerCase())
}
