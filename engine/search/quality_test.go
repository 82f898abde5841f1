package search

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"
)

// Six directions in the plane, by angle in degrees; nearest others are those of
// the smallest angle between.
func TestEvaluateByHand(t *testing.T) {
	angles := []float64{0, 10, 21, 90, 103, 200}
	labels := []int{7, 7, 8, 8, 8, 9} // the only 9 is no query
	var data []float32
	for _, a := range angles {
		data = append(data, float32(math.Cos(a*math.Pi/180)), float32(math.Sin(a*math.Pi/180)))
	}
	// Rankings of the others, as angles:
	//   0: 10 21 90 103 200    relevant at 1          AP 1         P5 1/5  vote 8
	//  10: 0 21 90 103 200     relevant at 1          AP 1         P5 1/5  vote 8
	//  21: 10 0 90 103 200     relevant at 3, 4       AP (1/3+1/2)/2  P5 2/5  vote 7
	//  90: 103 21 10 0 200     relevant at 1, 2       AP 1         P5 2/5  vote 8
	// 103: 90 21 10 200 0      relevant at 1, 2       AP 1         P5 2/5  vote 8
	want := Quality{Queries: 5, P1: 4.0 / 5, P5: (0.2 + 0.2 + 0.4 + 0.4 + 0.4) / 5, MAP: (4 + (1.0/3+1.0/2)/2) / 5, KNN: 2.0 / 5}
	got := Evaluate(data, 2, labels)
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
	if got.Queries != want.Queries || !near(got.P1, want.P1) || !near(got.P5, want.P5) || !near(got.MAP, want.MAP) || !near(got.KNN, want.KNN) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The definitions, spelled out without Rank.
func TestEvaluateAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		n, dim := 2+rng.IntN(40), 1+rng.IntN(6)
		data, labels := make([]float32, n*dim), make([]int, n)
		for i := range data {
			data[i] = float32(rng.NormFloat64())
		}
		for i := range labels {
			labels[i] = rng.IntN(4)
		}
		cos := func(i, j int) float32 {
			var p, a, b float64
			for k := range dim {
				x, y := float64(data[i*dim+k]), float64(data[j*dim+k])
				p, a, b = p+x*y, a+x*x, b+y*y
			}
			return float32(p / (math.Sqrt(a) * math.Sqrt(b)))
		}
		var want Quality
		for i := range n {
			var others []int
			relevant := 0
			for j := range n {
				if j != i {
					others = append(others, j)
					if labels[j] == labels[i] {
						relevant++
					}
				}
			}
			if relevant == 0 {
				continue
			}
			sort.SliceStable(others, func(a, b int) bool { return cos(i, others[a]) > cos(i, others[b]) })
			want.Queries++
			at := func(k int) float64 {
				hits := 0
				for _, j := range others[:k] {
					if labels[j] == labels[i] {
						hits++
					}
				}
				return float64(hits) / float64(k)
			}
			want.P1 += at(1)
			want.P5 += at(min(5, len(others)))
			ap := 0.0
			for k, j := range others {
				if labels[j] == labels[i] {
					ap += at(k + 1)
				}
			}
			want.MAP += ap / float64(relevant)
		}
		if want.Queries == 0 {
			continue
		}
		q := float64(want.Queries)
		got := Evaluate(data, dim, labels)
		if got.Queries != want.Queries || math.Abs(got.P1-want.P1/q) > 1e-9 || math.Abs(got.P5-want.P5/q) > 1e-9 || math.Abs(got.MAP-want.MAP/q) > 1e-9 {
			t.Errorf("%d x %d: got %+v, want sums %+v over %d", n, dim, got, want, want.Queries)
		}
	}
}

func TestEvaluateNothing(t *testing.T) {
	if got := Evaluate(nil, 3, nil); got != (Quality{}) {
		t.Errorf("no vectors: %+v", got)
	}
	if got := Evaluate([]float32{1, 2}, 1, []int{0, 1}); got != (Quality{}) {
		t.Errorf("labels of their own: %+v", got)
	}
	if got := vote([]int{2, 1, 1, 2, 3}); got != 2 {
		t.Errorf("a tie goes to %d, 2 comes first", got)
	}
}
