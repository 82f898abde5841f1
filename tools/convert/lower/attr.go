package lower

import (
	"fmt"

	"likeness/tools/convert/nd"
)

// intAttr is an integer attribute, or otherwise.
func intAttr(n *nd.Node, name string, otherwise int) int {
	if a, ok := n.Attrs[name]; ok {
		return int(a.Int)
	}
	return otherwise
}

// floatAttr is a floating-point attribute, or otherwise.
func floatAttr(n *nd.Node, name string, otherwise float64) float64 {
	if a, ok := n.Attrs[name]; ok {
		return float64(a.Float)
	}
	return otherwise
}

// textAttr is a string attribute, or otherwise.
func textAttr(n *nd.Node, name, otherwise string) string {
	if a, ok := n.Attrs[name]; ok {
		return a.String
	}
	return otherwise
}

// intsAttr is a list attribute, or otherwise.
func intsAttr(n *nd.Node, name string, otherwise ...int) []int {
	a, ok := n.Attrs[name]
	if !ok {
		return otherwise
	}
	out := make([]int, len(a.Ints))
	for i, v := range a.Ints {
		out[i] = int(v)
	}
	return out
}

// axis brings an axis that may count from the end into 0..rank-1.
func axis(a, rank int) (int, error) {
	if a < -rank || a >= rank {
		return 0, fmt.Errorf("axis %d of a tensor with %d", a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a, nil
}
