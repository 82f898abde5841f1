package nd

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

var matmulOperators = map[string]operator{
	"MatMul": {in: 2, most: 2, outs: 1, infer: inferMatMul, eval: evalMatMul},
	"Gemm":   {attrs: "alpha beta transA transB", in: 2, most: 3, outs: 1, infer: inferGemm, eval: evalGemm},
}

// matmul is a resolved product of stacks of matrices, as numpy's: a [...][m][k],
// b [...][k][n], y [batch][m][n]. A vector counts as a row (a) or column (b)
// whose axis is dropped again.
type matmul struct {
	m, k, n int
	batch   []int
	a, b    []int // shapes of the stacks
}

func resolveMatMul(a, b []int) (*matmul, []int, error) {
	wrong := fmt.Errorf("shapes %v and %v cannot be multiplied", a, b)
	if len(a) == 0 || len(b) == 0 {
		return nil, nil, wrong
	}
	dropM, dropN := len(a) == 1, len(b) == 1
	if dropM {
		a = []int{1, a[0]}
	}
	if dropN {
		b = []int{b[0], 1}
	}
	i, j := len(a)-2, len(b)-2
	v := &matmul{m: a[i], k: a[i+1], n: b[j+1], a: a[:i], b: b[:j]}
	if b[j] != v.k {
		return nil, nil, wrong
	}
	batch, err := broadcast(v.a, v.b)
	if err != nil {
		return nil, nil, wrong
	}
	v.batch = batch
	shape := append([]int{}, batch...)
	if !dropM {
		shape = append(shape, v.m)
	}
	if !dropN {
		shape = append(shape, v.n)
	}
	return v, shape, nil
}

// each visits the products of the stack: where a, b and y begin.
func (v *matmul) each(visit func(a, b, y int)) {
	as, bs := stretch(v.a, v.batch), stretch(v.b, v.batch)
	for r := range Elems(v.batch) {
		oa, ob, rest := 0, 0, r
		for i := len(v.batch) - 1; i >= 0; i-- {
			j := rest % v.batch[i]
			rest /= v.batch[i]
			oa += j * as[i]
			ob += j * bs[i]
		}
		visit(oa*v.m*v.k, ob*v.k*v.n, r*v.m*v.n)
	}
}

func inferMatMul(c *call) error {
	if err := c.floats(0, 1); err != nil {
		return err
	}
	if err := c.same(0, 1); err != nil {
		return err
	}
	_, shape, err := resolveMatMul(c.shape(0), c.shape(1))
	if err != nil {
		return err
	}
	return c.set(c.in[0].Type, shape)
}

func evalMatMul(c *call, y []*Tensor) error {
	v, _, err := resolveMatMul(c.shape(0), c.shape(1))
	if err != nil {
		return err
	}
	if len(v.b) == 0 { // one b for all of a: a taller matrix
		v.m *= Elems(v.a)
		v.a, v.batch = nil, nil
	}
	if v.m == 0 || v.k == 0 || v.n == 0 {
		return nil
	}
	a, b, out := c.x(0).F, c.x(1).F, y[0].F
	v.each(func(oa, ob, oy int) {
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, matrix(v.m, v.k, a[oa:]), matrix(v.k, v.n, b[ob:]), 0, matrix(v.m, v.n, out[oy:]))
	})
	return nil
}

func matrix(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data[:rows*cols]}
}

// inferGemm: y = alpha * A' * B' + beta * C, with C stretched to [m][n].
func inferGemm(c *call) error {
	if err := c.floats(0, 1, 2); err != nil {
		return err
	}
	if err := c.same(0, 1, 2); err != nil {
		return err
	}
	for i := range 2 {
		if err := c.rank(i, 2, 2); err != nil {
			return err
		}
	}
	c.attrFloat("alpha", 1)
	c.attrFloat("beta", 1)
	a, b := c.shape(0), c.shape(1)
	m, k := a[0], a[1]
	if c.attrInt("transA", 0) != 0 {
		m, k = k, m
	}
	k2, n := b[0], b[1]
	if c.attrInt("transB", 0) != 0 {
		k2, n = n, k2
	}
	if k != k2 {
		return fmt.Errorf("shapes %v and %v cannot be multiplied (transA=%d, transB=%d)", a, b, c.attrInt("transA", 0), c.attrInt("transB", 0))
	}
	if c.has(2) {
		if err := within(c, 2, []int{m, n}); err != nil {
			return err
		}
	}
	return c.set(c.in[0].Type, []int{m, n})
}

func evalGemm(c *call, y []*Tensor) error {
	a, b, out := c.x(0), c.x(1), y[0]
	beta := c.attrFloat("beta", 1)
	if t := c.x(2); t != nil && beta != 0 {
		expand(out, t)
		for i := range out.F {
			out.F[i] *= beta
		}
	}
	if len(out.F) == 0 || len(a.F) == 0 {
		return nil
	}
	trans := func(name string) blas.Transpose {
		if c.attrInt(name, 0) != 0 {
			return blas.Trans
		}
		return blas.NoTrans
	}
	blas32.Gemm(trans("transA"), trans("transB"), c.attrFloat("alpha", 1),
		matrix(a.Shape[0], a.Shape[1], a.F), matrix(b.Shape[0], b.Shape[1], b.F), 1,
		matrix(out.Shape[0], out.Shape[1], out.F))
	return nil
}
