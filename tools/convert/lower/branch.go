package lower

import (
	"fmt"

	"likeness/tools/convert/nd"
)

// branch lowers an If whose condition is known: the nodes of the branch that is
// taken, whose results are the node's.
func (l *lowering) branch(n *nd.Node) error {
	cond := l.consts[n.Inputs[0]]
	if cond == nil || len(cond.F)+len(cond.I) != 1 {
		return l.unsupported("", "its condition depends on the picture, and such control flow is not supported")
	}
	name := "else_branch"
	if len(cond.I) == 1 && cond.I[0] != 0 || len(cond.F) == 1 && cond.F[0] != 0 {
		name = "then_branch"
	}
	g := n.Attrs[name].Graph
	if g == nil || len(g.Outputs) != len(n.Outputs) {
		return fmt.Errorf("%s: %s is missing, or has other outputs than the node: export the network again", n.Title(), name)
	}
	for value, t := range g.Const {
		l.consts[value] = t
	}
	var wanted []string
	for _, v := range g.Outputs {
		wanted = append(wanted, v.Name)
	}
	nodes := needed(g.Nodes, wanted)
	if err := l.usable(nodes); err != nil {
		return err
	}
	for i := range nodes {
		if err := l.lower(&nodes[i]); err != nil {
			return err
		}
	}
	l.node = n
	for i, value := range wanted {
		if v, ok := l.views[value]; ok {
			l.define(i, v)
		} else if t := l.consts[value]; t != nil {
			l.consts[n.Outputs[i]] = t
		} else {
			return fmt.Errorf("%s: nothing makes the output %q of %s: export the network again", n.Title(), value, name)
		}
	}
	return nil
}
