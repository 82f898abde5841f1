package explain

import (
	"cmp"
	"slices"

	"likeness/engine"
)

// grid joins the places of a layer into cells.
type grid struct {
	shape         [3]int
	step          int
	rows, columns int
}

// newGrid takes the smallest cells of which there are no more than Cells.
func newGrid(shape [3]int) grid {
	g := grid{shape: shape}
	for g.step = 1; ; g.step++ {
		g.rows, g.columns = (shape[0]+g.step-1)/g.step, (shape[1]+g.step-1)/g.step
		if g.rows*g.columns <= Cells {
			return g
		}
	}
}

func (g *grid) cells() int { return g.rows * g.columns }

// cell is the cell that a place lies in.
func (g *grid) cell(place int) int {
	y, x := place/g.shape[1], place%g.shape[1]
	return y/g.step*g.columns + x/g.step
}

// gather sums the values of each cell: [cells, C].
func (g *grid) gather(m *engine.FeatureMap) []int64 {
	c := m.Shape[2]
	out := make([]int64, g.cells()*c)
	for p := range m.Shape[0] * m.Shape[1] {
		cell := out[g.cell(p)*c:][:c]
		for i, q := range m.Q[p*c:][:c] {
			cell[i] += int64(q)
		}
	}
	return out
}

// Pair is a cell of either picture and the part of the score that they have
// together.
type Pair struct {
	A, B int
	Part float64
}

// Strongest returns the k pairs of cells with the largest parts, largest first,
// among equal ones the first by A, then by B. Parts of 0 and less are left out.
func (r *Result) Strongest(k int) []Pair {
	n := r.Grid[0] * r.Grid[1]
	var pairs []Pair
	for i, v := range r.Pairs {
		if v > 0 {
			pairs = append(pairs, Pair{i / n, i % n, v})
		}
	}
	slices.SortFunc(pairs, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(y.Part, x.Part), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	return pairs[:min(max(k, 0), len(pairs))]
}
