package lower

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"likeness/tools/convert/failure"
	"likeness/tools/convert/nd"
)

// wanted lists the values that the network must compute: those of the layers
// of --until, or else the graph's outputs.
func (l *lowering) wanted() ([]string, error) {
	var out []string
	for _, name := range l.opt.Until {
		value, ok := l.find(name)
		if !ok {
			return nil, failure.New(failure.CodeLayer, "the file has no layer %q; near it: %s", name, strings.Join(l.near(name), ", "))
		}
		out = append(out, value)
	}
	if l.opt.Until == nil {
		for _, v := range l.g.Outputs {
			if v.Fault != nil {
				hint := "; --until LAYER leaves out what the layer does not need"
				for i := range l.g.Nodes {
					if n := &l.g.Nodes[i]; slices.Contains(n.Outputs, v.Name) {
						hint = cmp.Or(l.cutHint(n), hint)
					}
				}
				return nil, fmt.Errorf("%w%s", v.Fault, hint)
			}
			out = append(out, v.Name)
		}
	}
	if len(out) == 0 {
		return nil, failure.New(failure.CodeEmpty, "the graph has no output")
	}
	return out, l.keep()
}

// keptLayer is a layer that is to stay a layer of its own.
type keptLayer struct {
	asked, value string
	id           int // of its tensor
}

// keep finds the layers of --keep; the default layer and that of class scores
// stay as well.
func (l *lowering) keep() error {
	for _, name := range l.opt.Keep {
		value, ok := l.find(name)
		if !ok {
			return failure.New(failure.CodeLayer, "the file has no layer %q to keep; near it: %s", name, strings.Join(l.near(name), ", "))
		}
		l.kept = append(l.kept, keptLayer{asked: name, value: value})
	}
	for _, name := range []string{l.opt.Default, l.opt.Output} {
		if value, ok := l.find(name); ok && name != "" {
			l.kept = append(l.kept, keptLayer{asked: name, value: value})
		}
	}
	return nil
}

// needed keeps the nodes that the wanted values depend on.
func needed(nodes []nd.Node, wanted []string) []nd.Node {
	want := map[string]bool{}
	for _, name := range wanted {
		want[name] = true
	}
	keep := make([]bool, len(nodes))
	count := 0
	for i, n := range slices.Backward(nodes) {
		if !slices.ContainsFunc(n.Outputs, func(o string) bool { return want[o] }) {
			continue
		}
		keep[i] = true
		count++
		for _, in := range n.Inputs {
			want[in] = true
		}
	}
	out := make([]nd.Node, 0, count)
	for i := range nodes {
		if keep[i] {
			out = append(out, nodes[i])
		}
	}
	return out
}

// usable refuses needed nodes and weights that the reader of the file has marked.
func (l *lowering) usable(nodes []nd.Node) error {
	for i := range nodes {
		n := &nodes[i]
		err := n.Fault
		if err == nil {
			err = n.CheckArity()
		}
		for _, in := range n.Inputs {
			if t := l.g.Const[in]; err == nil && t != nil {
				err = t.Fault
			}
		}
		if err != nil {
			return fmt.Errorf("%w%s", err, l.cutHint(n))
		}
	}
	return nil
}

// cutHint proposes the layer before a node that cannot be converted.
func (l *lowering) cutHint(n *nd.Node) string {
	for _, in := range n.Inputs {
		for i := range l.g.Nodes {
			if m := &l.g.Nodes[i]; l.g.Const[in] == nil && slices.Contains(m.Outputs, in) && m.Fault == nil {
				return fmt.Sprintf("; --until %s keeps the network up to the layer before", cmp.Or(m.Name, in))
			}
		}
	}
	return ""
}
