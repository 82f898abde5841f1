package tune

import (
	"context"
	"slices"

	"likeness/engine"
	"likeness/engine/learn"
	"likeness/engine/model"
)

// Model makes a model file of what was learned: int8 weights, the head as layers
// with the labels, like any that learn.Attach makes, and tells how well it agrees
// with the float run. r, if it is not nil, calibrates scores, and share unsure of
// what it tells right, 0..0.5, may become none of the classes.
func (t *Trainer) Model(ctx context.Context, r *learn.Report, unsure float64) (*model.File, *Agreement, error) {
	peaks, head, err := t.peaks(ctx)
	if err != nil {
		return nil, nil, err
	}
	f, err := quantise(t.f, t.net, t.part, peaks)
	if err != nil {
		return nil, nil, err
	}
	weight, bias := t.net.HeadWeights()
	h := &learn.Head{Kind: learn.Softmax, Dim: t.net.Pooled.C, Labels: slices.Clone(t.d.Labels), Temperature: 1, Peaks: head[:],
		Layers: []learn.Layer{{In: t.net.Pooled.C, Out: len(t.d.Labels), Weight: weight, Bias: bias}}}
	if r != nil {
		r.Apply(h, unsure)
	}
	made, err := learn.Attach(f, h, learn.Place{Layer: t.f.Graph.Tensors[t.part.to].Name, Pool: t.o.Pool})
	if err != nil {
		return nil, nil, err
	}
	if err := engine.Fits(made); err != nil {
		return nil, nil, err
	}
	a, err := t.agreement(ctx, made)
	return made, a, err
}
