package learn

import (
	"context"
	"math"
)

// Report is what heads learned from other folds tell of each vector.
type Report struct {
	Folds   int       `json:"folds"`
	Each    []float64 `json:"fold_accuracy"` // accuracy of each fold, 0..1
	Quality           // of all folds together
	// Temperature fits the scores to these predictions, see Calibrate. Quality
	// is measured with it.
	Temperature float64 `json:"temperature"`

	Logits [][]float64 `json:"-"` // of each vector, by the head that has not seen it
	Class  []int       `json:"-"`
}

// CrossValidate learns from all folds but one and tells the classes of that
// one, for each of folds stratified folds that o.Seed chooses. Errors are those
// of Train; where learning was stopped or diverged there is no report.
func CrossValidate(ctx context.Context, d *Data, o Options, folds int) (*Report, error) {
	o, err := o.filled()
	if err == nil {
		err = d.Check()
	}
	if err != nil {
		return nil, err
	}
	if folds < 2 || folds > d.Len() {
		return nil, errorf(CodeOptions, "%d folds of %d vectors: at least 2 and no more than there are vectors are wanted", folds, d.Len())
	}
	r := &Report{Folds: folds, Logits: make([][]float64, d.Len()), Class: d.Class, Temperature: 1}
	fold := Folds(d.Class, len(d.Labels), folds, o.Seed)
	for f := range folds {
		rest, test := without(fold, f)
		one := o
		if o.Progress != nil {
			one.Progress = func(s Step) {
				s.Fold, s.Folds = f+1, folds
				o.Progress(s)
			}
		}
		h, _, err := train(ctx, d.pick(rest), &one)
		if err != nil {
			return nil, err
		}
		if err := h.tell(ctx, d, test, r.Logits); err != nil {
			return nil, err
		}
		right := 0
		for _, i := range test {
			if told, _ := Best(r.Logits[i], math.Inf(-1)); told == d.Class[i] {
				right++
			}
		}
		r.Each = append(r.Each, share(float64(right), float64(len(test))))
	}
	if o.Kind != KNN { // shares of votes are no logits
		r.Temperature = Calibrate(r.Logits, r.Class)
	}
	r.Quality = Measure(r.Logits, r.Class, d.Labels, r.Temperature)
	return r, nil
}

// Apply gives a head learned from all vectors the temperature of the report,
// and the threshold below which the share lost, 0..1, of what is told right
// would be none of the classes; 0 leaves the threshold at 0.
func (r *Report) Apply(h *Head, lost float64) {
	h.Temperature = r.Temperature
	h.Threshold = ThresholdFor(r.Logits, r.Class, r.Temperature, lost)
}

// tell sets the logits of some vectors.
func (h *Head) tell(ctx context.Context, d *Data, which []int, logits [][]float64) error {
	divide(len(which), 4, func(from, to int) {
		if h.Kind == KNN && h.Dim <= maxRough {
			h.tellNear(ctx, d, which[from:to], logits)
			return
		}
		for _, i := range which[from:to] {
			if ctx.Err() != nil {
				return
			}
			logits[i], _ = h.Logits(d.vector(i)) // of the right length, finite: Data.Check
		}
	})
	if ctx.Err() != nil {
		return stopped(ctx.Err())
	}
	return nil
}

// tellNear is tell of KNN, all at once.
func (h *Head) tellNear(ctx context.Context, d *Data, which []int, logits [][]float64) {
	x := make([]float32, len(which)*h.Dim)
	for r, i := range which {
		unit(x[r*h.Dim:][:h.Dim], d.vector(i))
	}
	found := h.nearest(ctx, x, len(which))
	if ctx.Err() != nil {
		return
	}
	for r, i := range which {
		logits[i] = h.voteLogits(found[r])
	}
}
