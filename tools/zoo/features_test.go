package zoo

import (
	"testing"

	"likeness/tools/convert/nd"
)

// features runs the network on a picture.
func (n *Net) features(t *testing.T, seed uint64) (f []float32) {
	t.Helper()
	err := n.walk([]*nd.Tensor{n.Input(seed)}, func(node *nd.Node, _, out [][]*nd.Tensor) bool {
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
