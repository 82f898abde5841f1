// Package tflite reads TensorFlow Lite files into the graph that the readers
// share: float32, float16 weights, or uint8 and int8 quantised, whose integers are
// widened to the real values they stand for, with their ranges and steps beside
// them (tensorflow/lite/schema/schema.fbs). Values are called after the file's
// tensors, layers by layerName.
package tflite

import (
	"errors"
	"fmt"
	"slices"

	"likeness/tools/convert/flatbuffer"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// Options settle what the file leaves open.
type Options struct {
	// Height and Width of the picture, pixels, 0 for the file's own: shapes are
	// computed anew for it.
	Height, Width int
}

// reader translates a file.
type reader struct {
	*tensorflow.Builder
	tensors           []tensor
	ops               []operator
	pictures, results []int                    // inputs and outputs, as tensors
	names             []string                 // of the values, by tensor
	made              map[int]tensorflow.Value // by tensor
	// constants is how many more numbers may be widened: few are used twice.
	constants int
}

// operator is one of the file's.
type operator struct {
	code            int32
	custom          string
	inputs, outputs []int
	options         flatbuffer.Table
	hasOptions      bool
}

// Read reads a file. What it holds beside the network's own operators, or of
// other kinds, is marked by a Fault: it may not be needed.
func Read(data []byte, opt Options) (g *nd.Graph, err error) {
	if len(data) < 8 || string(data[4:8]) != "TFL3" {
		return nil, errors.New("not a TensorFlow Lite file (no TFL3 mark): the download may be damaged")
	}
	defer func() {
		if damage := flatbuffer.Damage(""); errors.As(err, &damage) {
			g, err = nil, fmt.Errorf("damaged TensorFlow Lite file: %w: download or export it again", err)
		} else if err != nil {
			g, err = nil, fmt.Errorf("TensorFlow Lite: %w", err)
		}
	}()
	r, err := parse(data)
	if err != nil {
		return nil, err
	}
	return r.translate(opt)
}

// parse reads the tables.
func parse(data []byte) (r *reader, err error) {
	defer flatbuffer.Catch(&err)
	m := flatbuffer.Root(data)
	graphs, buffers := m.Tables(2), m.Tables(4)
	if len(graphs) == 0 {
		return nil, errors.New("the file holds no graph")
	}
	r = &reader{made: map[int]tensorflow.Value{}, constants: 8*len(data) + 1<<16}
	codes := m.Tables(1)
	g := graphs[0]
	for _, t := range g.Tables(0) {
		r.tensors = append(r.tensors, readTensor(t, buffers))
	}
	r.pictures, r.results = g.Int32s(1), g.Int32s(2)
	for i, o := range g.Tables(3) {
		c := int(uint32(o.Int32(0, 0)))
		if c >= len(codes) {
			return nil, fmt.Errorf("operator %d has code %d of %d", i, c, len(codes))
		}
		op := operator{code: max(int32(codes[c].Int8(0)), codes[c].Int32(3, 0)), custom: codes[c].String(1), inputs: o.Int32s(1), outputs: o.Int32s(2)}
		op.options, op.hasOptions = o.Table(4)
		if len(op.outputs) < 1 || len(op.inputs) < 1 || op.outputs[0] < 0 {
			return nil, fmt.Errorf("operator %d has no input or no output", i)
		}
		if err := op.checkArity(i); err != nil {
			return nil, err
		}
		for _, t := range append(slices.Clone(op.inputs), op.outputs...) {
			if t < -1 || t >= len(r.tensors) {
				return nil, fmt.Errorf("operator %d refers to tensor %d of %d", i, t, len(r.tensors))
			}
		}
		r.ops = append(r.ops, op)
	}
	if len(r.pictures) != 1 || r.pictures[0] < 0 || r.pictures[0] >= len(r.tensors) {
		return nil, fmt.Errorf("%d inputs, one picture is wanted", len(r.pictures))
	}
	for _, t := range r.results {
		if t < 0 || t >= len(r.tensors) {
			return nil, fmt.Errorf("output %d of %d tensors", t, len(r.tensors))
		}
	}
	return r, nil
}

// translate makes the graph.
func (r *reader) translate(opt Options) (g *nd.Graph, err error) {
	defer flatbuffer.Catch(&err)
	defer tensorflow.Catch(&err)
	r.Builder = tensorflow.New(tensorflow.Options{Partial: true})
	r.Out.Ranges, r.Out.Steps, r.Layers = map[string][2]float64{}, map[string][]float64{}, map[string]string{}
	r.nameValues()
	if err := r.picture(opt); err != nil {
		return nil, err
	}
	for i := range r.ops {
		op := &r.ops[i]
		c := &call{reader: r, operator: op, name: r.names[op.outputs[0]]}
		r.At(c.name, operatorName(op.code, op.custom))
		err := tensorflow.Attempt(c.run)
		if err == nil {
			continue
		}
		var in []tensorflow.Value
		for _, t := range op.inputs {
			if v, ok := r.made[t]; ok && t >= 0 {
				in = append(in, v)
			}
		}
		for _, t := range op.outputs {
			if t >= 0 {
				r.made[t] = r.Faulty(r.names[t], operatorName(op.code, op.custom), in, err)
			}
		}
	}
	for _, t := range r.results {
		if v, ok := r.made[t]; ok && v.Const == nil {
			r.Out.Outputs = append(r.Out.Outputs, nd.Value{Name: v.Name, Type: nd.Float32, Shape: v.Shape, Fault: v.Fault})
		}
	}
	if len(r.Out.Nodes) == 0 {
		return nil, errors.New("the file holds no operators")
	}
	return r.Graph()
}

// picture declares the input.
func (r *reader) picture(opt Options) error {
	t := &r.tensors[r.pictures[0]]
	if len(t.shape) != 4 {
		return fmt.Errorf("input %q has shape %v, [1 H W 3] is wanted", t.name, t.shape)
	}
	shape := []int{1, t.shape[1], t.shape[2], t.shape[3]}
	if opt.Height > 0 && opt.Width > 0 {
		shape[1], shape[2] = opt.Height, opt.Width
	}
	if c := shape[3]; c != 3 && c != 1 {
		return fmt.Errorf("input %q has %d channels, three are wanted (red, green, blue), or one (grey): networks of others are not supported", t.name, c)
	}
	if side := max(shape[1], shape[2]); min(shape[1], shape[2]) < 1 || side > tensorflow.MaxSide {
		return fmt.Errorf("input %q has shape %v, sides of 1 to %d are possible", t.name, t.shape, tensorflow.MaxSide)
	}
	name := r.names[r.pictures[0]]
	r.At(name, "input")
	r.Out.Inputs = []nd.Value{{Name: name, Type: nd.Float32, Shape: shape}}
	r.made[r.pictures[0]] = r.Keep(tensorflow.Value{Name: name, Shape: shape})
	r.declare(r.pictures[0])
	return nil
}

// declare notes the range of a tensor.
func (r *reader) declare(t int) {
	if lo, hi, ok := r.tensors[t].declared(); ok {
		r.Out.Ranges[r.names[t]] = [2]float64{lo, hi}
	}
}
