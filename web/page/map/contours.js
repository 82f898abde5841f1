/** Cells of the grid on which the density is taken. */
const [columns, rows] = [96, 64]
/** Lines, as shares of the highest density. */
const levels = [0.08, 0.25, 0.55]

/**
 * Lines of equal density of points, for drawing under them.
 * @param {{u: number, v: number}[]} points -1 to 1
 * @returns {[number, number, number, number][]} segments u1, v1, u2, v2
 */
export function contours (points) {
  const grid = smooth(histogram(points))
  const top = grid.reduce((a, b) => Math.max(a, b), 0)
  /** @type {[number, number, number, number][]} */
  const lines = []
  if (top === 0) return lines
  for (const share of levels) squares(grid, top * share, lines)
  return lines
}

/** @param {{u: number, v: number}[]} points */
function histogram (points) {
  const grid = new Float64Array(columns * rows)
  for (const { u, v } of points) {
    const x = Math.round((u / 1.2 + 1) / 2 * (columns - 1))
    const y = Math.round((v / 1.2 + 1) / 2 * (rows - 1))
    if (x >= 0 && y >= 0 && x < columns && y < rows) grid[y * columns + x]++
  }
  return grid
}

/**
 * Three box means, nearly a Gaussian.
 * @param {Float64Array} grid
 */
function smooth (grid) {
  for (let pass = 0; pass < 3; pass++) {
    for (const [step, n, lines, other] of [[1, columns, rows, columns], [columns, rows, columns, 1]]) {
      const copy = grid.slice()
      for (let line = 0; line < lines; line++) {
        for (let i = 0; i < n; i++) {
          let sum = 0
          for (let d = -2; d <= 2; d++) if (i + d >= 0 && i + d < n) sum += copy[line * other + (i + d) * step]
          grid[line * other + i * step] = sum / 5
        }
      }
    }
  }
  return grid
}

/**
 * Marching squares (Lorensen and Cline 1987, in the plane).
 * @param {Float64Array} grid
 * @param {number} level
 * @param {[number, number, number, number][]} lines
 */
function squares (grid, level, lines) {
  const place = (/** @type {number} */ x, /** @type {number} */ y) => [(x / (columns - 1) * 2 - 1) * 1.2, (y / (rows - 1) * 2 - 1) * 1.2]
  for (let y = 0; y + 1 < rows; y++) {
    for (let x = 0; x + 1 < columns; x++) {
      const at = y * columns + x
      const corners = [[x, y, grid[at]], [x + 1, y, grid[at + 1]], [x + 1, y + 1, grid[at + columns + 1]], [x, y + 1, grid[at + columns]]]
      /** @type {number[][]} */
      const cuts = []
      for (let i = 0; i < 4; i++) {
        const [x1, y1, a] = corners[i]
        const [x2, y2, b] = corners[(i + 1) % 4]
        if ((a < level) === (b < level)) continue
        const t = (level - a) / (b - a)
        cuts.push(place(x1 + (x2 - x1) * t, y1 + (y2 - y1) * t))
      }
      for (let i = 0; i + 1 < cuts.length; i += 2) lines.push([cuts[i][0], cuts[i][1], cuts[i + 1][0], cuts[i + 1][1]])
    }
  }
}
