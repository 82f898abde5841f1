package lower

import (
	"fmt"

	"likeness/tools/convert/nd"
)

// foldLimit is how many numbers may come of constants, beside the file's own:
// few networks compute more than shapes.
const foldLimit = 1 << 27

// evaluate runs a node of constants.
func (l *lowering) evaluate(n *nd.Node, ins []*nd.Tensor) ([]*nd.Tensor, error) {
	outs, err := nd.Eval(n, l.g.Opset, ins)
	if err != nil {
		return nil, err
	}
	for _, t := range outs {
		if t != nil {
			l.folded += len(t.F) + len(t.I)
		}
	}
	if l.folded > foldLimit {
		return nil, fmt.Errorf("constants grow to more than %d numbers", foldLimit)
	}
	return outs, nil
}
