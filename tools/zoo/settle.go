package zoo

import (
	"math"

	"likeness/tools/convert/nd"
)

// settlePictures is how many pictures the statistics are taken from.
const settlePictures = 3

// settle makes random weights behave as trained ones: batch normalisation
// gets the statistics of its input over a few pictures, and a convolution
// that none follows is scaled and biased so that its outputs have mean about
// 0 and deviation 1 over them. Without this a deep network says the same of
// every picture.
func (n *Net) settle(seed uint64) error {
	normed := map[string]bool{}
	for _, node := range n.Graph.Nodes {
		if node.Op == "BatchNormalization" {
			normed[node.Inputs[0]] = true
		}
	}
	return n.walk(n.pictures(seed), func(node *nd.Node, in, out [][]*nd.Tensor) bool {
		switch {
		case node.Op == "BatchNormalization":
			mean, deviation := moments(in[0])
			for c := range mean {
				n.Graph.Const[node.Inputs[3]].F[c] = float32(mean[c])
				n.Graph.Const[node.Inputs[4]].F[c] = float32(deviation[c] * deviation[c])
			}
			return true
		case node.Op == "Conv" && len(node.Inputs) == 3 && !normed[node.Outputs[0]] && out[0][0].Shape[2] > 1:
			n.centre(node, out[0])
			return true
		}
		return false
	})
}

// pictures are the inputs that statistics are taken from.
func (n *Net) pictures(seed uint64) []*nd.Tensor {
	inputs := make([]*nd.Tensor, settlePictures)
	for i := range inputs {
		px := Picture(seed+uint64(i)+1000, n.Size)
		inputs[i] = &nd.Tensor{Shape: []int{1, 3, n.Size, n.Size}, F: Prepared(px, n.Size)}
	}
	return inputs
}

// centre changes a convolution's weights and bias.
func (n *Net) centre(node *nd.Node, out []*nd.Tensor) {
	w, b := n.Graph.Const[node.Inputs[1]], n.Graph.Const[node.Inputs[2]]
	mean, deviation := moments(out)
	power := 0.0
	for _, d := range deviation {
		power += d * d
	}
	f := 1 / math.Sqrt(power/float64(len(deviation))+1e-12)
	for i := range w.F {
		w.F[i] = float32(float64(w.F[i]) * f)
	}
	for o := range b.F {
		b.F[o] += float32((float64(b.F[o]) - mean[o]) * f)
	}
}

// moments are means and deviations of each channel.
func moments(ts []*nd.Tensor) (mean, deviation []float64) {
	c := ts[0].Shape[1]
	per := len(ts[0].F) / c
	mean, deviation = make([]float64, c), make([]float64, c)
	count := float64(len(ts) * per)
	for o := range c {
		for _, t := range ts {
			for _, v := range t.F[o*per:][:per] {
				mean[o] += float64(v)
			}
		}
		mean[o] /= count
		for _, t := range ts {
			for _, v := range t.F[o*per:][:per] {
				d := float64(v) - mean[o]
				deviation[o] += d * d
			}
		}
		deviation[o] = math.Sqrt(deviation[o]/count + 1e-6)
	}
	return mean, deviation
}
