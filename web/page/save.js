import { element } from './dom.js'

/**
 * Hands a file to the browser's downloads.
 * @param {string} name
 * @param {BlobPart[]|string} parts
 * @param {string} [type]
 */
export function save (name, parts, type = 'text/plain;charset=utf-8') {
  const url = URL.createObjectURL(new Blob(typeof parts === 'string' ? [parts] : parts, { type }))
  element('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60000)
}

/**
 * Lines of a table of comma-separated values (RFC 4180). What a spreadsheet
 * would take for a formula is quoted by an apostrophe.
 * @param {(string|number)[][]} rows
 */
export function csv (rows) {
  const cell = (/** @type {string|number} */ value) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return rows.map((row) => row.map(cell).join(',') + '\r\n').join('')
}
