package graph

import "unicode/utf8"

// validateTaps checks the layers that the graph names, and that there are as
// many labels as the output has values to name.
func (g *Graph) validateTaps(bad *Node) error {
	layer := func(what, name string) (int, error) {
		t, ok := g.Tensor(name)
		if !ok {
			return 0, bad.errorf("%s %q is not a layer", what, name)
		}
		if t == 0 {
			return 0, bad.errorf("%s %q is the picture itself, from which no vector is taken: name a layer", what, name)
		}
		return t, nil
	}
	if _, err := layer("default layer", g.DefaultLayer); err != nil {
		return err
	}
	if g.Output == "" {
		if len(g.Labels) > 0 {
			return bad.errorf("%d labels, but no output that they name", len(g.Labels))
		}
		return nil
	}
	t, err := layer("output", g.Output)
	if err != nil {
		return err
	}
	if c := g.Tensors[t].Shape[2]; len(g.Labels) > 0 && len(g.Labels) != c {
		return bad.errorf("%d labels for the %d channels of output %q", len(g.Labels), c, g.Output)
	}
	return nil
}

// validateNames bounds what messages and listings repeat.
func (g *Graph) validateNames(bad *Node) error {
	check := func(names ...string) error {
		for _, s := range names {
			switch {
			case len(s) > MaxName:
				return bad.errorf("a name of %d bytes (%q): at most %d are allowed", len(s), s, MaxName)
			case !utf8.ValidString(s):
				return bad.errorf("the name %q is not UTF-8", s)
			}
		}
		return nil
	}
	if len(g.Labels) > MaxLabels {
		return bad.errorf("%d labels, at most %d are allowed", len(g.Labels), MaxLabels)
	}
	for _, t := range g.Tensors {
		if len(t.Also) > MaxAlso {
			return bad.errorf("tensor %q has %d further names, at most %d are allowed", t.Name, len(t.Also), MaxAlso)
		}
		if len(t.Joined) > MaxAlso {
			return bad.errorf("tensor %q has %d joined layers, at most %d are allowed", t.Name, len(t.Joined), MaxAlso)
		}
		if err := errorsOf(check(t.Name), check(t.Also...), check(t.Joined...)); err != nil {
			return err
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if err := check(n.Op, n.Name, n.Fn, n.Order, n.Coordinates, n.Rounding, n.Weights); err != nil {
			return err
		}
	}
	return errorsOf(check(g.Name, g.DefaultLayer, g.Output), check(g.Labels...))
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
