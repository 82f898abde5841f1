package learn_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine"
	"likeness/engine/internal/testnet"
	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/picture"
)

// pictures of a class have its colours, more or less.
func pictures(n, classes int) (all []*picture.Pixels, class []int) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		const side = 24
		p := &picture.Pixels{W: side, H: side, Pix: make([]byte, 4*side*side)}
		c := i % classes
		for k := range p.Pix {
			p.Pix[k] = byte(min(max(60+40*((c>>(k%4))&1)+k%(7+c)*6+rnd.IntN(90), 0), 255))
			if k%4 == 3 {
				p.Pix[k] = 255
			}
		}
		all, class = append(all, p), append(class, c)
	}
	return all, class
}

// base is a network with a layer that is pooled, after which another head comes.
func base() *model.File {
	n := testnet.New(5, 24, 24)
	a := n.Conv("stem", 0, 13, 1, testnet.Square(3, 2, 1), true)
	b := n.Conv("features", a, 24, 1, testnet.Square(3, 2, 1), true)
	n.FC("logits", b, 11)
	n.File.Graph.Output, n.File.Graph.DefaultLayer = "logits", "features"
	return &n.File
}

func vectors(t *testing.T, f *model.File, layer string, pool engine.Pool, all []*picture.Pixels) (data []float32, dim int) {
	t.Helper()
	net, err := engine.New(f)
	if err != nil {
		t.Fatal(err)
	}
	s, err := net.NewSession(layer)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if err := s.Run(p); err != nil {
			t.Fatal(err)
		}
		v, err := s.Vector(layer, pool, false)
		if err != nil {
			t.Fatal(err)
		}
		data, dim = append(data, v...), len(v)
	}
	return data, dim
}

// What the layers of a taught file give is what the head gives, but for the
// rounding to integers.
func TestAttach(t *testing.T) {
	all, class := pictures(120, 3)
	for _, pool := range []engine.Pool{engine.PoolAvg, engine.PoolMax, engine.PoolFlatten} {
		f := base()
		data, dim := vectors(t, f, "features", pool, all)
		d := &learn.Data{Vectors: data, Dim: dim, Class: class, Labels: []string{"a", "b", "c"}}
		for _, o := range []learn.Options{{}, {Raw: true, Standardise: true}, {Kind: learn.Dense, Widths: []int{33, 9}, Epochs: 20}} {
			h, _, err := learn.Train(t.Context(), d, o)
			if err != nil {
				t.Fatal(err)
			}
			h.Temperature, h.Threshold = 0.7, 0.4
			made, err := learn.Attach(f, h, learn.Place{Layer: "features", Pool: string(pool)})
			if err != nil {
				t.Fatal(err)
			}
			if g := made.Graph; g.Output != learn.ProbabilitiesLayer || len(g.Labels) != 3 || g.DefaultLayer != "features" {
				t.Errorf("output %q, labels %q, default layer %q", g.Output, g.Labels, g.DefaultLayer)
			}
			again := reread(t, made)
			if again.Head == nil || again.Head.Threshold != 0.4 || again.Head.Kind != h.Kind {
				t.Errorf("head %+v", again.Head)
			}
			told, _ := vectors(t, again, learn.ProbabilitiesLayer, engine.PoolAvg, all)
			compare(t, h, d, told)
		}
	}
	if g := base().Graph; g.Output != "logits" {
		t.Error("the network that was taught has changed")
	}
}

func compare(t *testing.T, h *learn.Head, d *learn.Data, told []float32) {
	t.Helper()
	other, most := 0, 0.0
	for i := range d.Len() {
		scores, err := h.Scores(d.Vectors[i*d.Dim:][:d.Dim])
		if err != nil {
			t.Fatal(err)
		}
		mine := make([]float64, len(scores))
		for k, s := range scores {
			mine[k] = float64(told[i*len(scores)+k])
			most = max(most, math.Abs(s-mine[k]))
		}
		a, _ := learn.Best(scores, 0)
		if b, _ := learn.Best(mine, 0); a != b {
			other++
		}
	}
	if most > 0.01 || other > d.Len()/100 {
		t.Errorf("%s, %d values: scores differ by %.4f, labels of %d", h.Kind, d.Dim, most, other)
	}
}

func reread(t *testing.T, f *model.File) *model.File {
	t.Helper()
	var b bytes.Buffer
	if err := model.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	again, err := model.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// Neighbours come back from a file as they were; a taught file can be taught
// anew.
func TestAttachNeighbours(t *testing.T) {
	all, class := pictures(30, 3)
	data, dim := vectors(t, base(), "features", engine.PoolAvg, all)
	d := &learn.Data{Vectors: data, Dim: dim, Class: class, Labels: []string{"a", "b", "c"}}
	h, _, err := learn.Train(t.Context(), d, learn.Options{Kind: learn.KNN, K: 4})
	if err != nil {
		t.Fatal(err)
	}
	made, err := learn.Attach(base(), h, learn.Place{Layer: "features", Pool: "avg"})
	if err != nil {
		t.Fatal(err)
	}
	made = reread(t, made)
	back, place := learn.FromFile(made)
	if back == nil || place != (learn.Place{Layer: "features", Pool: "avg"}) {
		t.Fatalf("%v from %+v", back, place)
	}
	for i := range d.Len() {
		v := data[i*dim:][:dim]
		x, _ := h.Scores(v)
		y, err := back.Scores(v)
		if err != nil || x[0] != y[0] || x[1] != y[1] {
			t.Fatalf("vector %d: %v, then %v (%v)", i, x, y, err)
		}
	}
	soft, _, err := learn.Train(t.Context(), d, learn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if made, err = learn.Attach(made, soft, learn.Place{Layer: "features", Pool: "avg"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(reread(t, made).Graph.Nodes); n != 6 {
		t.Errorf("taught twice, the network has %d operators", n)
	}
	if h, _ := learn.FromFile(made); h != nil {
		t.Error("neighbours of a file without")
	}
	var e *learn.Error
	for _, p := range []learn.Place{{Layer: "nowhere", Pool: "avg"}, {Layer: "input", Pool: "avg"}, {Layer: "stem", Pool: "avg"}, {Layer: "features", Pool: "flatten"}} {
		if _, err := learn.Attach(base(), h, p); !errors.As(err, &e) || e.Code != learn.CodeAttach {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
