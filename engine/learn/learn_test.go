package learn

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"likeness/engine/internal/portable"
	"likeness/engine/kernel"
)

// blobs are vectors around a centre for each class, spread so far that classes
// overlap where spread is large.
func blobs(n, dim, classes int, spread float64, seed uint64) *Data {
	chance := portable.Random(seed)
	normal := func() float64 {
		s := 0.0
		for range 12 {
			s += chance.Share()
		}
		return s - 6
	}
	d := &Data{Dim: dim}
	centres := make([]float64, classes*dim)
	for i := range centres {
		centres[i] = normal()
	}
	for c := range classes {
		d.Labels = append(d.Labels, string(rune('a'+c)))
	}
	for i := range n {
		c := i % classes
		d.Class = append(d.Class, c)
		for k := range dim {
			d.Vectors = append(d.Vectors, float32(centres[c*dim+k]+float64(spread*normal())))
		}
	}
	return d
}

// hash is of all bits of a head.
func hash(h *Head) string {
	s := sha256.New()
	for _, l := range h.Layers {
		binary.Write(s, binary.LittleEndian, l.Weight)
		binary.Write(s, binary.LittleEndian, l.Bias)
	}
	binary.Write(s, binary.LittleEndian, h.Peaks)
	binary.Write(s, binary.LittleEndian, h.Vectors)
	binary.Write(s, binary.LittleEndian, h.Temperature)
	binary.Write(s, binary.LittleEndian, h.Threshold)
	return hex.EncodeToString(s.Sum(nil))[:16]
}

// golden are the bits of heads learned from blobs(1203, 37, 5, 4, 7) and
// calibrated, by any body of the kernels, on any platform, with any number of
// cores.
var golden = []struct {
	name string
	o    Options
	hash string
}{
	{"knn", Options{Kind: KNN, K: 7}, "41d22d04db5010fe"},
	{"softmax", Options{}, "d2a9407fa1c7ddb1"},
	{"standardised", Options{Raw: true, Standardise: true, Balanced: true, Smoothing: 0.1, C: 1}, "6fc77be88fa7b7df"},
	{"dense", Options{Kind: Dense, Widths: []int{24, 11}, Epochs: 4, Seed: 3}, "d06b71e71d688d0c"},
	{"dropout", Options{Kind: Dense, Widths: []int{130}, Epochs: 6, Dropout: 0.4, Patience: 2, Raw: true, Batch: 50, Balanced: true, Smoothing: 0.05}, "cd49ec8f555b7b16"},
}

func TestSameBits(t *testing.T) {
	d := blobs(1203, 37, 5, 4, 7)
	defer func(f func() int) { workers = f }(workers)
	for _, body := range kernel.Bodies() {
		back := kernel.Use(body)
		for _, cores := range []int{1, 3} {
			workers = func() int { return cores }
			for _, g := range golden {
				h, _, err := Train(t.Context(), d, g.o)
				if err != nil {
					t.Fatal(err)
				}
				r, err := CrossValidate(t.Context(), d, g.o, 3)
				if err != nil {
					t.Fatal(err)
				}
				r.Apply(h, 0.1)
				if got := hash(h); got != g.hash {
					t.Errorf("%s, %s, %d cores: %s, want %s", body, g.name, cores, got, g.hash)
				}
			}
		}
		back()
	}
}

func TestRefusals(t *testing.T) {
	ok := blobs(12, 3, 3, 1, 1)
	with := func(change func(d *Data)) *Data {
		d := *ok
		d.Vectors, d.Class, d.Labels = slices.Clone(d.Vectors), slices.Clone(d.Class), slices.Clone(d.Labels)
		change(&d)
		return &d
	}
	for name, c := range map[string]struct {
		d    *Data
		o    Options
		code string
		says string
	}{
		"one class":      {with(func(d *Data) { d.Labels, d.Class = d.Labels[:1], make([]int, 12) }), Options{}, CodeClasses, "two or more"},
		"one picture":    {with(func(d *Data) { d.Labels = append(d.Labels, "lone"); d.Class[0] = 3 }), Options{}, CodePictures, `"lone" has 1`},
		"NaN":            {with(func(d *Data) { d.Vectors[7] = float32(math.NaN()) }), Options{}, CodeValue, "vector 2 holds NaN at place 1"},
		"infinite":       {with(func(d *Data) { d.Vectors[0] = float32(math.Inf(-1)) }), Options{}, CodeValue, "-Inf"},
		"lengths":        {with(func(d *Data) { d.Vectors = d.Vectors[1:] }), Options{}, CodeData, "35 values"},
		"class":          {with(func(d *Data) { d.Class[0] = 3 }), Options{}, CodeData, "class 3 of 3"},
		"equal labels":   {with(func(d *Data) { d.Labels[1] = "a" }), Options{}, CodeData, "two classes"},
		"kind":           {ok, Options{Kind: "forest"}, CodeOptions, "choose knn"},
		"dropout":        {ok, Options{Kind: Dense, Dropout: 1}, CodeOptions, "dropout 1"},
		"width":          {ok, Options{Kind: Dense, Widths: []int{0}}, CodeOptions, "0 values"},
		"C":              {ok, Options{C: math.NaN()}, CodeOptions, "C NaN"},
		"layers":         {ok, Options{Kind: Dense, Widths: make([]int, 9)}, CodeOptions, "9 hidden"},
		"epochs":         {ok, Options{Epochs: -1}, CodeOptions, "-1 epochs"},
		"neighbours":     {ok, Options{Kind: KNN, K: -2}, CodeOptions, "-2 neighbours"},
		"negative waits": {ok, Options{Kind: Dense, Patience: -1}, CodeOptions, "patience -1"},
	} {
		h, _, err := Train(t.Context(), c.d, c.o)
		_, again := CrossValidate(t.Context(), c.d, c.o, 2)
		var e *Error
		if h != nil || again == nil || !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Msg, c.says) {
			t.Errorf("%s: %v, then %v", name, err, again)
		}
		if c.code == CodePictures && e.Class != "lone" {
			t.Errorf("class %q", e.Class)
		}
	}
	if _, err := CrossValidate(t.Context(), ok, Options{}, 13); err == nil {
		t.Error("more folds than vectors")
	}
	h, _, err := Train(t.Context(), ok, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e *Error
	if _, err := h.Scores(make([]float32, 4)); !errors.As(err, &e) || e.Code != CodeDim {
		t.Errorf("a longer vector: %v", err)
	}
	if _, err := h.Scores([]float32{1, float32(math.NaN()), 0}); !errors.As(err, &e) || e.Code != CodeValue {
		t.Errorf("NaN: %v", err)
	}
}

// Cancelled and diverged learning says so and keeps what was good.
func TestEndsEarly(t *testing.T) {
	d := blobs(300, 20, 3, 3, 2)
	for _, o := range []Options{{Tolerance: 1e-9}, {Kind: Dense, Widths: []int{16}}} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		rounds := 0
		o.Progress = func(s Step) {
			if s.Done == 3 {
				cancel()
			}
			rounds = s.Done
			if !(s.Loss > 0) || s.Accuracy < 0 || s.Accuracy > 1 || s.Total == 0 {
				t.Errorf("%+v", s)
			}
		}
		h, history, err := Train(ctx, d, o)
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeStopped || !errors.Is(err, context.Canceled) || rounds != 3 || history.Rounds != 3 {
			t.Fatalf("%s: %v after %d rounds", o.Kind, err, rounds)
		}
		if scores, err := h.Scores(d.vector(0)); err != nil || math.IsNaN(scores[0]) {
			t.Errorf("the head so far: %v, %v", scores, err)
		}
		if _, err := CrossValidate(ctx, d, o, 3); !errors.As(err, &e) || e.Code != CodeStopped {
			t.Errorf("folds: %v", err)
		}
	}
	h, history, err := Train(t.Context(), d, Options{Kind: Dense, Widths: []int{16, 16}, Rate: 1e30})
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeDiverged || !strings.Contains(e.Msg, "no number") {
		t.Fatalf("a rate of 1e30: %v after %d rounds", err, history.Rounds)
	}
	if scores, err := h.Scores(d.vector(0)); err != nil || math.IsNaN(scores[0]) {
		t.Errorf("what was kept: %v, %v", scores, err)
	}
	// Vectors whose products exceed float32.
	large := blobs(20, 4, 2, 1, 1)
	for i := range large.Vectors {
		large.Vectors[i] *= 1e38
	}
	if h, _, err = Train(t.Context(), large, Options{Raw: true}); err != nil && (!errors.As(err, &e) || e.Code != CodeDiverged) {
		t.Errorf("large vectors: %v", err)
	}
	for _, w := range h.Layers[0].Weight {
		if !finite(w) {
			t.Fatal("a weight is no number")
		}
	}
}

// What learning keeps does not grow with its rounds.
func TestMemory(t *testing.T) {
	d := blobs(512, 64, 4, 5, 1)
	defer func(f func() int) { workers = f }(workers)
	workers = func() int { return 1 }
	// Narrower than what kernel.MulAdd copies, whose buffers the collector and
	// the race detector may drop.
	const width = 60
	allocated := func(epochs int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, _, err := Train(t.Context(), d, Options{Kind: Dense, Widths: []int{width}, Epochs: epochs, Dropout: 0.2, Patience: 1000}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(2)
	few, many := allocated(2), allocated(40)
	const steps = 38 * 512 / 32
	if each := (float64(many) - float64(few)) / steps; each > 512 { // closures; a batch has 8 KiB
		t.Errorf("each step allocates %.0f bytes", each)
	}
}

func BenchmarkSoftmax(b *testing.B) {
	d := blobs(10000, 320, 10, 5, 1)
	for b.Loop() {
		if _, _, err := Train(b.Context(), d, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDenseEpoch(b *testing.B) {
	d := blobs(10000, 320, 10, 5, 1)
	for b.Loop() {
		if _, _, err := Train(b.Context(), d, Options{Kind: Dense, Epochs: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
