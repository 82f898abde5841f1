package tune

import (
	"context"
	"errors"
	"math"

	"likeness/engine/internal/portable"
	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/tune/float"
)

// Trainer teaches one network. It is not safe for concurrent use.
type Trainer struct {
	f      *model.File
	d      *Data
	o      Options
	part   part
	net    *float.Network
	start  *learn.Head // that learning began with
	best   float64     // loss of pictures held out
	h      learn.History
	chance portable.Random

	train, held []int // pictures
	weight      []float64
	*optimiser
	values []int16 // of one view
	room   []float64
	done   bool
	failed error // that ended learning
}

// New makes the trainer of a valid model file, with a head learned from the
// vectors that the network gives as it is. All memory that learning takes is
// allocated here. Errors are *Error, or those of learn.Train: too few pictures or
// classes (learn.CodePictures, learn.CodeClasses), for example.
func New(ctx context.Context, f *model.File, d *Data, o Options) (*Trainer, error) {
	all := make([]int, len(d.Class))
	for i := range all {
		all[i] = i
	}
	return newTrainer(ctx, f, d, o, all)
}

// newTrainer learns from some pictures only.
func newTrainer(ctx context.Context, f *model.File, d *Data, o Options, which []int) (*Trainer, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	t := &Trainer{f: f, d: d, o: o, chance: portable.Random(o.Seed), train: which, best: math.Inf(1)}
	if t.part, err = resolve(&f.Graph, o.From, o.Layer); err != nil {
		return nil, err
	}
	if d.Cache == nil || d.Views < 1 {
		return nil, errorf(CodeData, "there are %d views of each picture in the cache: at least 1 is wanted", d.Views)
	}
	if err := t.checkClasses(which); err != nil {
		return nil, err
	}
	batch := min(o.Batch, len(which))
	t.net, err = float.New(f, t.part.from, t.part.to, batch, float.Head{Max: o.Pool == "max", Classes: len(d.Labels)})
	if err != nil {
		return nil, &Error{Code: CodeOperator, Msg: err.Error(), Err: err}
	}
	t.values, t.room = make([]int16, f.Graph.Tensors[t.part.from].Elems()), make([]float64, len(d.Labels))
	if err := t.checkFloat(); err != nil {
		return nil, err
	}
	if o.Patience > 0 {
		t.splitHeld()
	}
	t.weigh()
	t.optimiser = newOptimiser(&t.o, t.net.Params, t.epochSteps())
	return t, t.startHead(ctx)
}

// checkClasses asks engine/learn whether there is enough to learn from.
func (t *Trainer) checkClasses(which []int) error {
	probe := &learn.Data{Dim: 1, Labels: t.d.Labels, Vectors: make([]float32, len(which))}
	for _, i := range which {
		if i < 0 || i >= len(t.d.Class) {
			return errorf(CodeData, "picture %d of %d", i, len(t.d.Class))
		}
		probe.Class = append(probe.Class, t.d.Class[i])
	}
	return probe.Check()
}

// splitHeld holds pictures out, about the same share of each class.
func (t *Trainer) splitHeld() {
	class := make([]int, len(t.train))
	for k, i := range t.train {
		class[k] = t.d.Class[i]
	}
	rest, held := learn.Split(class, len(t.d.Labels), t.o.HoldOut, t.o.Seed)
	pick := func(which []int) (out []int) {
		for _, k := range which {
			out = append(out, t.train[k])
		}
		return out
	}
	t.train, t.held = pick(rest), pick(held)
}

func (t *Trainer) weigh() {
	count := make([]int, len(t.d.Labels))
	for _, i := range t.train {
		count[t.d.Class[i]]++
	}
	for _, n := range count {
		w := 1.0
		if t.o.Balanced {
			w = float64(len(t.train)) / float64(len(count)*max(n, 1))
		}
		t.weight = append(t.weight, w)
	}
}

func (t *Trainer) epochSteps() int { return (len(t.train) + t.net.Batch - 1) / t.net.Batch }

// startHead learns softmax regression from the vectors of the pictures as they
// are.
func (t *Trainer) startHead(ctx context.Context) error {
	v, err := t.vectors(ctx, t.train)
	if err != nil {
		return err
	}
	t.start, _, err = learn.Train(ctx, v, learn.Options{Kind: learn.Softmax, C: t.o.C, Balanced: t.o.Balanced, Smoothing: t.o.Smoothing, Seed: t.o.Seed})
	if err != nil {
		return err
	}
	t.net.SetHead(t.start.Layers[0].Weight, t.start.Layers[0].Bias)
	t.keep()
	return nil
}

// vectors are those of view 0, with the weights as they are now.
func (t *Trainer) vectors(ctx context.Context, which []int) (*learn.Data, error) {
	dim := t.net.Pooled.C
	v := &learn.Data{Dim: dim, Labels: t.d.Labels}
	err := t.each(ctx, which, func(row, i int) {
		v.Vectors = append(v.Vectors, t.net.Pooled.Value[row*t.net.Pooled.Px:][:dim]...)
		v.Class = append(v.Class, t.d.Class[i])
	})
	return v, err
}

// each runs view 0 of pictures and calls f with the place in the batch of each.
func (t *Trainer) each(ctx context.Context, which []int, f func(row, i int)) error {
	for len(which) > 0 {
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		n := min(t.net.Batch, len(which))
		for row, i := range which[:n] {
			if err := t.load(row, i, 0); err != nil {
				return err
			}
		}
		t.net.Forward(n)
		for row, i := range which[:n] {
			f(row, i)
		}
		which = which[n:]
		t.yield()
	}
	return nil
}

func (t *Trainer) load(row, i, view int) error {
	if err := t.d.Cache.Get(t.values, i, view); err != nil {
		return err
	}
	t.net.Input.Fill(row, t.values, t.f.Graph.Tensors[t.part.from].Scale)
	return nil
}

func (t *Trainer) yield() {
	if t.o.Yield != nil {
		t.o.Yield()
	}
}

// Done reports whether no epoch is left.
func (t *Trainer) Done() bool { return t.done }

// History is how learning went.
func (t *Trainer) History() learn.History { return t.h }

// Run learns until the end. Errors are those of Epoch; the trainer then has the
// last good weights, of which Model makes a file.
func (t *Trainer) Run(ctx context.Context) error {
	for !t.done {
		if _, err := t.Epoch(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Epoch goes through all pictures once, in a new order, a view of each. An
// *Error of CodeStopped or CodeDiverged leaves the weights of the last good
// epoch; after CodeDiverged nothing more is learned.
func (t *Trainer) Epoch(ctx context.Context) (Step, error) {
	if t.done {
		return Step{}, t.failed
	}
	state := *t.optimiser
	s, err := t.epoch(ctx)
	if err != nil {
		t.restore()
		// Of an epoch that was stopped, what the optimiser has gathered stays.
		t.step, t.power1, t.power2 = state.step, state.power1, state.power2
		if e := (*Error)(nil); errors.As(err, &e) && e.Code == CodeDiverged {
			t.done, t.failed = true, err
		}
		return s, err
	}
	if t.o.Progress != nil {
		t.o.Progress(s)
	}
	return s, nil
}

func (t *Trainer) epoch(ctx context.Context) (s Step, err error) {
	s.Done, s.Total = t.h.Rounds+1, t.o.Epochs
	t.chance.Shuffle(t.train)
	right, seen := 0, 0
	for k, n := 0, t.epochSteps(); k < n; k++ {
		if ctx.Err() != nil {
			return s, stopped(ctx)
		}
		s.Rate = t.rate()
		now := t.train[len(t.train)*k/n : len(t.train)*(k+1)/n]
		loss, ok, err := t.learn(now)
		if err != nil {
			return s, err
		}
		s.Loss, right, seen = s.Loss+loss, right+ok, seen+len(now)
		if !(math.Abs(s.Loss) <= math.MaxFloat32) {
			return s, t.diverged("the loss is no number any more")
		}
		t.update()
		t.yield()
	}
	s.Loss /= float64(seen)
	s.Accuracy = float64(right) / float64(seen)
	// The losses above are from before the last step, which is judged too.
	probe := t.held
	if len(probe) == 0 {
		probe = t.train[:min(t.net.Batch, len(t.train))]
	}
	now, err := t.loss(ctx, probe)
	if err != nil {
		return s, err
	}
	if len(t.held) > 0 {
		s.HeldOut = now
	}
	return s, t.judge(s, now)
}

// learn finds the gradients of a batch and the sum of its losses.
func (t *Trainer) learn(which []int) (loss float64, right int, err error) {
	for row, i := range which {
		if err := t.load(row, i, t.chance.Below(t.d.Views)); err != nil {
			return 0, 0, err
		}
	}
	t.net.Forward(len(which))
	z := t.net.Logits
	for row, i := range which {
		d := z.Gradient[row*z.Px:][:z.Px]
		copy(d, z.Value[row*z.Px:])
		c := t.d.Class[i]
		one, ok := learn.SoftmaxLoss(d, z.C, c, t.weight[c], t.o.Smoothing, t.room)
		if loss += one; ok {
			right++
		}
		for k := range d {
			d[k] /= float32(len(which))
		}
	}
	t.net.Backward(len(which))
	return loss, right, nil
}

// loss is the mean over pictures as they are.
func (t *Trainer) loss(ctx context.Context, which []int) (float64, error) {
	total, weights := 0.0, 0.0
	z, room := t.net.Logits, make([]float32, t.net.Logits.Px)
	err := t.each(ctx, which, func(row, i int) {
		c := t.d.Class[i]
		copy(room, z.Value[row*z.Px:])
		one, _ := learn.SoftmaxLoss(room, z.C, c, t.weight[c], 0, t.room)
		total, weights = total+one, weights+t.weight[c]
	})
	return total / weights, err
}

// worst is how many times the loss of guessing an epoch's loss may be: beyond,
// learning has gone astray.
const worst = 8

// judge keeps the weights of a good epoch. now is the loss of some pictures by
// them.
func (t *Trainer) judge(s Step, now float64) error {
	switch {
	case !(math.Abs(now) <= math.MaxFloat32) || !t.finite():
		return t.diverged("the weights are no numbers any more")
	case max(s.Loss, now) > worst*portable.Log(float64(len(t.d.Labels))):
		return t.diverged("the loss has become far larger than that of guessing")
	case t.dead():
		return t.diverged("the last layer has become 0 for all pictures")
	}
	t.h.Rounds++
	t.h.Steps = append(t.h.Steps, s.Step)
	if len(t.held) == 0 || s.HeldOut < t.best {
		t.best, t.h.Best = s.HeldOut, t.h.Rounds
		t.keep()
	}
	t.h.Converged = len(t.held) > 0 && t.h.Rounds-t.h.Best >= t.o.Patience
	if t.done = t.h.Converged || t.h.Rounds >= t.o.Epochs; t.done {
		t.restore()
	}
	return nil
}

// dead reports whether the vectors of the last batch are all zeros.
func (t *Trainer) dead() bool {
	for _, v := range t.net.Pooled.Value {
		if v != 0 {
			return false
		}
	}
	return true
}

func (t *Trainer) diverged(why string) error {
	return errorf(CodeDiverged, "learning went astray in epoch %d: %s; try a lower rate, such as %.1g", t.h.Rounds+1, why, t.o.Rate/10)
}

// Logits are the values of the classes for pictures as they are, by the weights
// as they are now.
func (t *Trainer) Logits(ctx context.Context, which []int) ([][]float64, error) {
	var all [][]float64
	z := t.net.Logits
	err := t.each(ctx, which, func(row, _ int) {
		one := make([]float64, z.C)
		for c := range one {
			one[c] = float64(z.Value[row*z.Px+c])
		}
		all = append(all, one)
	})
	return all, err
}
