package nd

import (
	"fmt"
	"math"
)

var normOperators = map[string]operator{
	"BatchNormalization": {attrs: "epsilon momentum spatial<9 training_mode", in: 5, most: 5, outs: 1,
		infer: inferBatchNorm, eval: evalBatchNorm, note: "inference only"},
	"InstanceNormalization": {attrs: "epsilon", in: 3, most: 3, outs: 1, infer: inferInstanceNorm, eval: evalInstanceNorm},
	"GroupNormalization": {attrs: "epsilon num_groups stash_type", in: 3, most: 3, outs: 1, from: 18,
		infer: inferGroupNorm, eval: evalGroupNorm},
	"LayerNormalization": {attrs: "axis epsilon stash_type", in: 2, most: 3, outs: 3, from: 17,
		infer: inferLayerNorm, eval: evalLayerNorm},
	"MeanVarianceNormalization": {attrs: "axes", in: 1, most: 1, outs: 1, from: 9, infer: inferMVN, eval: evalMVN},
	"LpNormalization":           {attrs: "axis p", in: 1, most: 1, outs: 1, infer: inferLpNorm, eval: evalLpNorm},
}

// channels checks that inputs are vectors of as many numbers as x [N][C]... has
// channels.
func (c *call) channels(inputs ...int) error {
	if err := c.rank(0, 2, 16); err != nil {
		return err
	}
	for _, i := range inputs {
		if err := c.floats(i); err != nil {
			return err
		}
		if err := c.vector(i, c.shape(0)[1]); err != nil {
			return err
		}
	}
	c.attrFloat("epsilon", 0)
	return c.floats(0)
}

func inferBatchNorm(c *call) error {
	if c.attrInt("training_mode", 0) != 0 {
		return c.unsupported("training_mode")
	}
	if c.attrInt("spatial", 1) != 1 {
		return c.unsupported("spatial")
	}
	c.attrFloat("momentum", 0)
	if err := c.channels(1, 2, 3, 4); err != nil {
		return err
	}
	return c.set(c.in[0].Type, c.shape(0))
}

// evalBatchNorm: y = (x - mean) / sqrt(var + epsilon) * scale + bias, a
// multiplication and an addition per channel.
func evalBatchNorm(c *call, y []*Tensor) error {
	x, scale, bias, mean, variance := c.x(0), c.x(1).F, c.x(2).F, c.x(3).F, c.x(4).F
	eps := float64(c.attrFloat("epsilon", 1e-5))
	p := alongAxis(x.Shape[1:], 1).n // numbers in a plane
	n := len(scale)
	parallel(x.Shape[0]*n, 1<<14/max(p, 1)+1, func(from, to int) {
		for r := from; r < to; r++ {
			ch := r % n
			a := float64(scale[ch]) / math.Sqrt(float64(variance[ch])+eps)
			b := float64(bias[ch]) - float64(mean[ch])*a
			affine(y[0].F[r*p:][:p], x.F[r*p:][:p], a, b)
		}
	})
	return nil
}

// affine: y = x * a + b.
func affine(y, x []float32, a, b float64) {
	for i, v := range x {
		y[i] = float32(float64(v)*a + b)
	}
}

func inferInstanceNorm(c *call) error {
	if err := c.channels(1, 2); err != nil {
		return err
	}
	return c.set(c.in[0].Type, c.shape(0))
}

func evalInstanceNorm(c *call, y []*Tensor) error {
	x := c.x(0)
	return groupNorm(y[0], x, x.Shape[1], c.attrFloat("epsilon", 1e-5), c.x(1).F, c.x(2).F)
}

// inferGroupNorm: before operator set 21 there is one scale per group, from
// then on one per channel.
func inferGroupNorm(c *call) error {
	if err := c.rank(0, 2, 16); err != nil {
		return err
	}
	c.attrInt("stash_type", 1)
	c.attrFloat("epsilon", 1e-5)
	g, n := c.attrInt("num_groups", 0), c.shape(0)[1]
	if g < 1 || n%g != 0 {
		return fmt.Errorf("num_groups %d does not divide %d channels", g, n)
	}
	if c.opset < 21 {
		n = g
	}
	for i := 1; i <= 2; i++ {
		if err := c.vector(i, n); err != nil {
			return err
		}
	}
	if err := c.floats(0, 1, 2); err != nil {
		return err
	}
	return c.set(c.in[0].Type, c.shape(0))
}

func evalGroupNorm(c *call, y []*Tensor) error {
	x := c.x(0)
	return groupNorm(y[0], x, c.attrInt("num_groups", 1), c.attrFloat("epsilon", 1e-5), c.x(1).F, c.x(2).F)
}

// groupNorm: each group of channels gets mean 0 and variance 1, then a scale
// and bias, one per group or per channel. x is [N][C]...
func groupNorm(y, x *Tensor, groups int, eps float32, scale, bias []float32) error {
	if len(x.F) == 0 {
		return nil
	}
	p := alongAxis(x.Shape[1:], 1).n
	each := x.Shape[1] / groups // channels
	for r := range x.Shape[0] * groups {
		mean, inv := moments(x.F[r*each*p:][:each*p], eps)
		for ch := range each {
			i := (r%groups*each + ch) * len(scale) / x.Shape[1]
			a := inv * float64(scale[i])
			at := (r*each + ch) * p
			affine(y.F[at:][:p], x.F[at:][:p], a, float64(bias[i])-mean*a)
		}
	}
	return nil
}

// moments is the mean and 1 / sqrt(variance + eps) of some numbers.
func moments(x []float32, eps float32) (mean, inv float64) {
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	variance := 0.0
	for _, v := range x {
		d := float64(v) - mean
		variance += d * d
	}
	return mean, 1 / math.Sqrt(variance/float64(len(x))+float64(eps))
}

// inferLayerNorm: the axes from axis on are normalised together; the further
// outputs are the means and 1 / standard deviations.
func inferLayerNorm(c *call) error {
	if err := c.floats(0, 1, 2); err != nil {
		return err
	}
	c.attrInt("stash_type", 1)
	c.attrFloat("epsilon", 1e-5)
	x := c.shape(0)
	a, err := axis(c.attrInt("axis", -1), len(x))
	if err != nil {
		return err
	}
	for i := 1; i <= 2; i++ {
		if !c.has(i) {
			continue
		}
		if err := within(c, i, x[a:]); err != nil {
			return err
		}
	}
	for i := 1; i < len(c.out); i++ {
		shape := append([]int{}, x...)
		for j := a; j < len(shape); j++ {
			shape[j] = 1
		}
		c.out[i] = Info{Type: Float32, Shape: shape}
	}
	return c.set(c.in[0].Type, x)
}

func evalLayerNorm(c *call, y []*Tensor) error {
	x := c.x(0)
	a, _ := axis(c.attrInt("axis", -1), len(x.Shape))
	b := alongAxis(x.Shape, a)
	if len(x.F) == 0 {
		return nil
	}
	scale := New(Float32, x.Shape[a:])
	expand(scale, c.x(1))
	bias := New(Float32, x.Shape[a:])
	if c.has(2) {
		expand(bias, c.x(2))
	}
	eps := c.attrFloat("epsilon", 1e-5)
	parallel(b.outer, 1<<13/b.n+1, func(from, to int) {
		for r := from; r < to; r++ {
			in, out := x.F[r*b.n:][:b.n], y[0].F[r*b.n:][:b.n]
			mean, inv := moments(in, eps)
			for i, v := range in {
				out[i] = float32((float64(v)-mean)*inv*float64(scale.F[i]) + float64(bias.F[i]))
			}
			if len(y) > 1 {
				y[1].F[r] = float32(mean)
			}
			if len(y) > 2 {
				y[2].F[r] = float32(inv)
			}
		}
	})
	return nil
}

func mvnAxes(c *call) ([]int, error) {
	list := c.attrInts("axes")
	if list == nil {
		list = []int{0, 2, 3}
	}
	return axes(list, len(c.shape(0)))
}

func inferMVN(c *call) error {
	if err := c.floats(0); err != nil {
		return err
	}
	if _, err := mvnAxes(c); err != nil {
		return err
	}
	return c.set(c.in[0].Type, c.shape(0))
}

// evalMVN: mean 0 and variance 1 over some axes together.
func evalMVN(c *call, y []*Tensor) error {
	x := c.x(0)
	list, err := mvnAxes(c)
	if err != nil || len(x.F) == 0 {
		return err
	}
	perm, n := lastAxes(x.Shape, list)
	moved := New(x.Type, permuted(x.Shape, perm))
	permute(moved, x, perm)
	for r := range len(x.F) / n {
		row := moved.F[r*n:][:n]
		mean, inv := moments(row, 1e-9)
		affine(row, row, inv, -mean*inv)
	}
	permute(y[0], moved, inverse(perm))
	return nil
}

func inferLpNorm(c *call) error {
	if err := c.floats(0); err != nil {
		return err
	}
	if p := c.attrInt("p", 2); p != 1 && p != 2 {
		return c.unsupported("p")
	}
	if _, err := axis(c.attrInt("axis", -1), len(c.shape(0))); err != nil {
		return err
	}
	return c.set(c.in[0].Type, c.shape(0))
}

// evalLpNorm divides the numbers along an axis by their L1 or L2 norm.
func evalLpNorm(c *call, y []*Tensor) error {
	a, _ := axis(c.attrInt("axis", -1), len(c.shape(0)))
	p := c.attrInt("p", 2)
	lines(y[0], c.x(0), a, func(line []float32) {
		norm := 0.0
		for _, v := range line {
			if p == 1 {
				norm += math.Abs(float64(v))
			} else {
				norm += float64(v) * float64(v)
			}
		}
		if p == 2 {
			norm = math.Sqrt(norm)
		}
		if norm == 0 {
			return
		}
		for i, v := range line {
			line[i] = float32(float64(v) / norm)
		}
	})
	return nil
}
