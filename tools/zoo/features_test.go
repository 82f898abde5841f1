package zoo

import (
	"testing"

	"likeness/tools/convert/nd"
)

// features runs the network on a picture.
func (n *Net) features(t *testing.T, seed uint64) (f []float32) {
	t.Helper()
	in := &nd.Tensor{Shape: []int{1, 3, n.Size, n.Size}, F: Prepared(Picture(seed, n.Size), n.Size)}
	err := n.walk([]*nd.Tensor{in}, func(node *nd.Node, _, out [][]*nd.Tensor) bool {
		if node.Outputs[0] == n.Embedding {
			f = out[0][0].F
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}
