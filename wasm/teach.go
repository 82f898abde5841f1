//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"syscall/js"

	"likeness/engine"
	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/picture"
)

// teachVectors(options, labels, names, class Int32Array, model Uint8Array, hooks)
// learns to tell the classes of the vectors of the set: names has a name for
// each, class the index of its label or -1 for those that are not learned from.
// The options are those of learn.Options, {folds, unsure} as the command has
// them, and {layer, pool, resize, name} of the model, which made the vectors. It
// gives [the model file with what was learned Uint8Array, the class that each
// vector is told to be Int32Array, its score Float64Array, labels, report]. The
// class of a vector that was learned from is told by heads that have not seen
// it, unless folds is 0.
func teachVectors(j *job) (any, error) {
	t, err := newTeaching(j)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	t.o.Progress = func(s learn.Step) {
		if j.step(s, t.runs()) != nil {
			stop()
		}
	}
	var cross *learn.Report
	if t.folds > 0 {
		if cross, err = learn.CrossValidate(ctx, t.data, t.o, t.folds); err != nil {
			return nil, learnFault(ctx, err)
		}
	}
	h, history, err := learn.Train(ctx, t.data, t.o)
	if err != nil {
		return nil, learnFault(ctx, err)
	}
	if cross != nil {
		cross.Apply(h, t.unsure)
	}
	file, err := t.attach(h)
	if err != nil {
		return nil, err
	}
	told, scores, err := t.tell(j, h, cross)
	if err != nil {
		return nil, err
	}
	return []any{typed("Uint8Array", file), typed("Int32Array", raw(told)), doublesToJS(scores), list(t.data.Labels), reportToJS(h, history, cross)}, nil
}

// teaching is what one call of teachVectors is about.
type teaching struct {
	model  *model.File
	place  learn.Place
	name   string
	data   *learn.Data
	rows   []int // of the set, of each vector that is learned from
	o      learn.Options
	folds  int
	unsure float64
}

// runs counts how often a head is learned.
func (t *teaching) runs() int { return t.folds + 1 }

func newTeaching(j *job) (*teaching, error) {
	o, err := j.options(0)
	if err != nil {
		return nil, err
	}
	t := &teaching{}
	if err := t.options(o); err != nil {
		return nil, err
	}
	if err := t.gather(j); err != nil {
		return nil, err
	}
	return t, t.network(j, o)
}

// options reads those of learning. What is left out is learn's default.
func (t *teaching) options(o options) (err error) {
	text := func(to *string, key string) {
		if err == nil {
			*to, err = o.text(key)
		}
	}
	count := func(to *int, key string) {
		if err == nil {
			*to, err = o.whole(key, 0, 0, math.MaxInt32)
		}
	}
	number := func(to *float64, key string) {
		if err == nil {
			*to, err = o.number(key, 0, -math.MaxFloat32, math.MaxFloat32)
		}
	}
	text(&t.o.Kind, "head")
	count(&t.o.K, "k")
	count(&t.o.Epochs, "epochs")
	count(&t.o.Batch, "batch")
	count(&t.o.Patience, "patience")
	count(&t.folds, "folds")
	number(&t.o.C, "c")
	number(&t.o.Rate, "rate")
	number(&t.o.Decay, "decay")
	number(&t.o.Dropout, "dropout")
	number(&t.o.Smoothing, "smoothing")
	number(&t.unsure, "unsure")
	if err != nil {
		return err
	}
	if !(t.unsure >= 0 && t.unsure <= 0.5) || t.unsure > 0 && t.folds == 0 {
		return o.wrong("unsure", "0 to 0.5, and 0 without folds")
	}
	t.o.Balanced, t.o.Standardise = o.get("balanced").Truthy(), o.get("standardise").Truthy()
	if widths := o.get("widths"); isArray(widths) {
		for i := range widths.Length() {
			w, err := whole(o.arguments, widths.Index(i), "widths", 1, math.MaxInt32)
			if err != nil {
				return err
			}
			t.o.Widths = append(t.o.Widths, w)
		}
	}
	seed, err := o.whole("seed", 0, 0, 1<<53-1)
	t.o.Seed = uint64(seed)
	return err
}

// gather takes the vectors that are learned from out of the set, in the order
// that likeness teach has them in.
func (t *teaching) gather(j *job) error {
	labels, err := options{arguments: j.arguments}.texts("the labels", j.at(1))
	if err != nil {
		return err
	}
	names, err := options{arguments: j.arguments}.texts("the names", j.at(2))
	if err != nil {
		return err
	}
	class, err := j.ints(3, "the classes")
	if err != nil {
		return err
	}
	if len(class) != set.n || len(names) != set.n {
		return &coded{"vectors-mixed", fmt.Sprintf("%d classes and %d names do not go with the %d vectors that were set", len(class), len(names), set.n)}
	}
	t.data = &learn.Data{Dim: max(set.dim, 1), Labels: labels}
	var keys []string
	for i, c := range class {
		if c < 0 {
			continue
		}
		t.data.Vectors, t.data.Class = append(t.data.Vectors, set.data[i*set.dim:][:set.dim]...), append(t.data.Class, int(c))
		t.rows, keys = append(t.rows, i), append(keys, names[i])
	}
	if err := t.data.Check(); err != nil {
		return learnFault(context.Background(), err)
	}
	before := slices.Clone(t.rows)
	for i, from := range t.data.Sort(keys) {
		t.rows[i] = before[from]
	}
	return nil
}

// network reads the model file that made the vectors.
func (t *teaching) network(j *job, o options) error {
	v, err := j.bytes(4, "the model")
	if err != nil {
		return err
	}
	take, err := o.take()
	if err != nil {
		return err
	}
	t.place = learn.Place{Layer: take.layer, Pool: string(take.pool)}
	if t.name, err = o.text("name"); err != nil {
		return err
	}
	file := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(file, v)
	if t.model, err = model.Read(file); err != nil {
		return err
	}
	if resize, err := o.text("resize"); err != nil {
		return err
	} else if resize != "" {
		if !slices.Contains(picture.Resizes, resize) {
			return o.wrong("resize", "one of the ways that extract has")
		}
		t.model.Graph.Prepare = t.model.Graph.Prepare.Resized(resize)
	}
	return nil
}

// attach gives the model file with what was learned, the bytes that likeness
// teach writes.
func (t *teaching) attach(h *learn.Head) ([]byte, error) {
	made, err := learn.Attach(t.model, h, t.place)
	if err != nil {
		return nil, learnFault(context.Background(), err)
	}
	return t.write(made)
}

func (t *teaching) write(made *model.File) ([]byte, error) {
	made.Graph.Prepare = t.model.Graph.Prepare
	if t.name != "" {
		made.Graph.Name = t.name
	}
	if err := engine.Fits(made); err != nil {
		return nil, err
	}
	var out buffer
	if err := model.Write(&out, made); err != nil {
		return nil, &coded{"learn-attach", err.Error()}
	}
	return out.b, nil
}

// tell gives the class of every vector of the set and its score.
func (t *teaching) tell(j *job, h *learn.Head, cross *learn.Report) (told []int32, scores []float64, err error) {
	told, scores = make([]int32, set.n), make([]float64, set.n)
	seen := make([][]float64, set.n)
	if cross != nil {
		for i, row := range t.rows {
			seen[row] = learn.Probabilities(cross.Logits[i], h.Temperature)
		}
	}
	check := j.check("telling")
	for i := range told {
		s := seen[i]
		if s == nil {
			if s, err = h.Scores(set.data[i*set.dim:][:set.dim]); err != nil {
				return nil, nil, learnFault(context.Background(), err)
			}
			if err := check(float64(i) / float64(set.n)); err != nil {
				return nil, nil, err
			}
		}
		class, score := learn.Best(s, 0)
		told[i], scores[i] = int32(class), score
	}
	return told, scores, nil
}

// step tells the page of one epoch: onFrame gets [part from 0, parts, epoch,
// epochs, loss, accuracy, loss of what is held out].
func (j *job) step(s learn.Step, runs int) error {
	part := float64(runs - 1)
	if s.Folds > 0 {
		part = float64(s.Fold - 1)
	}
	done := (part + float64(s.Done)/float64(max(s.Total, 1))) / float64(runs)
	if j.frame.Type() == js.TypeFunction {
		j.frame.Invoke(floatsToJS([]float32{float32(part), float32(runs), float32(s.Done), float32(s.Total), float32(s.Loss), float32(s.Accuracy), float32(s.HeldOut)}), done)
	}
	return j.check("learning")(done)
}

// reportToJS tells how it went and how well classes are told.
func reportToJS(h *learn.Head, history *learn.History, cross *learn.Report) any {
	r := map[string]any{"rounds": history.Rounds, "converged": history.Converged, "threshold": h.Threshold, "temperature": h.Temperature, "measured": nil}
	if n := len(history.Steps); n > 0 {
		r["trainingAccuracy"], r["loss"] = history.Steps[n-1].Accuracy, history.Steps[n-1].Loss
	}
	if cross != nil {
		r["measured"] = measuredToJS(cross)
	}
	return r
}

func measuredToJS(cross *learn.Report) map[string]any {
	confusion, classes := make([]any, len(cross.Confusion)), make([]any, len(cross.Classes))
	for c, row := range cross.Confusion {
		confusion[c] = list(row)
		one := cross.Classes[c]
		classes[c] = map[string]any{"label": one.Label, "vectors": one.Vectors, "precision": one.Precision, "recall": one.Recall, "f1": one.F1}
	}
	return map[string]any{"folds": cross.Folds, "foldAccuracy": list(cross.Each), "vectors": cross.Vectors, "accuracy": cross.Accuracy,
		"balancedAccuracy": cross.Balanced, "logLoss": cross.LogLoss, "confusion": confusion, "classes": classes}
}

// learnFault keeps the code of an error of package learn; a context that has
// ended was stopped by the page.
func learnFault(ctx context.Context, err error) error {
	var e *learn.Error
	if ctx.Err() != nil {
		return errStopped
	}
	if errors.As(err, &e) {
		return &coded{e.Code, e.Msg}
	}
	return err
}
