package zoo

import "likeness/tools/convert/nd"

// runMove evaluates operators that only move values.
func runMove(node *nd.Node, in []*nd.Tensor) *nd.Tensor {
	x := in[0]
	switch node.Op {
	case "Concat":
		y := &nd.Tensor{Shape: append([]int(nil), x.Shape...)}
		y.Shape[1] = 0
		for _, t := range in {
			y.F, y.Shape[1] = append(y.F, t.F...), y.Shape[1]+t.Shape[1]
		}
		return y
	case "Flatten":
		return &nd.Tensor{Shape: []int{1, len(x.F)}, F: x.F}
	case "Reshape":
		return reshape(x, in[1].I)
	case "Pad":
		return padded(x, int(in[1].I[2]))
	case "Transpose":
		return transposed(x, node.Attrs["perm"].Ints)
	case "Slice": // of channels
		plane := x.Shape[2] * x.Shape[3]
		from, to := int(in[1].I[0]), int(in[2].I[0])
		return &nd.Tensor{Shape: []int{1, to - from, x.Shape[2], x.Shape[3]}, F: x.F[from*plane : to*plane]}
	case "Shape":
		y := &nd.Tensor{Type: nd.Int64, Shape: []int{len(x.Shape)}}
		for _, d := range x.Shape {
			y.I = append(y.I, int64(d))
		}
		return y
	}
	return &nd.Tensor{Type: nd.Int64, Shape: []int{1}, I: []int64{x.I[in[1].I[0]]}} // Gather
}

func reshape(x *nd.Tensor, to []int64) *nd.Tensor {
	shape, known, open := make([]int, len(to)), 1, -1
	for i, d := range to {
		if shape[i] = int(d); d < 0 {
			open = i
		} else {
			known *= int(d)
		}
	}
	if open >= 0 {
		shape[open] = len(x.F) / known
	}
	return &nd.Tensor{Shape: shape, F: x.F}
}

// padded adds p pixels of 0 around every plane.
func padded(x *nd.Tensor, p int) *nd.Tensor {
	c, h, w := x.Shape[1], x.Shape[2], x.Shape[3]
	y := fresh(1, c, h+2*p, w+2*p)
	for i := range c * h {
		copy(y.F[(i/h*(h+2*p)+i%h+p)*(w+2*p)+p:], x.F[i*w:][:w])
	}
	return y
}

func transposed(x *nd.Tensor, perm []int64) *nd.Tensor {
	steps, shape := make([]int, len(perm)), make([]int, len(perm))
	for i, p := range perm {
		shape[i], steps[i] = x.Shape[p], 1
		for _, d := range x.Shape[p+1:] {
			steps[i] *= d
		}
	}
	y, at, from := fresh(shape...), make([]int, len(perm)), 0
	for i := range y.F {
		y.F[i] = x.F[from]
		for d := len(shape) - 1; d >= 0; d-- {
			at[d]++
			from += steps[d]
			if at[d] < shape[d] {
				break
			}
			at[d], from = 0, from-shape[d]*steps[d]
		}
	}
	return y
}
