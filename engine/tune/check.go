package tune

import (
	"context"
	"math"

	"likeness/engine/model"
)

// Agreement holds the model file's int8 run against the float run, for the
// pictures learned from, as they are.
type Agreement struct {
	Pictures int     `json:"pictures"`
	Mean     float64 `json:"cosine_mean"` // of the vectors
	Least    float64 `json:"cosine_least"`
	Classes  float64 `json:"equal_classes"` // share of pictures with the same best class
}

// probed is how many pictures checkFloat runs.
const probed = 8

// leastCosine is what vectors of the float run must have with the engine's before
// anything is learned.
const leastCosine = 0.98

// checkFloat refuses a network whose float run is another than the engine's:
// where ranges of the file limit values in a way that is not a ReLU or ReLU6.
func (t *Trainer) checkFloat() error {
	r, err := newRunner(t.f, t.part.from, t.part.to)
	if err != nil {
		return err
	}
	for k := 0; k < len(t.train); k += (len(t.train) + probed - 1) / probed {
		if err := t.load(0, t.train[k], 0); err != nil {
			return err
		}
		r.run(t.values)
		t.net.Forward(1)
		if c := cosine(r.pooled(t.part.to, t.o.Pool == "max"), t.net.Pooled.Value[:t.net.Pooled.C]); c < leastCosine {
			return errorf(CodeOperator, "the layers after %q do other things in float32 than in the model file (cosine %.3f of the vectors of picture %d): their ranges limit values as no ReLU does; train from a later layer",
				t.f.Graph.Tensors[t.part.from].Name, c, t.train[k])
		}
	}
	return nil
}

// agreement runs the taught file and the float network side by side.
func (t *Trainer) agreement(ctx context.Context, made *model.File) (*Agreement, error) {
	at := func(name string) int {
		i, _ := made.Graph.Tensor(name)
		return i
	}
	to, out := at(made.Head.Layer), at(made.Graph.Output)
	r, err := newRunner(made, at(t.f.Graph.Tensors[t.part.from].Name), to, out)
	if err != nil {
		return nil, err
	}
	a := &Agreement{Least: 1}
	z, same := t.net.Logits, 0
	err = t.each(ctx, t.everyone(), func(row, i int) {
		if t.d.Cache.Get(t.values, i, 0) != nil {
			return // each has read it a moment ago
		}
		r.run(t.values)
		c := cosine(r.pooled(to, t.o.Pool == "max"), t.net.Pooled.Value[row*t.net.Pooled.Px:][:t.net.Pooled.C])
		a.Mean, a.Least = a.Mean+c, min(a.Least, c)
		told, best := r.pooled(out, false), 0
		for k := range told {
			if told[k] > told[best] {
				best = k
			}
		}
		float := 0
		for k := range z.C {
			if z.Value[row*z.Px+k] > z.Value[row*z.Px+float] {
				float = k
			}
		}
		if a.Pictures++; best == float {
			same++
		}
	})
	if err != nil {
		return nil, err
	}
	a.Mean, a.Classes = a.Mean/float64(max(a.Pictures, 1)), float64(same)/float64(max(a.Pictures, 1))
	return a, nil
}

// everyone is all pictures that were given, those held out too.
func (t *Trainer) everyone() []int {
	return append(append([]int(nil), t.train...), t.held...)
}

func cosine(a []float64, b []float32) float64 {
	var dot, x, y float64
	for i, v := range a {
		w := float64(b[i])
		dot, x, y = dot+float64(v*w), x+float64(v*v), y+float64(w*w)
	}
	if x == 0 && y == 0 {
		return 1
	}
	return dot / max(math.Sqrt(float64(x*y)), 1e-300)
}
