package lower

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"likeness/engine/picture"
	"likeness/tools/convert/failure"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

var unboundedAbove = math.Inf(1)

// bind makes the graph's input the picture and its initialisers constants.
// Inputs that no needed node reads do not matter; of others, all but the picture
// are given by --set.
func (l *lowering) bind(nodes []nd.Node) error {
	for name, t := range l.g.Const {
		l.consts[name] = t
	}
	for name, s := range l.g.Steps {
		l.steps[name] = s
	}
	if err := l.set(); err != nil {
		return err
	}
	read := map[string]bool{}
	for _, n := range nodes {
		for _, in := range n.Inputs {
			read[in] = true
		}
	}
	var inputs []nd.Value
	for _, v := range l.g.Inputs {
		if l.consts[v.Name] == nil && (read[v.Name] || len(l.g.Inputs) == 1) {
			inputs = append(inputs, v)
		}
	}
	if len(inputs) != 1 {
		return failure.New(failure.CodeInput, "%d inputs, one picture is wanted%s", len(inputs), listed(inputs))
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
	if len(in.Shape) == 4 {
		l.batch = in.Shape[0]
	}
	if in.Type == nd.Uint8 { // bytes are what a picture has
		l.bytes = true
		p.Mean, p.Std = [3]float64{}, [3]float64{1, 1, 1}
	}
	grey := strings.Contains(axes, "G")
	if grey {
		p.Mean, p.Std = float.Alike(p.Mean, p.Order), float.Alike(p.Std, p.Order)
	}
	l.net = float.Network{Name: l.opt.Name, Prepare: p}
	shape := [3]int{p.Height, p.Width, 3}
	l.net.Tensors = []float.Tensor{{Name: "input", Shape: shape}}
	if in.Name != "input" {
		l.net.Tensors[0].Also = []string{in.Name}
	}
	l.views[in.Name] = pictureView(0, shape, axes)
	if grey {
		return l.greyInput(in.Name, strings.Replace(axes, "G", "C", 1))
	}
	return nil
}

// listed names inputs, and says how those that are no picture are given.
func listed(inputs []nd.Value) string {
	var all []string
	example := ""
	for _, v := range inputs {
		all = append(all, fmt.Sprintf("%q (%v %v)", v.Name, v.Type, v.Shape))
		if len(v.Shape) < 3 && example == "" {
			example = "; give others a value with --set " + v.Name + "=0"
		}
	}
	switch {
	case all == nil:
		return ": the layers that are wanted read none"
	case example == "":
		example = "; --until LAYER leaves out what the layer does not need"
	}
	return ": there are " + strings.Join(all, ", ") + example
}

// set makes the inputs of --set constants of one value each.
func (l *lowering) set() error {
	for _, given := range l.opt.Set {
		name, text, ok := strings.Cut(given, "=")
		i := slices.IndexFunc(l.g.Inputs, func(v nd.Value) bool { return v.Name == name })
		if !ok || i < 0 {
			return failure.New(failure.CodeInput, "--set %s: NAME=VALUE with the name of an input is wanted%s", given, listed(l.g.Inputs))
		}
		v := l.g.Inputs[i]
		x, err := strconv.ParseFloat(text, 64)
		if b, isBool := strconv.ParseBool(text); isBool == nil && err != nil {
			err = nil
			if b {
				x = 1
			}
		}
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return failure.New(failure.CodeInput, "--set %s: %q is neither a number nor true or false", given, text)
		}
		t := &nd.Tensor{Type: v.Type, Shape: slices.Clone(v.Shape)}
		for k, d := range t.Shape {
			t.Shape[k] = max(d, 1)
		}
		count := nd.Elems(t.Shape)
		if count < 1 || count > 1<<20 {
			return failure.New(failure.CodeInput, "--set %s: the input has shape %v, which is too large for one value", given, v.Shape)
		}
		if t.Type.IsFloat() {
			t.F = slices.Repeat([]float32{float32(x)}, count)
		} else {
			t.I = slices.Repeat([]int64{int64(x)}, count)
		}
		l.consts[name] = t
	}
	return nil
}

// pictureAxes tells from an input's shape whether it is NCHW or NHWC, and its
// height and width, -1 where the file leaves them open. Where the picture is
// grey, G stands for C.
func pictureAxes(in nd.Value) (axes string, h, w int, err error) {
	s := in.Shape
	bad := failure.New(failure.CodeInput, "input %q has shape %v; a picture [N 3 H W] or [N H W 3] is wanted, or a grey one with 1 in place of 3", in.Name, s)
	if !in.Type.IsFloat() && in.Type != nd.Uint8 {
		return "", 0, 0, failure.New(failure.CodeInput, "input %q has type %v: only floating-point inputs and uint8 are supported", in.Name, in.Type)
	}
	switch {
	case s == nil:
		return "NCHW", -1, -1, nil
	case len(s) == 3 && s[0] == 3:
		return "CHW", s[1], s[2], nil
	case len(s) == 3 && s[2] == 3:
		return "HWC", s[0], s[1], nil
	case len(s) == 3 && s[0] == 1:
		return "GHW", s[1], s[2], nil
	case len(s) == 3 && s[2] == 1:
		return "HWG", s[0], s[1], nil
	case len(s) != 4:
		return "", 0, 0, bad
	case s[1] == 3 || s[1] == -1 && s[3] != 3 && s[3] != 1:
		return "NCHW", s[2], s[3], nil
	case s[3] == 3:
		return "NHWC", s[1], s[2], nil
	case s[1] == 1:
		return "NGHW", s[2], s[3], nil
	case s[3] == 1:
		return "NHWG", s[1], s[2], nil
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
		return p, failure.New(failure.CodeInput, "input %q is %d x %d in the file, %d x %d was asked for: leave out --size, or export the network with a free size",
			in.Name, w, h, p.Width, p.Height)
	}
	if p.Resize == "shorter" && p.Side == 0 {
		p.Side = max((p.Height*256+112)/224, p.Width, p.Height)
	}
	return p, p.Validate()
}

// greyInput makes the input of that name grey.
func (l *lowering) greyInput(name, axes string) error {
	p := l.net.Prepare
	shape := [3]int{p.Height, p.Width, 1}
	t, err := l.emit(float.GreyNode(p.Order), shape)
	if err != nil {
		return err
	}
	l.net.Tensors[t].Name, l.net.Tensors[t].Invented = "grey", true
	l.declareRange(t, name)
	l.views[name] = pictureView(t, shape, axes)
	return nil
}

// PictureSize is the size of pictures that a graph takes, 0 where it leaves that
// open.
func PictureSize(g *nd.Graph) (width, height int) {
	for _, in := range g.Inputs {
		if _, h, w, err := pictureAxes(in); err == nil && g.Const[in.Name] == nil && h > 0 && w > 0 {
			return w, h
		}
	}
	return 0, 0
}
