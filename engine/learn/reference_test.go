package learn

import (
	"math"
	"slices"
	"testing"

	"likeness/engine/internal/portable"
)

// The gradient of the regression is that of its value, as differences show.
func TestRegressionGradient(t *testing.T) {
	d := blobs(70, 6, 3, 2, 4)
	o, _ := Options{C: 0.5, Smoothing: 0.1, Balanced: true, Raw: true}.filled()
	r := newRegression(prepare(d, &o), &o)
	chance := portable.Random(1)
	point := make([]float64, 7*3)
	for i := range point {
		point[i] = chance.Unit()
	}
	gradient, other := make([]float64, len(point)), make([]float64, len(point))
	r.at(point, gradient)
	const h = 1e-2
	for i := range point {
		moved := slices.Clone(point)
		moved[i] += h
		up := r.at(moved, other)
		moved[i] -= 2 * h
		down := r.at(moved, other)
		if slope := (up - down) / (2 * h); math.Abs(slope-gradient[i]) > 1e-3*(1+math.Abs(slope)) {
			t.Errorf("parameter %d: gradient %v, differences %v", i, gradient[i], slope)
		}
	}
}

// The same of a dense network, with dropout by the same chances.
func TestDenseGradient(t *testing.T) {
	d := blobs(24, 5, 3, 2, 9)
	for _, dropout := range []float64{0, 0.3} {
		o, _ := Options{Kind: Dense, Widths: []int{7, 6}, Dropout: dropout, Smoothing: 0.1, Batch: 24, Raw: true}.filled()
		p := prepare(d, &o)
		first := portable.Random(2)
		n := newNetwork(p, &o, &first)
		for _, l := range n.layers { // biases above 0, so that no value lies at the bend of ReLU
			for i := range l.width {
				l.biases()[i] = 0.3
			}
		}
		loss := func() float64 {
			chance := portable.Random(5)
			sum, _ := n.learn(p.x, p.class, p.weight, &chance)
			return sum / float64(p.n)
		}
		loss()
		const h = 5e-4
		for k, l := range n.layers {
			gradient := slices.Clone(l.gradient)
			wrong := 0
			for i := range gradient {
				was := l.values[i]
				l.values[i] = was + h
				up := loss()
				l.values[i] = was - h
				down := loss()
				l.values[i] = was
				if i%l.cols >= l.width {
					continue // padding
				}
				if slope := (up - down) / (2 * h); math.Abs(slope-float64(gradient[i])) > 5e-3*(1+math.Abs(slope)) {
					wrong++
				}
			}
			// Values at the bend of ReLU have no derivative.
			if wrong*20 > len(gradient) {
				t.Errorf("dropout %v, layer %d: %d of %d parts of the gradient differ", dropout, k, wrong, len(gradient))
			}
		}
	}
}

// L-BFGS finds what plain gradient descent in float64 finds.
func TestSoftmaxAgainstDescent(t *testing.T) {
	d := blobs(120, 5, 3, 2, 6)
	const c = 0.3
	h, history, err := Train(t.Context(), d, Options{C: c, Raw: true, Tolerance: 1e-7})
	if err != nil || !history.Converged {
		t.Fatal(err, history.Converged)
	}
	n := float64(d.Len())
	w := make([]float64, 3*6)
	for range 20000 {
		g := make([]float64, len(w))
		for i, class := range d.Class {
			z := make([]float64, 3)
			for o := range z {
				z[o] = w[o*6+5]
				for k, x := range d.vector(i) {
					z[o] += w[o*6+k] * float64(x)
				}
			}
			for o, p := range Probabilities(z, 1) {
				if o == class {
					p--
				}
				for k, x := range d.vector(i) {
					g[o*6+k] += p * float64(x) / n
				}
				g[o*6+5] += p / n
			}
		}
		for i := range w {
			if i%6 < 5 {
				g[i] += w[i] / (c * n)
			}
			w[i] -= 0.05 * g[i]
		}
	}
	l := h.Layers[0]
	for o := range 3 {
		for k := range 5 {
			if got, want := float64(l.Weight[o*5+k]), w[o*6+k]; math.Abs(got-want) > 1e-3 {
				t.Errorf("weight %d %d is %v, descent finds %v", o, k, got, want)
			}
		}
		if got, want := float64(l.Bias[o]), w[o*6+5]; math.Abs(got-want) > 1e-3 {
			t.Errorf("bias %d is %v, descent finds %v", o, got, want)
		}
	}
}

// Standardising is folded into the weights: heads learned from vectors that
// were standardised before tell the same.
func TestStandardise(t *testing.T) {
	d := blobs(200, 6, 3, 2, 3)
	for i := range d.Vectors {
		d.Vectors[i] = d.Vectors[i]*float32(1+i%6) + float32(i%6)*3
	}
	o, _ := Options{Raw: true, Standardise: true}.filled()
	before := *d
	before.Vectors = prepare(d, &o).x
	a, _, errA := Train(t.Context(), d, Options{Raw: true, Standardise: true})
	b, _, errB := Train(t.Context(), &before, Options{Raw: true})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	for i := range d.Len() {
		x, _ := a.Scores(d.vector(i))
		y, _ := b.Scores(before.vector(i))
		for c := range x {
			if math.Abs(x[c]-y[c]) > 1e-4 {
				t.Fatalf("vector %d: %v and %v", i, x, y)
			}
		}
	}
}

func TestDenseLearns(t *testing.T) {
	// Classes that no plane divides: the sign of a product.
	chance := portable.Random(1)
	d := &Data{Dim: 2, Labels: []string{"same", "other"}}
	for range 400 {
		x, y := chance.Unit(), chance.Unit()
		d.Vectors = append(d.Vectors, float32(x), float32(y))
		class := 0
		if x*y < 0 {
			class = 1
		}
		d.Class = append(d.Class, class)
	}
	dense, err := CrossValidate(t.Context(), d, Options{Kind: Dense, Widths: []int{32}, Epochs: 60, Rate: 0.01, Raw: true, Patience: 30}, 4)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := CrossValidate(t.Context(), d, Options{Raw: true}, 4)
	if err != nil {
		t.Fatal(err)
	}
	if dense.Accuracy < 0.93 || plane.Accuracy > 0.7 {
		t.Errorf("accuracy of a dense head %.3f, of a plane %.3f", dense.Accuracy, plane.Accuracy)
	}
}

func TestNeighboursAgainstSorting(t *testing.T) {
	d := blobs(90, 7, 4, 3, 8)
	const k = 6
	h, _, err := Train(t.Context(), d, Options{Kind: KNN, K: k})
	if err != nil {
		t.Fatal(err)
	}
	other := blobs(40, 7, 4, 3, 9)
	for q := range other.Len() {
		v := other.vector(q)
		cosine := func(i int) float64 {
			return dot32(d.vector(i), v) / math.Sqrt(dot32(v, v)*dot32(d.vector(i), d.vector(i)))
		}
		order := make([]int, d.Len())
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int {
			if cosine(a) > cosine(b) {
				return -1
			}
			return 1
		})
		votes := make([]float64, 4)
		for _, i := range order[:k] {
			votes[d.Class[i]] += 1.0 / k
		}
		scores, err := h.Scores(v)
		if err != nil {
			t.Fatal(err)
		}
		for c := range votes {
			if math.Abs(scores[c]-votes[c]) > 1e-5 {
				t.Fatalf("query %d: %v, want %v", q, scores, votes)
			}
		}
	}
}
