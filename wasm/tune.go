//go:build js && wasm

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"syscall/js"

	"likeness/engine/learn"
	"likeness/engine/picture"
	"likeness/engine/tune"
)

// viewer runs the frozen layers on views of pictures; it is kept from picture to
// picture.
var viewer struct {
	*tune.Viewer
	from, layer string
	o           tune.ViewOptions
}

// views(bytes or null, {from, layer, views, seed, resize, memory, pixels}) gives
// what the layer from makes of a picture and of further views of it: [values
// Uint8Array, notes], two bytes a value, little-endian, view after view.
func views(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	if err := a.file(); err != nil {
		return nil, err
	}
	defer release()
	o, err := a.options(1)
	if err != nil {
		return nil, err
	}
	if err := o.openViewer(); err != nil {
		return nil, err
	}
	memory, err := o.whole("memory", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if err := o.takeDecoded(); err != nil {
		return nil, err
	}
	p, err := picture.Open(encoded, picture.Limits{Memory: int64(memory)})
	if err != nil {
		return nil, err
	}
	var out []byte
	err = viewer.Look(tune.Chance(encoded), p, func(_ int, values []int16) error {
		for _, v := range values {
			out = binary.LittleEndian.AppendUint16(out, uint16(v))
		}
		return nil
	})
	if err != nil {
		return nil, tuneFault(context.Background(), err)
	}
	return []any{typed("Uint8Array", out), notesToJS(viewer.Notes())}, nil
}

func (o options) openViewer() error {
	from, err := o.text("from")
	if err != nil {
		return err
	}
	layer, err := o.text("layer")
	if err != nil {
		return err
	}
	v := tune.DefaultViews
	if v.Views, err = o.whole("views", v.Views, 1, 64); err != nil {
		return err
	}
	seed, err := o.whole("seed", 0, 0, 1<<53-1)
	if err != nil {
		return err
	}
	v.Seed = uint64(seed)
	if v.Resize, err = o.text("resize"); err != nil {
		return err
	}
	if viewer.Viewer != nil && viewer.from == from && viewer.layer == layer && viewer.o == v {
		return nil
	}
	made, err := tune.NewViewer(network, from, layer, v)
	if err != nil {
		return tuneFault(context.Background(), err)
	}
	viewer.Viewer, viewer.from, viewer.layer, viewer.o = made, from, layer, v
	return nil
}

// tuneNetwork(options, labels, names, class Int32Array, model Uint8Array, values
// [Uint8Array or digest], hooks) trains the network from a layer on. values has what views
// gave of each picture, or the digest by which the pack has it; its class is the index of its label. The options are
// those of tune.Options, {folds, unsure} as the command has them, and {views,
// resize, name}. It gives what teachVectors gives, for the pictures in the order
// in which they came.
func tuneNetwork(j *job) (any, error) {
	t, err := newTuning(j)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	runs, done := t.folds+1, 0.0
	t.o.Progress = func(s tune.Step) {
		part := float64(runs - 1)
		if s.Folds > 0 {
			part = float64(s.Fold - 1)
		}
		done = (part + float64(s.Done)/float64(s.Total)) / float64(runs)
		if j.step(s.Step, runs) != nil {
			stop()
		}
	}
	t.o.Yield = func() {
		if j.check("learning")(done) != nil {
			stop()
		}
	}
	var cross *tune.Report
	if t.folds > 0 {
		if cross, err = tune.CrossValidate(ctx, t.model, t.views, t.o, t.folds); err != nil {
			return nil, tuneFault(ctx, err)
		}
	}
	return t.learn(ctx, cross)
}

// tuning is what one call of tuneNetwork is about.
type tuning struct {
	teaching
	views  *tune.Data
	o      tune.Options
	before []int // where each picture was when it came
}

// learn trains and gives the answer of tuneNetwork.
func (t *tuning) learn(ctx context.Context, cross *tune.Report) (any, error) {
	trainer, err := tune.New(ctx, t.model, t.views, t.o)
	if err != nil {
		return nil, tuneFault(ctx, err)
	}
	if err := trainer.Run(ctx); err != nil {
		return nil, tuneFault(ctx, err)
	}
	var tuned *learn.Report
	if cross != nil {
		tuned = cross.Tuned
	}
	made, agreement, err := trainer.Model(ctx, tuned, t.unsure)
	if err != nil {
		return nil, tuneFault(ctx, err)
	}
	file, err := t.write(made)
	if err != nil {
		return nil, err
	}
	logits, h := [][]float64(nil), &learn.Head{Temperature: 1, Threshold: made.Head.Threshold}
	if tuned != nil {
		logits, h.Temperature = tuned.Logits, tuned.Temperature
	} else if logits, err = trainer.Logits(ctx, all(len(t.before))); err != nil {
		return nil, tuneFault(ctx, err)
	}
	told, scores := make([]int32, len(logits)), make([]float64, len(logits))
	for i, z := range logits {
		class, score := learn.Best(learn.Probabilities(z, h.Temperature), 0)
		told[t.before[i]], scores[t.before[i]] = int32(class), score
	}
	history := trainer.History()
	r := reportToJS(h, &history, tuned).(map[string]any)
	r["agreement"] = map[string]any{"pictures": agreement.Pictures, "mean": agreement.Mean, "least": agreement.Least, "classes": agreement.Classes}
	if cross != nil {
		r["headAlone"] = measuredToJS(cross.Head)
	}
	return []any{typed("Uint8Array", file), typed("Int32Array", raw(told)), doublesToJS(scores), list(t.views.Labels), r}, nil
}

func all(n int) []int {
	which := make([]int, n)
	for i := range which {
		which[i] = i
	}
	return which
}

func newTuning(j *job) (*tuning, error) {
	o, err := j.options(0)
	if err != nil {
		return nil, err
	}
	t := &tuning{}
	if err := t.teaching.options(o); err != nil {
		return nil, err
	}
	if err := t.network(j, o); err != nil {
		return nil, err
	}
	l := t.teaching.o
	t.o = tune.Options{Layer: t.place.Layer, Pool: t.place.Pool, Rate: l.Rate, Decay: l.Decay, Epochs: l.Epochs, Batch: l.Batch, Smoothing: l.Smoothing,
		Balanced: l.Balanced, Patience: l.Patience, C: l.C, Seed: l.Seed}
	if t.o.From, err = o.text("from"); err != nil {
		return nil, err
	}
	if t.o.Optimiser, err = o.text("optimiser"); err != nil {
		return nil, err
	}
	if t.o.Momentum, err = o.number("momentum", 0, -1, 1); err != nil {
		return nil, err
	}
	if t.o.WarmUp, err = o.number("warmUp", 0, -1, 1<<20); err != nil {
		return nil, err
	}
	return t, t.gatherViews(j, o)
}

// gatherViews takes what the frozen layers have made.
func (t *tuning) gatherViews(j *job, o options) error {
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
	count, err := o.whole("views", tune.DefaultViews.Views, 1, 64)
	if err != nil {
		return err
	}
	list := j.at(5)
	if !isArray(list) || list.Length() != len(class) || len(names) != len(class) || len(class) == 0 {
		return &coded{"vectors-mixed", "values, names and classes of the pictures do not agree in number"}
	}
	t.views = &tune.Data{Views: count, Labels: labels}
	for _, c := range class {
		t.views.Class = append(t.views.Class, int(c))
	}
	if t.views.Cache, err = j.cacheOf(list, count); err != nil {
		return err
	}
	probe := &learn.Data{Dim: 1, Vectors: make([]float32, len(class)), Class: t.views.Class, Labels: labels}
	if err := probe.Check(); err != nil {
		return learnFault(context.Background(), err)
	}
	t.before = t.views.Sort(names)
	return nil
}

// cacheOf reads values [count][n] of each picture: bytes, or the digest by which
// the pack has them.
func (j *job) cacheOf(list js.Value, count int) (tune.Cache, error) {
	lengthOf := func(v js.Value) int {
		if v.Type() != js.TypeObject || v.Get("length").Type() != js.TypeNumber {
			return 0
		}
		return v.Get("length").Int()
	}
	each := 0
	for i := 0; i < list.Length() && each == 0; i++ {
		each = lengthOf(list.Index(i))
	}
	if each%(2*count) != 0 {
		return nil, j.wrong("the values", "those that views gave")
	}
	n := each / (2 * count)
	cache := tune.Cache(tune.NewMemory(count, n))
	var kept *tune.Kept
	if pack.Pack != nil && pack.views == count && (each == 0 || n == pack.each) {
		kept = tune.NewKept(pack.Pack)
		kept.Rest, cache = cache, kept
	}
	bytes, values := make([]byte, each), make([]int16, n)
	check := j.check("start")
	for i := range list.Length() {
		v := list.Index(i)
		if v.Type() == js.TypeString {
			if err := j.takeKept(kept, v); err != nil {
				return nil, err
			}
			if err := check(0); err != nil {
				return nil, err
			}
			continue
		}
		if each == 0 || lengthOf(v) != each {
			return nil, j.wrong("the values", "those that views gave with the same options")
		}
		js.CopyBytesToGo(bytes, v)
		for view := range count {
			for k := range values {
				values[k] = int16(binary.LittleEndian.Uint16(bytes[2*(view*n+k):]))
			}
			if err := cache.Put(i, view, values); err != nil {
				return nil, err
			}
		}
	}
	return cache, nil
}

// takeKept takes a picture of the pack.
func (j *job) takeKept(kept *tune.Kept, v js.Value) error {
	d, err := j.digest(v)
	if err != nil {
		return err
	}
	if kept == nil {
		return &coded{tune.CodeData, "the cache has other views than are learned from: call Analysis.frozen with the options of tune"}
	}
	if _, ok := kept.Find(d); !ok {
		return &coded{tune.CodeData, "what the cache had of a picture is there no longer: another page has removed it, or the file is damaged; call Analysis.frozen again"}
	}
	kept.Take(d)
	return nil
}

// tuneFault keeps the code of an error of packages tune and learn.
func tuneFault(ctx context.Context, err error) error {
	var e *tune.Error
	if ctx.Err() == nil && errors.As(err, &e) {
		return &coded{e.Code, e.Msg}
	}
	return learnFault(ctx, err)
}
