package graph

import (
	"math"
	"slices"
)

// Fn of a Resize node.
const (
	Nearest = "nearest"
	Linear  = "linear"
)

// Coordinates of a Resize node: the input position of output o, with sizes in
// and out and zoom z along the axis. Positions outside are moved to the edge.
const (
	HalfPixel      = "half_pixel"       // (o + 1/2)/z - 1/2
	TorchHalfPixel = "torch_half_pixel" // the same, but 0 when out is 1
	Asymmetric     = "asymmetric"       // o/z
	AlignCorners   = "align_corners"    // o*(in - 1)/(out - 1), 0 when out is 1
)

// Rounding of Nearest.
const (
	RoundFloor = "floor"
	RoundCeil  = "ceil"
	HalfDown   = "half_down" // to the nearest, halves down
	HalfUp     = "half_up"
)

var resizeRule = rule{inputs: 1, copies: true, shape: placesShape, field: scaledField,
	attributes: func(_ *Graph, n *Node) error { return n.validateResize() }}

func (n *Node) validateResize() error {
	if n.Fn != Nearest && n.Fn != Linear {
		return n.errorf("unknown interpolation %q: %s and %s are supported", n.Fn, Nearest, Linear)
	}
	if all := []string{HalfPixel, TorchHalfPixel, Asymmetric, AlignCorners}; !slices.Contains(all, n.Coordinates) {
		return n.errorf("unknown coordinates %q: %v are supported", n.Coordinates, all)
	}
	if all := []string{RoundFloor, RoundCeil, HalfDown, HalfUp}; n.Fn == Nearest && !slices.Contains(all, n.Rounding) {
		return n.errorf("unknown rounding %q: %v are supported", n.Rounding, all)
	}
	for _, z := range n.Zoom {
		if !(z == 0 || z >= 1e-6 && z <= 1e6) {
			return n.errorf("zoom %v must be within 1e-6..1e6", n.Zoom)
		}
	}
	return nil
}

// Position is the place in [0, in-1] along an axis (0 height, 1 width) that
// output o of a Resize node reads; a whole number when Fn is Nearest. No product
// is added to anything, so the result is the same on all platforms.
func (n *Node) Position(axis, o, in, out int) float64 {
	zoom := n.Zoom[axis]
	if zoom == 0 {
		zoom = float64(out) / float64(in)
	}
	x := 0.0
	switch {
	case n.Coordinates == Asymmetric:
		x = float64(o) / zoom
	case n.Coordinates == AlignCorners:
		x = float64(o*(in-1)) / float64(max(out-1, 1))
	case n.Coordinates == HalfPixel || out > 1:
		x = (float64(o)+0.5)/zoom - 0.5
	}
	if n.Fn == Nearest {
		switch n.Rounding {
		case RoundFloor:
			x = math.Floor(x)
		case RoundCeil:
			x = math.Ceil(x)
		case HalfDown:
			x = math.Ceil(x - 0.5)
		case HalfUp:
			x = math.Floor(x + 0.5)
		}
	}
	return min(max(x, 0), float64(in-1))
}
