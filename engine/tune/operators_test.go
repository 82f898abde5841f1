package tune

import (
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
	"likeness/engine/model"
)

// mobile is a block like those of MobileNetV3, squeeze-and-excitation and hard-swish
// included, between joined and pooled branches, with seeded weights.
func mobile(seed uint64) *model.File {
	n := testnet.New(seed, 24, 24)
	a := n.Conv("stem", 0, 12, 1, testnet.Square(3, 2, 1), true)
	b := n.Conv("expand", a, 20, 1, testnet.Square(1, 1, 0), false)
	b = n.Activation("expand/swish", b, graph.HardSwish, 0)
	c := n.Conv("depthwise", b, 20, 20, testnet.Square(3, 1, 1), true)
	s := n.Pool(graph.GlobalAvgPool, "squeeze", c, testnet.Window{})
	s = n.Conv("reduce", s, 6, 1, testnet.Square(1, 1, 0), true)
	s = n.FC("excite", s, 20)
	s = n.Activation("gate", s, graph.HardSigmoid, 0.2)
	n.File.Graph.Nodes[len(n.File.Graph.Nodes)-1].Beta = 0.5
	d := n.Binary(graph.Mul, "scaled", c, s)
	d = n.Conv("project", d, 12, 1, testnet.Square(1, 1, 0), false)
	d = n.Binary(graph.Add, "add", d, a)
	e := n.Conv("branch", d, 9, 3, testnet.Square(3, 1, 1), true)
	f := n.Pool(graph.MaxPool, "maxpool", e, testnet.Square(3, 1, 1))
	g := n.Concat("concat", e, f)
	n.Pool(graph.AvgPool, "avgpool", g, testnet.Square(2, 2, 0))
	n.File.Graph.Output = "avgpool"
	return &n.File
}

// Networks of all operators that can be trained learn, and what is written agrees
// with the float run, whichever layer training begins after.
func TestOperatorsLearn(t *testing.T) {
	for seed := range uint64(2) {
		for _, from := range []string{"stem", "add"} {
			learnsAndAgrees(t, mobile(seed), from)
		}
		n := testnet.All(seed)
		for _, to := range []string{"concat", "scaled", "relu"} {
			n.File.Graph.DefaultLayer = to
			learnsAndAgrees(t, &n.File, "stem")
		}
	}
}

// dense joins the layer that training begins after with what is learned, so that
// both have its scale, and then reads it with so many weights that those which
// training gives full range could not be summed: only their steps can give way.
func dense() *model.File {
	n := testnet.New(3, 16, 16)
	a := n.Conv("stem", 0, 48, 1, testnet.Square(3, 2, 1), false)
	b := n.Conv("grown", a, 48, 1, testnet.Square(3, 1, 1), true)
	c := n.Concat("joined", a, b)
	n.Conv("wide", c, 8, 1, testnet.Square(7, 1, 3), true)
	for i, w := range n.File.Params["wide"].Weight {
		n.File.Params["wide"].Weight[i] = w / 2
	}
	n.File.Graph.Output = "wide"
	return &n.File
}

func TestScalesThatMayNotChange(t *testing.T) {
	f := dense()
	learnsAndAgrees(t, f, "stem")
	// So low a rate leaves weights spread as they are.
	made, _ := agrees(t, f, drawnData(t, f, "stem", 2, ViewOptions{}), Options{From: "stem", Epochs: 1, Rate: 1e-6})
	at := func(f *model.File, name string) graph.Tensor {
		i, _ := f.Graph.Tensor(name)
		return f.Graph.Tensors[i]
	}
	for _, name := range []string{"stem", "grown", "joined"} {
		if got, want := at(made, name).Scale, at(f, "stem").Scale; got != want {
			t.Errorf("%s has the scale %v, the layer that training begins after has %v", name, got, want)
		}
	}
	top := int8(0)
	for _, w := range made.Params["wide"].Weight {
		top = max(top, w, -w)
	}
	if top == 127 || top < 64 {
		t.Errorf("the largest weight is %d: sums of 127 steps would not fit, and half the steps do", top)
	}
}

// learnsAndAgrees teaches a network by both optimisers, and with both poolings.
func learnsAndAgrees(t *testing.T, f *model.File, from string) {
	t.Helper()
	d := drawnData(t, f, from, 4, ViewOptions{})
	for _, o := range []Options{
		{From: from, Epochs: 8, Rate: 3e-3, C: 0.01},
		{From: from, Epochs: 8, Rate: 3e-3, C: 0.01, Pool: "max"},
		{From: from, Epochs: 8, Rate: 0.02, C: 0.01, Optimiser: SGD},
	} {
		if _, gain := agrees(t, f, d, o); !(gain > 0.015) {
			t.Errorf("%s to %s, %+v: the loss has become less by %.4f only", from, f.Graph.DefaultLayer, o, gain)
		}
	}
}

// agrees teaches a network, holds the file against the float run and returns it,
// with what the loss has become less by.
func agrees(t *testing.T, f *model.File, d *Data, o Options) (made *model.File, gain float64) {
	t.Helper()
	tr, err := New(t.Context(), f, d, o)
	if err != nil {
		t.Fatal(err)
	}
	before, err := tr.loss(t.Context(), tr.everyone())
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := tr.loss(t.Context(), tr.everyone())
	if err != nil {
		t.Fatal(err)
	}
	made, a, err := tr.Model(t.Context(), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if a.Pictures != len(d.Class) || !(a.Least > 0.9995) {
		t.Errorf("%s to %s, %+v: the file and the float run: %+v", o.From, f.Graph.DefaultLayer, o, *a)
	}
	if _, err := engine.Load(written(t, made)); err != nil {
		t.Errorf("%s to %s: the file is not taken: %v", o.From, f.Graph.DefaultLayer, err)
	}
	return made, before - after
}
