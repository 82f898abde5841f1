package float

import (
	"strings"

	"likeness/engine/graph"
)

// FindHead settles the layer of class scores and the default layer, where they
// are not given: the scores are an output that a classifier makes, and the
// default layer is what that classifier reads, or the last output of a network
// without one.
func (n *Network) FindHead() {
	last := n.Outputs[len(n.Outputs)-1]
	embedding := n.Tensors[last].Name
	for _, t := range n.Outputs {
		in, ok := n.classifier(t)
		if !ok {
			continue
		}
		if n.Output == "" {
			n.Output = n.Tensors[t].Name
		}
		embedding = n.Tensors[in].Name
		for _, o := range n.Outputs { // an output of that kind has been chosen by the file
			if o != t && n.reaches(o, in) {
				embedding = n.Tensors[o].Name
			}
		}
		break
	}
	if n.DefaultLayer == "" {
		n.DefaultLayer = embedding
	}
}

// embeddingSizes are lengths of vectors that networks without a classifier end
// in; lists of classes of such lengths are rare.
var embeddingSizes = map[int]bool{64: true, 128: true, 192: true, 256: true, 384: true, 512: true, 768: true, 1024: true, 2048: true}

// classifier reports whether a tensor looks like class scores, and what the
// layer that makes them reads.
func (n *Network) classifier(t int) (in int, ok bool) {
	shape := n.Tensors[t].Shape
	name := strings.ToLower(n.Tensors[t].Name)
	if shape[0]*shape[1] != 1 || shape[2] < 2 || strings.Contains(name, "embed") || strings.Contains(name, "feature") {
		return 0, false
	}
	soft, pooled := false, false
	for {
		node := n.Maker(t)
		if node == nil {
			return 0, false
		}
		switch node.Op {
		case graph.Softmax, graph.LogSoftmax:
			soft = true
		case graph.Reshape:
		case graph.GlobalAvgPool, graph.AvgPool:
			pooled = true
		case graph.Activation:
			if node.Fn == graph.Sigmoid {
				soft = true
			}
		case graph.FullyConnected, graph.Conv:
			classes := soft || shape[2] == 1000 || shape[2] == 1001
			if pooled && !classes || !classes && embeddingSizes[shape[2]] || node.Op == graph.Conv && (node.Kernel != [2]int{1, 1} || node.Affine) {
				return 0, false
			}
			return node.Inputs[0], node.Inputs[0] != 0
		default:
			return 0, false
		}
		t = node.Inputs[0]
	}
}

// reaches reports whether tensor t is from, or a pooling or another view of it.
func (n *Network) reaches(t, from int) bool {
	for t != from {
		node := n.Maker(t)
		if node == nil || node.Op != graph.GlobalAvgPool && node.Op != graph.Reshape && node.Op != graph.AvgPool {
			return false
		}
		t = node.Inputs[0]
	}
	return true
}

// Maker is the node that computes a tensor, or nil.
func (n *Network) Maker(t int) *Node {
	for i := range n.Nodes {
		if n.Nodes[i].Output == t {
			return &n.Nodes[i]
		}
	}
	return nil
}

// Scores is the layer of class scores and the number of its classes; none is "".
func (n *Network) Scores() (layer string, classes int) {
	t, ok := n.Find(n.Output)
	if n.Output == "" || !ok {
		return "", 0
	}
	shape := n.Tensors[t].Shape
	if shape[0]*shape[1] != 1 {
		return "", 0 // scores of places
	}
	return n.Output, shape[2]
}
