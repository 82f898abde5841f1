//go:build js && wasm

package main

import (
	"errors"
	"fmt"
	"math"
	"syscall/js"

	"likeness/engine"
	"likeness/engine/explain"
	"likeness/engine/picture"
	"likeness/engine/search"
)

// maps are the feature maps that extract and run have kept for explain.
var maps [2]*engine.FeatureMap

// mostTakes bounds the vectors of one run.
const mostTakes = 1024

// takes reads the option layers, [{layer, pool}, ...], or the options layer and
// pool where it is left out.
func (o options) takes() (takes []take, several bool, err error) {
	list := o.get("layers")
	if list.IsUndefined() {
		t, err := o.take()
		return []take{t}, false, err
	}
	wrong := o.wrong("layers", fmt.Sprintf("an array of 1 to %d objects with layer and pool", mostTakes))
	if list.Type() != js.TypeObject || !list.InstanceOf(js.Global().Get("Array")) {
		return nil, true, wrong
	}
	n := list.Length()
	if n < 1 || n > mostTakes {
		return nil, true, wrong
	}
	for i := range n {
		v := list.Index(i)
		if v.Type() != js.TypeObject {
			return nil, true, wrong
		}
		t, err := options{o.arguments, v}.take()
		if err != nil {
			return nil, true, err
		}
		takes = append(takes, t)
	}
	return takes, true, nil
}

// seen(bytes or null, {side, resize, memory, pixels}) gives the part of a picture
// that the network sees, as large as the network's input or a whole number of
// times that, about side pixels: {rgba, width, height}.
func seen(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	if err := a.file(); err != nil {
		return nil, err
	}
	defer release()
	r, err := a.reading(1)
	if err != nil {
		return nil, err
	}
	side, err := r.whole("side", 480, 1, 2048)
	if err != nil {
		return nil, err
	}
	if err := r.takeDecoded(); err != nil {
		return nil, err
	}
	p, err := picture.Open(encoded, r.limits)
	if err != nil {
		return nil, err
	}
	if r.resize == picture.ResizeTiles {
		return nil, &coded{engine.CodeTiles, "seen: a picture in tiles is seen in several parts: choose resize fit, stretch or shorter"}
	}
	if err := open(r); err != nil {
		return nil, err
	}
	prep := session.Preparation()
	long := max(prep.Width, prep.Height)
	return drawn(p, prep.Enlarged(max((side+long/2)/long, 1)))
}

// explainMaps({pool, strongest}) compares the two maps that were kept, and lets
// them go: {score, shape, a, b, grid, step, pairs, channels, strongest}, as
// explain.Result has them.
func explainMaps(a arguments) (any, error) {
	defer clear(maps[:])
	o, err := a.options(0)
	if err != nil {
		return nil, err
	}
	t, err := o.take()
	if err != nil {
		return nil, err
	}
	most, err := o.whole("strongest", 10, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if maps[0] == nil || maps[1] == nil {
		return nil, errors.New("explain: two pictures must be read with keep before it")
	}
	r, err := explain.Compare(maps[0], maps[1], t.pool)
	if err != nil {
		return nil, &coded{"layer-large", err.Error()}
	}
	strongest := []any{}
	for _, p := range r.Strongest(most) {
		strongest = append(strongest, map[string]any{"a": p.A, "b": p.B, "part": p.Part})
	}
	return map[string]any{
		"score": r.Score, "shape": list(r.Shape[:]), "a": doublesToJS(r.A), "b": doublesToJS(r.B),
		"grid": list(r.Grid[:]), "step": r.Step, "pairs": doublesToJS(r.Pairs), "channels": doublesToJS(r.Channels), "strongest": strongest,
	}, nil
}

// evaluate(data, labels) measures how well neighbours share labels: {queries, p1,
// p5, map, knn}, the figures of likeness eval. labels are whole numbers in an
// Int32Array, one for each vector.
func evaluate(a arguments) (any, error) {
	data, err := a.floats(0, "the vectors")
	if err != nil {
		return nil, err
	}
	v, err := a.array(1, "Int32Array", "the labels")
	if err != nil {
		return nil, err
	}
	labels := make([]int, v.Length())
	for i := range labels {
		labels[i] = v.Index(i).Int()
	}
	if len(labels) == 0 || len(data) == 0 || len(data)%len(labels) != 0 {
		return nil, &coded{"vectors-mixed", "evaluate: as many labels as vectors are wanted, and at least one"}
	}
	q := search.Evaluate(data, len(data)/len(labels), labels)
	return map[string]any{"queries": q.Queries, "p1": q.P1, "p5": q.P5, "map": q.MAP, "knn": q.KNN}, nil
}
