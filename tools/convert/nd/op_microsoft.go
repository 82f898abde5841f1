package nd

import "fmt"

// The operators that onnxruntime's quantiser adds between those of ONNX. Each
// dequantises its inputs, computes in float32 and quantises.
var microsoftOperators = map[string]operator{
	"com.microsoft.QLinearAdd": qlinearPair(func(a, b float32) float32 { return a + b }),
	"com.microsoft.QLinearMul": qlinearPair(func(a, b float32) float32 { return a * b }),
	"com.microsoft.QLinearGlobalAveragePool": {attrs: "channels_last", in: 5, most: 5, outs: 1, absent: []int{2},
		infer: inferQLinearPool, eval: evalQLinearPool},
	"com.microsoft.QLinearConcat": {attrs: "axis", in: 5, most: many, outs: 1, absent: []int{1, 4}, infer: inferQLinearConcat, eval: evalQLinearConcat},
}

// quantised checks input i, followed by one scale and one zero point.
func (c *call) quantised(i int) error {
	for _, err := range []error{c.bytes(i), c.floats(i + 1), c.single(i + 1), c.zeroPoint(i, i+2, 1)} {
		if err != nil {
			return err
		}
	}
	return nil
}

// quantisedTo checks scale s and zero point s+1 of the output, whose type is
// the zero point's, or else input 0's.
func (c *call) quantisedTo(s int) (Type, error) {
	for _, err := range []error{c.floats(s), c.single(s), c.bytes(s + 1), c.single(s + 1)} {
		if err != nil {
			return 0, err
		}
	}
	if c.has(s + 1) {
		return c.in[s+1].Type, nil
	}
	return Uint8, nil
}

func (c *call) real(i int) *Tensor {
	f := New(Float32, c.shape(i))
	levels{scale: c.x(i + 1), zero: c.x(i + 2)}.dequantise(f, c.x(i))
	return f
}

// qlinearPair: a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero.
func qlinearPair(f func(a, b float32) float32) operator {
	return operator{
		in: 7, most: 8, outs: 1, absent: []int{2, 5},
		infer: func(c *call) error {
			for _, i := range []int{0, 3} {
				if err := c.quantised(i); err != nil {
					return err
				}
			}
			shape, err := broadcast(c.shape(0), c.shape(3))
			if err != nil {
				return err
			}
			t, err := c.quantisedTo(6)
			if err != nil {
				return err
			}
			return c.set(t, shape)
		},
		eval: func(c *call, y []*Tensor) error {
			sum := New(Float32, y[0].Shape)
			pairFloats(sum, c.real(0), c.real(3), f)
			levels{scale: c.x(6), zero: c.x(7)}.quantise(y[0], sum)
			return nil
		},
	}
}

// inferQLinearPool: x, x_scale, x_zero, y_scale, y_zero.
func inferQLinearPool(c *call) error {
	if c.attrInt("channels_last", 0) != 0 {
		return c.unsupported("channels_last")
	}
	if err := c.quantised(0); err != nil {
		return err
	}
	if err := c.rank(0, 3, 16); err != nil {
		return err
	}
	t, err := c.quantisedTo(3)
	if err != nil {
		return err
	}
	shape := make([]int, len(c.shape(0)))
	for i := range shape {
		shape[i] = 1
	}
	copy(shape, c.shape(0)[:2])
	return c.set(t, shape)
}

func evalQLinearPool(c *call, y []*Tensor) error {
	x := c.real(0)
	mean := New(Float32, y[0].Shape)
	n := len(x.F) / max(len(mean.F), 1)
	for i := range mean.F {
		mean.F[i] = float32(rowMean(x.F[i*n:][:n]))
	}
	levels{scale: c.x(3), zero: c.x(4)}.quantise(y[0], mean)
	return nil
}

// inferQLinearConcat: y_scale, y_zero, then x, x_scale, x_zero for each input.
func inferQLinearConcat(c *call) error {
	if (len(c.in)-2)%3 != 0 {
		return fmt.Errorf("it has %d inputs, not 2 and 3 for each part", len(c.in))
	}
	var shape []int
	a := c.attrInt("axis", 0)
	for i := 2; i < len(c.in); i += 3 {
		for j := range 2 {
			if !c.has(i + j) {
				return fmt.Errorf("input %d is missing", i+j)
			}
		}
		if err := c.quantised(i); err != nil {
			return err
		}
		s := c.shape(i)
		if shape == nil {
			var err error
			if a, err = axis(a, len(s)); err != nil {
				return err
			}
			shape = append([]int{}, s...)
			continue
		}
		fits := len(s) == len(shape)
		for j := range shape {
			fits = fits && (j == a || s[j] == shape[j])
		}
		if !fits {
			return fmt.Errorf("shapes %v and %v cannot be joined along axis %d", shape, s, a)
		}
		shape[a] += s[a]
	}
	t, err := c.quantisedTo(0)
	if err != nil {
		return err
	}
	return c.set(t, shape)
}

func evalQLinearConcat(c *call, y []*Tensor) error {
	a, _ := axis(c.attrInt("axis", 0), len(y[0].Shape))
	whole := New(Float32, y[0].Shape)
	b := alongAxis(whole.Shape, a)
	at := 0
	for i := 2; i < len(c.in); i += 3 {
		n := alongAxis(c.shape(i), a).n
		blocks(whole, c.real(i), b.outer, n, at, b.n, 0, n)
		at += n
	}
	levels{scale: c.x(0), zero: c.x(1)}.quantise(y[0], whole)
	return nil
}
