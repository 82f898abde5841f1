// Package tflite reads TensorFlow Lite files.
package tflite

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/lower"
)

// Read reads a TensorFlow Lite file: float32, float16 weights, or uint8
// and int8 quantised, whose integers are widened to the real values they stand
// for. Shapes are computed anew for the preparation's input size.
func Read(data []byte, opt lower.Options) (n *float.Network, err error) {
	if len(data) < 8 || string(data[4:8]) != "TFL3" {
		return nil, errors.New("not a TensorFlow Lite file (no TFL3 mark): the download may be damaged")
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case damage:
			n, err = nil, fmt.Errorf("damaged TensorFlow Lite file: %s: download or export it again", string(r))
		default:
			panic(r)
		}
	}()
	im := &importer{opt: opt, made: map[int]int{}, alias: map[string]int{}, taken: map[string]int{}, ints: map[int][]int{}, constants: 8*len(data) + 1<<16}
	if err := im.read(root(data)); err != nil {
		return nil, fmt.Errorf("TensorFlow Lite: %w", err)
	}
	return im.convert()
}

type importer struct {
	opt     lower.Options
	tensors []liteTensor
	ops     []liteOp
	inputs  []int
	outputs []int
	net     float.Network
	made    map[int]int    // file tensor -> network tensor
	taken   map[string]int // names of layers, with the number to try next
	ints    map[int][]int  // known numbers, such as shapes, by file tensor
	// alias finds layers that do nothing at run time, such as a squeeze.
	alias map[string]int
	// constants is how many more may be widened: few are used twice.
	constants int
}

type liteOp struct {
	code            int32
	custom          string
	inputs, outputs []int
	options         table
	hasOptions      bool
}

func (im *importer) read(m table) error {
	graphs, buffers := m.tables(2), m.tables(4)
	if len(graphs) == 0 {
		return errors.New("the file holds no graph")
	}
	codes := m.tables(1)
	g := graphs[0]
	for _, t := range g.tables(0) {
		im.tensors = append(im.tensors, readTensor(t, buffers))
	}
	im.inputs, im.outputs = g.int32s(1), g.int32s(2)
	for i, o := range g.tables(3) {
		c := int(uint32(o.int32(0, 0)))
		if c >= len(codes) {
			return fmt.Errorf("operator %d has code %d of %d", i, c, len(codes))
		}
		op := liteOp{code: max(int32(codes[c].int8(0)), codes[c].int32(3, 0)), custom: codes[c].string(1), inputs: o.int32s(1), outputs: o.int32s(2)}
		op.options, op.hasOptions = o.table(4)
		if len(op.outputs) < 1 || len(op.inputs) < 1 || op.outputs[0] < 0 {
			return fmt.Errorf("operator %d has no input or no output", i)
		}
		if err := op.checkArity(i); err != nil {
			return err
		}
		for _, t := range append(slices.Clone(op.inputs), op.outputs...) {
			if t < -1 || t >= len(im.tensors) {
				return fmt.Errorf("operator %d refers to tensor %d of %d", i, t, len(im.tensors))
			}
		}
		im.ops = append(im.ops, op)
	}
	if len(im.inputs) != 1 || im.inputs[0] < 0 || im.inputs[0] >= len(im.tensors) {
		return fmt.Errorf("%d inputs, one picture is wanted", len(im.inputs))
	}
	return nil
}

// convert walks the operators that the wanted layers need.
func (im *importer) convert() (*float.Network, error) {
	if err := im.start(); err != nil {
		return nil, err
	}
	need, err := im.needed()
	if err != nil {
		return nil, err
	}
	for i, op := range im.ops {
		if !need[i] {
			continue
		}
		if len(im.net.Nodes) >= graph.MaxNodes {
			return nil, fmt.Errorf("the network has more than %d layers", graph.MaxNodes)
		}
		if err := im.operator(&op); err != nil {
			hint := im.cutHint(&op)
			if u := (*float.UnsupportedError)(nil); errors.As(err, &u) {
				hint = "" // it is in there
			}
			return nil, fmt.Errorf("TensorFlow Lite operator %d (%s): %w%s", i, im.tensors[op.outputs[0]].name, err, hint)
		}
	}
	if len(im.net.Nodes) == 0 {
		return nil, errors.New("the file holds no operators")
	}
	if err := im.net.Validate(); err != nil {
		return nil, err
	}
	if im.opt.Default == "" && len(im.opt.Until) == 0 {
		im.opt.Default = im.embedding()
	}
	if im.opt.Output == "" && len(im.opt.Until) == 0 {
		im.opt.Output = im.scores()
	}
	keep := append([]string{im.opt.Default, im.opt.Output}, im.opt.Until...)
	im.net.Join(append(keep, im.opt.Keep...))
	im.net.TidyJoined()
	im.net.SeparateSoftmax()
	for _, name := range im.opt.Keep {
		if _, err = im.resolve(name); err != nil {
			return nil, fmt.Errorf("--keep: %w", err)
		}
	}
	if im.net.DefaultLayer, err = im.resolve(im.opt.Default); err != nil {
		return nil, err
	}
	if im.net.Output, err = im.resolve(im.opt.Output); err != nil {
		return nil, err
	}
	if im.net.DefaultLayer == "" {
		im.net.DefaultLayer = im.net.Nodes[len(im.net.Nodes)-1].Name
	}
	return &im.net, nil
}

// embedding is what the classifier at the end reads, or the last layer where
// there is none.
func (im *importer) embedding() string { return im.head().DefaultLayer }

// scores is the layer of class scores, "" where there is none.
func (im *importer) scores() string { return im.head().Output }

// head is the network with its default layer and its class scores.
func (im *importer) head() *float.Network {
	whole := im.net
	whole.Outputs, whole.DefaultLayer, whole.Output = nil, "", ""
	for _, t := range im.outputs {
		if made, ok := im.made[t]; ok {
			whole.Outputs = append(whole.Outputs, made)
		}
	}
	if len(whole.Outputs) > 0 {
		whole.FindHead()
	}
	return &whole
}

// resolve finds a layer by its name or that of an alias.
func (im *importer) resolve(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if _, ok := im.net.Find(name); ok {
		return name, nil
	}
	if op, ok := im.alias[name]; ok {
		for _, t := range im.net.Tensors {
			if t.ID == op {
				return t.Name, nil
			}
		}
	}
	return "", fmt.Errorf("the network has no layer %q; it has %s", name, im.net.SomeLayers())
}

func (im *importer) needed() ([]bool, error) {
	wanted := map[int]bool{}
	for _, t := range im.outputs {
		wanted[t] = im.opt.Until == nil
	}
	for _, name := range im.opt.Until {
		found := false
		for _, op := range im.ops {
			if im.layerName(op.outputs[0]) == name {
				wanted[op.outputs[0]], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("the file has no layer %q", name)
		}
	}
	need := make([]bool, len(im.ops))
	for i := len(im.ops) - 1; i >= 0; i-- {
		for _, o := range im.ops[i].outputs {
			need[i] = need[i] || wanted[o]
		}
		if need[i] {
			for _, t := range im.ops[i].inputs {
				wanted[t] = true
			}
		}
	}
	return need, nil
}

// layerName shortens "Net/block/conv/Relu6;Net/block/conv/add_fold;..." to
// "Net/block/conv".
func (im *importer) layerName(t int) string {
	name, _, _ := strings.Cut(im.tensors[t].name, ";")
	name = strings.TrimPrefix(name, im.opt.Strip)
	for {
		i := strings.LastIndexByte(name, '/')
		if i < 1 || !slices.Contains(lower.Inner, name[i+1:]) {
			break
		}
		name = name[:i]
	}
	return strings.TrimSuffix(name, "/depthwise/depthwise") + map[bool]string{true: "/depthwise"}[strings.HasSuffix(name, "/depthwise/depthwise")]
}

// add appends a tensor under a name of its own.
func (im *importer) add(name string, shape [3]int, t float.Tensor) int {
	t.Name, t.Shape = name, shape
	for im.taken[t.Name] > 0 {
		im.taken[name]++
		t.Name, t.Again = fmt.Sprintf("%s_%d", name, im.taken[name]), name
	}
	im.taken[t.Name] = 1
	t.ID = len(im.net.Tensors)
	im.net.Tensors = append(im.net.Tensors, t)
	return t.ID
}

// emit appends a node that makes the file's tensor out.
func (im *importer) emit(n float.Node, out int, shape [3]int) {
	t := float.Tensor{}
	t.Min, t.Max, t.HasRange = im.tensors[out].declared()
	n.Output = im.add(im.layerName(out), shape, t)
	n.Rename(im.net.Tensors[n.Output].Name)
	im.made[out] = n.Output
	im.net.Nodes = append(im.net.Nodes, n)
}

// emitThen emits a node that cannot clamp its result, then the activation
// fused to it as a node of its own.
func (im *importer) emitThen(n float.Node, act int8, out int, shape [3]int) error {
	lo, hi, err := activation(act)
	if err != nil {
		return err
	}
	fn := ""
	switch act {
	case 0:
		im.emit(n, out, shape)
		return nil
	case 1:
		fn = graph.ReLU
	case 3:
		fn = graph.ReLU6
	default:
		return fmt.Errorf("fused activation %s is not supported here; NONE, RELU and RELU6 are", activationNames[act])
	}
	t := float.Tensor{HasRange: true} // values stay within the inputs'
	for _, i := range n.Inputs {
		in := im.net.Tensors[i]
		t.Min, t.Max, t.HasRange = min(t.Min, in.Min), max(t.Max, in.Max), t.HasRange && in.HasRange
	}
	n.Output = im.add(im.layerName(out)+"/before_"+fn, shape, t)
	n.Rename(im.net.Tensors[n.Output].Name)
	im.net.Nodes = append(im.net.Nodes, n)
	im.emit(float.Node{Node: graph.Node{Op: graph.Activation, Fn: fn, Inputs: []int{n.Output}}, ActMin: lo, ActMax: hi}, out, shape)
	return nil
}

// same makes tensor out another name of network tensor t.
func (im *importer) same(out, t int) {
	im.made[out] = t
	if name := im.layerName(out); im.alias[name] == 0 {
		im.alias[name] = im.net.Tensors[t].ID
	}
}

var activationNames = []string{"NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"}

// activation gives the range of a fused activation.
func activation(code int8) (lo, hi float64, err error) {
	switch code {
	case 0:
		lo, hi = float.Unclamped()
	case 1:
		lo, hi = 0, math.Inf(1)
	case 2:
		lo, hi = -1, 1
	case 3:
		lo, hi = 0, 6
	default:
		name := fmt.Sprintf("number %d", code)
		if n := int(code); n >= 0 && n < len(activationNames) {
			name = activationNames[n]
		}
		err = fmt.Errorf("fused activation %s is not supported; NONE, RELU, RELU_N1_TO_1 and RELU6 are", name)
	}
	return lo, hi, err
}
