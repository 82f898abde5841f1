package tune

import (
	"context"
	"math"

	"likeness/engine/learn"
	"likeness/engine/model"
)

// Report is what was told of pictures that were not learned from: by a head alone
// on the network as it is, and by the network that was taught, in the same folds.
type Report struct {
	Head  *learn.Report `json:"head_alone"`
	Tuned *learn.Report `json:"fine_tuned"`
}

// CrossValidate learns from all folds but one and tells the classes of that one,
// for each of folds stratified folds that o.Seed chooses. Errors are those of New
// and Epoch.
func CrossValidate(ctx context.Context, f *model.File, d *Data, o Options, folds int) (*Report, error) {
	filled, err := o.filled()
	if err != nil {
		return nil, err
	}
	if folds < 2 || folds > len(d.Class) {
		return nil, errorf(CodeOptions, "%d folds of %d pictures: at least 2 and no more than there are pictures are wanted", folds, len(d.Class))
	}
	r := &Report{Tuned: &learn.Report{Folds: folds, Class: d.Class, Logits: make([][]float64, len(d.Class)), Temperature: 1}}
	of := learn.Folds(d.Class, len(d.Labels), folds, o.Seed)
	for fold := range folds {
		var train, test []int
		for i, k := range of {
			if k == fold {
				test = append(test, i)
			} else {
				train = append(train, i)
			}
		}
		one := o
		if o.Progress != nil {
			one.Progress = func(s Step) {
				s.Fold, s.Folds = fold+1, folds
				o.Progress(s)
			}
		}
		t, err := newTrainer(ctx, f, d, one, train)
		if err != nil {
			return nil, err
		}
		if fold == 0 {
			if r.Head, err = t.headAlone(ctx, &filled, folds); err != nil {
				return nil, err
			}
		}
		if err := t.Run(ctx); err != nil {
			return nil, err
		}
		if err := t.tell(ctx, test, r.Tuned); err != nil {
			return nil, err
		}
	}
	r.Tuned.Temperature = learn.Calibrate(r.Tuned.Logits, d.Class)
	r.Tuned.Quality = learn.Measure(r.Tuned.Logits, d.Class, d.Labels, r.Tuned.Temperature)
	return r, nil
}

// headAlone measures softmax regression on the vectors of all pictures, as they
// are before anything is learned.
func (t *Trainer) headAlone(ctx context.Context, o *Options, folds int) (*learn.Report, error) {
	all := make([]int, len(t.d.Class))
	for i := range all {
		all[i] = i
	}
	v, err := t.vectors(ctx, all)
	if err != nil {
		return nil, err
	}
	return learn.CrossValidate(ctx, v, learn.Options{Kind: learn.Softmax, C: o.C, Balanced: o.Balanced, Smoothing: o.Smoothing, Seed: o.Seed}, folds)
}

// tell adds the logits of a fold and its accuracy.
func (t *Trainer) tell(ctx context.Context, test []int, r *learn.Report) error {
	logits, err := t.Logits(ctx, test)
	if err != nil {
		return err
	}
	right := 0
	for k, i := range test {
		r.Logits[i] = logits[k]
		if told, _ := learn.Best(logits[k], math.Inf(-1)); told == t.d.Class[i] {
			right++
		}
	}
	r.Each = append(r.Each, float64(right)/float64(max(len(test), 1)))
	return nil
}
