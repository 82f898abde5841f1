package nd

import (
	"math"
	"slices"
)

// Sums over rows of floats. Those of an empty row are what ONNX defines, or
// infinite.
func rowSum(row []float32) float64 {
	s := 0.0
	for _, v := range row {
		s += float64(v)
	}
	return s
}

func rowMean(row []float32) float64 { return rowSum(row) / float64(len(row)) }

func rowMax(row []float32) float64 {
	m := math.Inf(-1)
	for _, v := range row {
		m = max(m, float64(v))
	}
	return m
}

func rowMin(row []float32) float64 {
	m := math.Inf(1)
	for _, v := range row {
		m = min(m, float64(v))
	}
	return m
}

func rowProd(row []float32) float64 {
	p := 1.0
	for _, v := range row {
		p *= float64(v)
	}
	return p
}

func rowL1(row []float32) float64 {
	s := 0.0
	for _, v := range row {
		s += math.Abs(float64(v))
	}
	return s
}

func rowSquares(row []float32) float64 {
	s := 0.0
	for _, v := range row {
		s += float64(v) * float64(v)
	}
	return s
}

func rowLogSumExp(row []float32) float64 {
	top := rowMax(row)
	if math.IsInf(top, 0) {
		return top
	}
	s := 0.0
	for _, v := range row {
		s += math.Exp(float64(v) - top)
	}
	return top + math.Log(s)
}

// fold is a sum over a row of integers that begins with its first number.
func fold(f func(t Type, a, b int64) int64) func(t Type, row []int64) int64 {
	return func(t Type, row []int64) int64 {
		if len(row) == 0 {
			return 0
		}
		v := row[0]
		for _, x := range row[1:] {
			v = f(t, v, x)
		}
		return v
	}
}

func intSum(_ Type, row []int64) int64 {
	s := int64(0)
	for _, v := range row {
		s += v
	}
	return s
}

func intMean(t Type, row []int64) int64 { return intSum(t, row) / max(int64(len(row)), 1) }

func intMax(t Type, a, b int64) int64 {
	if less(t, a, b) {
		return b
	}
	return a
}

func intMin(t Type, a, b int64) int64 {
	if less(t, b, a) {
		return b
	}
	return a
}

var reduceOperators = map[string]operator{
	"ReduceSum":  reduce(13, rowSum, intSum),
	"ReduceMean": reduce(18, rowMean, intMean),
	"ReduceMax":  reduce(18, rowMax, fold(intMax)),
	"ReduceMin":  reduce(18, rowMin, fold(intMin)),
	"ReduceProd": reduce(18, rowProd, func(_ Type, row []int64) int64 {
		p := int64(1)
		for _, v := range row {
			p *= v
		}
		return p
	}),
	"ReduceL1":        reduce(18, rowL1, nil),
	"ReduceL2":        reduce(18, func(row []float32) float64 { return math.Sqrt(rowSquares(row)) }, nil),
	"ReduceSumSquare": reduce(18, rowSquares, nil),
	"ReduceLogSum":    reduce(18, func(row []float32) float64 { return math.Log(rowSum(row)) }, nil),
	"ReduceLogSumExp": reduce(18, rowLogSumExp, nil),
}

// reduce is a sum of some kind over some axes, which became an input with an
// operator set. i is nil where integers are not done.
func reduce(asInput int, f func(row []float32) float64, i func(t Type, row []int64) int64) operator {
	return operator{
		attrs: "axes keepdims noop_with_empty_axes", in: 1, most: 2, outs: 1,
		infer: func(c *call) error {
			if i == nil {
				if err := c.floats(0); err != nil {
					return err
				}
			}
			list, err := reducedAxes(c, asInput)
			if err != nil {
				return err
			}
			shape := []int{}
			for a, d := range c.shape(0) {
				switch {
				case !slices.Contains(list, a):
					shape = append(shape, d)
				case c.attrInt("keepdims", 1) != 0:
					shape = append(shape, 1)
				}
			}
			return c.set(c.in[0].Type, shape)
		},
		eval: func(c *call, y []*Tensor) error {
			list, err := reducedAxes(c, asInput)
			if err != nil {
				return err
			}
			x := c.x(0)
			perm, n := lastAxes(x.Shape, list)
			if !slices.IsSorted(perm) {
				moved := New(x.Type, permuted(x.Shape, perm))
				permute(moved, x, perm)
				x = moved
			}
			for r := range y[0].F {
				y[0].F[r] = float32(f(x.F[r*n:][:n]))
			}
			for r := range y[0].I {
				y[0].I[r] = Wrap(x.Type, i(x.Type, x.I[r*n:][:n]))
			}
			return nil
		},
	}
}

// lastAxes is the order of axes that puts some of them last, and how many
// numbers those hold together.
func lastAxes(shape, list []int) (perm []int, n int) {
	n = 1
	var last []int
	for a, d := range shape {
		if slices.Contains(list, a) {
			last = append(last, a)
			n *= d
		} else {
			perm = append(perm, a)
		}
	}
	return append(perm, last...), n
}

func permuted(shape, perm []int) []int {
	out := make([]int, len(perm))
	for i, p := range perm {
		out[i] = shape[p]
	}
	return out
}

func inverse(perm []int) []int {
	out := make([]int, len(perm))
	for i, p := range perm {
		out[p] = i
	}
	return out
}

// reducedAxes finds the axes of a reduction; none given means all, or with
// noop_with_empty_axes nothing is reduced and x stays. asInput is the operator set
// from which on they are an input.
func reducedAxes(c *call, asInput int) (list []int, err error) {
	if c.opset < asInput {
		if len(c.in) > 1 {
			return nil, c.lacking("axes as an input before operator set %d are", asInput)
		}
		list = c.attrInts("axes")
	} else {
		if _, ok := c.Attrs["axes"]; ok {
			return nil, c.unsupported("axes")
		}
		if list, err = c.constInts(1); err != nil {
			return nil, err
		}
	}
	if len(list) == 0 {
		if c.attrInt("noop_with_empty_axes", 0) != 0 {
			return nil, nil
		}
		list = make([]int, len(c.shape(0)))
		for a := range list {
			list[a] = a
		}
	}
	return axes(list, len(c.shape(0)))
}
