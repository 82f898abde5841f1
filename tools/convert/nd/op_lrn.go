package nd

import (
	"fmt"
	"math"
)

var lrnOperators = map[string]operator{
	"LRN": {attrs: "alpha beta bias size", in: 1, most: 1, outs: 1, infer: inferLRN, eval: evalLRN},
}

func inferLRN(c *call) error {
	if err := c.floats(0); err != nil {
		return err
	}
	if err := c.rank(0, 3, 16); err != nil {
		return err
	}
	for _, name := range []string{"alpha", "beta", "bias"} {
		c.attrFloat(name, 0)
	}
	if n := c.attrInt("size", 0); n < 1 || n > maxStep {
		return fmt.Errorf("size %d is outside 1 to %d", n, maxStep)
	}
	return c.set(c.in[0].Type, c.shape(0))
}

// evalLRN: y = x / (bias + alpha/size * sum of squares of the size channels
// around)^beta.
func evalLRN(c *call, y []*Tensor) error {
	x, size := c.x(0), c.attrInt("size", 1)
	alpha, beta, bias := float64(c.attrFloat("alpha", 1e-4)), float64(c.attrFloat("beta", 0.75)), float64(c.attrFloat("bias", 1))
	before, after := (size-1)/2, size/2
	lines(y[0], x, 1, func(line []float32) {
		squares := make([]float64, len(line)+1) // sums up to here
		for i, v := range line {
			squares[i+1] = squares[i] + float64(v)*float64(v)
		}
		for i, v := range line {
			sum := squares[min(i+after+1, len(line))] - squares[max(i-before, 0)]
			line[i] = float32(float64(v) / math.Pow(bias+alpha/float64(size)*sum, beta))
		}
	})
	return nil
}
