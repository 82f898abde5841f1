package float

import "likeness/engine/kernel"

// stripValues is about how many values of windows are laid side by side at once:
// they stay in the second cache.
const stripValues = 1 << 17

// conv is a convolution of one or several groups of channels, or, with direct, a
// product with a matrix: a convolution of 1 x 1, or a fully connected layer.
// Windows are laid side by side as rows of a matrix (im2col: Chellapilla, Puri
// and Simard 2006), of which the convolution is a product.
type conv struct {
	x, y    *Tensor
	param   *Param // weights [groups][taps*inPx][outPx], then biases [groups][outPx]
	window  window
	groups  int
	in, out int // channels of a group
	inPx    int
	outPx   int
	depth   int // taps*inPx: rows of one group's weights
	rows    int // of a picture
	direct  bool
	full    bool // fully connected
	clamp   clamp

	strip   int         // places of one matrix
	strips  int         // of a picture
	turned  []float32   // weights of one group, [outPx][depth]
	columns [][]float32 // [cores][strip][depth]
	part    [][]float32 // [cores][strip][outPx], where there are several groups
	ones    []float32
}

// window says which places of the input a place of the output reads.
type window struct {
	kernel, stride, dilation [2]int
	pads                     [4]int // top, left, bottom, right
}

func (w *window) taps() int { return w.kernel[0] * w.kernel[1] }

func (w *window) plain() bool {
	return w.kernel == [2]int{1, 1} && w.stride == [2]int{1, 1} && w.pads == [4]int{}
}

// at is the place in x that tap t of place p in y reads, or -1 for padding.
func (w *window) at(x, y *Tensor, p, t int) int {
	r := p/y.W*w.stride[0] - w.pads[0] + t/w.kernel[1]*w.dilation[0]
	c := p%y.W*w.stride[1] - w.pads[1] + t%w.kernel[1]*w.dilation[1]
	if r < 0 || c < 0 || r >= x.H || c >= x.W {
		return -1
	}
	return r*x.W + c
}

func newConv(x, y *Tensor, w window, groups int, c clamp, batch int) *conv {
	v := &conv{x: x, y: y, window: w, groups: groups, in: x.C / groups, out: y.C / groups, clamp: c, rows: y.places()}
	v.inPx, v.outPx = padded(v.in), padded(v.out)
	v.depth = w.taps() * v.inPx
	v.direct = groups == 1 && w.plain()
	if !v.direct {
		v.strip = min(max(stripValues/v.depth&^3, 4), v.rows)
		v.strips = (v.rows + v.strip - 1) / v.strip
		for range min(cores(), max(batch*v.strips, 1)) {
			v.columns = append(v.columns, make([]float32, v.strip*v.depth))
			if groups > 1 {
				v.part = append(v.part, make([]float32, v.strip*v.outPx))
			}
		}
	}
	v.finish(batch)
	return v
}

// newFullyConnected reads the input as one row for each picture.
func newFullyConnected(x, y *Tensor, c clamp, batch int) *conv {
	v := &conv{x: x, y: y, groups: 1, in: x.Each(), out: y.C, inPx: x.Each(), outPx: y.Px, depth: x.Each(), rows: 1, direct: true, full: true, clamp: c}
	v.finish(batch)
	return v
}

func (v *conv) finish(batch int) {
	v.param = newParam(v.groups*v.depth*v.outPx, v.groups*v.outPx)
	v.ones = make([]float32, batch*v.rows)
	for i := range v.ones {
		v.ones[i] = 1
	}
	if v.x.Gradient != nil {
		v.turned = make([]float32, v.groups*v.depth*v.outPx)
	}
}

func (v *conv) parameters() *Param { return v.param }

func (v *conv) weights(g int) []float32 {
	return v.param.Value[g*v.depth*v.outPx:][:v.depth*v.outPx]
}

func (v *conv) biases(g int) []float32 {
	return v.param.Value[v.param.Weights+g*v.outPx:][:v.outPx]
}

func (v *conv) forward(pictures int) {
	if v.direct {
		divide(pictures*v.rows, 16, func(_, from, to int) {
			out := v.y.Value[from*v.outPx : to*v.outPx]
			v.multiply(out, v.x.Value[from*v.depth:], 0, to-from)
			v.clamp.apply(out)
		})
		return
	}
	share(pictures*v.strips, len(v.columns), func(core, task int) {
		i, first, n := v.task(task)
		out := v.y.of(i)
		for g := range v.groups {
			v.lay(v.columns[core], v.x.of(i), first, n, g)
			if v.groups == 1 {
				v.multiply(out[first*v.outPx:][:n*v.outPx], v.columns[core], 0, n)
				continue
			}
			part := v.part[core][:n*v.outPx]
			v.multiply(part, v.columns[core], g, n)
			for p := range n {
				copy(out[(first+p)*v.y.Px+g*v.out:][:v.out], part[p*v.outPx:])
			}
		}
		v.clamp.apply(out[first*v.y.Px:][:n*v.y.Px])
	})
}

// multiply sets out to rows of x times the weights of a group, plus biases.
func (v *conv) multiply(out, x []float32, g, rows int) {
	for i := range rows {
		copy(out[i*v.outPx:], v.biases(g))
	}
	kernel.MulAdd(out, kernel.Matrix{Values: x, Row: v.depth, Depth: 1}, v.weights(g), rows, v.depth, v.outPx)
}

// task is a strip of places of a picture.
func (v *conv) task(i int) (picture, first, n int) {
	first = i % v.strips * v.strip
	return i / v.strips, first, min(v.strip, v.rows-first)
}

// lay writes the windows of n places from first on, of one group's channels.
func (v *conv) lay(columns, x []float32, first, n, g int) {
	for p := range n {
		row := columns[p*v.depth:][:v.depth]
		for t := range v.window.taps() {
			to := row[t*v.inPx:][:v.inPx]
			at := v.window.at(v.x, v.y, first+p, t)
			if at < 0 {
				clear(to)
				continue
			}
			copy(to[:v.in], x[at*v.x.Px+g*v.in:])
		}
	}
}

// spread adds to a picture's gradient what lay would read there.
func (v *conv) spread(gradient, columns []float32, first, n, g int) {
	for p := range n {
		for t := range v.window.taps() {
			at := v.window.at(v.x, v.y, first+p, t)
			if at < 0 {
				continue
			}
			to := gradient[at*v.x.Px+g*v.in:][:v.in]
			for i, d := range columns[p*v.depth+t*v.inPx:][:v.in] {
				to[i] += d
			}
		}
	}
}

func (v *conv) backward(pictures int) {
	n := pictures * v.y.Each()
	v.clamp.mask(v.y.Gradient[:n], v.y.Value[:n])
	if v.direct {
		v.gradients(0, v.x.Value, v.y.Gradient, pictures*v.rows)
	} else {
		for task := range pictures * v.strips {
			i, first, n := v.task(task)
			for g := range v.groups {
				divide(n, 4, func(_, from, to int) {
					v.lay(v.columns[0][from*v.depth:], v.x.of(i), first+from, to-from, g)
				})
				v.gradients(g, v.columns[0], v.gradientPart(0, i, first, n, g), n)
			}
		}
	}
	if v.x.Gradient != nil {
		v.backwardInput(pictures)
	}
}

// gradientPart is the gradients of a group's outputs of n places.
func (v *conv) gradientPart(core, i, first, n, g int) []float32 {
	all := v.y.gradientOf(i)
	if v.groups == 1 {
		return all[first*v.outPx:]
	}
	part := v.part[core][:n*v.outPx]
	for p := range n {
		to := part[p*v.outPx:][:v.outPx]
		clear(to[copy(to[:v.out], all[(first+p)*v.y.Px+g*v.out:]):])
	}
	return part
}

// gradients adds those of a group's weights and biases.
func (v *conv) gradients(g int, x, y []float32, rows int) {
	weights := v.param.Gradient[g*v.depth*v.outPx:][:v.depth*v.outPx]
	divide(v.depth, 16, func(_, from, to int) {
		kernel.MulAdd(weights[from*v.outPx:to*v.outPx], kernel.Matrix{Values: x[from:], Row: 1, Depth: v.depth}, y, to-from, rows, v.outPx)
	})
	kernel.MulAdd(v.param.Gradient[v.param.Weights+g*v.outPx:][:v.outPx], kernel.Matrix{Values: v.ones, Row: 0, Depth: 1}, y, 1, rows, v.outPx)
}

// backwardInput adds to the gradients of the input.
func (v *conv) backwardInput(pictures int) {
	size := v.depth * v.outPx
	for g := range v.groups {
		turn(v.turned[g*size:][:size], v.weights(g), v.depth, v.outPx)
	}
	if v.direct {
		divide(pictures*v.rows, 16, func(_, from, to int) {
			v.multiplyBack(v.x.Gradient[from*v.depth:to*v.depth], v.y.Gradient[from*v.outPx:], 0, to-from)
		})
		return
	}
	share(pictures, len(v.columns), func(core, i int) {
		for s := range v.strips {
			_, first, n := v.task(s)
			for g := range v.groups {
				columns := v.columns[core][:n*v.depth]
				clear(columns)
				v.multiplyBack(columns, v.gradientPart(core, i, first, n, g), g, n)
				v.spread(v.x.gradientOf(i), columns, first, n, g)
			}
		}
	})
}

// multiplyBack adds rows of y times the weights turned.
func (v *conv) multiplyBack(x, y []float32, g, rows int) {
	size := v.depth * v.outPx
	kernel.MulAdd(x, kernel.Matrix{Values: y, Row: v.outPx, Depth: 1}, v.turned[g*size:][:size], rows, v.outPx, v.depth)
}

// turn transposes a matrix of rows x cols, by blocks that stay in the first
// cache.
func turn(dst, src []float32, rows, cols int) {
	const block = 32
	divide(rows, 256, func(_, from, to int) {
		for r0 := from; r0 < to; r0 += block {
			for c0 := 0; c0 < cols; c0 += block {
				for r := r0; r < min(r0+block, to); r++ {
					for c := c0; c < min(c0+block, cols); c++ {
						dst[c*rows+r] = src[r*cols+c]
					}
				}
			}
		}
	})
}
