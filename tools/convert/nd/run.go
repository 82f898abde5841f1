package nd

import (
	"fmt"
	"slices"
)

// maxLive is how many numbers the values of a run may hold at one time,
// weights aside.
const maxLive = 1 << 29

// Eval runs one node. in holds its inputs in order, nil where one is absent;
// the outputs come in the node's order.
func Eval(n *Node, opset int, in []*Tensor) ([]*Tensor, error) {
	infos := make([]*Info, len(in))
	for i, t := range in {
		if t != nil {
			if err := t.check(); err != nil {
				return nil, fmt.Errorf("%s: input %d: %w", n.Title(), i, err)
			}
			infos[i] = &Info{t.Type, t.Shape, t}
		}
	}
	op, c, err := resolve(n, opset, infos)
	if err != nil {
		return nil, err
	}
	if err := run(op, c); err != nil {
		return nil, err
	}
	out := make([]*Tensor, len(c.out))
	for i := range out {
		out[i] = c.out[i].Value
	}
	return out, nil
}

// Run runs the graph and returns its outputs and the values named in keep.
func Run(g *Graph, inputs map[string]*Tensor, keep ...string) (map[string]*Tensor, error) {
	want := map[string]bool{}
	for _, v := range g.Outputs {
		want[v.Name] = true
	}
	for _, name := range keep {
		want[name] = true
	}
	out := make(map[string]*Tensor, len(want))
	err := Walk(g, inputs, func(name string, t *Tensor) error {
		if want[name] {
			out[name] = t
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name := range want {
		if t := g.Const[name]; t != nil && out[name] == nil {
			out[name] = t
		}
		if out[name] == nil {
			return nil, fmt.Errorf("the graph has no value %q", name)
		}
	}
	return out, nil
}

// Walk runs the graph and shows the inputs and the value that each node makes,
// in the order they are made. A value is dropped after its last reader; see
// may keep it and must not change it.
func Walk(g *Graph, inputs map[string]*Tensor, see func(name string, t *Tensor) error) error {
	return walk(g, inputs, maxLive, see)
}

func walk(g *Graph, inputs map[string]*Tensor, limit int, see func(string, *Tensor) error) error {
	values := make(map[string]*Tensor, len(g.Const))
	live := 0
	for name, t := range g.Const {
		values[name] = t
	}
	for _, v := range g.Inputs {
		t := inputs[v.Name]
		if err := v.takes(t); err != nil {
			return err
		}
		values[v.Name] = t
		live += Elems(t.Shape)
		if err := see(v.Name, t); err != nil {
			return err
		}
	}
	last := lastReaders(g)
	for i := range g.Nodes {
		n := &g.Nodes[i]
		in := make([]*Info, len(n.Inputs))
		for j, name := range n.Inputs {
			if t := values[name]; t != nil {
				in[j] = &Info{t.Type, t.Shape, t}
			}
		}
		op, c, err := resolve(n, g.Opset, in)
		if err != nil {
			return err
		}
		for j := range c.out {
			live += Elems(c.out[j].Shape)
		}
		if live > limit {
			return fmt.Errorf("%s: the values held at one time have more than %d numbers", n.Title(), limit)
		}
		if err := run(op, c); err != nil {
			return err
		}
		for j, name := range n.Outputs {
			if name == "" {
				continue
			}
			values[name] = c.out[j].Value
			if err := see(name, c.out[j].Value); err != nil {
				return err
			}
		}
		for _, name := range slices.Concat(n.Inputs, n.Outputs) {
			if t := values[name]; t != nil && last[name] <= i && g.Const[name] == nil {
				live -= Elems(t.Shape)
				delete(values, name)
			}
		}
	}
	return nil
}

// lastReaders is the last node that reads each value.
func lastReaders(g *Graph) map[string]int {
	last := map[string]int{}
	for i := range g.Nodes {
		for _, name := range g.Nodes[i].Inputs {
			last[name] = i
		}
	}
	return last
}

// check refuses a tensor whose parts do not agree.
func (t *Tensor) check() error {
	n := Elems(t.Shape)
	have, other := len(t.F), len(t.I)
	if !t.Type.IsFloat() {
		have, other = other, have
	}
	if n != have || other != 0 {
		return fmt.Errorf("a %s tensor of shape %v holds %d floats and %d integers", t.Type, t.Shape, len(t.F), len(t.I))
	}
	return nil
}

// takes refuses a tensor that is not what the input declares.
func (v *Value) takes(t *Tensor) error {
	if t == nil {
		return fmt.Errorf("input %q is missing", v.Name)
	}
	if err := t.check(); err != nil {
		return fmt.Errorf("input %q: %w", v.Name, err)
	}
	if t.Type != v.Type {
		return fmt.Errorf("input %q is %s instead of %s", v.Name, t.Type, v.Type)
	}
	_, err := inputShape(v, map[string][]int{v.Name: t.Shape})
	return err
}
