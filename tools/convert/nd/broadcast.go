package nd

import "fmt"

// broadcast is the shape that all of some shapes stretch to.
func broadcast(shapes ...[]int) ([]int, error) {
	var out []int
	for _, s := range shapes {
		if len(s) > len(out) {
			grown := make([]int, len(s))
			for i := range grown {
				grown[i] = 1
			}
			copy(grown[len(s)-len(out):], out)
			out = grown
		}
		at := len(out) - len(s)
		for i, d := range s {
			switch o := out[at+i]; {
			case o == 1:
				out[at+i] = d
			case d != 1 && d != o:
				return nil, fmt.Errorf("shapes %v do not broadcast", shapes)
			}
		}
	}
	if out == nil {
		out = []int{}
	}
	return out, nil
}

// stretch is the strides of a shape within the shape it broadcasts to.
func stretch(shape, to []int) []int {
	s := make([]int, len(to))
	for i, st := range strides(shape) {
		if shape[i] != 1 {
			s[len(to)-len(shape)+i] = st
		}
	}
	return s
}

// pairs visits an output shape in rows: row r of n numbers reads a and b from
// their offsets on, in steps of sa and sb (0 or 1 or more).
func pairs(out, a, b []int, visit func(at, n, oa, sa, ob, sb int)) {
	total := Elems(out)
	if total == 0 {
		return
	}
	if len(out) == 0 {
		visit(0, 1, 0, 0, 0, 0)
		return
	}
	as, bs := stretch(a, out), stretch(b, out)
	last := len(out) - 1
	for last > 0 && out[last] == 1 {
		last--
	}
	// Axes that both walk in the same way make one long row.
	n, sa, sb := out[last], as[last], bs[last]
	for last > 0 && as[last-1] == n*sa && bs[last-1] == n*sb {
		last--
		n *= out[last]
	}
	parallel(total/n, 1<<14/n+1, func(from, to int) {
		for r := from; r < to; r++ {
			oa, ob, rest := 0, 0, r
			for i := last - 1; i >= 0; i-- {
				j := rest % out[i]
				rest /= out[i]
				oa += j * as[i]
				ob += j * bs[i]
			}
			visit(r*n, n, oa, sa, ob, sb)
		}
	})
}
