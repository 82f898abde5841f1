package model

import (
	"encoding/binary"
	"math"

	"likeness/engine/graph"
)

// KNN is the kind of heads that are no layers of the graph: they keep vectors.
const KNN = "knn"

// maxHeadValues bounds the values of a head's vectors: 512 MiB.
const maxHeadValues = 1 << 27

// Head is what was taught to a network: by layers of its graph, whose output
// has the scores of the labels, or of kind KNN by vectors that the file keeps.
type Head struct {
	Kind  string `json:"kind"`  // knn, softmax or dense
	Layer string `json:"layer"` // that vectors were taken from
	Pool  string `json:"pool"`  // how: avg, max or flatten
	// Threshold is the score, 0..1, below which a picture is none of the labels.
	Threshold float64 `json:"threshold,omitzero"`

	// Of kind KNN: neighbours that vote, labels, vectors of length 1 and the
	// label of each.
	K       int       `json:"k,omitzero"`
	Labels  []string  `json:"labels,omitempty"`
	Vectors []float32 `json:"-"` // [n][d], the tensor head.vectors
	Class   []int32   `json:"-"` // [n], the tensor head.class
}

func (h *Head) keepsVectors() bool { return h != nil && h.Kind == KNN }

// readHead returns nil for a file without a head.
func readHead(entries map[string]entry, meta map[string]string, body []byte) (*Head, error) {
	text, ok := meta["likeness.head"]
	if !ok {
		return nil, nil
	}
	h := &Head{}
	s := &scanner{b: []byte(text)}
	s.object(func(key string) {
		switch key {
		case "kind":
			h.Kind = s.string()
		case "layer":
			h.Layer = s.string()
		case "pool":
			h.Pool = s.string()
		case "threshold":
			h.Threshold = s.float(64)
		case "k":
			h.K = int(s.int(32))
		case "labels":
			parseStrings(s, &h.Labels, graph.MaxLabels, "labels")
		default:
			s.skip()
		}
	})
	if err := s.end(); err != nil {
		return nil, &Error{"the head is not valid", err}
	}
	if !h.keepsVectors() {
		return h, nil
	}
	vectors, class := entries["head.vectors"], entries["head.class"]
	if vectors.Dtype != "F32" || class.Dtype != "I32" || len(vectors.Shape) != 2 || len(class.Shape) != 1 || class.Shape[0] != vectors.Shape[0] {
		return nil, fail("the head keeps vectors, but head.vectors [n, d] of F32 and head.class [n] of I32 are not there: teach the model again")
	}
	if vectors.Shape[1] > maxHeadValues/vectors.Shape[0] {
		return nil, fail("the head keeps vectors of shape %v; at most %d values are allowed", vectors.Shape, maxHeadValues)
	}
	h.Vectors = floats(body[vectors.Offsets[0]:vectors.Offsets[1]])
	for b := body[class.Offsets[0]:class.Offsets[1]]; len(b) > 0; b = b[4:] {
		h.Class = append(h.Class, int32(binary.LittleEndian.Uint32(b)))
	}
	return h, nil
}

// validate checks a head against the graph: its layer exists, it has labels,
// and what it keeps is whole and finite. nil is valid.
func (h *Head) validate(g *graph.Graph) error {
	if h == nil {
		return nil
	}
	if h.Kind != KNN && h.Kind != "softmax" && h.Kind != "dense" {
		return fail("a head of kind %q; this engine has knn, softmax and dense: use a newer one", h.Kind)
	}
	if t, ok := g.Tensor(h.Layer); !ok || t == 0 {
		return fail("the head takes layer %q, which the graph does not have", h.Layer)
	}
	if h.Pool != "avg" && h.Pool != "max" && h.Pool != "flatten" {
		return fail("the head takes pooling %q: avg, max and flatten are known", h.Pool)
	}
	if !(h.Threshold >= 0 && h.Threshold <= 1) {
		return fail("the head has threshold %g, which is not within 0..1", h.Threshold)
	}
	if !h.keepsVectors() {
		if len(g.Labels) < 2 || h.K != 0 || len(h.Labels)+len(h.Vectors)+len(h.Class) > 0 {
			return fail("a head of layers has its %d labels, two or more, in the graph, and keeps no vectors", len(g.Labels))
		}
		return nil
	}
	return h.validateVectors()
}

func (h *Head) validateVectors() error {
	n := len(h.Class)
	if n == 0 || len(h.Vectors) == 0 || len(h.Vectors)%n != 0 || len(h.Vectors) > maxHeadValues {
		return fail("the head keeps %d values for %d vectors", len(h.Vectors), n)
	}
	if len(h.Labels) < 2 || len(h.Labels) > graph.MaxLabels || h.K < 1 || h.K > n {
		return fail("the head has %d labels and asks %d neighbours of %d", len(h.Labels), h.K, n)
	}
	for i, c := range h.Class {
		if c < 0 || int(c) >= len(h.Labels) {
			return fail("vector %d of the head has label %d of %d", i, c, len(h.Labels))
		}
	}
	for i, v := range h.Vectors {
		if !(math.Abs(float64(v)) <= math.MaxFloat32) {
			return fail("the head holds %g at place %d", v, i)
		}
	}
	return nil
}
