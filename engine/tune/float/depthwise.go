package float

import "likeness/engine/kernel"

// depthwise is a convolution with one filter for each channel.
type depthwise struct {
	x, y   *Tensor
	param  *Param // weights [taps][Px], then biases [Px]
	window window
	reads  []int32 // [places][taps]: a place of x, or -1
	clamp  clamp
}

func newDepthwise(x, y *Tensor, w window, c clamp) *depthwise {
	v := &depthwise{x: x, y: y, window: w, clamp: c, param: newParam(w.taps()*x.Px, x.Px)}
	v.reads = w.table(x, y)
	return v
}

// table lists what window.at gives for each place and tap.
func (w *window) table(x, y *Tensor) []int32 {
	reads := make([]int32, 0, y.places()*w.taps())
	for p := range y.places() {
		for t := range w.taps() {
			reads = append(reads, int32(w.at(x, y, p, t)))
		}
	}
	return reads
}

func (v *depthwise) parameters() *Param { return v.param }

func (v *depthwise) weights(t int) []float32 { return v.param.Value[t*v.x.Px:][:v.x.Px] }

func (v *depthwise) forward(pictures int) {
	px, taps := v.x.Px, v.window.taps()
	divide(pictures, 1, func(_, from, to int) {
		for i := from; i < to; i++ {
			x, y := v.x.of(i), v.y.of(i)
			for p := range v.y.places() {
				out := y[p*px:][:px]
				copy(out, v.param.Value[v.param.Weights:])
				for t, at := range v.reads[p*taps:][:taps] {
					if at >= 0 {
						kernel.AddMul(out, x[int(at)*px:], v.weights(t))
					}
				}
			}
			v.clamp.apply(y)
		}
	})
}

func (v *depthwise) backward(pictures int) {
	n := pictures * v.y.Each()
	v.clamp.mask(v.y.Gradient[:n], v.y.Value[:n])
	px, taps := v.x.Px, v.window.taps()
	divide(px, 64, func(_, from, to int) { // channels
		biases := v.param.Gradient[v.param.Weights:][from:to]
		for i := range pictures {
			x, g := v.x.of(i), v.y.gradientOf(i)
			for p := range v.y.places() {
				d := g[p*px:][from:to]
				for c, v := range d {
					biases[c] += v
				}
				for t, at := range v.reads[p*taps:][:taps] {
					if at >= 0 {
						kernel.AddMul(v.param.Gradient[t*px:][from:to], x[int(at)*px:][from:to], d)
					}
				}
			}
		}
	})
	if v.x.Gradient == nil {
		return
	}
	divide(pictures, 1, func(_, from, to int) {
		for i := from; i < to; i++ {
			to, g := v.x.gradientOf(i), v.y.gradientOf(i)
			for p := range v.y.places() {
				d := g[p*px:][:px]
				for t, at := range v.reads[p*taps:][:taps] {
					if at >= 0 {
						kernel.AddMul(to[int(at)*px:][:px], d, v.weights(t))
					}
				}
			}
		}
	})
}
