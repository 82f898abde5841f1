package quantise

import (
	"math"
	"slices"
	"testing"

	"likeness/tools/convert/float"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/lower"
)

// TestRoundKeepsFunction: rounding with compensation errs less than rounding
// each weight by itself, on inputs that it has not seen.
func TestRoundKeepsFunction(t *testing.T) {
	d := draft.New(16)
	d.Conv("c", 3, 32, 3)
	d.Op("Relu", "r", nil)
	d.Conv("e", 32, 32, 3)
	d.Op("Relu", "r2", nil)
	d.Conv("y", 32, 8, 1)
	n, err := lower.Graph(d.Graph(), lower.Options{Prepare: draft.TorchLike()})
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := Synthetic(n, 9)
	if err != nil {
		t.Fatal(err)
	}
	r := Round(n, inputs[:8], nil)
	for i := range r.Nodes {
		node := &r.Nodes[i]
		per := len(node.Weight) / len(node.Bias)
		for k, w := range node.Weight {
			if q := float64(w) / node.Steps[k/per]; math.Abs(q-math.RoundToEven(q)) > 1e-3 || math.Abs(q) > 127.5 {
				t.Fatalf("%s: weight %d is %g steps", node.Name, k, q)
			}
		}
	}
	plain := *n
	plain.Nodes = slices.Clone(n.Nodes)
	for i := range plain.Nodes {
		node := &plain.Nodes[i]
		per := len(node.Weight) / len(node.Bias)
		node.Weight, node.Steps, node.Packed = slices.Clone(node.Weight), r.Nodes[i].Steps, nil
		(&roundedBlock{n: node, per: per, size: per, count: len(node.Bias)}).plain()
	}
	at, _ := n.Find("y")
	want := n.Run(inputs[8])[at]
	far := func(m *float.Network) (sum float64) {
		for i, v := range m.Run(inputs[8])[at] {
			sum += math.Pow(float64(v-want[i]), 2)
		}
		return sum
	}
	if a, b := far(r), far(&plain); !(a < b/2) {
		t.Errorf("squared error %g with compensation, %g without", a, b)
	}
}

// TestCarries: what a weight takes over of errors makes their cost least, as
// far as later weights can make up for what is left.
func TestCarries(t *testing.T) {
	m := []float64{4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2}
	c := carries(reversedFactor(m, 3), 3)
	// The last weight alone: m22 e2 = -(m20 e0 + m21 e1). The middle one, with
	// the last free: the same of m without its last row and column, less what
	// that makes up for.
	schur := func(i, j int) float64 { return m[i*3+j] - m[i*3+2]*m[2*3+j]/m[2*3+2] }
	for _, w := range []struct {
		at   int
		want float64
	}{{2*3 + 0, m[6] / m[8]}, {2*3 + 1, m[7] / m[8]}, {1*3 + 0, schur(1, 0) / schur(1, 1)}} {
		if math.Abs(float64(c[w.at])-w.want) > 1e-6 {
			t.Errorf("%d: %g, want %g", w.at, c[w.at], w.want)
		}
	}
	if reversedFactor([]float64{1, 2, 2, 1}, 2) != nil {
		t.Error("an indefinite matrix has no factor")
	}
}
