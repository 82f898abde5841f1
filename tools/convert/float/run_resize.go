package float

import "likeness/engine/graph"

// resizeFloat interpolates along both axes.
func resizeFloat(node *Node, y, x []float32, in, out [3]int) {
	for oh := range out[0] {
		h := node.Position(0, oh, in[0], out[0])
		top, below := int(h), min(int(h)+1, in[0]-1)
		for ow := range out[1] {
			w := node.Position(1, ow, in[1], out[1])
			left, right := int(w), min(int(w)+1, in[1]-1)
			px := y[(oh*out[1]+ow)*out[2]:][:out[2]]
			for c := range px {
				at := func(h, w int) float64 { return float64(x[(h*in[1]+w)*in[2]+c]) }
				fh, fw := h-float64(top), w-float64(left)
				px[c] = float32((at(top, left)*(1-fw)+at(top, right)*fw)*(1-fh) + (at(below, left)*(1-fw)+at(below, right)*fw)*fh)
			}
		}
	}
}

// spaceFloat moves channels to blocks of pixels, or back.
func spaceFloat(node *Node, y, x []float32, in, out [3]int) {
	b, wide := node.Block, out
	if node.Op == graph.SpaceToDepth {
		wide = in
	}
	for h := range wide[0] {
		for w := range wide[1] {
			for c := range wide[2] {
				i, j := h%b, w%b
				k := (i*b+j)*wide[2] + c
				if node.Order == graph.OrderCRD {
					k = (c*b+i)*b + j
				}
				flat := (h*wide[1]+w)*wide[2] + c
				deep := (h/b*(wide[1]/b)+w/b)*wide[2]*b*b + k
				if node.Op == graph.DepthToSpace {
					y[flat] = x[deep]
				} else {
					y[deep] = x[flat]
				}
			}
		}
	}
}
