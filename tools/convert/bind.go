package convert

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"likeness/engine/picture"
	"likeness/tools/convert/nd"
)

var unboundedAbove = math.Inf(1)

// bind makes the graph's input the picture and its initialisers constants.
func (l *lowering) bind() error {
	for name, t := range l.g.Const {
		l.consts[name] = t
	}
	var inputs []nd.Value
	for _, v := range l.g.Inputs {
		if l.consts[v.Name] == nil {
			inputs = append(inputs, v)
		}
	}
	if len(inputs) != 1 {
		return fmt.Errorf("%d inputs, one picture is wanted", len(inputs))
	}
	in := inputs[0]
	axes, h, w, err := pictureAxes(in)
	if err != nil {
		return err
	}
	p, err := fitPreparation(l.opt.Prepare, in, h, w)
	if err != nil {
		return err
	}
	l.net = Network{Name: l.opt.Name, Prepare: p}
	shape := [3]int{p.Height, p.Width, 3}
	l.net.Tensors = []Tensor{{Name: "input", Shape: shape}}
	if in.Name != "input" {
		l.net.Tensors[0].Also = []string{in.Name}
	}
	l.views[in.Name] = pictureView(0, shape, axes)
	return nil
}

// pictureAxes tells from an input's shape whether it is NCHW or NHWC, and its
// height and width, -1 where the file leaves them open.
func pictureAxes(in nd.Value) (axes string, h, w int, err error) {
	s := in.Shape
	bad := fmt.Errorf("input %q has shape %v; a picture [N 3 H W] or [N H W 3] is wanted", in.Name, s)
	if !in.Type.IsFloat() {
		return "", 0, 0, fmt.Errorf("input %q has type %v: only floating-point inputs are supported", in.Name, in.Type)
	}
	switch {
	case s == nil:
		return "NCHW", -1, -1, nil
	case len(s) == 3 && s[0] == 3:
		return "CHW", s[1], s[2], nil
	case len(s) == 3 && s[2] == 3:
		return "HWC", s[0], s[1], nil
	case len(s) != 4:
		return "", 0, 0, bad
	case s[1] == 3 || s[1] == -1 && s[3] != 3:
		return "NCHW", s[2], s[3], nil
	case s[3] == 3:
		return "NHWC", s[1], s[2], nil
	}
	return "", 0, 0, bad
}

// defaultSide is the input of a network whose file leaves it open.
const defaultSide = 224

// fitPreparation completes the preparation with the input size: what was asked
// for, else the file's own, else 224.
func fitPreparation(p picture.Preparation, in nd.Value, h, w int) (picture.Preparation, error) {
	fixed := h > 0 && w > 0
	if p.Width == 0 {
		p.Height, p.Width = h, w
		if !fixed {
			p.Height, p.Width = defaultSide, defaultSide
		}
	} else if fixed && (p.Width != w || p.Height != h) {
		return p, fmt.Errorf("input %q is %d x %d in the file, %d x %d was asked for: leave out --size, or export the network with a free size",
			in.Name, w, h, p.Width, p.Height)
	}
	if p.Resize == "shorter" && p.Side == 0 {
		p.Side = max((p.Height*256+112)/224, p.Width, p.Height)
	}
	return p, p.Validate()
}

// find resolves a layer's name to a value of the graph: the value itself, a
// node's name, or a short form of either.
func (l *lowering) find(name string) (string, bool) {
	for _, exact := range []bool{true, false} {
		for _, n := range slices.Backward(l.g.Nodes) {
			for i, out := range n.Outputs {
				if out == "" {
					continue
				}
				if out == name || i == 0 && n.Name == name || !exact && (short(n.Name) == name || short(out) == name) {
					return out, true
				}
			}
		}
	}
	return l.findModule(name)
}

// findModule resolves the name of a part of a network to its last value: one
// whose name has it between slashes, where all such names agree in what stands
// before it.
func (l *lowering) findModule(module string) (value string, ok bool) {
	if module == "" {
		return "", false
	}
	found, scope := "", ""
	for _, n := range slices.Backward(l.g.Nodes) {
		if len(n.Outputs) == 0 || n.Outputs[0] == "" {
			continue
		}
		s, in := within(n.Name, module)
		if !in {
			s, in = within(n.Outputs[0], module)
		}
		switch {
		case !in:
		case found == "":
			found, scope = n.Outputs[0], s
		case s != scope:
			return "", false // several modules of that name: which is meant must be said
		}
	}
	return found, found != ""
}

// near lists a few layers whose names have most in common with name.
func (l *lowering) near(name string) []string {
	type scored struct {
		name  string
		score int
	}
	var all []scored
	for _, n := range l.g.Nodes {
		candidate := n.Name
		if candidate == "" && len(n.Outputs) > 0 {
			candidate = n.Outputs[0]
		}
		score := 0
		for i := range len(name) - 1 {
			if strings.Contains(strings.ToLower(candidate), strings.ToLower(name[i:i+2])) {
				score++
			}
		}
		all = append(all, scored{candidate, score})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].score > all[j].score })
	var out []string
	for _, s := range all[:min(len(all), 4)] {
		out = append(out, s.name)
	}
	return out
}

// errEmpty is a graph that computes nothing.
var errEmpty = errors.New("the graph holds no operators between the picture and its output")

// finish names the outputs, joins layers and checks the network.
func (l *lowering) finish(wanted []string) (*Network, error) {
	n := &l.net
	keep := append([]string{l.opt.Default, l.opt.Output}, l.opt.Until...)
	for _, name := range wanted {
		v, ok := l.views[name]
		if !ok {
			return nil, fmt.Errorf("output %q is a constant: nothing is computed from the picture", name)
		}
		keep = append(keep, name)
		if v.t == 0 {
			return nil, errEmpty
		}
		v, err := l.inOrder(v)
		if err != nil {
			return nil, err
		}
		t := &n.Tensors[v.t]
		t.promote(name)
		n.outputs = append(n.outputs, v.t)
	}
	if len(n.Nodes) == 0 {
		return nil, errEmpty
	}
	n.uniqueNames()
	n.drop()
	n.join(keep)
	if err := n.validate(); err != nil {
		return nil, err
	}
	l.shortNames(append(keep, wanted...))
	var err error
	if n.DefaultLayer, err = n.resolve(l.opt.Default); err != nil {
		return nil, err
	}
	if n.Output, err = n.resolve(l.opt.Output); err != nil {
		return nil, err
	}
	n.findHead()
	return n, nil
}

// inOrder gives a wanted value whose channels lie in the order of the file: a
// shuffle of channels is only a matter of names until someone looks at them.
func (l *lowering) inOrder(v *view) (*view, error) {
	c := v.channels(l.net.Tensors[v.t].Shape)
	for a, dims := range v.dims {
		if len(c) < 2 || !sameSet(dims, c) {
			continue
		}
		from := order(c, dims)
		if slices.IsSorted(from) {
			return v, nil
		}
		t, err := l.gather(v.t, from)
		if err != nil {
			return nil, err
		}
		tensor, out := &l.net.Tensors[v.t], &l.net.Tensors[t]
		out.Name, out.Also = tensor.Name, tensor.Also
		tensor.Name, tensor.Also = "", nil // the names belong to the values in order
		return v.withChannels(t, v.phys[:len(v.phys)-len(c)], a, len(from)), nil
	}
	return v, nil
}

// shortNames calls layers by their short names, where these are unambiguous:
// several nodes of one short name are the parts of a layer, whose last part has
// it. Names asked for and those of outputs stay first.
func (l *lowering) shortNames(keep []string) {
	n := &l.net
	at := map[string]int{}
	for i, t := range n.Tensors {
		for _, name := range append(slices.Clone(t.Also), t.Name) {
			at[name] = i
		}
	}
	owner := map[string]int{}
	for _, node := range l.g.Nodes {
		for _, name := range append([]string{node.Name}, node.Outputs...) {
			if t, ok := at[name]; ok && name != "" {
				if s := short(name); s != name {
					owner[s] = t
				}
				break
			}
		}
	}
	for _, node := range l.g.Nodes { // in order, so that the last name wins
		s := short(node.Name)
		t, ok := owner[s]
		if _, taken := at[s]; !ok || taken || s == "" {
			continue
		}
		if at[node.Name] != t {
			continue
		}
		if tensor := &n.Tensors[t]; slices.Contains(keep, tensor.Name) || t == 0 {
			tensor.addName(s)
		} else {
			tensor.promote(s)
		}
	}
	for i := range n.Nodes {
		n.Nodes[i].rename(n.Tensors[n.Nodes[i].Output].Name)
	}
}

// resolve gives the layer of that name, "" for "".
func (n *Network) resolve(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if t, ok := n.tensor(name); ok {
		return n.Tensors[t].Name, nil
	}
	return "", fmt.Errorf("the network has no layer %q; it has %s", name, n.someLayers())
}

// promote makes name the first of the tensor's names.
func (t *Tensor) promote(name string) {
	if t.Name == name {
		return
	}
	if i := slices.Index(t.Also, name); i >= 0 {
		t.Also[i] = t.Name
	} else if t.Name != "" {
		t.Also = append(t.Also, t.Name)
	}
	t.Name = name
}

// uniqueNames gives every tensor a name of its own. A nameless tensor is named
// after the layer that reads it.
func (n *Network) uniqueNames() {
	taken := map[string]bool{}
	for _, t := range n.Tensors {
		taken[t.Name] = true
	}
	first := map[string]bool{}
	for i := range n.Tensors {
		t := &n.Tensors[i]
		if t.Name == "" {
			t.Name = "layer"
			for _, node := range n.Nodes {
				if slices.Contains(node.Inputs, i) && n.Tensors[node.Output].Name != "" {
					t.Name = n.Tensors[node.Output].Name + "/before"
					break
				}
			}
		}
		base := t.Name
		for k := 2; first[t.Name] || t.Name != base && taken[t.Name]; k++ {
			if len(t.Also) > 0 && !first[t.Also[0]] && !taken[t.Also[0]] {
				t.Name, t.Also = t.Also[0], t.Also[1:]
				continue
			}
			t.Name = fmt.Sprintf("%s_%d", base, k)
		}
		first[t.Name] = true
	}
	for i := range n.Nodes {
		n.Nodes[i].rename(n.Tensors[n.Nodes[i].Output].Name)
	}
}
