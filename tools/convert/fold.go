package convert

import (
	"fmt"

	"likeness/tools/convert/nd"
)

// evaluate runs a node of constants.
func evaluate(g *nd.Graph, n *nd.Node, ins []*nd.Tensor) ([]*nd.Tensor, error) {
	switch n.Op {
	case "Constant":
		return []*nd.Tensor{n.Attrs["value"].Tensor}, nil
	case "Identity":
		return ins, nil
	}
	return nil, fmt.Errorf("evaluate %s", n.Op)
}
