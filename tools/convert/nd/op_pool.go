package nd

import (
	"fmt"
	"math"
)

const poolAttrs = "auto_pad ceil_mode kernel_shape pads strides"

var poolOperators = map[string]operator{
	"MaxPool": {attrs: poolAttrs + " dilations storage_order", in: 1, most: 1, outs: 2,
		infer: inferMaxPool, eval: evalMaxPool, note: "1 to 3 spatial axes"},
	"AveragePool": {attrs: poolAttrs + " dilations count_include_pad", in: 1, most: 1, outs: 1,
		infer: inferAveragePool, eval: evalAveragePool, note: "1 to 3 spatial axes"},
	"GlobalAveragePool": globalPool(rowMean),
	"GlobalMaxPool":     globalPool(rowMax),
}

func resolvePool(c *call) ([]window, error) {
	if err := c.rank(0, 3, 5); err != nil {
		return nil, err
	}
	return c.windows(c.shape(0), nil)
}

func inferMaxPool(c *call) error {
	if o := c.attrInt("storage_order", 0); o != 0 && (o != 1 || len(c.shape(0)) != 4) {
		return c.unsupported("storage_order")
	}
	ws, err := resolvePool(c)
	if err != nil {
		return err
	}
	shape := outShape(c.shape(0)[0], c.shape(0)[1], ws)
	if len(c.out) > 1 {
		c.out[1] = Info{Type: Int64, Shape: shape}
	}
	return c.set(c.in[0].Type, shape)
}

// evalMaxPool finds the place of the greatest number under each window; the
// second output, where wanted, is that place in the whole input.
func evalMaxPool(c *call, y []*Tensor) error {
	ws, err := resolvePool(c)
	if err != nil {
		return err
	}
	x, out, win := c.x(0), y[0], three(ws)
	greater := func(a, b int) bool { return x.F[a] > x.F[b] || x.F[a] != x.F[a] && x.F[b] == x.F[b] }
	if !x.Type.IsFloat() {
		greater = func(a, b int) bool { return less(x.Type, x.I[b], x.I[a]) }
	}
	byColumn := c.attrInt("storage_order", 0) == 1
	plane := win[0].in * win[1].in * win[2].in
	pool(&win, c.shape(0)[0]*c.shape(0)[1], func(at, base int, visit func(f func(i int))) {
		best := -1
		visit(func(i int) {
			if best < 0 || greater(base+i, base+best) {
				best = i
			}
		})
		switch {
		case best < 0: // the window saw padding alone
			if x.Type.IsFloat() {
				out.F[at] = float32(math.Inf(-1))
			}
			return
		case x.Type.IsFloat():
			out.F[at] = x.F[base+best]
		default:
			out.I[at] = x.I[base+best]
		}
		if len(y) > 1 {
			if byColumn {
				best = best%win[2].in*win[1].in + best/win[2].in
			}
			y[1].I[at] = int64(base/max(plane, 1)*plane + best)
		}
	})
	return nil
}

func inferAveragePool(c *call) error {
	if err := c.floats(0); err != nil {
		return err
	}
	c.attrInt("count_include_pad", 0)
	ws, err := resolvePool(c)
	if err != nil {
		return err
	}
	return c.set(c.in[0].Type, outShape(c.shape(0)[0], c.shape(0)[1], ws))
}

// evalAveragePool divides by the numbers under the window, or with
// count_include_pad by those and the padding; never by what lies beyond the
// padding, where ceil_mode reaches.
func evalAveragePool(c *call, y []*Tensor) error {
	ws, err := resolvePool(c)
	if err != nil {
		return err
	}
	x, out, win := c.x(0).F, y[0], three(ws)
	padded := c.attrInt("count_include_pad", 0) != 0
	p := win[0].out * win[1].out * win[2].out
	pool(&win, c.shape(0)[0]*c.shape(0)[1], func(at, base int, visit func(f func(i int))) {
		sum, n := 0.0, 0
		visit(func(i int) {
			sum += float64(x[base+i])
			n++
		})
		if padded {
			pos := at % p
			n = win[0].padded(pos/(win[1].out*win[2].out)) * win[1].padded(pos/win[2].out%win[1].out) * win[2].padded(pos%win[2].out)
		}
		if n > 0 {
			out.F[at] = float32(sum / float64(n))
		}
	})
	return nil
}

// padded is the number of taps of output i inside input and padding.
func (w *window) padded(i int) int {
	at := i * w.stride
	return min(w.kernel, (w.in+w.begin+w.end-1-at)/w.dilation+1)
}

// pool visits the output positions of all planes. see gets the place of the
// output, the place of the plane in the input, and a function that visits the
// inputs under the window, counted within the plane.
func pool(win *[3]window, planes int, see func(at, base int, visit func(f func(i int)))) {
	d, h, w := &win[0], &win[1], &win[2]
	in, p := d.in*h.in*w.in, d.out*h.out*w.out
	parallel(planes, 1<<12/max(p, 1)+1, func(from, to int) {
		for pl := from; pl < to; pl++ {
			for pos := range p {
				od, oh, ow := pos/(h.out*w.out), pos/w.out%h.out, pos%w.out
				see(pl*p+pos, pl*in, func(f func(int)) {
					d0, d1 := d.taps(od)
					h0, h1 := h.taps(oh)
					w0, w1 := w.taps(ow)
					for kd := d0; kd < d1; kd++ {
						id := od*d.stride - d.begin + kd*d.dilation
						for kh := h0; kh < h1; kh++ {
							ih := oh*h.stride - h.begin + kh*h.dilation
							at := (id*h.in+ih)*w.in + ow*w.stride - w.begin
							for kw := w0; kw < w1; kw++ {
								f(at + kw*w.dilation)
							}
						}
					}
				})
			}
		}
	})
}

// globalPool is a pooling over all of a plane: [N][C][...] to [N][C][1][1]...
func globalPool(row func(row []float32) float64) operator {
	return operator{
		in: 1, most: 1, outs: 1,
		infer: func(c *call) error {
			if err := c.floats(0); err != nil {
				return err
			}
			if len(c.shape(0)) < 3 {
				return fmt.Errorf("input %q of shape %v has no spatial axes", c.Inputs[0], c.shape(0))
			}
			shape := make([]int, len(c.shape(0)))
			for i := range shape {
				shape[i] = 1
			}
			copy(shape, c.shape(0)[:2])
			return c.set(c.in[0].Type, shape)
		},
		eval: func(c *call, y []*Tensor) error {
			x := c.x(0).F
			if len(y[0].F) == 0 {
				return nil
			}
			n := len(x) / len(y[0].F)
			for i := range y[0].F {
				y[0].F[i] = float32(row(x[i*n:][:n]))
			}
			return nil
		},
	}
}
