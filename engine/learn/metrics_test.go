package learn

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"likeness/engine/internal/portable"
)

// Six vectors of three classes, by hand: a a a b b c told a a b b c c.
func TestMeasureByHand(t *testing.T) {
	class := []int{0, 0, 0, 1, 1, 2}
	var logits [][]float64
	for _, told := range []int{0, 0, 1, 1, 2, 2} {
		z := []float64{0, 0, 0}
		z[told] = math.Log(2) // scores 1/2 and twice 1/4
		logits = append(logits, z)
	}
	q := Measure(logits, class, []string{"a", "b", "c"}, 1)
	if want := [][]int{{2, 1, 0}, {0, 1, 1}, {0, 0, 1}}; !reflect.DeepEqual(q.Confusion, want) {
		t.Errorf("confusion %v", q.Confusion)
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("accuracy", q.Accuracy, 4.0/6)
	near("balanced accuracy", q.Balanced, (2.0/3+1.0/2+1)/3)
	near("log loss", q.LogLoss, (4*math.Log(2)+2*math.Log(4))/6)
	for c, want := range [][3]float64{{1, 2.0 / 3, 0.8}, {0.5, 0.5, 0.5}, {0.5, 1, 2.0 / 3}} {
		near("precision", q.Classes[c].Precision, want[0])
		near("recall", q.Classes[c].Recall, want[1])
		near("F1", q.Classes[c].F1, want[2])
	}
	if q = Measure(nil, nil, []string{"a", "b"}, 1); q.Accuracy != 0 || q.Balanced != 0 {
		t.Errorf("of nothing: %+v", q)
	}
}

// Logits that are too large by a factor are divided by it, and no other
// temperature makes the classes more probable.
func TestCalibrate(t *testing.T) {
	chance := portable.Random(3)
	var logits [][]float64
	var class []int
	for range 4000 {
		z := []float64{2 * chance.Unit(), 2 * chance.Unit(), 2 * chance.Unit()}
		p, u, c := Probabilities(z, 1), chance.Share(), 0
		for u >= p[c] && c < 2 {
			u -= p[c]
			c++
		}
		for i := range z {
			z[i] *= 3
		}
		logits, class = append(logits, z), append(class, c)
	}
	temperature := Calibrate(logits, class)
	if math.Abs(temperature-3) > 0.25 {
		t.Errorf("temperature %v, want about 3", temperature)
	}
	loss := func(t float64) float64 { return Measure(logits, class, []string{"a", "b", "c"}, t).LogLoss }
	if best := loss(temperature); loss(temperature*1.02) < best || loss(temperature/1.02) < best {
		t.Errorf("temperature %v is not the best", temperature)
	}
	if got := Calibrate(nil, nil); got != 1 {
		t.Errorf("of nothing %v", got)
	}
	threshold := ThresholdFor(logits, class, temperature, 0.1)
	below, right := 0, 0
	for i, z := range logits {
		if told, score := Best(Probabilities(z, temperature), 0); told == class[i] {
			if right++; score < threshold {
				below++
			}
		}
	}
	if share := float64(below) / float64(right); share > 0.1 || share < 0.09 {
		t.Errorf("%.3f of what is told right lies below threshold %v", share, threshold)
	}
	if ThresholdFor(logits, class, temperature, 0) != 0 || ThresholdFor(nil, nil, 1, 0.5) != 0 {
		t.Error("a threshold without cause")
	}
	if c, s := Best([]float64{0.2, 0.5, 0.3}, 0.6); c != None || s != 0.5 {
		t.Errorf("none of these: %d, %v", c, s)
	}
}

func TestFolds(t *testing.T) {
	class := make([]int, 0, 103)
	for i := range 103 {
		class = append(class, min(i%7, 3)) // uneven
	}
	for _, k := range []int{2, 5, 10} {
		fold := Folds(class, 4, k, 1)
		each := make([][]int, k)
		for f := range k {
			train, test := without(fold, f)
			if len(train)+len(test) != len(class) || !slices.IsSorted(train) || len(test) < len(class)/k || len(test) > len(class)/k+1 {
				t.Errorf("%d folds: %d and %d", k, len(train), len(test))
			}
			of := make([]int, len(test))
			for i, v := range test {
				of[i] = class[v]
			}
			each[f] = counts(of, 4)
		}
		for c, n := range counts(class, 4) {
			for f := range k {
				if each[f][c] < n/k || each[f][c] > n/k+1 {
					t.Errorf("%d folds: fold %d has %d of the %d of class %d", k, f, each[f][c], n, c)
				}
			}
		}
		if reflect.DeepEqual(fold, Folds(class, 4, k, 2)) || !reflect.DeepEqual(fold, Folds(class, 4, k, 1)) {
			t.Error("the seed does not choose")
		}
	}
	train, test := Split(class, 4, 0.25, 1)
	of := counts(class, 4)
	held := make([]int, 4)
	for _, i := range test {
		held[class[i]]++
	}
	if len(train)+len(test) != len(class) {
		t.Fatal("some are in neither part")
	}
	for c := range held {
		if math.Abs(float64(held[c])-0.25*float64(of[c])) > 0.5 {
			t.Errorf("%d of %d of class %d", held[c], of[c], c)
		}
	}
	if train, test = Split([]int{0, 0, 1, 1}, 2, 0.01, 1); len(train) != 2 || len(test) != 2 {
		t.Errorf("pairs are divided %d to %d", len(train), len(test))
	}
}
