package learn

import "math"

// Kinds of heads.
const (
	KNN     = "knn"     // the k nearest neighbours by cosine
	Softmax = "softmax" // softmax regression: one dense layer
	Dense   = "dense"   // dense layers with ReLU between
)

// Kinds lists what Options.Kind may be.
var Kinds = []string{KNN, Softmax, Dense}

// Options says how to learn. The zero value of a field stands for its default.
type Options struct {
	Kind string // KNN, Softmax or Dense; Softmax by default
	Seed uint64 // chooses what is left to chance: first weights, order, dropout, parts held out

	K int // KNN: neighbours that vote, 5 by default; as many as there are at most

	// Raw leaves vectors as long as they are; otherwise Softmax and Dense divide
	// each by its length first. KNN always does.
	Raw bool
	// Standardise gives each of a vector's values mean 0 and variance 1 over the
	// vectors learned from; weights undo it, so that heads see none of it.
	Standardise bool
	// Balanced weighs each vector by n / (classes * vectors of its class), so
	// that small classes count as much as large ones.
	Balanced bool

	// C is the inverse strength of regularisation of Softmax, as scikit-learn's
	// LogisticRegression has it: the sum of losses times C plus half the sum of
	// squared weights is made least. 10 by default: vectors of length 1 have
	// small values, for which 1 is much (README.md has figures).
	C float64
	// Tolerance ends Softmax when no part of the gradient of the mean loss is
	// larger. 1e-4 by default.
	Tolerance float64

	Widths  []int   // Dense: width of each hidden layer, [1024] by default
	Epochs  int     // Dense: rounds over all vectors, 60 by default; Softmax: iterations, 200
	Batch   int     // Dense: vectors of one step, 32 by default
	Rate    float64 // Dense: of learning, 1e-3 by default
	Decay   float64 // Dense: of weights, decoupled (AdamW), 1e-2 by default; negative: none
	Dropout float64 // Dense: share of hidden values that are left out at each step, 0..0.9
	// Smoothing takes this share, 0..0.5, of the wanted probability from the
	// class and spreads it over all (Dense, Softmax).
	Smoothing float64
	// Patience ends Dense when the loss of vectors held out has not become less
	// for so many epochs, and keeps the best weights; 0 holds nothing out.
	Patience int
	HoldOut  float64 // Dense: share held out where Patience is set, 0.1 by default

	// Progress, if set, is told of each epoch or iteration, by the goroutine
	// that called Train.
	Progress func(Step)
}

// Step is how far learning has come.
type Step struct {
	Fold, Folds int     // of CrossValidate, from 1; 0 in Train
	Done, Total int     // epochs or iterations; it may end before Total
	Loss        float64 // mean cross-entropy in nats, regularisation included
	Accuracy    float64 // share of the vectors learned from that are told right, 0..1
	// HeldOut is the loss of vectors held out, where there are any.
	HeldOut float64
}

// filled is o with its defaults, checked.
func (o Options) filled() (Options, error) {
	if o.Kind == "" {
		o.Kind = Softmax
	}
	fill := func(v *float64, by float64) {
		if *v == 0 {
			*v = by
		}
	}
	count := func(v *int, by int) {
		if *v == 0 {
			*v = by
		}
	}
	fill(&o.C, 10)
	fill(&o.Tolerance, 1e-4)
	fill(&o.Rate, 1e-3)
	fill(&o.Decay, 1e-2)
	fill(&o.HoldOut, 0.1)
	o.Decay = max(o.Decay, 0)
	count(&o.K, 5)
	count(&o.Batch, 32)
	if o.Widths == nil {
		o.Widths = []int{1024}
	}
	if o.Kind == Dense {
		count(&o.Epochs, 60)
	}
	count(&o.Epochs, 200)
	return o, o.check()
}

func (o Options) check() error {
	in := func(v, lo, hi float64) bool { return v >= lo && v <= hi } // false for NaN
	switch {
	case o.Kind != KNN && o.Kind != Softmax && o.Kind != Dense:
		return errorf(CodeOptions, "head %q is not known: choose knn, softmax or dense", o.Kind)
	case o.K < 1:
		return errorf(CodeOptions, "%d neighbours: at least 1 is wanted", o.K)
	case !in(o.C, 1e-9, 1e9) || !in(o.Tolerance, 1e-9, 1):
		return errorf(CodeOptions, "C %v, tolerance %v: they must be within 1e-9..1e9 and 1e-9..1", o.C, o.Tolerance)
	case o.Epochs < 1 || o.Epochs > 1<<20 || o.Batch < 1 || o.Batch > 1<<16:
		return errorf(CodeOptions, "%d epochs, %d vectors a step: they must be within 1..%d and 1..%d", o.Epochs, o.Batch, 1<<20, 1<<16)
	case !in(o.Rate, 1e-9, math.MaxFloat32) || !in(o.Decay, 0, 10) || !in(o.Dropout, 0, 0.9) || !in(o.Smoothing, 0, 0.5):
		return errorf(CodeOptions, "rate %v, decay %v, dropout %v, smoothing %v: they must be above 1e-9 and within 0..10, 0..0.9 and 0..0.5", o.Rate, o.Decay, o.Dropout, o.Smoothing)
	case o.Patience < 0 || !in(o.HoldOut, 0.001, 0.9):
		return errorf(CodeOptions, "patience %d, share held out %v: they must be at least 0 and within 0.001..0.9", o.Patience, o.HoldOut)
	case len(o.Widths) > maxLayers:
		return errorf(CodeOptions, "%d hidden layers: at most %d are supported", len(o.Widths), maxLayers)
	}
	for _, w := range o.Widths {
		if w < 1 || w > maxWidth {
			return errorf(CodeOptions, "a hidden layer of %d values: 1..%d are supported", w, maxWidth)
		}
	}
	return nil
}

const (
	maxLayers = 8
	maxWidth  = 1 << 14
)
