package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

var (
	coordinates = map[string]string{"half_pixel": "half_pixel", "pytorch_half_pixel": "torch_half_pixel", "asymmetric": "asymmetric", "align_corners": "align_corners"}
	roundings   = map[string]string{"round_prefer_floor": "half_down", "round_prefer_ceil": "half_up", "floor": "floor", "ceil": "ceil"}
)

// resize lowers Resize and Upsample over height and width.
func (l *lowering) resize(n *nd.Node) error {
	v, err := l.input(0)
	if err != nil {
		return err
	}
	scalesAt, sizesAt := 2, 3
	mode, round := textAttr(n, "coordinate_transformation_mode", "half_pixel"), textAttr(n, "nearest_mode", "round_prefer_floor")
	if n.Op == "Upsample" || l.g.Opset < 11 {
		scalesAt, sizesAt, mode, round = 1, 99, "asymmetric", "floor"
	}
	v, h, w, err := l.pictured(v)
	if err != nil {
		return err
	}
	node := graph.Node{Op: graph.Resize, Inputs: []int{v.t}, Coordinates: coordinates[mode]}
	if node.Coordinates == "" {
		return l.unsupported("coordinate_transformation_mode", "")
	}
	switch textAttr(n, "mode", "nearest") {
	case "nearest":
		if node.Fn, node.Rounding = "nearest", roundings[round]; node.Rounding == "" {
			return l.unsupported("nearest_mode", "")
		}
	case "linear", "bilinear":
		node.Fn = "linear"
	default:
		return l.unsupported("mode", "nearest and linear are")
	}
	if intAttr(n, "antialias", 0) != 0 {
		return l.unsupported("antialias", "")
	}
	scales, sizes, err := l.zoom(n, v, scalesAt, sizesAt)
	if err != nil {
		return err
	}
	shape := l.net.Tensors[v.t].Shape
	out := shape
	for i, d := range v.dims {
		if sizes[i] == elems(d) {
			continue
		}
		side := slices.Index([]int{h, w}, i)
		if side < 0 || sizes[i] < 1 {
			return l.unsupported("", fmt.Sprintf("from %v to %v: only height and width change", v.shape(), sizes))
		}
		out[side] = sizes[i]
		if scales != nil {
			node.Zoom[side] = scales[i]
		}
	}
	if out == shape {
		return l.identity(n)
	}
	t, err := l.emit(float.Node{Node: node}, out)
	if err != nil {
		return err
	}
	l.define(0, l.withSides(v, t, h, w))
	return nil
}

// zoom reads the scales or sizes of a Resize, by axis of its input.
func (l *lowering) zoom(n *nd.Node, v *view, scalesAt, sizesAt int) (scales []float64, sizes []int, err error) {
	rank := len(v.dims)
	sizes = v.shape()
	axes := intsAttr(n, "axes")
	if axes == nil {
		for i := range rank {
			axes = append(axes, i)
		}
	}
	given, err := l.constant(scalesAt)
	if err != nil {
		return nil, nil, err
	}
	var factors []float32
	if a, ok := n.Attrs["scales"]; ok {
		factors = a.Floats
	} else if given != nil {
		factors = given.F
	}
	wanted, err := l.constant(sizesAt)
	if err != nil {
		return nil, nil, err
	}
	if len(factors) > 0 {
		scales = slices.Repeat([]float64{1}, rank)
	}
	for i, a := range axes {
		if a, err = axis(a, rank); err != nil {
			return nil, nil, err
		}
		switch {
		case i < len(factors):
			scales[a] = float64(factors[i])
			if !(scales[a] > 0 && scales[a] < 1e4) {
				return nil, nil, fmt.Errorf("scale %g", scales[a])
			}
			sizes[a] = int(float64(sizes[a]) * scales[a])
		case wanted != nil && i < len(wanted.I):
			sizes[a] = int(wanted.I[i])
		default:
			return nil, nil, fmt.Errorf("neither scales nor sizes for axis %d", a)
		}
	}
	return scales, sizes, nil
}

// space lowers DepthToSpace and SpaceToDepth.
func (l *lowering) space(n *nd.Node) error {
	t, err := l.picture(0)
	if err != nil {
		return err
	}
	b := intAttr(n, "blocksize", 0)
	node := graph.Node{Op: graph.DepthToSpace, Inputs: []int{t}, Block: b, Order: "DCR"}
	s := l.net.Tensors[t].Shape
	if b < 1 || b > graph.MaxDim {
		return l.unsupported("blocksize", "")
	}
	out := [3]int{s[0] * b, s[1] * b, s[2] / (b * b)}
	if n.Op == "SpaceToDepth" {
		node.Op = graph.SpaceToDepth
		out = [3]int{s[0] / b, s[1] / b, s[2] * b * b}
	} else if node.Order = textAttr(n, "mode", "DCR"); node.Order != "DCR" && node.Order != "CRD" {
		return l.unsupported("mode", "")
	}
	made, err := l.emit(float.Node{Node: node}, out)
	if err != nil {
		return err
	}
	l.define(0, pictureView(made, out, "NCHW"))
	return nil
}
