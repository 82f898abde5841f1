/** Figures and the table of a comparison. */

/**
 * @typedef {object} Row
 * @property {import('./networks.js').Network} network
 * @property {import('./networks.js').Entry} entry
 * @property {string} key
 * @property {string} [url]
 * @property {string} [reason] why it could not run
 * @property {number[]} [times] milliseconds of single runs
 * @property {number[]} [output] the network's last layer
 * @property {number} [cosine] with the first peer's output
 * @property {number} [load] milliseconds, cold cache
 * @property {number} [warm] milliseconds, warm cache
 * @property {Record<string, number>} [stages] milliseconds of the parts of load
 * @property {number} [bytes] downloaded by the first visit
 * @property {number | null} [peak] MiB
 */

/** @param {number[]} values */
export function median (values) {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
export function cosine (a, b) {
  if (a.length !== b.length) return NaN
  let ab = 0; let aa = 0; let bb = 0
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i]
    aa += a[i] * a[i]
    bb += b[i] * b[i]
  }
  return ab / Math.sqrt(aa * bb)
}

/**
 * @param {import('./networks.js').Network} network
 * @param {Row[]} rows
 * @param {string} browser
 */
export function table (network, rows, browser) {
  const peers = rows.filter(row => !row.entry.ours && row.times?.length).map(row => median(row.times ?? []))
  const best = Math.min(...peers)
  const cells = [['', 'precision', 'median ms', 'min ms', 'runs', 'fastest peer /', 'load ms', 'warm ms', 'MB', 'peak MiB', 'cosine']]
  for (const row of rows) {
    const { times = [], load, warm, bytes, peak, entry } = row
    if (row.reason && times.length === 0) {
      cells.push([entry.engine, entry.precision, row.reason])
      continue
    }
    const number = (/** @type {number | null | undefined} */ x, digits = 0) => x == null ? '' : x.toFixed(digits)
    const mid = times.length > 0 ? median(times) : undefined
    cells.push([
      entry.engine, entry.precision, number(mid, 1), number(times.length > 0 ? Math.min(...times) : undefined, 1), number(times.length),
      mid && Number.isFinite(best) ? number(best / mid, 2) : '', number(load), number(warm), bytes ? number(bytes / 1e6, 2) : '', number(peak), number(row.cosine, 4)
    ])
  }
  const widths = cells[0].map((_, i) => Math.max(...cells.map(line => line.length > i && !(line.length === 3 && i === 2) ? line[i].length : 0)))
  const lines = cells.map(line => line.map((cell, i) => i < 2 || line.length === 3 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join('  ').trimEnd())
  const stages = rows.flatMap(({ entry, stages }) => stages ? [`${entry.engine}, load ms: ${Object.entries(stages).map(([name, ms]) => `${name} ${ms.toFixed(0)}`).join(', ')}`] : [])
  return `\n${network.title}, ${network.size} x ${network.width ?? network.size}, ${browser}\n${[...lines, ...stages].join('\n')}`
}
