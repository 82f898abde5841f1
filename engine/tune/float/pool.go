package float

// maxPool takes the largest value of each window, the first of several.
type maxPool struct {
	x, y  *Tensor
	taps  int
	reads []int32 // [places][taps]
}

func newMaxPool(x, y *Tensor, w window) *maxPool {
	return &maxPool{x, y, w.taps(), w.table(x, y)}
}

func (v *maxPool) forward(pictures int) {
	share(pictures, pictures, func(_, i int) {
		x, y := v.x.of(i), v.y.of(i)
		for p := range v.y.places() {
			for c := range v.x.C {
				y[p*v.y.Px+c] = x[v.best(x, p, c)]
			}
		}
	})
}

// best is where the largest value of channel c in window p is.
func (v *maxPool) best(x []float32, p, c int) int {
	best := -1
	for _, at := range v.reads[p*v.taps:][:v.taps] {
		// NaN counts as the largest, so that it is seen.
		if k := int(at)*v.x.Px + c; at >= 0 && (best < 0 || x[k] > x[best] || x[k] != x[k]) {
			best = k
		}
	}
	return best
}

func (v *maxPool) backward(pictures int) {
	if v.x.Gradient == nil {
		return
	}
	share(pictures, pictures, func(_, i int) {
		x, to, g := v.x.of(i), v.x.gradientOf(i), v.y.gradientOf(i)
		for p := range v.y.places() {
			for c := range v.x.C {
				to[v.best(x, p, c)] += g[p*v.y.Px+c]
			}
		}
	})
}

// avgPool takes the mean of each window.
type avgPool struct {
	x, y  *Tensor
	taps  int
	reads []int32
	share []float32 // [places]: one over the number of values of the mean
}

func newAvgPool(x, y *Tensor, w window, countPad bool) *avgPool {
	v := &avgPool{x: x, y: y, taps: w.taps(), reads: w.table(x, y)}
	for p := range y.places() {
		n := v.taps
		if !countPad {
			n = 0
			for _, at := range v.reads[p*v.taps:][:v.taps] {
				if at >= 0 {
					n++
				}
			}
		}
		v.share = append(v.share, float32(1/float64(max(n, 1))))
	}
	return v
}

func (v *avgPool) forward(pictures int) {
	px := v.x.Px
	share(pictures, pictures, func(_, i int) {
		x, y := v.x.of(i), v.y.of(i)
		for p := range v.y.places() {
			out := y[p*px:][:px]
			clear(out)
			for _, at := range v.reads[p*v.taps:][:v.taps] {
				if at >= 0 {
					for c, value := range x[int(at)*px:][:px] {
						out[c] += value
					}
				}
			}
			for c := range out {
				out[c] *= v.share[p]
			}
		}
	})
}

func (v *avgPool) backward(pictures int) {
	if v.x.Gradient == nil {
		return
	}
	px := v.x.Px
	share(pictures, pictures, func(_, i int) {
		to, g := v.x.gradientOf(i), v.y.gradientOf(i)
		for p := range v.y.places() {
			for _, at := range v.reads[p*v.taps:][:v.taps] {
				if at >= 0 {
					for c, d := range g[p*px:][:px] {
						to[int(at)*px+c] += float32(d * v.share[p])
					}
				}
			}
		}
	})
}

// whole is the window that has all places of x.
func whole(x *Tensor) window {
	return window{kernel: [2]int{x.H, x.W}, stride: [2]int{1, 1}, dilation: [2]int{1, 1}}
}
