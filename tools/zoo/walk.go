package zoo

import (
	"fmt"

	"likeness/tools/convert/nd"
)

// walk runs the network on several inputs side by side, node by node, keeping
// a tensor as long as it is read. see gets the tensors of each node by
// position and picture (nil for absent inputs), and may change the node's
// weights: the node is run and shown again as long as it says so.
func (n *Net) walk(inputs []*nd.Tensor, see func(node *nd.Node, in, out [][]*nd.Tensor) (again bool)) error {
	g, left := n.Graph, n.readers()
	vals := map[string][]*nd.Tensor{"input": inputs}
	for name, t := range g.Const {
		vals[name] = repeat(t, len(inputs))
	}
	for i := range g.Nodes {
		node := &g.Nodes[i]
		in := make([][]*nd.Tensor, len(node.Inputs))
		for j, name := range node.Inputs {
			if name != "" && vals[name] == nil {
				return fmt.Errorf("node %s reads %q, which nothing makes", node.Name, name)
			}
			in[j] = vals[name]
		}
		out, err := runAll(node, g.Opset, in, len(inputs))
		if err != nil {
			return err
		}
		for see(node, in, [][]*nd.Tensor{out}) {
			if out, err = runAll(node, g.Opset, in, len(inputs)); err != nil {
				return err
			}
		}
		vals[node.Outputs[0]] = out
		for _, name := range node.Inputs {
			if left[name]--; left[name] == 0 {
				delete(vals, name)
			}
		}
	}
	return nil
}

func repeat(t *nd.Tensor, n int) []*nd.Tensor {
	all := make([]*nd.Tensor, n)
	for i := range all {
		all[i] = t
	}
	return all
}

func runAll(node *nd.Node, opset int, in [][]*nd.Tensor, count int) ([]*nd.Tensor, error) {
	out := make([]*nd.Tensor, count)
	for p := range out {
		args := make([]*nd.Tensor, len(in))
		for j := range in {
			if in[j] != nil {
				args[j] = in[j][p]
			}
		}
		y, err := nd.Eval(node, opset, args)
		if err != nil {
			return nil, err
		}
		out[p] = y[0]
	}
	return out, nil
}
