package learn

import (
	"context"
	"math"

	"likeness/engine/internal/portable"
)

// Head tells classes of vectors. It is safe for concurrent use and not to be
// changed while it is.
type Head struct {
	Kind   string   // KNN, Softmax or Dense
	Dim    int      // values of a vector
	Labels []string // of the classes
	Raw    bool     // vectors are taken as long as they are; else divided by their length

	// Layers of Softmax (one) and Dense (one more than hidden ones, with ReLU
	// between): the last has a value, the logit, for each class.
	Layers []Layer

	// Of KNN: neighbours that vote, the vectors, each of length 1, and their
	// classes.
	K       int
	Vectors []float32 // [n][Dim]
	Class   []int     // [n]

	// Temperature divides logits before they become scores; 1 leaves them.
	Temperature float64
	// Threshold is the least score with which the best class is meant; below it
	// a picture is none of these. 0: it is always one of them.
	Threshold float64

	// Peaks are the largest absolute values of vectors learned from, as the
	// first layer gets them, and of the values of each layer.
	Peaks []float32 // [len(Layers)+1]
}

// Layer is a fully connected layer: y[o] = sum over i of Weight[o*In+i]*x[i] +
// Bias[o].
type Layer struct {
	In, Out int
	Weight  []float32 // [Out][In]
	Bias    []float32 // [Out]
}

// None is the class of a vector that is none of those learned.
const None = -1

// History is how learning went.
type History struct {
	Rounds    int    // epochs or iterations done
	Converged bool   // it ended because nothing more was to be gained
	Best      int    // Dense with Patience: the epoch whose weights were kept, from 1
	Steps     []Step // one a round
}

func (h *History) add(s Step) { h.Steps = append(h.Steps, s) }

// Train learns a head. It returns an *Error of the codes of Data.Check and of
// CodeOptions with no head; with CodeStopped, when ctx ends, and CodeDiverged,
// when the loss is no number any more, the head is what was good until then.
func Train(ctx context.Context, d *Data, o Options) (*Head, *History, error) {
	o, err := o.filled()
	if err == nil {
		err = d.Check()
	}
	if err != nil {
		return nil, nil, err
	}
	return train(ctx, d, &o)
}

// train is Train of what is checked.
func train(ctx context.Context, d *Data, o *Options) (*Head, *History, error) {
	h := &Head{Kind: o.Kind, Dim: d.Dim, Labels: d.Labels, Raw: o.Raw, Temperature: 1}
	var history History
	if o.Kind == KNN {
		h.keepNeighbours(d, o.K)
		return h, &history, nil
	}
	p := prepare(d, o)
	var err error
	if o.Kind == Dense {
		h.Layers, history, err = trainDense(ctx, p, o)
	} else {
		h.Layers, history, err = trainSoftmax(ctx, p, o)
	}
	h.measure(d)
	return h, &history, err
}

// mostMeasured bounds the vectors that peaks are taken from: whoever uses them
// leaves room.
const mostMeasured = 1000

// measure finds the peaks of each layer.
func (h *Head) measure(d *Data) {
	h.Peaks = make([]float32, len(h.Layers)+1)
	for i := 0; i < d.Len(); i += (d.Len() + mostMeasured - 1) / mostMeasured {
		for l, values := range h.forward(d.vector(i)) {
			for _, v := range values {
				h.Peaks[l] = max(h.Peaks[l], float32(math.Abs(float64(v))))
			}
		}
	}
}

// forward returns the vector as the first layer gets it and the values of each
// layer, negative ones of hidden layers as 0.
func (h *Head) forward(v []float32) [][]float32 {
	x := v
	if !h.Raw {
		x = make([]float32, len(v))
		unit(x, v)
	}
	all := [][]float32{x}
	for i := range h.Layers {
		x = h.Layers[i].apply(x, i+1 < len(h.Layers))
		all = append(all, x)
	}
	return all
}

func (l *Layer) apply(x []float32, relu bool) []float32 {
	y := make([]float32, l.Out)
	for o := range y {
		y[o] = float32(dot32(l.Weight[o*l.In:][:l.In], x) + float64(l.Bias[o]))
		if relu {
			y[o] = max(y[o], 0)
		}
	}
	return y
}

// dot32 is the sum of products, exact ones, in float64.
func dot32(a, b []float32) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(float64(a[i]) * float64(b[i]))
		s1 += float64(float64(a[i+1]) * float64(b[i+1]))
		s2 += float64(float64(a[i+2]) * float64(b[i+2]))
		s3 += float64(float64(a[i+3]) * float64(b[i+3]))
	}
	for ; i < len(a); i++ {
		s0 += float64(float64(a[i]) * float64(b[i]))
	}
	return (s0 + s1) + (s2 + s3)
}

// Logits are the values of the classes before they are made scores: those of
// the last layer, or of KNN the logarithms of the scores. A vector of another
// length than Dim, or with values that are not finite, gets an *Error.
func (h *Head) Logits(v []float32) ([]float64, error) {
	if len(v) != h.Dim {
		return nil, errorf(CodeDim, "the vector has %d values, the head was learned from vectors of %d: take the same model, layer and pooling", len(v), h.Dim)
	}
	for i, x := range v {
		if !finite(x) {
			return nil, errorf(CodeValue, "the vector holds %v at place %d", x, i)
		}
	}
	if h.Kind == KNN {
		x := make([]float32, len(v))
		unit(x, v)
		return h.voteLogits(h.lookup(x)), nil
	}
	z := make([]float64, len(h.Labels))
	all := h.forward(v)
	for c, x := range all[len(all)-1] {
		z[c] = float64(x)
	}
	return z, nil
}

// Scores are the probabilities of the classes, 0..1 each, 1 together: of KNN
// the shares of votes. Errors are those of Logits.
func (h *Head) Scores(v []float32) ([]float64, error) {
	z, err := h.Logits(v)
	if err != nil {
		return nil, err
	}
	return Probabilities(z, h.Temperature), nil
}

// Probabilities is the softmax of logits divided by a temperature.
func Probabilities(logits []float64, temperature float64) []float64 {
	top := logits[0]
	for _, z := range logits {
		top = max(top, z)
	}
	p, sum := make([]float64, len(logits)), 0.0
	for c, z := range logits {
		p[c] = portable.Exp((z - top) / temperature)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}

// Best is the class of the highest score, the first of several, or None where
// that is below threshold.
func Best(scores []float64, threshold float64) (class int, score float64) {
	for c, s := range scores {
		if s > scores[class] {
			class = c
		}
	}
	if score = scores[class]; score < threshold {
		return None, score
	}
	return class, score
}
