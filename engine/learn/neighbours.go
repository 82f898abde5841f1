package learn

import (
	"context"
	"math"

	"likeness/engine/kernel"
)

// near are the k nearest vectors of one, the first of equal ones.
type near struct {
	k     int
	score []float64 // falling
	index []int
}

// offer takes vector i where it is among the k nearest of those offered, in the
// order of i.
func (n *near) offer(i int, s float64) {
	at := len(n.score)
	for at > 0 && n.score[at-1] < s {
		at--
	}
	if at == n.k {
		return
	}
	n.score, n.index = append(n.score, 0), append(n.index, 0)
	copy(n.score[at+1:], n.score[at:])
	copy(n.index[at+1:], n.index[at:])
	n.score[at], n.index[at] = s, i
	n.score, n.index = n.score[:min(len(n.score), n.k)], n.index[:min(len(n.index), n.k)]
}

// least is what a product must be above to be among the nearest.
func (n *near) least() float64 {
	if len(n.score) < n.k {
		return math.Inf(-1)
	}
	return n.score[n.k-1]
}

const (
	// whole is the length of vectors in 16 bits; a product of two is then at most
	// (whole + sqrt(maxRough)/2)^2 in magnitude, which fits an int32.
	whole    = math.MaxInt16
	maxRough = 1 << 20
	// unitMost is above the length of a vector of length 1 in float32, and
	// sumError above what rounding adds to a sum of maxRough products of two.
	unitMost = 1.000001
	sumError = 1e-9
)

// rough is vectors of length 1 in 16 bits, and how far each is from what it was.
type rough struct {
	stride int
	rows   []int16   // [n + kernel.DotSlack][stride]
	off    []float64 // [n]: length of the difference
}

func newRough(dim, n int) *rough {
	stride := kernel.Pad(dim)
	return &rough{stride: stride, rows: make([]int16, (n+kernel.DotSlack)*stride), off: make([]float64, n)}
}

// set puts v in place i.
func (r *rough) set(i int, v []float32) {
	row, sum := r.rows[i*r.stride:][:len(v)], 0.0
	for k, x := range v {
		scaled := float64(x) * whole
		row[k] = int16(math.RoundToEven(scaled))
		d := scaled - float64(row[k])
		sum += float64(d * d)
	}
	r.off[i] = math.Sqrt(sum) / whole
}

// nearest finds the neighbours that vote on each of some vectors of length 1, n
// one after the other, as lookup does for one. Products in 16 bits, whose error is
// bounded by what rounding has taken off the vectors, tell which of the exact ones
// cannot matter: the bits are those of comparing all.
func (h *Head) nearest(ctx context.Context, x []float32, n int) []near {
	queries, found := newRough(h.Dim, n), make([]near, n)
	for i := range n {
		queries.set(i, x[i*h.Dim:][:h.Dim])
		found[i].k = h.K
	}
	columns := kernel.NewDotColumns(queries.stride)
	products := make([]int32, columns.Products())
	panel := newRough(h.Dim, columns.Most())
	for first := 0; first < len(h.Class) && ctx.Err() == nil; first += columns.Most() {
		cols, most := min(columns.Most(), len(h.Class)-first), 0.0
		for c := range cols {
			panel.set(c, h.Vectors[(first+c)*h.Dim:][:h.Dim])
			most = max(most, panel.off[c])
		}
		columns.Fill(panel.rows[:cols*panel.stride])
		for from := 0; from < n; from += kernel.DotRows {
			rows := min(kernel.DotRows, n-from)
			stride := kernel.Dots(products, queries.rows[from*queries.stride:], rows, columns)
			for r := range rows {
				i := from + r
				off := float64(unitMost*(queries.off[i]+most)) + float64(queries.off[i]*most) + sumError
				h.compare(&found[i], x[i*h.Dim:][:h.Dim], off, first, cols, columns.Width(), products[r*columns.Width():], stride*columns.Width())
			}
		}
	}
	return found
}

// compare offers the vectors of a panel whose rough products, in blocks of width
// and step apart, say that they may be among the nearest of x. off bounds the
// error of a product.
func (h *Head) compare(found *near, x []float32, off float64, first, cols, width int, products []int32, step int) {
	least := roughLeast(found.least(), off)
	for col := 0; col < cols; col += width {
		for c, d := range products[col/width*step:][:min(width, cols-col)] {
			if d < least {
				continue
			}
			i := first + col + c
			found.offer(i, dot32(h.Vectors[i*h.Dim:][:h.Dim], x))
			least = roughLeast(found.least(), off)
		}
	}
}

// roughLeast is a product in 16 bits below which none is exactly above least.
func roughLeast(least, off float64) int32 {
	return int32(max(math.Floor(float64((least-off)*whole*whole))-1, math.MinInt32))
}
