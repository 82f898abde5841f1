package float

import (
	"fmt"
	"slices"
	"strings"

	"likeness/engine/graph"
	"likeness/tools/convert/failure"
)

// Resolve gives the layer of that name, "" for "".
func (n *Network) Resolve(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if t, ok := n.Find(name); ok {
		return n.Tensors[t].Name, nil
	}
	return "", failure.New(failure.CodeLayer, "the network has no layer %q; it has %s", name, n.SomeLayers())
}

// Promote makes name the first of the tensor's names.
func (t *Tensor) Promote(name string) {
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

// UniqueNames gives every tensor a name of its own. A nameless tensor is named
// after the layer that reads it.
func (n *Network) UniqueNames() {
	taken := map[string]bool{}
	for _, t := range n.Tensors {
		taken[t.Name] = true
	}
	first := map[string]bool{}
	for i := range slices.Backward(n.Tensors) { // of layers of one name the last has it: the others are its parts
		t := &n.Tensors[i]
		if t.Name == "" {
			t.Name, t.Invented = "layer", true
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
			t.Name, t.Invented = fmt.Sprintf("%s_%d", base, k), true
		}
		first[t.Name] = true
		t.Also = slices.DeleteFunc(t.Also, func(name string) bool { return first[name] })
		for _, name := range t.Also {
			first[name] = true
		}
	}
	for i := range n.Nodes {
		n.Nodes[i].Rename(n.Tensors[n.Nodes[i].Output].Name)
	}
}

// AddName adds a name; the first one is the layer's, the others lead to it.
func (t *Tensor) AddName(name string) {
	switch {
	case t.Name == "":
		t.Name = name
	case t.Name != name && !slices.Contains(t.Also, name):
		t.Also = append(t.Also, name)
	}
}

// Find returns the index of a layer by any of its names.
func (n *Network) Find(name string) (int, bool) {
	for i, t := range n.Tensors {
		if t.Name == name {
			return i, true
		}
	}
	for i, t := range n.Tensors {
		if slices.Contains(t.Also, name) {
			return i, true
		}
	}
	return 0, false
}

// maxJoined is how many joined layers a tensor tells; more are rare, and would
// only be told.
const maxJoined = 256

// joins takes up the names of a tensor that is no longer computed, since the one
// operator makes t at once. They lead to no values: t's are another layer's.
func (t *Tensor) joins(before *Tensor) {
	names := slices.Clone(before.Joined)
	if !before.Invented {
		names = append(names, before.Name)
	}
	t.Joined = slices.Concat(names, before.Also, before.Flat, t.Joined)
}

// TidyJoined drops the names of joined layers that other layers have, and those
// beyond what a file may hold.
func (n *Network) TidyJoined() {
	own := map[string]bool{"": true}
	for _, t := range n.Tensors {
		own[t.Name] = true
		for _, name := range t.Also {
			own[name] = true
		}
	}
	for i := range n.Tensors {
		t := &n.Tensors[i]
		var kept []string
		for _, name := range t.Joined {
			layer, part, inner := strings.Cut(name, ":")
			if inner && strings.Trim(part, "0123456789") != "" && (own[layer] || slices.Contains(t.Joined, layer)) {
				continue // of the reader, beside the layer's own
			}
			if !own[name] && len(kept) < maxJoined && len(name) <= graph.MaxName {
				own[name] = true
				kept = append(kept, name)
			}
		}
		t.Joined = kept
	}
}

// SomeLayers lists the last layers, enough to see how they are named.
func (n *Network) SomeLayers() string {
	var names []string
	for _, node := range n.Nodes {
		names = append(names, node.Name)
	}
	if len(names) > 8 {
		return fmt.Sprintf("%d, the last ones are %s", len(names), strings.Join(names[len(names)-8:], ", "))
	}
	return strings.Join(names, ", ")
}
