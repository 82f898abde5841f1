//go:build js && wasm

package main

import (
	"errors"
	"fmt"
	"math"
	"syscall/js"
	"time"

	"likeness/engine/project"
	"likeness/engine/search"
)

// set holds the vectors that maps, groups and searches are about.
var set struct {
	data   []float32
	n, dim int
}

const (
	// maxSet bounds the values of a set: 1 GiB.
	maxSet = 1 << 28
	// maxMapped bounds the vectors of a map by t-SNE and UMAP, whose memory is
	// about 7 KB each at 320 values; there are 4 GiB.
	maxMapped = 250000
)

// setVectors(data Float32Array, dim) replaces the set.
func setVectors(a arguments) (any, error) {
	v, err := a.array(0, "Float32Array", "the vectors")
	if err != nil {
		return nil, err
	}
	dim, err := a.whole(1, "the number of values of a vector", 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	count := v.Get("length").Int()
	if count%dim != 0 {
		return nil, &coded{"vectors-mixed", fmt.Sprintf("%d values are not vectors of %d values each", count, dim)}
	}
	if count > maxSet {
		return nil, &coded{"vectors-many", fmt.Sprintf("%d vectors of %d values need more than 1 GiB: choose fewer pictures, or a layer with shorter vectors", count/dim, dim)}
	}
	set.data, set.n, set.dim = nil, 0, dim // the old ones may be collected first
	data, err := a.floats(0, "the vectors")
	if err != nil {
		return nil, err
	}
	for i, x := range data {
		if x-x != 0 {
			return nil, notFinite(i / dim)
		}
	}
	set.data, set.n = data, count/dim
	return set.n, nil
}

func notFinite(i int) error {
	return &coded{"vectors-invalid", fmt.Sprintf("vector %d holds a value that is not a finite number: leave it out, or make it again", i)}
}

// vectorsAt gathers vectors of the set by their indices.
func (a arguments) vectorsAt(i int, what string) ([]float32, error) {
	index, err := a.ints(i, what)
	if err != nil {
		return nil, err
	}
	out := make([]float32, 0, len(index)*set.dim)
	for _, k := range index {
		if k < 0 || int(k) >= set.n {
			return nil, a.wrong(what, fmt.Sprintf("indices of the %d vectors that were set", set.n))
		}
		out = append(out, set.data[int(k)*set.dim:][:set.dim]...)
	}
	return out, nil
}

// nearest(query Float32Array, k) returns [indices Int32Array, scores
// Float32Array] of the nearest vectors of the set.
func nearest(a arguments) (any, error) {
	query, err := a.floats(0, "the query")
	if err != nil {
		return nil, err
	}
	if len(query) != set.dim {
		return nil, otherLength(query)
	}
	k, err := a.whole(1, "the number of neighbours", 1, search.MaxNeighbours)
	if err != nil {
		return nil, err
	}
	nb, err := search.Among(query, set.data, set.dim, k, search.Options{})
	if err != nil {
		return nil, vectorFault(err)
	}
	return []any{typed("Int32Array", raw(nb.Index)), floatsToJS(nb.Score)}, nil
}

func otherLength(query []float32) error {
	return &coded{"vectors-mixed", fmt.Sprintf("the query has %d values, the vectors that were set have %d: vectors of different layers, poolings or models cannot be compared", len(query), set.dim)}
}

// vectorFault gives the engine's refusals their codes.
func vectorFault(err error) error {
	code := "vectors-invalid"
	var c *coded
	switch {
	case errors.As(err, &c):
		return err
	case errors.Is(err, project.ErrAlike):
		return &coded{"vectors-alike", project.ErrAlike.Error()}
	case errors.Is(err, project.ErrFew):
		code = "vectors-few"
	case errors.Is(err, search.ErrShape):
		code = "vectors-mixed"
	}
	return &coded{code, err.Error()}
}

// layout reads {method, dims, seed, epochs, neighbours, minDist, perplexity}.
func (a arguments) layout(i int) (l project.Layout, err error) {
	o, err := a.options(i)
	if err != nil {
		return l, err
	}
	if l.Method, err = o.text("method"); err != nil {
		return l, err
	}
	switch l.Method {
	case project.MethodPCA, project.MethodTSNE, project.MethodUMAP:
	default:
		return l, o.wrong("method", "pca, tsne or umap")
	}
	if l.Dims, err = o.whole("dims", 2, 2, 3); err != nil {
		return l, err
	}
	seed, err := o.whole("seed", 0, 0, 1<<53-1)
	if err != nil {
		return l, err
	}
	l.Seed = uint64(seed)
	if l.Epochs, err = o.whole("epochs", 0, 1, 1<<20); err != nil {
		return l, err
	}
	if l.Neighbours, err = o.whole("neighbours", project.DefaultNeighbours, 2, search.MaxNeighbours); err != nil {
		return l, err
	}
	if l.MinDist, err = o.number("minDist", 0.1, 0, 1); err != nil {
		return l, err
	}
	if l.MinDist == 0 {
		l.MinDist = -1 // none at all
	}
	l.Perplexity, err = o.number("perplexity", 0, 1, search.MaxNeighbours/3)
	return l, err
}

// mapVectors(layout, hooks) lays the set out: [coords Float32Array, explained
// Float64Array, of pca, neighbours in use, rounds].
func mapVectors(j *job) (any, error) {
	l, err := j.layout(0)
	if err != nil {
		return nil, err
	}
	if l.Method == project.MethodPCA {
		coords, explained, err := project.PCA(set.data, set.n, max(set.dim, 1), l.Dims)
		if err != nil {
			return nil, vectorFault(err)
		}
		return []any{floatsToJS(coords), list(explained), 0, 0}, nil
	}
	if set.n > maxMapped {
		return nil, &coded{"vectors-many", fmt.Sprintf("%d vectors are more than the %d that a browser's memory has room for: choose fewer, or the method pca", set.n, maxMapped)}
	}
	m, neighbours, err := l.Begin(set.data, set.n, max(set.dim, 1), j.check)
	if err != nil {
		return nil, vectorFault(err)
	}
	rounds := 0
	for more := true; more; rounds++ {
		more = m.Step(1)
		if time.Since(j.last) < between {
			continue
		}
		if j.frame.Type() == js.TypeFunction {
			j.frame.Invoke(floatsToJS(m.Coords()), m.Done())
		}
		if err := j.check("moving")(m.Done()); err != nil {
			return nil, err
		}
	}
	return []any{floatsToJS(m.Coords()), []any{}, neighbours, rounds}, nil
}

// placeVectors(layout, coords, on Int32Array, fresh Int32Array, hooks) places
// vectors of the set, by their indices, on the map of others: Float32Array.
func placeVectors(j *job) (any, error) {
	l, err := j.layout(0)
	if err != nil {
		return nil, err
	}
	coords, err := j.floats(1, "the places")
	if err != nil {
		return nil, err
	}
	on, err := j.vectorsAt(2, "the vectors on the map")
	if err != nil {
		return nil, err
	}
	fresh, err := j.vectorsAt(3, "the vectors to be placed")
	if err != nil {
		return nil, err
	}
	out, err := l.Place(coords, on, fresh, max(set.dim, 1), j.check("placing"))
	if err != nil {
		return nil, vectorFault(err)
	}
	return floatsToJS(out), nil
}

// measureMap(coords, {dims, near, sample}, hooks) compares a map of the set
// with its vectors: {trustworthiness, kept, near}; near is 0 where there are
// too few vectors.
func measureMap(j *job) (any, error) {
	coords, err := j.floats(0, "the places")
	if err != nil {
		return nil, err
	}
	o, err := j.options(1)
	if err != nil {
		return nil, err
	}
	dims, err := o.whole("dims", 2, 1, 3)
	if err != nil {
		return nil, err
	}
	near, err := o.whole("near", 10, 1, search.MaxNeighbours)
	if err != nil {
		return nil, err
	}
	sample, err := o.whole("sample", 500, 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	for i, x := range coords {
		if x-x != 0 {
			return nil, &coded{"vectors-invalid", fmt.Sprintf("the place of vector %d is not a finite number", i/dims)}
		}
	}
	if near = min(near, (set.n-1)/2); near < 1 {
		return map[string]any{"near": 0}, nil
	}
	f, err := project.Measure(set.data, set.dim, coords, dims, near, (set.n-1)/sample+1, j.check("measuring"))
	if err != nil {
		return nil, vectorFault(err)
	}
	return map[string]any{"trustworthiness": f.Trustworthiness, "kept": f.Kept, "near": near}, nil
}
