//go:build js && wasm

package main

import (
	"math"
	"syscall/js"

	"likeness/engine"
	"likeness/engine/project"
	"likeness/engine/search"
	"likeness/engine/tune"
)

// network runs, and modelFile are the bytes that it was read from, which stay as
// they are.
var (
	network   *engine.Network
	modelFile []byte
)

// loaded refuses calls that come before a model.
func (a arguments) loaded() error {
	if network == nil {
		return &coded{"not-loaded", a.call + ": no model is loaded: call load or loadBytes before it"}
	}
	return nil
}

// info describes the network, built by hand: encoding/json costs 80 KB of
// download.
func info(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	layers := []any{}
	for _, l := range network.Layers() {
		layers = append(layers, map[string]any{"name": l.Name, "op": l.Op, "shape": list(l.Shape[:]), "macs": float64(l.MACs),
			"share": l.Share, "receptiveField": list(l.ReceptiveField[:]), "also": list(l.Also), "joined": list(l.Joined)})
	}
	p := network.Preparation()
	return map[string]any{
		"name": network.Name(), "hash": network.Hash(), "license": network.License(), "source": network.Source(),
		"defaultLayer": network.DefaultLayer(), "output": network.Output(), "labels": list(network.Labels()),
		"layers": layers, "backend": engine.Backend(), "classes": classesToJS(),
		"preparation": map[string]any{
			"width": p.Width, "height": p.Height, "resize": p.Resize, "side": p.Side, "interpolation": p.Interpolation,
			"order": p.Order, "mean": list(p.Mean[:]), "std": list(p.Std[:]),
		},
	}, nil
}

// trainable(layer) lists the layers after which the network can be trained for
// vectors of that layer, "" for the default one; end marks the ends of blocks.
func trainable(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	layers := []any{}
	if a.at(0).Type() != js.TypeString {
		return nil, a.wrong("the layer", "a string")
	}
	for _, c := range tune.Choices(&network.File().Graph, a.at(0).String()) {
		layers = append(layers, map[string]any{"layer": c.Layer, "shape": list(c.Shape[:]), "parameters": float64(c.Parameters), "end": c.End})
	}
	return layers, nil
}

// rank(query, data) returns [indices Int32Array, scores Float32Array].
func rank(a arguments) (any, error) {
	query, err := a.floats(0, "the query")
	if err != nil {
		return nil, err
	}
	data, err := a.floats(1, "the vectors")
	if err != nil {
		return nil, err
	}
	if len(query) == 0 || len(data)%len(query) != 0 {
		return nil, &coded{"vectors-mixed", "the vectors have different lengths: they come from different layers or models"}
	}
	return ranked(search.Rank(query, data)), nil
}

// rankSet(query Float32Array) ranks all vectors of the set, as rank does.
func rankSet(a arguments) (any, error) {
	query, err := a.floats(0, "the query")
	if err != nil {
		return nil, err
	}
	if len(query) != set.dim {
		return nil, otherLength(query)
	}
	return ranked(search.Rank(query, set.data)), nil
}

func ranked(matches []search.Match) []any {
	index, score := make([]int32, len(matches)), make([]float32, len(matches))
	for i, m := range matches {
		index[i], score[i] = int32(m.Index), m.Score
	}
	return []any{typed("Int32Array", raw(index)), floatsToJS(score)}
}

// pca(data, {count, dim, k}) returns [coords Float32Array, explained
// Float32Array].
func pca(a arguments) (any, error) {
	data, err := a.floats(0, "the vectors")
	if err != nil {
		return nil, err
	}
	o, err := a.options(1)
	if err != nil {
		return nil, err
	}
	var size [3]int
	for i, key := range []string{"count", "dim", "k"} {
		if size[i], err = o.whole(key, 0, 0, math.MaxInt32); err != nil {
			return nil, err
		}
	}
	coords, explained, err := project.PCA(data, size[0], size[1], size[2])
	if err != nil {
		return nil, &coded{"vectors-mixed", err.Error()}
	}
	share := make([]float32, len(explained))
	for i, v := range explained {
		share[i] = float32(v)
	}
	return []any{floatsToJS(coords), floatsToJS(share)}, nil
}

// buffer collects an export.
type buffer struct{ b []byte }

func (w *buffer) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}
