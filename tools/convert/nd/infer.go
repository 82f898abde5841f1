package nd

import (
	"errors"
	"fmt"
	"slices"

	"likeness/tools/convert/failure"
)

// Check returns an error for every operator and attribute name of the graph
// that is not supported, joined: all of them at once, not the first.
func Check(g *Graph) error {
	var errs []error
	seen := map[string]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if _, err := lookup(n, g.Opset); err != nil && !seen[n.key()] {
			seen[n.key()] = true
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Infer finds the type and shape of every value, and the values of those that
// do not depend on an input (weights, and what is computed from weights and
// shapes alone). shapes gives inputs their shapes; an input that is left out
// has the shape its file declares, with 1 for a free first dimension. A graph
// that passes has consistent shapes throughout.
func Infer(g *Graph, shapes map[string][]int) (map[string]*Info, error) {
	infos := make(map[string]*Info, len(g.Nodes)+len(g.Const))
	for name, t := range g.Const {
		infos[name] = &Info{t.Type, t.Shape, t}
	}
	for _, v := range g.Inputs {
		shape, err := inputShape(&v, shapes)
		if err != nil {
			return nil, err
		}
		infos[v.Name] = &Info{Type: v.Type, Shape: shape}
	}
	folded := 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		in := make([]*Info, len(n.Inputs))
		known := true
		for j, name := range n.Inputs {
			in[j] = infos[name] // nil for ""
			known = known && (name == "" || in[j].Value != nil)
		}
		op, c, err := resolve(n, g.Opset, in)
		if err == nil && known {
			for i := range c.out {
				folded += Elems(c.out[i].Shape)
			}
			if folded > MaxElems {
				return nil, fmt.Errorf("%s: constants computed so far hold more than %d numbers", n.Title(), MaxElems)
			}
			err = run(op, c)
		}
		if err != nil {
			return nil, err
		}
		for j, name := range n.Outputs {
			if name != "" {
				infos[name] = &c.out[j]
			}
		}
	}
	return infos, nil
}

// inputShape settles the shape of an input.
func inputShape(v *Value, shapes map[string][]int) ([]int, error) {
	given, ok := shapes[v.Name]
	if !ok {
		given = append([]int{}, v.Shape...)
		if len(given) > 0 && given[0] == -1 {
			given[0] = 1
		}
		if v.Shape == nil || Elems(given) < 0 {
			return nil, fmt.Errorf("input %q has no fixed shape in the file (%v): one must be given", v.Name, v.Shape)
		}
		return given, nil
	}
	fits := v.Shape == nil || len(given) == len(v.Shape)
	for i := range v.Shape {
		fits = fits && (v.Shape[i] == -1 || v.Shape[i] == given[i])
	}
	if !fits || Elems(given) < 0 {
		return nil, fmt.Errorf("input %q has shape %v, %v was given", v.Name, v.Shape, given)
	}
	return given, nil
}

// resolve finds a node's operator and the types and shapes of its outputs.
func resolve(n *Node, opset int, in []*Info) (*operator, *call, error) {
	op, err := lookup(n, opset)
	if err != nil {
		return nil, nil, err
	}
	c := &call{Node: n, opset: opset, in: in, out: make([]Info, len(n.Outputs))}
	for i := range op.in {
		if !c.has(i) && !slices.Contains(op.absent, i) {
			return nil, nil, fmt.Errorf("%s: input %d is missing", n.Title(), i)
		}
	}
	err = op.infer(c)
	if c.err != nil {
		err = c.err
	}
	for i := range c.out {
		if err == nil && Elems(c.out[i].Shape) < 0 {
			err = fmt.Errorf("its output of shape %v is negative or holds more than %d numbers", c.out[i].Shape, MaxElems)
		}
	}
	if _, placed := err.(*failure.Error); err != nil && !placed {
		err = fmt.Errorf("%s: %w", n.Title(), err)
	}
	return op, c, err
}

// run computes the outputs that resolve left without a value.
func run(op *operator, c *call) error {
	out := make([]*Tensor, len(c.out))
	ready := true
	for i := range c.out {
		o := &c.out[i]
		if o.Value == nil {
			o.Value = New(o.Type, o.Shape)
			ready = false
		}
		out[i] = o.Value
	}
	if ready {
		return nil
	}
	if err := op.eval(c, out); err != nil {
		return fmt.Errorf("%s: %w", c.Title(), err)
	}
	return nil
}

// New is a tensor of zeros.
func New(t Type, shape []int) *Tensor {
	x := &Tensor{Type: t, Shape: shape}
	if n := Elems(shape); t.IsFloat() {
		x.F = make([]float32, n)
	} else {
		x.I = make([]int64, n)
	}
	return x
}
