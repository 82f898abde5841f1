package tune

import (
	"math"

	"likeness/engine/learn"
)

// Optimisers.
const (
	Adam = "adam" // Kingma and Ba 2015, with decoupled decay (Loshchilov and Hutter 2019)
	SGD  = "sgd"  // stochastic gradient descent with momentum and decoupled decay
)

// Options says how to learn. The zero value of a field stands for its default.
type Options struct {
	// From is the layer after which all is trained: one of Choices.
	From string
	// Layer makes the vectors that the head tells classes of; "" is the default
	// layer. Pool, avg (the default) or max, takes it over all places.
	Layer, Pool string

	Optimiser string  // Adam by default
	Rate      float64 // of learning at its highest: 3e-4 of Adam, 1e-2 of SGD
	HeadRate  float64 // the head's rate, in rates: 10 by default
	Momentum  float64 // of SGD: 0.9 by default; negative: none
	Decay     float64 // of weights: 1e-2 of Adam, 1e-4 of SGD; negative: none
	Epochs    int     // 30 by default
	Batch     int     // pictures of a step: 16 by default
	// WarmUp is the epochs in which the rate rises in a line, 1 by default;
	// negative: none. Then it falls to 0 by a cosine (Loshchilov and Hutter 2017).
	WarmUp float64
	// Smoothing takes this share, 0..0.5, of the wanted probability from the class
	// and spreads it over all (Szegedy et al. 2016).
	Smoothing float64
	// Balanced weighs classes so that small ones count as much as large ones.
	Balanced bool
	// Patience ends learning when the loss of pictures held out has not become
	// less for so many epochs, and keeps the best weights; 0 holds nothing out.
	Patience int
	HoldOut  float64 // share held out where Patience is set: 0.1 by default
	// C is the inverse strength of regularisation of the head that learning begins
	// with, as learn.Options has it: 10 by default.
	C    float64
	Seed uint64 // chooses the order and views of pictures, and parts held out

	// Progress, if set, is told of each epoch, by the goroutine that learns.
	Progress func(Step)
	// Yield, if set, is called between steps: where one thread does everything,
	// it may answer others.
	Yield func()
}

// Step is how far learning has come: Done epochs of Total.
type Step struct {
	learn.Step
	Rate float64 // of the last step
}

// filled is o with its defaults, checked.
func (o Options) filled() (Options, error) {
	if o.Optimiser == "" {
		o.Optimiser = Adam
	}
	if o.Pool == "" {
		o.Pool = "avg"
	}
	rate, decay := 3e-4, 1e-2
	if o.Optimiser == SGD {
		rate, decay = 1e-2, 1e-4
	}
	for _, f := range []struct {
		v  *float64
		by float64
	}{{&o.Rate, rate}, {&o.HeadRate, 10}, {&o.Momentum, 0.9}, {&o.Decay, decay}, {&o.WarmUp, 1}, {&o.HoldOut, 0.1}, {&o.C, 10}} {
		if *f.v == 0 {
			*f.v = f.by
		}
	}
	o.Momentum, o.Decay, o.WarmUp = max(o.Momentum, 0), max(o.Decay, 0), max(o.WarmUp, 0)
	if o.Epochs == 0 {
		o.Epochs = 30
	}
	if o.Batch == 0 {
		o.Batch = 16
	}
	return o, o.check()
}

func (o Options) check() error {
	in := func(v, lo, hi float64) bool { return v >= lo && v <= hi } // false for NaN
	switch {
	case o.Optimiser != Adam && o.Optimiser != SGD:
		return errorf(CodeOptions, "optimiser %q is not known: choose adam or sgd", o.Optimiser)
	case o.Pool != "avg" && o.Pool != "max":
		return errorf(CodeOptions, "pooling %q: fine-tuning has avg and max", o.Pool)
	case !in(o.Rate, 1e-9, math.MaxFloat32) || !in(o.HeadRate, 1e-6, 1e6):
		return errorf(CodeOptions, "rate %v, of the head %v times that: they must be above 1e-9, and within 1e-6..1e6", o.Rate, o.HeadRate)
	case !in(o.Momentum, 0, 0.999) || !in(o.Decay, 0, 10) || !in(o.Smoothing, 0, 0.5):
		return errorf(CodeOptions, "momentum %v, decay %v, smoothing %v: they must be within 0..0.999, 0..10 and 0..0.5", o.Momentum, o.Decay, o.Smoothing)
	case o.Epochs < 1 || o.Epochs > 1<<20 || o.Batch < 1 || o.Batch > 1<<12 || !in(o.WarmUp, 0, 1<<20):
		return errorf(CodeOptions, "%d epochs, %d pictures a step, warm-up %v: they must be within 1..%d, 1..%d and 0..%d", o.Epochs, o.Batch, o.WarmUp, 1<<20, 1<<12, 1<<20)
	case o.Patience < 0 || !in(o.HoldOut, 0.001, 0.9):
		return errorf(CodeOptions, "patience %d, share held out %v: they must be at least 0 and within 0.001..0.9", o.Patience, o.HoldOut)
	}
	return nil
}
