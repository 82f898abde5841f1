package nd

import "math"

var softmaxOperators = map[string]operator{
	"Softmax":    softmaxLike(softmax),
	"LogSoftmax": softmaxLike(logSoftmax),
	"Hardmax":    softmaxLike(hardmax),
}

// softmaxLike maps the numbers along an axis together. Before operator set 13
// all axes from axis on count as one.
func softmaxLike(f func(line []float32)) operator {
	resolve := func(c *call) (a int, err error) {
		def := -1
		if c.opset < 13 {
			def = 1
		}
		a = c.attrInt("axis", def)
		if c.opset < 13 && a == len(c.shape(0)) { // all of it outside: lines of one
			return a, nil
		}
		return axis(a, len(c.shape(0)))
	}
	return operator{
		attrs: "axis", in: 1, most: 1, outs: 1,
		infer: func(c *call) error {
			if err := c.floats(0); err != nil {
				return err
			}
			if _, err := resolve(c); err != nil {
				return err
			}
			return c.set(c.in[0].Type, c.shape(0))
		},
		eval: func(c *call, y []*Tensor) error {
			a, err := resolve(c)
			if err != nil {
				return err
			}
			if c.opset >= 13 {
				lines(y[0], c.x(0), a, f)
				return nil
			}
			b := alongAxis(c.shape(0), a)
			flat := []int{b.outer, b.n}
			lines(&Tensor{Shape: flat, F: y[0].F}, &Tensor{Shape: flat, F: c.x(0).F}, 1, f)
			return nil
		},
	}
}

func softmax(line []float32) {
	top := float64(line[0])
	for _, v := range line {
		top = max(top, float64(v))
	}
	sum := 0.0
	for _, v := range line {
		sum += math.Exp(float64(v) - top)
	}
	for i, v := range line {
		line[i] = float32(math.Exp(float64(v)-top) / sum)
	}
}

func logSoftmax(line []float32) {
	top := float64(line[0])
	for _, v := range line {
		top = max(top, float64(v))
	}
	sum := 0.0
	for _, v := range line {
		sum += math.Exp(float64(v) - top)
	}
	for i, v := range line {
		line[i] = float32(float64(v) - top - math.Log(sum))
	}
}

// hardmax is 1 at the first of the greatest, else 0.
func hardmax(line []float32) {
	best := 0
	for i, v := range line {
		if v > line[best] {
			best = i
		}
	}
	clear(line)
	line[best] = 1
}

// lines copies x to y and calls f for each line along an axis, which f changes
// in place. A line is never empty.
func lines(y, x *Tensor, axis int, f func(line []float32)) {
	if len(x.F) == 0 {
		return
	}
	n := x.Shape[axis]
	inner := alongAxis(x.Shape, axis).n / n
	parallel(len(x.F)/n, 1<<12/n+1, func(from, to int) {
		line := make([]float32, n)
		for r := from; r < to; r++ {
			at := r/inner*inner*n + r%inner
			for i := range line {
				line[i] = x.F[at+i*inner]
			}
			f(line)
			for i, v := range line {
				y.F[at+i*inner] = v
			}
		}
	})
}
