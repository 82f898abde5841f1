package float

import "likeness/engine/graph"

// binaryFloat is Add, Sub or Mul; operands repeat along axes of length 1.
func binaryFloat(op string, y, a, b []float32, sa, sb, out [3]int) {
	switch {
	case sa == out && sb == out:
		combine(op, y, a, b)
		return
	case sa == out && sb == [3]int{1, 1, out[2]}: // a value a channel
		for p := 0; p < len(y); p += out[2] {
			combine(op, y[p:][:out[2]], a[p:], b)
		}
		return
	}
	at := func(s [3]int, h, w, c int) int { return (h%s[0]*s[1]+w%s[1])*s[2] + c%s[2] }
	i := 0
	for h := range out[0] {
		for w := range out[1] {
			for c := range out[2] {
				combine(op, y[i:i+1], a[at(sa, h, w, c):], b[at(sb, h, w, c):])
				i++
			}
		}
	}
}

// combine computes len(y) values.
func combine(op string, y, a, b []float32) {
	a, b = a[:len(y)], b[:len(y)]
	switch op {
	case graph.Add:
		for i := range y {
			y[i] = a[i] + b[i]
		}
	case graph.Sub:
		for i := range y {
			y[i] = a[i] - b[i]
		}
	default:
		for i := range y {
			y[i] = a[i] * b[i]
		}
	}
}

func gatherFloat(node *Node, y, x []float32, in, out [3]int) {
	for i := range y {
		y[i] = x[i/out[2]*in[2]+node.Channels[i%out[2]]]
	}
}

func cropFloat(node *Node, y, x []float32, in, out [3]int) {
	for r := range out[0] {
		for w := range out[1] {
			from := (node.Start[0]+r*node.Stride[0])*in[1] + node.Start[1] + w*node.Stride[1]
			copy(y[(r*out[1]+w)*out[2]:][:out[2]], x[from*in[2]:])
		}
	}
}
