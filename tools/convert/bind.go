package convert

import (
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
