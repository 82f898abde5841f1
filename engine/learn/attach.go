package learn

import (
	"fmt"
	"math"
	"slices"

	"likeness/engine/graph"
	"likeness/engine/model"
)

// Place is where a head's vectors come from.
type Place struct {
	Layer string // of the network, by one of its names
	Pool  string // avg, max or flatten
}

// Names of the layers that a head adds to a network: their values are those of
// the labels.
const (
	LogitsLayer        = "logits"
	ProbabilitiesLayer = "probabilities"
)

// room is by how much ranges exceed the peaks seen: there are bits to spare,
// and other pictures reach further.
const room = 2

// Attach makes a model file of the part of a network that gives the vectors,
// and a head: a copy of f, which stays as it is. Layers of Softmax and Dense
// become fully connected layers of the graph, of int8 weights like all others,
// ending in the layers LogitsLayer, divided by the temperature, and
// ProbabilitiesLayer, the output, with the labels. KNN keeps its vectors beside
// the graph. Errors are of code CodeAttach.
func Attach(f *model.File, h *Head, p Place) (*model.File, error) {
	t, ok := f.Graph.Tensor(p.Layer)
	if !ok {
		t, ok = f.Graph.Module(p.Layer)
	}
	if !ok || t == 0 {
		return nil, errorf(CodeAttach, "the network has no layer %q", p.Layer)
	}
	if p.Pool == "none" {
		p.Pool = "flatten"
	}
	if p.Pool != "avg" && p.Pool != "max" && p.Pool != "flatten" {
		return nil, errorf(CodeAttach, "a model file's head takes vectors pooled by avg, max or flatten, not by %q", p.Pool)
	}
	a := &attacher{f: cut(f, t), h: h}
	t = len(a.f.Graph.Tensors) - 1
	shape := a.f.Graph.Tensors[t].Shape
	dim := shape[2]
	if p.Pool == "flatten" {
		dim = shape[0] * shape[1] * shape[2]
	}
	if dim != h.Dim || len(h.Labels) < 2 {
		return nil, errorf(CodeAttach, "the head was learned from vectors of %d values, layer %q gives %d by %s", h.Dim, p.Layer, dim, p.Pool)
	}
	g := &a.f.Graph
	g.DefaultLayer = g.Tensors[t].Name
	a.f.Head = &model.Head{Kind: h.Kind, Layer: g.DefaultLayer, Pool: p.Pool, Threshold: h.Threshold}
	if h.Kind == KNN {
		a.f.Head.K, a.f.Head.Labels, a.f.Head.Vectors = h.K, h.Labels, h.Vectors
		for _, c := range h.Class {
			a.f.Head.Class = append(a.f.Head.Class, int32(c))
		}
	} else if err := a.layers(t, p.Pool); err != nil {
		return nil, err
	}
	if err := a.f.Validate(); err != nil {
		return nil, &Error{Code: CodeAttach, Msg: "the head does not fit the network: " + err.Error(), Err: err}
	}
	return a.f, nil
}

// FromFile returns the head that keeps its vectors in a model file, and where
// they come from; nil if there is none: the head may be layers of the graph.
func FromFile(f *model.File) (*Head, Place) {
	kept := f.Head
	if kept == nil || kept.Kind != model.KNN {
		return nil, Place{}
	}
	h := &Head{Kind: KNN, Dim: len(kept.Vectors) / len(kept.Class), Labels: kept.Labels, K: kept.K, Vectors: kept.Vectors, Temperature: 1, Threshold: kept.Threshold}
	for _, c := range kept.Class {
		h.Class = append(h.Class, int(c))
	}
	return h, Place{kept.Layer, kept.Pool}
}

// cut copies the part of a network that tensor t needs, which becomes the last
// one.
func cut(f *model.File, t int) *model.File {
	made := &model.File{License: f.License, Source: f.Source, SourceSHA256: f.SourceSHA256, Params: map[string]graph.Params{}}
	needed := make([]bool, len(f.Graph.Tensors))
	needed[0], needed[t] = true, true
	for i := len(f.Graph.Nodes) - 1; i >= 0; i-- {
		if n := &f.Graph.Nodes[i]; needed[n.Output] {
			for _, in := range n.Inputs {
				needed[in] = true
			}
		}
	}
	g := &made.Graph
	g.Name, g.Prepare = f.Graph.Name, f.Graph.Prepare
	g.Tensors = append(g.Tensors, f.Graph.Tensors[0])
	place := make([]int, len(needed))
	for _, n := range f.Graph.Nodes {
		if !needed[n.Output] {
			continue
		}
		place[n.Output] = len(g.Tensors)
		g.Tensors = append(g.Tensors, f.Graph.Tensors[n.Output])
		n.Output = place[n.Output]
		n.Inputs = slices.Clone(n.Inputs)
		for i, in := range n.Inputs {
			n.Inputs[i] = place[in]
		}
		if n.Weights != "" {
			made.Params[n.Weights] = f.Params[n.Weights]
		}
		g.Nodes = append(g.Nodes, n)
	}
	return made
}

// attacher adds a head's layers to a graph.
type attacher struct {
	f *model.File
	h *Head
}

// add appends a node and its output; names that the network has already get a
// number.
func (a *attacher) add(n graph.Node, t graph.Tensor) int {
	g := &a.f.Graph
	name := t.Name
	for i := 2; ; i++ {
		if _, taken := g.Tensor(t.Name); !taken {
			break
		}
		t.Name = fmt.Sprintf("%s_%d", name, i)
	}
	n.Name, n.Output = t.Name, len(g.Tensors)
	g.Tensors, g.Nodes = append(g.Tensors, t), append(g.Nodes, n)
	return n.Output
}

// layers adds what makes a vector of tensor t, of length 1 if the head wants
// that, and the head's own.
func (a *attacher) layers(t int, pool string) error {
	g := &a.f.Graph
	in := g.Tensors[t]
	vector := [3]int{1, 1, a.h.Dim}
	if in.Shape != vector {
		n := graph.Node{Op: graph.GlobalAvgPool, Inputs: []int{t}}
		out := graph.Tensor{Name: "head/pool", Shape: vector, Scale: in.Scale, Lo: in.Lo, Hi: in.Hi}
		switch pool {
		case "avg":
			// Means lie between the steps of what they are of.
			finest := min(math.MaxInt16/max(-int(in.Lo), int(in.Hi), 1), 256)
			out.Scale, out.Lo, out.Hi = in.Scale/float32(finest), in.Lo*int16(finest), in.Hi*int16(finest)
		case "max":
			n.Op = graph.GlobalMaxPool
		default:
			n.Op = graph.Reshape
		}
		t = a.add(n, out)
	}
	into := graph.Node{Op: graph.Activation, Fn: graph.Identity, Inputs: []int{t}}
	if !a.h.Raw {
		// The square root of the sum of squares over all channels, by a window
		// that has them all from anywhere.
		size := 2 * a.h.Dim
		if size > graph.MaxDim {
			return errorf(CodeAttach, "vectors of %d values are longer than a network can bring to length 1: pool them", a.h.Dim)
		}
		into = graph.Node{Op: graph.LRN, Inputs: []int{t}, Size: size, Alpha: float64(size), Beta: 0.5, Shift: 1e-6}
	}
	all := make([]*quantised, len(a.h.Layers)+1)
	for i := range a.h.Layers {
		all[i] = quantise(&a.h.Layers[i], a.reach(i), a.divisor(i))
	}
	out := all[0].input("head/vector", a.h.Dim)
	out.Lo = -out.Hi
	t = a.add(into, out)
	for i, q := range all[:len(a.h.Layers)] {
		width := a.h.Layers[i].Out
		out := graph.Tensor{Name: LogitsLayer, Shape: [3]int{1, 1, width}, Scale: float32(a.reach(i+1) / a.divisor(i) / math.MaxInt16), Lo: -math.MaxInt16, Hi: math.MaxInt16}
		if i+1 < len(a.h.Layers) {
			out = all[i+1].input(fmt.Sprintf("head/dense_%d", i+1), width)
		}
		n := graph.Node{Op: graph.FullyConnected, Inputs: []int{t}, Weights: fmt.Sprintf("head/weights_%d", i+1)}
		for _, taken := a.f.Params[n.Weights]; taken; _, taken = a.f.Params[n.Weights] {
			n.Weights += "_"
		}
		a.f.Params[n.Weights] = q.params(g.Tensors[t].Scale)
		t = a.add(n, out)
	}
	probabilities := graph.Tensor{Name: ProbabilitiesLayer, Shape: g.Tensors[t].Shape, Scale: 1.0 / 32767, Hi: math.MaxInt16}
	t = a.add(graph.Node{Op: graph.Softmax, Inputs: []int{t}}, probabilities)
	g.Output, g.Labels = g.Tensors[t].Name, slices.Clone(a.h.Labels)
	return nil
}

// reach is how far the values that layer i reads may go.
func (a *attacher) reach(i int) float64 {
	reach := room * float64(a.h.Peaks[i])
	if i == 0 && !a.h.Raw {
		reach = min(reach, 1)
	}
	return max(reach, 1e-6)
}

// divisor of layer i's weights and biases: the temperature of logits.
func (a *attacher) divisor(i int) float64 {
	if i+1 < len(a.h.Layers) {
		return 1
	}
	return a.h.Temperature
}
