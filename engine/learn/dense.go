package learn

import (
	"context"
	"math"
	"slices"

	"likeness/engine/internal/portable"
	"likeness/engine/kernel"
)

// network is dense layers under training, one batch at a time.
type network struct {
	layers          []*trained
	classes, batch  int
	dropout, smooth float64
	room            []float64 // [classes]
}

func newNetwork(p *prepared, o *Options, chance *portable.Random) *network {
	n := &network{classes: p.classes, batch: min(o.Batch, p.n), dropout: o.Dropout, smooth: o.Smoothing, room: make([]float64, p.classes)}
	in, fan := p.dim, p.dim
	for i, out := range append(slices.Clone(o.Widths), p.classes) {
		last := i == len(o.Widths)
		reach := math.Sqrt(6 / float64(fan)) // He et al. 2015
		if last {
			reach = math.Sqrt(6 / float64(fan+out)) // Glorot and Bengio 2010
		}
		l := newTrained(in, fan, out, n.batch, i > 0, reach, chance)
		n.layers = append(n.layers, l)
		in, fan = l.cols, out
	}
	return n
}

// run finds the logits of a batch, x [rows][dim]; they are the output of the
// last layer. chance, if there is one, chooses the values that are left out.
func (n *network) run(x []float32, rows int, chance *portable.Random) []float32 {
	for i, l := range n.layers {
		l.forward(x, rows)
		if x = l.out[:rows*l.cols]; i+1 < len(n.layers) {
			l.rectify(rows, n.dropout, chance)
		}
	}
	return x
}

// learn finds the gradients of a batch and the sum of its losses.
func (n *network) learn(x []float32, class []int, weight []float64, chance *portable.Random) (loss float64, right int) {
	rows := len(class)
	z, cols := n.run(x, rows, chance), n.layers[len(n.layers)-1].cols
	for i, c := range class {
		// The gradient is that of the mean over the batch.
		one, ok := SoftmaxLoss(z[i*cols:][:cols], n.classes, c, weight[c], n.smooth, n.room)
		if loss += one; ok {
			right++
		}
	}
	for i := range z {
		z[i] /= float32(rows)
	}
	for i := len(n.layers) - 1; i >= 0; i-- {
		before := x
		if i > 0 {
			before = n.layers[i-1].out
		}
		n.layers[i].gradients(before, rows)
		if i > 0 {
			n.layers[i].backward(n.layers[i-1], rows)
		}
	}
	return loss, right
}

// loss is the mean over vectors, without anything left out.
func (n *network) loss(p *prepared, which []int, batch *gathered) float64 {
	total, weights := 0.0, 0.0
	for len(which) > 0 {
		rows := min(n.batch, len(which))
		batch.fill(p, which[:rows])
		which = which[rows:]
		z, cols := n.run(batch.x, rows, nil), n.layers[len(n.layers)-1].cols
		for i, c := range batch.class {
			one, _ := SoftmaxLoss(z[i*cols:][:cols], n.classes, c, p.weight[c], 0, n.room)
			total, weights = total+one, weights+p.weight[c]
		}
	}
	return total / weights
}

// gathered is the vectors of one batch.
type gathered struct {
	x     []float32
	class []int
}

func (b *gathered) fill(p *prepared, which []int) {
	b.x, b.class = b.x[:0], b.class[:0]
	for _, i := range which {
		b.x, b.class = append(b.x, p.x[i*p.dim:][:p.dim]...), append(b.class, p.class[i])
	}
}

// trainDense learns by Adam with decoupled decay of weights (Kingma and Ba
// 2015; Loshchilov and Hutter 2019), the rate falling in a line to 0. It
// returns the weights of the last epoch, or of the best where patience is set;
// at an early end those that were good, and why.
func trainDense(ctx context.Context, p *prepared, o *Options) ([]Layer, History, error) {
	chance := portable.Random(o.Seed)
	n := newNetwork(p, o, &chance)
	t := &denseTraining{network: n, prepared: p, o: o, chance: &chance, best: math.Inf(1)}
	t.train = make([]int, p.n)
	for i := range t.train {
		t.train[i] = i
	}
	if o.Patience > 0 {
		t.train, t.held = Split(p.class, p.classes, o.HoldOut, o.Seed)
	}
	t.steps = o.Epochs * ((len(t.train) + n.batch - 1) / n.batch)
	for _, l := range n.layers {
		l.keep()
	}
	var err error
	for err == nil && t.h.Rounds < o.Epochs && !t.h.Converged {
		err = t.epoch(ctx)
	}
	layers := make([]Layer, len(n.layers))
	in := p.dim
	for i, l := range n.layers {
		layers[i] = l.layer(in)
		in = layers[i].Out
	}
	p.undo(&layers[0])
	return layers, t.h, err
}

// denseTraining is the state between epochs.
type denseTraining struct {
	*network
	*prepared
	o           *Options
	chance      *portable.Random
	train, held []int
	vectors     gathered
	step, steps int
	decay1      float64 // Adam's factors to the power of step
	decay2      float64
	best        float64
	h           History
}

// epoch goes through all vectors once, in a new order.
func (t *denseTraining) epoch(ctx context.Context) error {
	t.chance.Shuffle(t.train)
	s := Step{Done: t.h.Rounds + 1, Total: t.o.Epochs}
	right := 0
	for begin := 0; begin < len(t.train); begin += t.batch {
		if ctx.Err() != nil {
			return stopped(ctx.Err())
		}
		t.vectors.fill(t.prepared, t.train[begin:min(begin+t.batch, len(t.train))])
		loss, ok := t.learn(t.vectors.x, t.vectors.class, t.prepared.weight, t.chance)
		s.Loss, right = s.Loss+loss, right+ok
		if t.step == 0 {
			t.decay1, t.decay2 = 1, 1
		}
		t.decay1, t.decay2 = float64(t.decay1*kernel.AdamBeta1), float64(t.decay2*kernel.AdamBeta2)
		rate := t.o.Rate * (1 - float64(t.step)/float64(t.steps))
		for _, l := range t.layers {
			l.update(rate, t.o.Decay, t.decay1, t.decay2)
		}
		t.step++
	}
	s.Loss /= float64(len(t.train))
	s.Accuracy = float64(right) / float64(len(t.train))
	if len(t.held) > 0 {
		s.HeldOut = t.loss(t.prepared, t.held, &t.vectors)
	}
	return t.judge(s)
}

// judge keeps the weights of a good epoch.
func (t *denseTraining) judge(s Step) error {
	good := !math.IsNaN(s.Loss+s.HeldOut) && !math.IsInf(s.Loss+s.HeldOut, 0)
	for _, l := range t.layers {
		good = good && l.finite()
	}
	if !good {
		return diverged()
	}
	t.h.Rounds++
	if t.h.add(s); t.o.Progress != nil {
		t.o.Progress(s)
	}
	if len(t.held) == 0 || s.HeldOut < t.best {
		t.best, t.h.Best = s.HeldOut, t.h.Rounds
		for _, l := range t.layers {
			l.keep()
		}
	}
	t.h.Converged = len(t.held) > 0 && t.h.Rounds-t.h.Best >= t.o.Patience
	return nil
}
