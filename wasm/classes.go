//go:build js && wasm

package main

import (
	"fmt"

	"likeness/engine"
	"likeness/engine/learn"
	"likeness/engine/model"
)

// classesOf tells how a picture's scores are had: the labels, the layer and
// pooling of the vector that they are made of, and the score below which a
// picture is none of them; nil where the model has no labels.
func classesOf(n *engine.Network) any {
	threshold := 0.0
	if h := n.Taught(); h != nil {
		threshold = h.Threshold
		if h.Kind == model.KNN {
			return map[string]any{"labels": list(h.Labels), "layer": h.Layer, "pool": h.Pool, "threshold": threshold, "normalize": true}
		}
	}
	if n.Output() == "" || len(n.Labels()) == 0 {
		return nil
	}
	return map[string]any{"labels": list(n.Labels()), "layer": n.Output(), "pool": "avg", "threshold": threshold, "normalize": false}
}

// classify(vector Float32Array) gives the score of each label, 0..1:
// Float64Array.
func classify(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	v, err := a.floats(0, "the vector")
	if err != nil {
		return nil, err
	}
	if h := network.Taught(); h != nil && h.Kind == model.KNN {
		head, _ := learn.FromFile(&model.File{Head: h})
		scores, err := head.Scores(v)
		if err != nil {
			return nil, err
		}
		return doublesToJS(scores), nil
	}
	if len(v) != len(network.Labels()) || len(v) == 0 {
		return nil, &coded{"vectors-mixed", fmt.Sprintf("%d values do not go with %d labels", len(v), len(network.Labels()))}
	}
	scores := make([]float64, len(v))
	for i, x := range v {
		scores[i] = float64(x)
	}
	if !network.Scored() {
		scores = learn.Probabilities(scores, 1)
	}
	return doublesToJS(scores), nil
}
