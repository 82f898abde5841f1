package nd

// Operators that only move numbers are built from three motions: permute
// changes the order of axes, pick takes chosen indices along every axis, and
// blocks copies runs between a tensor and a part of it. Each works on floats
// and on integers.

// strides of a row-major shape.
func strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}

// permute fills y, whose axis i is axis perm[i] of x.
func permute(y, x *Tensor, perm []int) {
	from := strides(x.Shape)
	maps := make([][]int, len(perm))
	for i, p := range perm {
		maps[i] = make([]int, y.Shape[i])
		for j := range maps[i] {
			maps[i][j] = j * from[p]
		}
	}
	gather(y, x, maps)
}

// pick fills y: along axis i, index j of y is index maps[i][j] of x. A negative
// index leaves y as it is.
func pick(y, x *Tensor, maps [][]int) {
	from := strides(x.Shape)
	offsets := make([][]int, len(maps))
	for i, m := range maps {
		offsets[i] = make([]int, len(m))
		for j, v := range m {
			offsets[i][j] = max(v*from[i], -1)
			if v < 0 {
				offsets[i][j] = -1
			}
		}
	}
	gather(y, x, offsets)
}

// gather adds up an offset per axis. A negative offset skips.
func gather(y, x *Tensor, offsets [][]int) {
	if x.Type.IsFloat() {
		gatherInto(y.F, x.F, offsets)
	} else {
		gatherInto(y.I, x.I, offsets)
	}
}

func gatherInto[T any](y, x []T, offsets [][]int) {
	if len(y) == 0 || len(x) == 0 {
		return
	}
	if len(offsets) == 0 {
		y[0] = x[0]
		return
	}
	outer := offsets[:len(offsets)-1]
	row := offsets[len(offsets)-1]
	parallel(len(y)/len(row), 1<<14/len(row)+1, func(from, to int) {
		for r := from; r < to; r++ {
			base, rest := 0, r
			for i := len(outer) - 1; i >= 0 && base >= 0; i-- {
				n := len(outer[i])
				if o := outer[i][rest%n]; o < 0 {
					base = -1
				} else {
					base += o
				}
				rest /= n
			}
			if base < 0 {
				continue
			}
			line := y[r*len(row):][:len(row)]
			for j, o := range row {
				if o >= 0 {
					line[j] = x[base+o]
				}
			}
		}
	})
}

// block is a run of whole slices along one axis: outer times, n numbers.
type block struct{ outer, n int }

// alongAxis splits a shape at an axis: [outer][axis * inner].
func alongAxis(shape []int, axis int) block {
	b := block{1, 1}
	for i, d := range shape {
		if i < axis {
			b.outer *= d
		} else {
			b.n *= d
		}
	}
	return b
}

// blocks copies n numbers outer times, each time a whole row of y and of x on.
func blocks(y, x *Tensor, outer, n, yFrom, yStep, xFrom, xStep int) {
	for o := range outer {
		if x.Type.IsFloat() {
			copy(y.F[yFrom+o*yStep:][:n], x.F[xFrom+o*xStep:])
		} else {
			copy(y.I[yFrom+o*yStep:][:n], x.I[xFrom+o*xStep:])
		}
	}
}

// duplicate copies all numbers of x; the shapes may differ.
func duplicate(y, x *Tensor) {
	copy(y.F, x.F)
	copy(y.I, x.I)
}
