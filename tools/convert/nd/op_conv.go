package nd

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

const convAttrs = "auto_pad dilations group kernel_shape pads strides"

var convOperators = map[string]operator{
	"Conv": {attrs: convAttrs, in: 2, most: 3, outs: 1, infer: inferConv, eval: evalConv, note: "1 to 3 spatial axes"},
}

// conv is a resolved convolution: x [N][C][D][H][W], w [M][C/groups][kd][kh][kw],
// y [N][M][od][oh][ow].
type conv struct {
	n, c, m, groups int
	win             [3]window
}

// resolveConv reads attributes and shapes; input x and weights w are given by
// their places.
func resolveConv(c *call, x, w int) (*conv, []int, error) {
	if err := c.rank(x, 3, 5); err != nil {
		return nil, nil, err
	}
	if err := c.rank(w, len(c.shape(x)), len(c.shape(x))); err != nil {
		return nil, nil, err
	}
	xs, ws := c.shape(x), c.shape(w)
	v := &conv{n: xs[0], c: xs[1], m: ws[0], groups: c.attrInt("group", 1)}
	if v.groups < 1 || v.m%v.groups != 0 || ws[1] > v.c || ws[1]*v.groups != v.c {
		return nil, nil, fmt.Errorf("%d groups of weights %v do not fit an input of shape %v", v.groups, ws, xs)
	}
	win, err := c.windows(xs, ws[2:])
	if err != nil {
		return nil, nil, err
	}
	v.win = three(win)
	return v, outShape(v.n, v.m, win), nil
}

func inferConv(c *call) error {
	if err := c.floats(0, 1, 2); err != nil {
		return err
	}
	if err := c.same(0, 1, 2); err != nil {
		return err
	}
	v, shape, err := resolveConv(c, 0, 1)
	if err != nil {
		return err
	}
	if err := c.vector(2, v.m); err != nil {
		return err
	}
	return c.set(c.in[0].Type, shape)
}

func evalConv(c *call, y []*Tensor) error {
	v, _, err := resolveConv(c, 0, 1)
	if err != nil {
		return err
	}
	out := y[0].F
	if len(out) == 0 {
		return nil
	}
	if b := c.x(2); b != nil {
		p := v.positions()
		for i := range out {
			out[i] = b.F[i/p%v.m]
		}
	}
	if v.c == v.groups && v.c > 1 {
		v.depthwise(out, c.x(0).F, c.x(1).F)
		return nil
	}
	v.run(c.x(0).F, c.x(1).F, func(a, b blas32.General, at int) {
		// [a.Rows][b.Cols] of y, whose rows are whole planes.
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 1, blas32.General{
			Rows: a.Rows, Cols: b.Cols, Stride: v.positions(), Data: out[at:]})
	})
	return nil
}

// positions is the size of an output plane.
func (v *conv) positions() int { return v.win[0].out * v.win[1].out * v.win[2].out }

// columns bounds the numbers of one unrolled piece of the input: 4 MiB.
const columns = 1 << 20

// run cuts the convolution into matrix products: a holds a group's weights
// [M/groups][K], b the inputs under them [K][positions], unrolled piece by
// piece. at is where the product's first number belongs in y.
func (v *conv) run(x, w []float32, product func(a, b blas32.General, at int)) {
	var (
		m, in = v.m / v.groups, v.c / v.groups
		plane = v.win[0].in * v.win[1].in * v.win[2].in
		k     = in * v.win[0].kernel * v.win[1].kernel * v.win[2].kernel
		p     = v.positions()
		piece = min(max(columns/k, 64), p)
		buf   []float32
	)
	if m == 0 || k == 0 || p == 0 {
		return
	}
	for n := range v.n {
		for g := range v.groups {
			a := blas32.General{Rows: m, Cols: k, Stride: k, Data: w[g*m*k:][:m*k]}
			src := x[(n*v.c+g*in)*plane:][:in*plane]
			at := (n*v.m + g*m) * p
			if v.pointwise() {
				product(a, blas32.General{Rows: k, Cols: p, Stride: p, Data: src}, at)
				continue
			}
			if buf == nil {
				buf = make([]float32, k*piece)
			}
			for from := 0; from < p; from += piece {
				cols := min(piece, p-from)
				v.unroll(buf[:k*cols], src, from, cols)
				product(a, blas32.General{Rows: k, Cols: cols, Stride: cols, Data: buf[:k*cols]}, at+from)
			}
		}
	}
}

// pointwise reports whether the input needs no unrolling.
func (v *conv) pointwise() bool {
	for _, w := range v.win {
		if w.kernel != 1 || w.stride != 1 || w.begin != 0 || w.end != 0 {
			return false
		}
	}
	return true
}

// unroll writes, for each channel and tap, the input under each of the output
// positions from..from+cols: dst [K][cols], src [in][D][H][W].
func (v *conv) unroll(dst, src []float32, from, cols int) {
	d, h, w := &v.win[0], &v.win[1], &v.win[2]
	taps := d.kernel * h.kernel * w.kernel
	parallel(len(dst)/cols, 1<<15/cols+1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			ch, tap := r/taps, r%taps
			kd, kh, kw := tap/(h.kernel*w.kernel), tap/w.kernel%h.kernel, tap%w.kernel
			row := dst[r*cols:][:cols]
			clear(row)
			for j := 0; j < cols; {
				// One line of the output at a time.
				pos := from + j
				ow := pos % w.out
				n := min(w.out-ow, cols-j)
				line := row[j : j+n]
				j += n
				id := pos/(h.out*w.out)*d.stride - d.begin + kd*d.dilation
				ih := pos/w.out%h.out*h.stride - h.begin + kh*h.dilation
				if id < 0 || id >= d.in || ih < 0 || ih >= h.in {
					continue
				}
				in := src[((ch*d.in+id)*h.in+ih)*w.in:][:w.in]
				iw := ow*w.stride - w.begin + kw*w.dilation
				for i := range line {
					if iw >= 0 && iw < w.in {
						line[i] = in[iw]
					}
					iw += w.stride
				}
			}
		}
	})
}

// depthwise is one input channel per group, without matrices: y += x * w.
func (v *conv) depthwise(y, x, w []float32) {
	d, h, wd := &v.win[0], &v.win[1], &v.win[2]
	plane, p := d.in*h.in*wd.in, v.positions()
	taps := d.kernel * h.kernel * wd.kernel
	each := v.m / v.groups
	parallel(v.n*v.m, 1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			n, m := r/v.m, r%v.m
			src := x[(n*v.c+m/each)*plane:][:plane]
			k := w[m*taps:][:taps]
			out := y[r*p:][:p]
			for pos := range out {
				od, oh, ow := pos/(h.out*wd.out), pos/wd.out%h.out, pos%wd.out
				d0, d1 := d.taps(od)
				h0, h1 := h.taps(oh)
				w0, w1 := wd.taps(ow)
				sum := out[pos]
				for kd := d0; kd < d1; kd++ {
					id := od*d.stride - d.begin + kd*d.dilation
					for kh := h0; kh < h1; kh++ {
						ih := oh*h.stride - h.begin + kh*h.dilation
						at := (id*h.in+ih)*wd.in + ow*wd.stride - wd.begin
						kk := (kd*h.kernel + kh) * wd.kernel
						for kw := w0; kw < w1; kw++ {
							sum += float32(src[at+kw*wd.dilation] * k[kk+kw])
						}
					}
				}
				out[pos] = sum
			}
		}
	})
}
