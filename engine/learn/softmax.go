package learn

import (
	"context"
	"sync"

	"likeness/engine/kernel"
)

const (
	// partRows is how many vectors are summed in float32 before they are added
	// in float64: the same on any number of cores.
	partRows = 512
	// chunkRows of vectors stay in the first caches between the product for
	// their logits and that for the gradient.
	chunkRows = 32
)

// regression is the loss of softmax regression over all vectors, by weights
// [dim+1][classes], the last row being the biases.
type regression struct {
	*prepared
	cols      int     // classes, padded
	penalty   float64 // half of it times the sum of squared weights is added
	smoothing float64

	weight []float32 // [dim+1][cols], those of the present point
	parts  []*part   // one a worker
	right  int       // vectors told right at the present point
}

// part is what one worker finds of partRows vectors.
type part struct {
	gradient []float32 // [dim+1][cols]
	logits   []float32 // [chunkRows][cols]
	ones     []float32 // [chunkRows]
	room     []float64 // [classes]
	loss     float64
	right    int
}

func newRegression(p *prepared, o *Options) *regression {
	r := &regression{prepared: p, cols: padded(p.classes), penalty: 1 / (o.C * float64(p.n)), smoothing: o.Smoothing}
	r.weight = make([]float32, (p.dim+1)*r.cols)
	for range min(workers(), (p.n+partRows-1)/partRows) {
		one := &part{gradient: make([]float32, len(r.weight)), logits: make([]float32, chunkRows*r.cols), room: make([]float64, p.classes)}
		for range chunkRows {
			one.ones = append(one.ones, 1)
		}
		r.parts = append(r.parts, one)
	}
	return r
}

// at returns the mean loss with its penalty at a point [dim+1][classes], and
// sets gradient. Parts are added in order, whoever made them.
func (r *regression) at(point, gradient []float64) float64 {
	for k := range r.dim + 1 {
		for c := range r.classes {
			r.weight[k*r.cols+c] = float32(point[k*r.classes+c])
		}
	}
	clear(gradient)
	loss := 0.0
	r.right = 0
	for first := 0; first < r.n; first += len(r.parts) * partRows {
		var wait sync.WaitGroup
		now := 0
		for begin := first; begin < r.n && now < len(r.parts); begin += partRows {
			p := r.parts[now]
			if now++; len(r.parts) == 1 {
				r.run(p, begin)
				continue
			}
			wait.Go(func() { r.run(p, begin) })
		}
		wait.Wait()
		for _, p := range r.parts[:now] {
			loss, r.right = loss+p.loss, r.right+p.right
			for k := range r.dim + 1 {
				to, from := gradient[k*r.classes:][:r.classes], p.gradient[k*r.cols:]
				for c := range to {
					to[c] += float64(from[c])
				}
			}
		}
	}
	loss /= float64(r.n)
	squares := 0.0
	for i := range gradient {
		gradient[i] /= float64(r.n)
		if i < r.dim*r.classes {
			gradient[i] += float64(r.penalty * point[i])
			squares += float64(point[i] * point[i])
		}
	}
	return loss + float64(r.penalty*squares)/2
}

// run finds the gradient of the vectors from begin on, partRows at most.
func (r *regression) run(p *part, begin int) {
	clear(p.gradient)
	p.loss, p.right = 0, 0
	for end := min(begin+partRows, r.n); begin < end; begin += chunkRows {
		rows := min(chunkRows, end-begin)
		x := r.x[begin*r.dim:][:rows*r.dim]
		for i := range rows {
			copy(p.logits[i*r.cols:][:r.cols], r.weight[r.dim*r.cols:])
		}
		kernel.MulAdd(p.logits, kernel.Matrix{Values: x, Row: r.dim, Depth: 1}, r.weight, rows, r.dim, r.cols)
		for i := range rows {
			c := r.class[begin+i]
			loss, right := SoftmaxLoss(p.logits[i*r.cols:][:r.cols], r.classes, c, r.prepared.weight[c], r.smoothing, p.room)
			if p.loss += loss; right {
				p.right++
			}
		}
		kernel.MulAdd(p.gradient, kernel.Matrix{Values: x, Row: 1, Depth: r.dim}, p.logits, r.dim, rows, r.cols)
		kernel.MulAdd(p.gradient[r.dim*r.cols:], kernel.Matrix{Values: p.ones, Row: 0, Depth: 1}, p.logits, 1, rows, r.cols)
	}
}

// trainSoftmax makes the loss least. Of an end before that, by the context or
// by a loss that is no number, it returns what was reached and why.
func trainSoftmax(ctx context.Context, p *prepared, o *Options) ([]Layer, History, error) {
	r := newRegression(p, o)
	m := newMinimiser(r.at, (p.dim+1)*p.classes)
	var h History
	step := func() {
		s := Step{Done: h.Rounds, Total: o.Epochs, Loss: m.value, Accuracy: float64(r.right) / float64(p.n)}
		if h.add(s); o.Progress != nil {
			o.Progress(s)
		}
	}
	var err error
	for step(); h.Rounds < o.Epochs && !m.flat(o.Tolerance); step() {
		if ctx.Err() != nil {
			err = stopped(ctx.Err())
			break
		}
		if err = m.iterate(); err != nil || m.stuck {
			break
		}
		h.Rounds++
	}
	h.Converged = err == nil && (m.stuck || m.flat(o.Tolerance))
	l := Layer{In: p.dim, Out: p.classes, Weight: make([]float32, p.dim*p.classes), Bias: make([]float32, p.classes)}
	for k := range p.dim {
		for c := range p.classes {
			l.Weight[c*p.dim+k] = float32(m.point[k*p.classes+c])
		}
	}
	for c := range p.classes {
		l.Bias[c] = float32(m.point[p.dim*p.classes+c])
	}
	p.undo(&l)
	return []Layer{l}, h, err
}
