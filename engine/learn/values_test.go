package learn_test

import (
	"fmt"
	"math"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
	"likeness/engine/learn"
)

// An imported classifier's values become scores by softmax where they are logits,
// and stay where its own softmax or sigmoid made them, also behind a reshape.
func TestValues(t *testing.T) {
	const classes = 7
	all, _ := pictures(3, 3)
	var labels []string
	for i := range classes {
		labels = append(labels, fmt.Sprint(i))
	}
	for _, c := range []struct {
		what   string
		add    func(n *testnet.Net, logits int)
		output string
		want   string
	}{
		{"logits", func(*testnet.Net, int) {}, "scores", learn.ValuesLogits},
		{"softmax", func(n *testnet.Net, t int) { n.Softmax("soft", t) }, "soft", learn.ValuesProbabilities},
		{"softmax and a copy", func(n *testnet.Net, t int) { n.Gather("copy", n.Softmax("soft", t), 0, 1, 2, 3, 4, 5, 6) }, "copy", learn.ValuesProbabilities},
		{"sigmoid", func(n *testnet.Net, t int) { n.Activation("sigmoid", t, graph.Sigmoid, 0) }, "sigmoid", learn.ValuesIndependent},
		{"relu", func(n *testnet.Net, t int) { n.Activation("relu", t, graph.ReLU, 0) }, "relu", learn.ValuesLogits},
	} {
		n := testnet.New(5, 24, 24)
		n.FC("scores", n.Conv("features", 0, 12, 1, testnet.Square(3, 4, 1), true), classes)
		at, _ := n.File.Graph.Tensor("scores")
		c.add(n, at)
		f := &n.File
		f.Graph.Output, f.Graph.DefaultLayer, f.Graph.Labels = c.output, "features", labels
		at, _ = f.Graph.Tensor(c.output)
		if got := learn.Values(&f.Graph, at); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
		told := learn.NewClassifier(f)
		data, dim := vectors(t, f, told.Layer, engine.Pool(told.Pool), all)
		if dim != classes || told.Layer != c.output {
			t.Fatalf("%s: %d values of %s", c.what, dim, told.Layer)
		}
		for ; len(data) > 0; data = data[dim:] {
			scores, err := told.Scores(data[:dim])
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for i, s := range scores {
				sum += s
				if c.want != learn.ValuesLogits && s != float64(data[i]) {
					t.Errorf("%s: the score %g is not the network's %g", c.what, s, data[i])
				}
			}
			if c.want != learn.ValuesIndependent && math.Abs(sum-1) > 1e-3 {
				t.Errorf("%s: the scores are %g together", c.what, sum)
			}
		}
	}
	if _, err := (&learn.Classifier{Labels: labels}).Scores(make([]float32, 5)); err == nil {
		t.Error("5 values were taken for 7 labels")
	}
}
