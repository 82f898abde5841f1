package zoo

import (
	"math"

	"likeness/tools/convert/nd"
)

// settlePictures is how many pictures the statistics are taken from.
const settlePictures = 3

// settle makes random weights behave as trained ones: filters answer to what
// they are shown, batch normalisation
// gets the statistics of its input over a few pictures, and a convolution
// that none follows is scaled and biased so that its outputs have mean about
// 0 and deviation 1 over them. Without this a deep network says the same of
// every picture.
func (n *Net) settle(seed uint64) error {
	normed, seen := map[string]bool{}, map[string]int{}
	rectified, size := map[string]string{}, map[string]float64{}
	for _, node := range n.Graph.Nodes {
		switch node.Op {
		case "BatchNormalization":
			normed[node.Inputs[0]] = true
		case "Relu":
			rectified[node.Outputs[0]] = node.Inputs[0]
		case "LRN":
			size[rectified[node.Inputs[0]]] = lrnSize
		}
	}
	return n.walk(n.pictures(seed), func(node *nd.Node, in, out [][]*nd.Tensor) bool {
		pixels := len(out[0][0].Shape) == 4 && out[0][0].Shape[2] > 1
		seen[node.Name]++
		switch {
		case node.Op == "Conv" && pixels && seen[node.Name] == 1:
			n.align(node, in[0], out[0][0].Shape, newRandom(seed, node.Name))
			return true
		case node.Op == "Conv" && pixels && seen[node.Name] == 2 && len(node.Inputs) == 3 && !normed[node.Outputs[0]]:
			n.centre(node, out[0], max(size[node.Outputs[0]], 1))
			return true
		case node.Op == "BatchNormalization" && seen[node.Name] == 1:
			mean, deviation := moments(in[0])
			for c := range mean {
				n.Graph.Const[node.Inputs[3]].F[c] = float32(mean[c])
				n.Graph.Const[node.Inputs[4]].F[c] = float32(deviation[c] * deviation[c])
			}
			return true
		}
		return false
	})
}

// lrnSize is the deviation of what a local response normalisation reads. Such
// networks see pixels of 0 to 255, and at this size it changes what passes.
const lrnSize = 100

// pictures are the inputs that statistics are taken from.
func (n *Net) pictures(seed uint64) []*nd.Tensor {
	inputs := make([]*nd.Tensor, settlePictures)
	for i := range inputs {
		inputs[i] = n.Input(seed + uint64(i) + 1000)
	}
	return inputs
}

// alignment is the share of a filter that is made of what it reads.
const alignment = 0.5

// align gives each filter of a convolution a part that is a random combination
// of differences between patches that two pictures have in the same place (a
// patch alone says mostly where the border is). Gradient descent makes filters so: they lie along
// the signal and answer little to noise, where plain random filters would
// amplify every rounding error from layer to layer: MobileNetV2 of these has a
// cosine of 0.99997 with its quantised self, of plain filters 0.992; the
// trained one 0.9998.
func (n *Net) align(node *nd.Node, in []*nd.Tensor, shape []int, r *random) {
	w := n.Graph.Const[node.Inputs[1]]
	out, per, kh, kw := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	each := out / int(node.Attrs["group"].Int)
	s, pads, d := int(node.Attrs["strides"].Ints[0]), node.Attrs["pads"].Ints, int(node.Attrs["dilations"].Ints[0])
	h, wd := in[0].Shape[2], in[0].Shape[3]
	v := make([]float64, per*kh*kw)
	for o := range out {
		clear(v)
		for range 6 {
			one := r.IntN(len(in))
			x, z, f := in[one].F, in[(one+1+r.IntN(len(in)-1))%len(in)].F, r.NormFloat64()
			top, left := r.IntN(shape[2])*s-int(pads[0]), r.IntN(shape[3])*s-int(pads[1])
			for i := range v {
				c, y, u := o/each*per+i/(kh*kw), top+i/kw%kh*d, left+i%kw*d
				if y >= 0 && y < h && u >= 0 && u < wd {
					at := (c*h+y)*wd + u
					v[i] += f * float64(x[at]-z[at])
				}
			}
		}
		filter, vv, ww := w.F[o*len(v):][:len(v)], 1e-12, 0.0
		for i, e := range filter {
			vv, ww = vv+v[i]*v[i], ww+float64(e)*float64(e)
		}
		a, b := math.Sqrt(1-alignment*alignment), alignment*math.Sqrt(ww/vv)
		for i := range filter {
			filter[i] = float32(a*float64(filter[i]) + b*v[i])
		}
	}
}

// centre changes a convolution's weights and bias so that its outputs have that size.
func (n *Net) centre(node *nd.Node, out []*nd.Tensor, size float64) {
	w, b := n.Graph.Const[node.Inputs[1]], n.Graph.Const[node.Inputs[2]]
	mean, deviation := moments(out)
	power := 0.0
	for _, d := range deviation {
		power += d * d
	}
	f := size / math.Sqrt(power/float64(len(deviation))+1e-12)
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
