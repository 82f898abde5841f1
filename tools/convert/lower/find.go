package lower

import (
	"slices"
	"sort"
	"strings"
)

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
