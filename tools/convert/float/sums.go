package float

import "likeness/tools/convert/parallel"

// addProductsPortable adds float32(x[i] * w[i]) to y[i]. All have one length.
func addProductsPortable(y, x, w []float32) {
	x, w = x[:len(y)], w[:len(y)]
	for i := range y {
		y[i] += float32(x[i] * w[i])
	}
}

// clampPortable puts values between lo and hi, and leaves those that are no
// numbers.
func clampPortable(y []float32, lo, hi float32) {
	for i, v := range y {
		if lo > v {
			v = lo
		}
		if hi < v {
			v = hi
		}
		y[i] = v
	}
}

// extendPortable widens [lo, hi] to the values of x. What is not finite makes
// finite false.
func extendPortable(x []float32, lo, hi float32) (least, most float32, finite bool) {
	off := float32(0)
	for _, v := range x {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
		off += v - v
	}
	return lo, hi, off == 0
}

// pack lays the weights of a convolution out as [group][block][tap][I/groups][16],
// with zeros after the last output channel of a group; those of one filter a
// channel as [tap][C].
func (n *Node) pack(channels int) []float32 {
	taps := n.Kernel[0] * n.Kernel[1]
	per, each := len(n.Weight)/channels/taps, channels/n.Groups
	if per == 1 && each == 1 {
		out := make([]float32, len(n.Weight))
		for i, w := range n.Weight {
			out[i%taps*channels+i/taps] = w
		}
		return out
	}
	blocks := (each + TileWidth - 1) / TileWidth
	out := make([]float32, n.Groups*blocks*taps*per*TileWidth)
	parallel.Each(n.Groups*blocks, func(i int) {
		g, b := i/blocks, i%blocks
		to := out[i*taps*per*TileWidth:]
		width := min(TileWidth, each-b*TileWidth)
		from := n.Weight[(g*each+b*TileWidth)*taps*per:]
		for k := range taps * per {
			for lane := range width {
				to[k*TileWidth+lane] = from[lane*taps*per+k]
			}
		}
	})
	return out
}
