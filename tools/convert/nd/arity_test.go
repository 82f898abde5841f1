package nd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// arityCase is a graph of one node that no reader may let pass.
type arityCase struct {
	name string
	node Node
}

// arityCases takes every operator with one input too few and too many, with one
// input left out, without an output and with too many.
func arityCases() (cases []arityCase) {
	list := func(what string, n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprint(what, i)
		}
		return out
	}
	for _, name := range slices.Sorted(maps.Keys(operators)) {
		op := operators[name]
		domain, base := "", name
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			domain, base = name[:i], name[i+1:]
		}
		add := func(what string, ins, outs int) *Node {
			cases = append(cases, arityCase{name + ", " + what, Node{Op: base, Domain: domain, Name: "n", Inputs: list("x", ins), Outputs: list("y", outs)}})
			return &cases[len(cases)-1].node
		}
		if op.in > 0 {
			add("too few inputs", op.in-1, 1)
		}
		if op.most < many {
			add("too many inputs", op.most+1, 1)
		}
		for i := range op.in {
			if !slices.Contains(op.absent, i) {
				add(fmt.Sprintf("input %d left out", i), op.in, 1).Inputs[i] = ""
			}
		}
		add("no output", op.in, 0)
		add("output without a name", op.in, 1).Outputs[0] = ""
		if most := max(mostOutputs[base], 1); most < many {
			add("too many outputs", op.in, most+1)
		}
	}
	cases = append(cases, arityCase{"unknown operator without an output", Node{Op: "Frobnicate", Name: "n"}})
	return cases
}

// TestArity: each is refused in a line that names the operator, the node and
// what is wanted.
func TestArity(t *testing.T) {
	cases := arityCases()
	for _, c := range cases {
		g := &Graph{Opset: 17, Nodes: []Node{c.node}}
		err := g.CheckArity()
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		msg := err.Error()
		for _, want := range []string{c.node.Op, "export the network again"} {
			if !strings.Contains(msg, want) || strings.Contains(msg, "\n") {
				t.Errorf("%s: %q does not mention %q in one line", c.name, msg, want)
			}
		}
	}
	if len(cases) < 500 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestArityOfGood: every operator passes with the least and the most it takes.
func TestArityOfGood(t *testing.T) {
	for name, op := range operators {
		domain, base := "", name
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			domain, base = name[:i], name[i+1:]
		}
		for _, ins := range []int{op.in, min(op.most, op.in+3)} {
			n := Node{Op: base, Domain: domain, Name: "n", Outputs: []string{"y"}}
			for i := range ins {
				n.Inputs = append(n.Inputs, fmt.Sprint("x", i))
			}
			if err := (&Graph{Nodes: []Node{n}}).CheckArity(); err != nil {
				t.Errorf("%s with %d inputs: %v", name, ins, err)
			}
		}
	}
}

// TestAttributeKinds: an attribute of another kind than its name stands for.
func TestAttributeKinds(t *testing.T) {
	for name, want := range attrKinds {
		for _, a := range []Attr{Int(1), Float(1), String("s"), Ints(1), Floats(1)} {
			n := Node{Op: "Relu", Name: "n", Inputs: []string{"x"}, Outputs: []string{"y"}, Attrs: map[string]Attr{name: a}}
			err := (&Graph{Nodes: []Node{n}}).CheckArity()
			if (err == nil) != (a.Kind == want) {
				t.Errorf("%s of kind %s: %v", name, a.Kind, err)
			}
		}
	}
}

func TestTooManyNodes(t *testing.T) {
	if err := (&Graph{Nodes: make([]Node, MaxNodes+1)}).CheckArity(); err == nil || !strings.Contains(err.Error(), "at most 16384") {
		t.Error(err)
	}
	if err := (&Graph{Inputs: []Value{{}}}).CheckArity(); err == nil || !strings.Contains(err.Error(), "no name") {
		t.Error(err)
	}
}
