package nd

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Convolutions and matrix products of 8-bit integers.
var integerOperators = map[string]operator{
	"ConvInteger":   {attrs: convAttrs, in: 2, most: 4, outs: 1, from: 10, infer: inferConvInteger, eval: evalConvInteger},
	"QLinearConv":   {attrs: convAttrs, in: 8, most: 9, outs: 1, from: 10, infer: inferQLinearConv, eval: evalQLinearConv},
	"MatMulInteger": {in: 2, most: 4, outs: 1, from: 10, infer: inferMatMulInteger, eval: evalMatMulInteger},
	"QLinearMatMul": {in: 8, most: 8, outs: 1, from: 10, infer: inferQLinearMatMul, eval: evalQLinearMatMul,
		note: "with one scale per matrix"},
}

// bytes refuses other element types than 8-bit integers.
func (c *call) bytes(inputs ...int) error {
	for _, i := range inputs {
		if c.has(i) && c.in[i].Type != Int8 && c.in[i].Type != Uint8 {
			return fmt.Errorf("input %q is %s instead of int8 or uint8", c.Inputs[i], c.in[i].Type)
		}
	}
	return nil
}

// zeroPoint checks the optional zero point z of input i: of its type, one
// number or n.
func (c *call) zeroPoint(i, z, n int) error {
	if !c.has(z) {
		return nil
	}
	if err := c.same(i, z); err != nil {
		return err
	}
	if k := Elems(c.shape(z)); k != 1 && k != n {
		return fmt.Errorf("zero point %q has shape %v, one number or %d are possible", c.Inputs[z], c.shape(z), n)
	}
	return nil
}

// centred is x minus its zero points: 8-bit integers as exact floats. There is
// one zero point, or one for each run of n numbers.
func centred(x, zero *Tensor, n int) []float32 {
	out := make([]float32, len(x.I))
	for i, v := range x.I {
		if zero != nil {
			v -= zero.I[i/max(n, 1)%len(zero.I)]
		}
		out[i] = float32(v)
	}
	return out
}

// exactRun is how many products of centred 8-bit integers, each at most 255 *
// 255, a float32 adds up without rounding: 2^24 / 65025.
const exactRun = 256

// multiplyExact adds a * b to sums, whose rows are stride apart, exactly: the
// product is cut along k into pieces that float32 holds.
func multiplyExact(a, b blas32.General, sums []int64, stride int) {
	tmp := make([]float32, a.Rows*b.Cols)
	for from := 0; from < a.Cols; from += exactRun {
		n := min(exactRun, a.Cols-from)
		pa := blas32.General{Rows: a.Rows, Cols: n, Stride: a.Stride, Data: a.Data[from:]}
		pb := blas32.General{Rows: n, Cols: b.Cols, Stride: b.Stride, Data: b.Data[from*b.Stride:]}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, pa, pb, 0, matrix(a.Rows, b.Cols, tmp))
		for i, v := range tmp {
			sums[i/b.Cols*stride+i%b.Cols] += int64(v)
		}
	}
}

// convolveExact convolves centred integers; the padding counts as zero points.
func (v *conv) convolveExact(x, w []float32) []int64 {
	p := v.positions()
	sums := make([]int64, v.n*v.m*p)
	v.run(x, w, func(a, b blas32.General, at int) { multiplyExact(a, b, sums[at:], p) })
	return sums
}

func inferConvInteger(c *call) error {
	if err := c.bytes(0, 1); err != nil {
		return err
	}
	v, shape, err := resolveConv(c, 0, 1)
	if err != nil {
		return err
	}
	if err := c.zeroPoint(0, 2, 1); err != nil {
		return err
	}
	if err := c.zeroPoint(1, 3, v.m); err != nil {
		return err
	}
	return c.set(Int32, shape)
}

func evalConvInteger(c *call, y []*Tensor) error {
	v, _, err := resolveConv(c, 0, 1)
	if err != nil {
		return err
	}
	w := c.x(1)
	for i, s := range v.convolveExact(centred(c.x(0), c.x(2), 1), centred(w, c.x(3), len(w.I)/max(v.m, 1))) {
		y[0].I[i] = Wrap(Int32, s)
	}
	return nil
}

// inferQLinearConv: x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias.
func inferQLinearConv(c *call) error {
	if err := c.bytes(0, 3, 7); err != nil {
		return err
	}
	v, shape, err := resolveConv(c, 0, 3)
	if err != nil {
		return err
	}
	if err := c.qlinear(0, 1, 3, v.m, 6); err != nil {
		return err
	}
	if err := c.ints(8); err != nil {
		return err
	}
	if err := c.vector(8, v.m); err != nil {
		return err
	}
	return c.set(c.in[7].Type, shape)
}

// qlinear checks the scales and zero points of a (one each) and of b (one or
// n), and those of y: a is followed by its scale and zero point, as b is, and
// ys is the place of y's scale.
func (c *call) qlinear(a, na, b, nb, ys int) error {
	for _, q := range [][2]int{{a, na}, {b, nb}} {
		if err := c.zeroPoint(q[0], q[0]+2, q[1]); err != nil {
			return err
		}
		if k := Elems(c.shape(q[0] + 1)); k != 1 && k != q[1] {
			return fmt.Errorf("scale %q has shape %v, one number or %d are possible", c.Inputs[q[0]+1], c.shape(q[0]+1), q[1])
		}
	}
	if err := c.single(ys); err != nil {
		return err
	}
	if err := c.single(ys + 1); err != nil {
		return err
	}
	return c.floats(a+1, b+1, ys)
}

// requantise: y = saturate(round(sum * a * b / scale) + zero). factor gives
// a * b for a place.
func requantise(y *Tensor, sums []int64, factor func(i int) float32, scale float32, zero int64) {
	lo, hi, _ := limits(y.Type)
	for i, s := range sums {
		q := math.RoundToEven(float64(float32(s)*(factor(i)/scale))) + float64(zero)
		if q != q {
			q = 0
		}
		y.I[i] = int64(min(max(q, float64(lo)), float64(hi)))
	}
}

func evalQLinearConv(c *call, y []*Tensor) error {
	v, _, err := resolveConv(c, 0, 3)
	if err != nil {
		return err
	}
	w, p := c.x(3), v.positions()
	sums := v.convolveExact(centred(c.x(0), c.x(2), 1), centred(w, c.x(5), len(w.I)/max(v.m, 1)))
	if b := c.x(8); b != nil {
		for i := range sums {
			sums[i] += b.I[i/p%v.m]
		}
	}
	xs, ws := c.x(1).F[0], c.x(4).F
	requantise(y[0], sums, func(i int) float32 { return xs * ws[i/p%v.m%len(ws)] }, c.x(6).F[0], c.x(7).I[0])
	return nil
}

// multiplyIntegers is the stacked product of a and b less their zero points.
func multiplyIntegers(a, za, b, zb *Tensor) ([]int64, error) {
	v, shape, err := resolveMatMul(a.Shape, b.Shape)
	if err != nil {
		return nil, err
	}
	sums := make([]int64, Elems(shape))
	if v.m == 0 || v.n == 0 {
		return sums, nil
	}
	fa, fb := centred(a, za, v.k), centred(b, zb, 1) // per row of a, per column of b
	v.each(func(oa, ob, oy int) {
		multiplyExact(matrix(v.m, v.k, fa[oa:]), matrix(v.k, v.n, fb[ob:]), sums[oy:], v.n)
	})
	return sums, nil
}

func inferMatMulInteger(c *call) error {
	if err := c.bytes(0, 1); err != nil {
		return err
	}
	v, shape, err := resolveMatMul(c.shape(0), c.shape(1))
	if err != nil {
		return err
	}
	if err := c.zeroPoint(0, 2, v.m); err != nil {
		return err
	}
	if err := c.zeroPoint(1, 3, v.n); err != nil {
		return err
	}
	return c.set(Int32, shape)
}

func evalMatMulInteger(c *call, y []*Tensor) error {
	sums, err := multiplyIntegers(c.x(0), c.x(2), c.x(1), c.x(3))
	for i, s := range sums {
		y[0].I[i] = Wrap(Int32, s)
	}
	return err
}

// inferQLinearMatMul: a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero.
func inferQLinearMatMul(c *call) error {
	if err := c.bytes(0, 3, 7); err != nil {
		return err
	}
	_, shape, err := resolveMatMul(c.shape(0), c.shape(3))
	if err != nil {
		return err
	}
	if err := c.qlinear(0, 1, 3, 1, 6); err != nil {
		return err
	}
	return c.set(c.in[7].Type, shape)
}

func evalQLinearMatMul(c *call, y []*Tensor) error {
	sums, err := multiplyIntegers(c.x(0), c.x(2), c.x(3), c.x(5))
	if err != nil {
		return err
	}
	requantise(y[0], sums, func(int) float32 { return c.x(1).F[0] * c.x(4).F[0] }, c.x(6).F[0], c.x(7).I[0])
	return nil
}
