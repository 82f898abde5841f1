package float

import "math"

// unit divides each picture's vector by its length; zeros stay as they are.
type unit struct {
	x, y   *Tensor
	length []float64 // [batch]
}

func (v *unit) forward(pictures int) {
	for i := range pictures {
		x, y := v.x.of(i), v.y.of(i)
		sum := 0.0
		for _, a := range x {
			sum += float64(float64(a) * float64(a))
		}
		v.length[i] = math.Sqrt(sum)
		for k, a := range x {
			if y[k] = 0; v.length[i] != 0 { // NaN stays, to be seen
				y[k] = float32(float64(a) / v.length[i])
			}
		}
	}
}

// backward: with u = x/|x|, the derivative is (g - u (u g)) / |x|.
func (v *unit) backward(pictures int) {
	if v.x.Gradient == nil {
		return
	}
	for i := range pictures {
		if v.length[i] == 0 {
			continue
		}
		to, u, g := v.x.gradientOf(i), v.y.of(i), v.y.gradientOf(i)
		dot := 0.0
		for k := range u {
			dot += float64(float64(u[k]) * float64(g[k]))
		}
		for k := range u {
			to[k] += float32((float64(g[k]) - float64(float64(u[k])*dot)) / v.length[i])
		}
	}
}

// Head says what follows the part of the network: its last layer pooled over all
// places, divided by its length, and times a matrix.
type Head struct {
	Max     bool // the maximum in place of the mean
	Classes int
}

// addHead appends the head and remembers its tensors.
func (n *Network) addHead(h Head, batch int) {
	x := n.Last
	n.Pooled = newTensor([3]int{1, 1, x.C}, batch, true)
	if h.Max {
		n.ops = append(n.ops, newMaxPool(x, n.Pooled, whole(x)))
	} else {
		n.ops = append(n.ops, newAvgPool(x, n.Pooled, whole(x), false))
	}
	n.Direction = newTensor([3]int{1, 1, x.C}, batch, true)
	n.ops = append(n.ops, &unit{x: n.Pooled, y: n.Direction, length: make([]float64, batch)})
	n.Logits = newTensor([3]int{1, 1, h.Classes}, batch, true)
	n.head = newFullyConnected(n.Direction, n.Logits, clampNothing, batch)
	n.ops = append(n.ops, n.head)
	n.tensors = append(n.tensors, n.Pooled, n.Direction, n.Logits)
	n.Params = append(n.Params, n.head.param)
}

// SetHead sets the head's matrix, [classes][C], and biases, [classes].
func (n *Network) SetHead(weight, bias []float32) { n.head.set(weight, bias) }

// HeadWeights returns what SetHead has set and learning has changed.
func (n *Network) HeadWeights() (weight, bias []float32) { return n.head.get() }
