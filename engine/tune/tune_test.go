package tune

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"runtime"
	"testing"

	"likeness/engine"
	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/picture"
)

// late is where training begins: what follows are the last two blocks.
const late = "expanded_conv_14/add"

func defaultModel(t *testing.T) *model.File {
	t.Helper()
	data, err := os.ReadFile("../../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// drawn is picture i of a class: stripes of its direction, checks or rings, of
// random widths and colours.
func drawn(class, i int) *picture.Pixels {
	const side = 48
	px := &picture.Pixels{W: side, H: side}
	seed := uint32(class*1000+i)*2654435761 + 12345
	next := func() float64 {
		seed = seed*1664525 + 1013904223
		return float64(seed>>8) / (1 << 24)
	}
	width, shift := 3+4*next(), 9*next()
	var from, to [3]float64
	for c := range from {
		from[c], to[c] = 255*next(), 255*next()
	}
	for y := range side {
		for x := range side {
			at := [3]float64{float64(x), float64(y), math.Hypot(float64(x-side/2), float64(y-side/2))}[class]
			on := int((at+shift)/width)%2 == 0
			for c := range 3 {
				v := from[c]
				if on {
					v = to[c]
				}
				px.Pix = append(px.Pix, byte(v*0.85+30*next()))
			}
			px.Pix = append(px.Pix, 255)
		}
	}
	return px
}

// drawnData is each pictures of three classes, as the frozen layers see them.
func drawnData(t *testing.T, f *model.File, from string, each int, o ViewOptions) *Data {
	t.Helper()
	net, err := engine.New(f)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewViewer(net, from, "", o)
	if err != nil {
		t.Fatal(err)
	}
	cache := NewMemory(max(o.Views, 1), v.Len())
	d := &Data{Cache: cache, Views: max(o.Views, 1), Labels: []string{"across", "down", "rings"}}
	for i := range 3 * each {
		err := v.LookPixels(uint64(i+1), drawn(i%3, i/3), func(view int, values []int16) error { return cache.Put(i, view, values) })
		if err != nil {
			t.Fatal(err)
		}
		d.Class = append(d.Class, i%3)
	}
	return d
}

func written(t *testing.T, f *model.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := model.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// tunedBytes are of the model that TestSameBytes teaches, on every platform and
// by every body of the kernels.
const tunedBytes = "43fb86c437dc9359"

// The same pictures, options and seed give the same file, whatever the number of
// cores; it tells pictures that it has not learned from, and agrees with the
// float run.
func TestSameBytes(t *testing.T) {
	f := defaultModel(t)
	d := drawnData(t, f, late, 6, ViewOptions{Views: 2, Flip: true, Crop: 0.2, Colour: 0.2, Seed: 5})
	o := Options{From: late, Epochs: 3, Batch: 5, Seed: 9, Smoothing: 0.05}
	var first []byte
	for _, cores := range []int{1, 2, 3} {
		before := runtime.GOMAXPROCS(cores)
		tr, err := New(context.Background(), f, d, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		made, agreement, err := tr.Model(context.Background(), nil, 0)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if agreement.Pictures != 18 || agreement.Mean < 0.998 || agreement.Least < 0.995 || agreement.Classes != 1 {
			t.Errorf("the file and the float run: %+v", agreement)
		}
		b := written(t, made)
		if first == nil {
			first = b
			checkTold(t, b)
			h := tr.History()
			if h.Rounds != 3 || h.Steps[2].Loss >= h.Steps[0].Loss {
				t.Errorf("history %+v", h)
			}
			if got := hashOf(b); got != tunedBytes {
				t.Errorf("the model has hash %s, %s is pinned", got, tunedBytes)
			}
		} else if !bytes.Equal(b, first) {
			t.Errorf("%d cores: another file than with one", cores)
		}
	}
}

// One epoch of six pictures gives the same file too: little enough for emulators.
func TestSameBytesOfOneEpoch(t *testing.T) {
	const from = "expanded_conv_15/add"
	f := defaultModel(t)
	tr, err := New(context.Background(), f, drawnData(t, f, from, 2, ViewOptions{}), Options{From: from, Epochs: 1, Batch: 3, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	made, _, err := tr.Model(context.Background(), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := hashOf(written(t, made)), "023b417b52f8a2f9"; got != want {
		t.Errorf("the model has hash %s, %s is pinned", got, want)
	}
}

// checkTold tells pictures that were not learned from by a model file.
func checkTold(t *testing.T, file []byte) {
	t.Helper()
	net, err := engine.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	c := learn.NewClassifier(net.File())
	s, err := net.NewSession(c.Layer)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range 18 {
		if err := s.Run(drawn(i%3, 100+i)); err != nil {
			t.Fatal(err)
		}
		v, err := s.Vector(c.Layer, engine.Pool(c.Pool), false)
		if err != nil {
			t.Fatal(err)
		}
		scores, err := c.Scores(v)
		if err != nil {
			t.Fatal(err)
		}
		if best, _ := learn.Best(scores, 0); best == i%3 {
			right++
		}
	}
	if right < 16 {
		t.Errorf("%d of 18 pictures are told right", right)
	}
}

// What was learned fits the pictures better than the head alone, by both
// optimisers, and stops where held-out pictures gain no more.
func TestLearns(t *testing.T) {
	f := defaultModel(t)
	d := drawnData(t, f, late, 8, ViewOptions{})
	for _, o := range []Options{
		{From: late, Epochs: 8, C: 0.01},
		{From: late, Epochs: 8, C: 0.01, Optimiser: SGD, Rate: 0.03, Balanced: true},
		{From: late, Epochs: 40, C: 0.01, Patience: 2, HoldOut: 0.25},
	} {
		tr, err := New(context.Background(), f, d, o)
		if err != nil {
			t.Fatal(err)
		}
		all := tr.everyone()
		before, err := tr.loss(context.Background(), all)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		after, _ := tr.loss(context.Background(), all)
		if !(after < 0.75*before) {
			t.Errorf("%+v: the loss went from %.3f to %.3f", o, before, after)
		}
		if h := tr.History(); o.Patience > 0 && (!h.Converged || h.Best != h.Rounds-o.Patience) {
			t.Errorf("patience %d: %d rounds, the best %d, converged %v", o.Patience, h.Rounds, h.Best, h.Converged)
		}
	}
}

func TestFolds(t *testing.T) {
	f := defaultModel(t)
	d := drawnData(t, f, late, 4, ViewOptions{})
	var seen []int
	r, err := CrossValidate(context.Background(), f, d, Options{From: late, Epochs: 2, Progress: func(s Step) { seen = append(seen, 10*s.Fold+s.Done) }}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if r.Head.Vectors != 12 || r.Tuned.Vectors != 12 || len(r.Tuned.Each) != 2 || r.Tuned.Accuracy < 0.6 {
		t.Errorf("head alone %+v, tuned %+v", r.Head.Quality, r.Tuned.Quality)
	}
	if len(seen) != 4 || seen[0] != 11 || seen[3] != 22 {
		t.Errorf("told of %v", seen)
	}
}

func codeOf(err error) string {
	var e *Error
	var l *learn.Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.As(err, &l):
		return l.Code
	}
	return ""
}

func TestRefusals(t *testing.T) {
	f := defaultModel(t)
	good := drawnData(t, f, late, 3, ViewOptions{})
	with := func(change func(d *Data)) *Data {
		d := *good
		d.Class, d.Labels = append([]int(nil), good.Class...), append([]string(nil), good.Labels...)
		change(&d)
		return &d
	}
	for name, c := range map[string]struct {
		d    *Data
		o    Options
		code string
	}{
		"no such layer":         {good, Options{From: "no such layer"}, CodeLayer},
		"inside a block":        {good, Options{From: "expanded_conv_15/expand"}, CodeLayer},
		"nothing after":         {good, Options{From: f.Graph.DefaultLayer}, CodeLayer},
		"one class":             {with(func(d *Data) { d.Class, d.Labels = make([]int, 9), []string{"a"} }), Options{From: late}, learn.CodeClasses},
		"one picture":           {with(func(d *Data) { d.Class[0] = 1; d.Class[3] = 1 }), Options{From: late}, learn.CodePictures},
		"options":               {good, Options{From: late, Optimiser: "momentum"}, CodeOptions},
		"rate is no number":     {good, Options{From: late, Rate: math.NaN()}, CodeOptions},
		"other cache":           {with(func(d *Data) { d.Cache = NewMemory(1, 7) }), Options{From: late}, CodeData},
		"no views":              {with(func(d *Data) { d.Views = 0 }), Options{From: late}, CodeData},
		"class out of labels":   {with(func(d *Data) { d.Class[0] = 7 }), Options{From: late}, learn.CodeData},
		"pooling not trainable": {good, Options{From: late, Pool: "flatten"}, CodeOptions},
	} {
		_, err := New(context.Background(), f, c.d, c.o)
		if got := codeOf(err); got != c.code {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.code)
		}
	}
}

// A silly rate ends learning, with what was good until then.
func TestDiverged(t *testing.T) {
	f := defaultModel(t)
	d := drawnData(t, f, late, 3, ViewOptions{})
	tr, err := New(context.Background(), f, d, Options{From: late, Optimiser: SGD, Rate: 1e12, WarmUp: -1, Epochs: 9})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background()); codeOf(err) != CodeDiverged {
		t.Fatalf("rate 1e12: %v", err)
	}
	if _, err := tr.Epoch(context.Background()); codeOf(err) != CodeDiverged {
		t.Errorf("after it: %v", err)
	}
	made, a, err := tr.Model(context.Background(), nil, 0)
	if err != nil || a.Mean < 0.993 {
		t.Fatalf("the last good state: %v, %+v", err, a)
	}
	checkTold(t, written(t, made))
}

// It can be stopped at any step, and goes on from the last whole epoch.
func TestStopped(t *testing.T) {
	f := defaultModel(t)
	d := drawnData(t, f, late, 4, ViewOptions{})
	ctx, stop := context.WithCancel(context.Background())
	steps := 0
	tr, err := New(context.Background(), f, d, Options{From: late, Epochs: 3, Batch: 4, Yield: func() {
		if steps++; steps == 8 { // the head's vectors take 3, an epoch 3
			stop()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(ctx); codeOf(err) != CodeStopped || !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	if r := tr.History().Rounds; r != 1 {
		t.Errorf("%d whole epochs, want 1", r)
	}
	if _, _, err := tr.Model(context.Background(), nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background()); err != nil || tr.History().Rounds != 3 {
		t.Errorf("gone on: %v, %d epochs", err, tr.History().Rounds)
	}
}

// Epochs allocate next to nothing, so that memory stays flat over any number.
func TestMemoryIsFlat(t *testing.T) {
	f := defaultModel(t)
	const from = "expanded_conv_16/depthwise"
	d := drawnData(t, f, from, 2, ViewOptions{})
	tr, err := New(context.Background(), f, d, Options{From: from, Epochs: 200, Rate: 1e-5})
	if err != nil {
		t.Fatal(err)
	}
	epochs := func(n int) uint64 {
		var a, b runtime.MemStats
		runtime.ReadMemStats(&a)
		for range n {
			if _, err := tr.Epoch(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&b)
		return b.TotalAlloc - a.TotalAlloc
	}
	epochs(10)
	if got := epochs(190); got > 190*4096 {
		t.Errorf("190 epochs allocate %d bytes", got)
	}
	if !tr.Done() {
		t.Error("it is not done after 200 epochs")
	}
}

func TestViews(t *testing.T) {
	f := defaultModel(t)
	o := ViewOptions{Views: 4, Flip: true, Crop: 0.25, Colour: 0.2, Seed: 3}
	a, b := drawnData(t, f, late, 1, o), drawnData(t, f, late, 1, o)
	n := f.Graph.Tensors[func() int { i, _ := f.Graph.Tensor(late); return i }()].Elems()
	get := func(d *Data, i, view int) []int16 {
		v := make([]int16, n)
		if err := d.Cache.Get(v, i, view); err != nil {
			t.Fatal(err)
		}
		return v
	}
	same := func(x, y []int16) bool {
		for i := range x {
			if x[i] != y[i] {
				return false
			}
		}
		return true
	}
	for i := range 3 {
		for view := range 4 {
			if !same(get(a, i, view), get(b, i, view)) {
				t.Errorf("picture %d view %d: others in a second run", i, view)
			}
			for other := range view {
				if same(get(a, i, view), get(a, i, other)) {
					t.Errorf("picture %d: views %d and %d are the same", i, view, other)
				}
			}
		}
	}
	if err := a.Cache.Get(make([]int16, n), 0, 4); codeOf(err) != CodeData {
		t.Errorf("a view that is not there: %v", err)
	}
}

func TestFall(t *testing.T) {
	for i := range 101 {
		x := float64(i) / 100
		if got, want := fall(x), (1+math.Cos(math.Pi*x))/2; math.Abs(got-want) > 1e-12 {
			t.Errorf("fall(%v) is %v, want %v", x, got, want)
		}
	}
}

func TestChoices(t *testing.T) {
	f := defaultModel(t)
	all := Choices(&f.Graph, "")
	found := false
	for i, c := range all {
		if c.Parameters <= 0 || i > 0 && c.Parameters > all[i-1].Parameters {
			t.Errorf("choice %d: %+v after %+v", i, c, all[max(i-1, 0)])
		}
		found = found || c.Layer == late && c.End
	}
	if !found {
		t.Errorf("%s is no end of a block among %+v", late, Ends(&f.Graph, ""))
	}
}
