package nd

import (
	"fmt"
	"slices"
)

// MaxNodes bounds a graph; the largest published convolutional networks have
// some thousands.
const MaxNodes = 1 << 14

// mostOutputs are those of the operators that have several in ONNX's
// specification, used or not; others have one.
var mostOutputs = map[string]int{
	"BatchNormalization": 5, "Dropout": 2, "MaxPool": 2, "LayerNormalization": 3, "DynamicQuantizeLinear": 3,
	"Split": many,
}

// attrKinds are the kinds of attributes whose names mean one thing in all the
// operators that are read.
var attrKinds = map[string]Kind{
	"strides": KindInts, "pads": KindInts, "dilations": KindInts, "kernel_shape": KindInts, "axes": KindInts, "perm": KindInts,
	"starts": KindInts, "ends": KindInts, "split": KindInts, "shape": KindInts, "scales": KindFloats,
	"group": KindInt, "axis": KindInt, "keepdims": KindInt, "ceil_mode": KindInt, "count_include_pad": KindInt, "blocksize": KindInt,
	"transA": KindInt, "transB": KindInt, "size": KindInt, "noop_with_empty_axes": KindInt, "allowzero": KindInt, "num_outputs": KindInt,
	"storage_order": KindInt, "batch_dims": KindInt,
	"alpha": KindFloat, "beta": KindFloat, "epsilon": KindFloat, "min": KindFloat, "max": KindFloat, "ratio": KindFloat, "momentum": KindFloat,
	"auto_pad": KindString, "mode": KindString, "approximate": KindString, "coordinate_transformation_mode": KindString, "nearest_mode": KindString,
}

// CheckArity refuses a graph with a node that has fewer or more inputs or
// outputs than its operator takes, lacks one that the operator must have, or
// has an attribute of another kind than its name stands for. Nodes of unknown
// operators need an output. Whoever reads a graph calls it, so that the code
// after it may index what must be there.
func (g *Graph) CheckArity() error {
	if len(g.Nodes) > MaxNodes {
		return fmt.Errorf("the graph has %d nodes, at most %d are read", len(g.Nodes), MaxNodes)
	}
	for _, v := range g.Inputs {
		if v.Name == "" {
			return fmt.Errorf("an input of the graph has no name: export the network again")
		}
	}
	for i := range g.Nodes {
		if err := g.Nodes[i].CheckArity(); err != nil {
			return err
		}
	}
	return nil
}

// CheckArity is Graph.CheckArity for one node.
func (n *Node) CheckArity() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s: the file is damaged, or its exporter at fault; export the network again", n.Title(), fmt.Sprintf(format, args...))
	}
	op := operators[n.key()]
	if op == nil {
		if len(n.Outputs) == 0 {
			return wrong("it has no output")
		}
		return nil
	}
	if len(n.Inputs) < op.in || len(n.Inputs) > op.most {
		return wrong("it has %s, the operator takes %s", plural(len(n.Inputs), "input"), between(op.in, op.most))
	}
	for i, name := range n.Inputs[:op.in] {
		if name == "" && !slices.Contains(op.absent, i) {
			return wrong("input %d is missing, the operator takes %s", i, between(op.in, op.most))
		}
	}
	most := max(mostOutputs[n.Op], 1)
	if len(n.Outputs) == 0 || len(n.Outputs) > most {
		return wrong("it has %s, the operator makes %s", plural(len(n.Outputs), "output"), between(1, most))
	}
	if n.Outputs[0] == "" {
		return wrong("output 0 has no name")
	}
	return n.checkKinds(wrong)
}

func (n *Node) checkKinds(wrong func(string, ...any) error) error {
	for name, a := range n.Attrs {
		want, ok := attrKinds[name]
		if !ok || a.Kind == KindUnset || a.Kind == want {
			continue
		}
		return wrong("attribute %q is %s instead of %s", name, a.Kind, want)
	}
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func between(least, most int) string {
	switch {
	case least == most:
		return fmt.Sprint(least)
	case most >= many:
		return fmt.Sprintf("%d or more", least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
