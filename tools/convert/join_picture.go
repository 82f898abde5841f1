package convert

import (
	"math"

	"likeness/engine/picture"
)

// prepared makes a scale and shift of the picture part of its preparation:
// a*(x-mean)/std + b = (x - (mean - b*std/a)) / (std/a).
func (n *Network) prepared(affine *Node) bool {
	p := n.Prepare
	if !affine.free() {
		return false
	}
	for c := range 3 {
		a, b := float64(affine.Weight[c]), float64(affine.Bias[c])
		if !(a > 0) {
			return false
		}
		p.Mean[c] = tidy(p.Mean[c] - b*p.Std[c]/a)
		p.Std[c] = tidy(p.Std[c] / a)
	}
	if p.Validate() != nil {
		return false
	}
	n.Prepare = p
	return true
}

// otherOrder prepares red where blue was.
func otherOrder(p picture.Preparation) picture.Preparation {
	p.Order = map[string]string{"RGB": "BGR", "BGR": "RGB"}[p.Order]
	p.Mean[0], p.Mean[2] = p.Mean[2], p.Mean[0]
	p.Std[0], p.Std[2] = p.Std[2], p.Std[0]
	return p
}

// tidy removes the digits that float32 constants do not have.
func tidy(x float64) float64 {
	if r := math.Round(x*1e4) / 1e4; math.Abs(r-x) < 1e-6*math.Abs(x) {
		return r
	}
	return x
}
