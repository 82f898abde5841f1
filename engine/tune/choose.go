package tune

import (
	"slices"
	"strings"

	"likeness/engine/graph"
	"likeness/engine/printable"
	"likeness/engine/tune/float"
)

// Choice is a layer after which a network can be trained: all that follows reads
// no other layer before.
type Choice struct {
	Layer string `json:"layer"`
	Shape [3]int `json:"shape"` // H, W, C
	// Parameters are the weights and biases that training from here changes.
	Parameters int64 `json:"parameters"`
	// End marks the layers with the fewest values about: the ends of blocks.
	End bool `json:"end"`
}

// part is what is trained: the operators from tensor from to tensor to.
type part struct{ from, to int }

// Choices lists the layers that Options.From may name, in the network's order;
// layer is the one whose values make vectors, "" for the default one. Layers that
// are followed by an operator that cannot be trained are left out.
func Choices(g *graph.Graph, layer string) []Choice {
	to, err := find(g, layer)
	if err != nil {
		return nil
	}
	var all []Choice
	for _, t := range cuts(g, to) {
		if at, _ := refused(g, part{t, to}); at != nil {
			continue
		}
		c := Choice{Layer: g.Tensors[t].Name, Shape: g.Tensors[t].Shape}
		for _, i := range float.Part(g, t, to) {
			if n := &g.Nodes[i]; n.Weights != "" {
				s := n.WeightShape(g)
				c.Parameters += int64(s[0]) * (int64(s[1])*int64(s[2])*int64(s[3]) + 1)
			}
		}
		if c.Parameters > 0 {
			all = append(all, c)
		}
	}
	size := func(i int) int {
		if i < 0 || i >= len(all) {
			return graph.MaxTensorElems + 1
		}
		return all[i].Shape[0] * all[i].Shape[1] * all[i].Shape[2]
	}
	for i := range all {
		next := size(i + 1)
		if i+1 == len(all) {
			next = size(i)
		}
		all[i].End = size(i) <= size(i-1) && size(i) <= next
	}
	return all
}

// cuts are the tensors before tensor to that all paths to it lead through.
func cuts(g *graph.Graph, to int) []int {
	whole := float.Part(g, 0, to)
	last := make([]int, len(g.Tensors)) // where a tensor is read last
	for at, i := range whole {
		for _, in := range g.Nodes[i].Inputs {
			last[in] = at
		}
	}
	var all []int
	latest := last[0]
	for at, i := range whole {
		t := g.Nodes[i].Output
		if latest <= at && t != to {
			all = append(all, t)
		}
		latest = max(latest, last[t])
	}
	return all
}

// refused is the last operator of a part that cannot be trained, and its name;
// nil where all can be.
func refused(g *graph.Graph, p part) (n *graph.Node, what string) {
	for _, i := range slices.Backward(float.Part(g, p.from, p.to)) {
		if what := float.Refusal(g, &g.Nodes[i]); what != "" {
			return &g.Nodes[i], what
		}
	}
	return nil, ""
}

// find is the tensor of a layer; "" is the default one.
func find(g *graph.Graph, layer string) (int, error) {
	if layer == "" {
		layer = g.DefaultLayer
	}
	t, ok := g.Tensor(layer)
	if !ok {
		t, ok = g.Module(layer)
	}
	if !ok || t == 0 {
		return 0, errorf(CodeLayer, "the network has no layer %q", layer)
	}
	return t, nil
}

// resolve finds what is to be trained, or says which layers can be chosen.
func resolve(g *graph.Graph, from, layer string) (p part, err error) {
	if p.to, err = find(g, layer); err != nil {
		return p, err
	}
	if p.from, err = find(g, from); err != nil || from == "" {
		return p, errorf(CodeLayer, "the network has no layer %q to train from; %s", from, choicesText(g, layer))
	}
	if n, what := refused(g, p); n != nil && slices.Contains(cuts(g, p.to), p.from) {
		name := g.Tensors[n.Output].Name
		if len(Choices(g, layer)) == 0 {
			return p, errorf(CodeOperator, "layer %q cannot be trained: %s; no layer after it can be trained either: teach a head alone, without --from", name, what)
		}
		return p, errorf(CodeOperator, "layer %q cannot be trained: %s; train from a later layer with --from %s", name, what, Ends(g, layer)[0].Layer)
	}
	for _, c := range Choices(g, layer) {
		if c.Layer == g.Tensors[p.from].Name {
			return p, nil
		}
	}
	return p, errorf(CodeLayer, "training cannot begin after layer %q: what follows reads other layers too, or has nothing to learn; %s", from, choicesText(g, layer))
}

// Ends are the choices that are the ends of blocks, or all where none is.
func Ends(g *graph.Graph, layer string) []Choice {
	all := Choices(g, layer)
	ends := slices.DeleteFunc(slices.Clone(all), func(c Choice) bool { return !c.End })
	if len(ends) == 0 {
		return all
	}
	return ends
}

// shownChoices bounds what messages list: the last ones.
const shownChoices = 6

func choicesText(g *graph.Graph, layer string) string {
	ends := Ends(g, layer)
	if len(ends) == 0 {
		return "none of its layers can be trained: teach a head alone, without --from"
	}
	var names []string
	for _, c := range ends[max(len(ends)-shownChoices, 0):] {
		names = append(names, printable.Clip(c.Layer))
	}
	return "blocks end at " + strings.Join(names, ", ") + " (likeness inspect lists more)"
}
