//go:build js && wasm

package main

import (
	"likeness/engine/learn"
)

// classifier tells classes by the model that is loaded; nil where it has no
// labels.
var classifier *learn.Classifier

// classesToJS tells the labels, the layer and pooling of the vector that scores
// are made of, and the score below which a picture is none of them.
func classesToJS() any {
	if classifier == nil {
		return nil
	}
	return map[string]any{"labels": list(classifier.Labels), "layer": classifier.Layer, "pool": classifier.Pool, "threshold": classifier.Threshold}
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
	if classifier == nil {
		return nil, &coded{"no-labels", "the model has no labels"}
	}
	scores, err := classifier.Scores(v)
	if err != nil {
		return nil, &coded{"vectors-mixed", err.Error()}
	}
	return doublesToJS(scores), nil
}
