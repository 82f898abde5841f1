package float

import (
	"math"

	"likeness/engine/graph"
	"likeness/engine/picture"
)

// prepared makes a scale and shift of the picture part of its preparation:
// a*(x-mean)/std + b = (x - (mean - b*std/a)) / (std/a).
func (n *Network) prepared(affine *Node) bool {
	p := n.Prepare
	if !affine.Free() {
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

// Prepared turns pixels into the float32 input of the network: resized and
// cropped, then (x - mean) / std.
func (n *Network) Prepared(px *picture.Pixels) ([]float32, error) {
	return Floats(n.Prepare, func(pr *picture.Preparer) error { return pr.Load(px) })
}

// PreparedPicture is Prepared of an encoded picture.
func (n *Network) PreparedPicture(p *picture.Picture) ([]float32, error) {
	return Floats(n.Prepare, func(pr *picture.Preparer) error { return pr.LoadPicture(p) })
}

// Floats is a loaded picture as the float32 input of a network.
func Floats(p picture.Preparation, load func(*picture.Preparer) error) ([]float32, error) {
	pr, err := picture.NewPreparer(p, 1, 3)
	if err != nil {
		return nil, err
	}
	if err := load(pr); err != nil {
		return nil, err
	}
	rgb := pr.RGB()
	in := make([]float32, len(rgb))
	for i := range in {
		c := i % 3
		x := rgb[i]
		if p.Order == "BGR" {
			x = rgb[i-c+2-c]
		}
		in[i] = float32((float64(x) - p.Mean[c]) / p.Std[c])
	}
	return in, nil
}

// greyShares are the shares by channel of the prepared picture.
func greyShares(order string) [3]float64 {
	if order == "BGR" {
		return [3]float64{luma[2], luma[1], luma[0]}
	}
	return luma
}

// Alike makes three numbers of the preparation one, since a grey picture takes
// one: their mean as grey weighs them.
func Alike(v [3]float64, order string) [3]float64 {
	shares := greyShares(order)
	m := tidy(v[0]*shares[0] + v[1]*shares[1] + v[2]*shares[2])
	return [3]float64{m, m, m}
}

// GreyNode makes a grey picture of a prepared one: mean and deviation are the
// same in all channels, so that it is prepared as well.
func GreyNode(order string) Node {
	shares, one := greyShares(order), [2]int{1, 1}
	return Node{Node: graph.Node{Op: graph.Conv, Inputs: []int{0}, Groups: 1, Kernel: one, Stride: one, Dilation: one},
		Weight: []float32{float32(shares[0]), float32(shares[1]), float32(shares[2])}, Bias: []float32{0}}
}

// luma are the shares of red, green and blue in grey, of BT.601.
var luma = [3]float64{0.299, 0.587, 0.114}
