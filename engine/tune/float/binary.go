package float

import "likeness/engine/graph"

// binary adds, subtracts or multiplies two tensors, of which either may be
// repeated along axes where it has one value: so squeeze-and-excitation scales
// channels (Hu, Shen and Sun 2018).
type binary struct {
	op      string
	a, b, y *Tensor
	clamp   clamp
}

// at is where an operand's values for a place of the output begin, and whether
// one value there stands for all channels.
func (v *binary) at(t *Tensor, row, col int) (begin int, splat bool) {
	if t.H == 1 {
		row = 0
	}
	if t.W == 1 {
		col = 0
	}
	return (row*t.W + col) * t.Px, t.C == 1 && v.y.C > 1
}

// rows calls f for each place: with the values of the output's first channel,
// and of both operands, whose step is 0 where one value stands for all.
func (v *binary) rows(f func(y, a, b, stepA, stepB int)) {
	step := func(splat bool) int {
		if splat {
			return 0
		}
		return 1
	}
	for r := range v.y.H {
		for c := range v.y.W {
			a, splatA := v.at(v.a, r, c)
			b, splatB := v.at(v.b, r, c)
			f((r*v.y.W+c)*v.y.Px, a, b, step(splatA), step(splatB))
		}
	}
}

func (v *binary) forward(pictures int) {
	share(pictures, pictures, func(_, i int) {
		x, z, out := v.a.of(i), v.b.of(i), v.y.of(i)
		v.rows(func(y, a, b, stepA, stepB int) {
			for range v.y.C {
				switch v.op {
				case graph.Add:
					out[y] = x[a] + z[b]
				case graph.Sub:
					out[y] = x[a] - z[b]
				default:
					out[y] = x[a] * z[b]
				}
				y, a, b = y+1, a+stepA, b+stepB
			}
		})
		v.clamp.apply(out)
	})
}

func (v *binary) backward(pictures int) {
	n := pictures * v.y.Each()
	v.clamp.mask(v.y.Gradient[:n], v.y.Value[:n])
	share(pictures, pictures, func(_, i int) {
		x, z, g := v.a.of(i), v.b.of(i), v.y.gradientOf(i)
		da, db := v.a.gradientOf(i), v.b.gradientOf(i)
		v.rows(func(y, a, b, stepA, stepB int) {
			for range v.y.C {
				left, right := g[y], g[y]
				switch v.op {
				case graph.Sub:
					right = -right
				case graph.Mul:
					left, right = float32(g[y]*z[b]), float32(g[y]*x[a])
				}
				if da != nil {
					da[a] += left
				}
				if db != nil {
					db[b] += right
				}
				y, a, b = y+1, a+stepA, b+stepB
			}
		})
	})
}
