package lower

import (
	"fmt"
	"slices"
	"strings"

	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// finish names the outputs, joins layers and checks the network.
func (l *lowering) finish(wanted []string) (*float.Network, error) {
	n := &l.net
	for _, name := range wanted {
		t, err := l.end(name)
		if err != nil {
			return nil, err
		}
		n.Tensors[t].Promote(name)
		n.Outputs = append(n.Outputs, t)
	}
	for i, name := range l.kept {
		t, err := l.end(name.value)
		if err != nil {
			return nil, err
		}
		l.kept[i].id = n.Tensors[t].ID
		n.Kept = append(n.Kept, t)
	}
	if len(n.Nodes) == 0 {
		return nil, float.ErrEmpty
	}
	n.UniqueNames()
	n.DropUnused()
	n.Join() // outputs and kept layers have a reader more, so that none is joined
	n.AddFlat()
	l.copyRanges()
	n.SeparateSoftmax()
	if err := n.Validate(); err != nil {
		return nil, err
	}
	l.shortNames(append([]string{l.opt.Default, l.opt.Output}, append(l.opt.Until, wanted...)...))
	l.askedNames()
	var err error
	if n.DefaultLayer, err = n.Resolve(l.opt.Default); err != nil {
		return nil, err
	}
	if n.Output, err = n.Resolve(l.opt.Output); err != nil {
		return nil, err
	}
	n.FindHead()
	return n, nil
}

// end is the tensor that holds a value that someone will look at.
func (l *lowering) end(name string) (int, error) {
	v, ok := l.views[name]
	switch {
	case !ok:
		return 0, fmt.Errorf("output %q is a constant: nothing is computed from the picture", name)
	case v.t == 0:
		return 0, float.ErrEmpty
	}
	return l.inOrder(name, v)
}

// askedNames makes kept layers answer to the names by which they were asked for.
func (l *lowering) askedNames() {
	n := &l.net
	for _, k := range l.kept {
		for i := range n.Tensors {
			if _, taken := n.Find(k.asked); !taken && n.Tensors[i].ID == k.id {
				n.Tensors[i].AddName(k.asked)
			}
		}
	}
	n.TidyJoined()
}

// inOrder gives the tensor of a value whose numbers lie in the order of the file:
// a shuffle of channels, or a picture written as one vector, is only a matter of
// names until someone looks at it.
func (l *lowering) inOrder(name string, v *view) (int, error) {
	shape := l.net.Tensors[v.t].Shape
	var t int
	var err error
	switch l.fits(v) {
	case fitsAsIs:
		return v.t, nil
	case fitsFlat:
		return l.flattened(v)
	default:
		var h, w, c []atom
		if c = v.flat(); v.vector() {
			t, err = l.placed(v, nil, nil, c)
			break
		}
		own := v.channels(shape)
		lead := v.phys[:len(v.phys)-len(own)]
		if h, w = l.leading(v, lead); !sameOrder(lead, among(v.flat(), lead)) {
			h, w = places(v, lead)
		}
		c = slices.DeleteFunc(c, func(a atom) bool { return !slices.Contains(own, a) })
		t, err = l.placed(v, h, w, c)
	}
	if err != nil {
		return 0, err
	}
	if t == v.t {
		return t, nil
	}
	for i := range l.g.Nodes { // the names belong to the values in order
		if node := &l.g.Nodes[i]; slices.Contains(node.Outputs, name) {
			if node.Outputs[0] == name && node.Name != "" {
				l.net.Tensors[t].AddName(node.Name)
			}
			l.net.Tensors[t].AddName(name)
		}
	}
	return t, nil
}

// among are the atoms that are in a list.
func among(atoms, list []atom) []atom {
	return slices.DeleteFunc(slices.Clone(atoms), func(a atom) bool { return !slices.Contains(list, a) })
}

// places are height and width of a value in the order of its axes: the first axis
// with places, and the others.
func places(v *view, lead []atom) (h, w []atom) {
	for _, d := range v.dims {
		of := among(d, lead)
		if len(h) == 0 {
			h = of
		} else {
			w = append(w, of...)
		}
	}
	return h, w
}

// placed is place with the channels in their order.
func (l *lowering) placed(v *view, h, w, c []atom) (int, error) {
	t, perm, err := l.place(v, h, w, c)
	if err != nil || perm == nil {
		return t, err
	}
	return l.gather(t, invert(perm))
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
	joined := map[string]int{}
	for i, t := range n.Tensors {
		for _, name := range t.Joined {
			joined[name] = i
		}
	}
	whole, under := map[string]int{}, lastUnder(l.g.Nodes)
	for _, node := range l.g.Nodes {
		for _, name := range append([]string{node.Name}, node.Outputs...) {
			s := short(name)
			if t, ok := at[name]; ok && name != "" {
				if s != name {
					owner[s] = t
				}
				break
			}
			if t, ok := joined[name]; ok && s != name {
				delete(owner, s)
				if last, own := at[under[s]]; own && last == t { // a later part has the layer's values
					whole[s] = t
				} else { // the layer's last part has no values of its own
					n.Tensors[t].Joined = append(n.Tensors[t].Joined, s)
				}
				break
			}
		}
	}
	call := func(s string, t int) {
		if _, taken := at[s]; taken || s == "" {
			return
		}
		if tensor := &n.Tensors[t]; slices.Contains(keep, tensor.Name) || t == 0 {
			tensor.AddName(s)
		} else {
			tensor.Promote(s)
		}
	}
	for _, node := range l.g.Nodes { // in order, so that the last name wins
		s := short(node.Name)
		if t, ok := owner[s]; ok && at[node.Name] == t {
			call(s, t)
		} else if t, ok := whole[s]; ok {
			call(s, t)
		}
	}
	for i := range n.Nodes {
		n.Nodes[i].Rename(n.Tensors[n.Nodes[i].Output].Name)
	}
}

// lastUnder gives for the parts of names before a slash, the nearest four of each,
// the last node below.
func lastUnder(nodes []nd.Node) map[string]string {
	last := map[string]string{}
	for _, node := range nodes {
		part := node.Name
		for range 4 {
			i := strings.LastIndexByte(part, '/')
			if i < 1 {
				break
			}
			part = part[:i]
			last[part] = node.Name
		}
	}
	return last
}
