package search

import (
	"runtime"

	"likeness/engine/kernel"
)

// panel is a set of columns, and where products with them go.
type panel struct {
	columns  *kernel.DotColumns
	products []int32
}

func newPanel(stride int) panel {
	c := kernel.NewDotColumns(stride)
	return panel{c, make([]int32, c.Products())}
}

// scan compares every query with every vector of m.
func scan(q, m *Set, lists *shortlists, check Check) error {
	p := newPanel(m.stride)
	most := p.columns.Most()
	for first := 0; first < m.n; first += most {
		cols := min(most, m.n-first)
		p.columns.Fill(m.rows[first*m.stride:][:cols*m.stride])
		parallel(q.n, func(from, to int) {
			products := p.products
			if from > 0 {
				products = make([]int32, len(p.products))
			}
			compareRows(q, from, to, p.columns, products, lists, first, cols, q == m)
		})
		if err := check.at(float64(first+cols) / float64(m.n)); err != nil {
			return err
		}
	}
	return nil
}

// allPairs compares all vectors with each other: on one core each pair once, on
// several twice, so that they need not wait for each other.
func allPairs(m *Set, lists *shortlists, check Check) error {
	if runtime.GOMAXPROCS(0) > 1 {
		return scan(m, m, lists, check)
	}
	p := newPanel(m.stride)
	most := p.columns.Most()
	for first := 0; first < m.n; first += most {
		cols := min(most, m.n-first)
		p.columns.Fill(m.rows[first*m.stride:][:cols*m.stride])
		for from := 0; from < first; from += kernel.DotRows {
			n := min(kernel.DotRows, first-from)
			stride := kernel.Dots(p.products, m.rows[from*m.stride:], n, p.columns)
			for r := range n {
				bothWays(lists, from+r, first, cols, p, r, stride)
			}
		}
		compareRows(m, first, first+cols, p.columns, p.products, lists, first, cols, true)
		share := float64(first+cols) / float64(m.n)
		if err := check.at(share * share); err != nil {
			return err
		}
	}
	return nil
}

// compareRows offers columns, whose vectors are numbered from first on, to the
// queries from..to-1.
func compareRows(q *Set, from, to int, columns *kernel.DotColumns, products []int32, lists *shortlists, first, cols int, same bool) {
	width := columns.Width()
	for ; from < to; from += kernel.DotRows {
		n := min(kernel.DotRows, to-from)
		stride := kernel.Dots(products, q.rows[from*q.stride:], n, columns)
		for r := range n {
			i := from + r
			least := lists.least[i]
			for col := 0; col < cols; col += width {
				for c, d := range products[(col/width*stride+r)*width:][:min(width, cols-col)] {
					if d < least {
						continue
					}
					if j := first + col + c; !same || i != j {
						lists.add(i, d, j)
						least = lists.least[i]
					}
				}
			}
		}
	}
}

// bothWays offers the columns to vector i, and it to each of them.
func bothWays(lists *shortlists, i, first, cols int, p panel, r, stride int) {
	width := p.columns.Width()
	least := lists.least[i]
	for col := 0; col < cols; col += width {
		products := p.products[(col/width*stride+r)*width:][:min(width, cols-col)]
		theirs := lists.least[first+col:][:len(products)]
		for c, d := range products {
			if d >= least {
				lists.add(i, d, first+col+c)
				least = lists.least[i]
			}
			if d >= theirs[c] {
				lists.add(first+col+c, d, i)
			}
		}
	}
}
