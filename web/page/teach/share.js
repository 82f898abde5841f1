/**
 * A share of 0 to 1 as shown.
 * @param {number} part
 */
export function share (part) {
  return `${(100 * part).toFixed(part > 0.995 && part < 1 ? 2 : 1).replace(/\.0+$/, '')}\u00a0%`
}
