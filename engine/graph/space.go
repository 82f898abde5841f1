package graph

// Orders of the channels of DepthToSpace and SpaceToDepth, c of C, for the
// place (i, j) in a block of B x B.
const (
	OrderDCR = "DCR" // (i*B + j)*C + c
	OrderCRD = "CRD" // (c*B + i)*B + j
)

// spaceRule is that of DepthToSpace and SpaceToDepth.
var spaceRule = rule{inputs: 1, copies: true, field: scaledField,
	attributes: func(_ *Graph, n *Node) error { return n.validateBlock() },
	shape:      func(g *Graph, n *Node) ([3]int, error) { return n.spaceShape(g.Tensors[n.Inputs[0]].Shape) }}

func (n *Node) validateBlock() error {
	if n.Block < 1 || n.Block > 256 || n.Order != OrderDCR && n.Order != OrderCRD {
		return n.errorf("block %d, order %q: must be within 1..256, and %s or %s", n.Block, n.Order, OrderDCR, OrderCRD)
	}
	return nil
}

// spaceShape is the shape rule of DepthToSpace and SpaceToDepth.
func (n *Node) spaceShape(in [3]int) ([3]int, error) {
	b := n.Block
	if n.Op == DepthToSpace {
		if in[2]%(b*b) != 0 {
			return in, n.errorf("%d channels are not a multiple of %d x %d", in[2], b, b)
		}
		return [3]int{in[0] * b, in[1] * b, in[2] / (b * b)}, nil
	}
	if in[0]%b != 0 || in[1]%b != 0 {
		return in, n.errorf("%d x %d places are not a multiple of %d", in[0], in[1], b)
	}
	return [3]int{in[0] / b, in[1] / b, in[2] * b * b}, nil
}
