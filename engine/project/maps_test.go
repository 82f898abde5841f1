package project_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/project"
	"likeness/engine/search"
)

// mapping is what the methods have in common.
type mapping interface {
	Step(n int) (more bool)
	Done() float64
	Coords() []float32
	Place(nb *search.Neighbours) ([]float32, error)
}

// methods makes maps of short and of usual length.
var methods = map[string]func(nb *search.Neighbours, dims, steps int, seed uint64, start []float32, check search.Check) (mapping, error){
	"UMAP": func(nb *search.Neighbours, dims, steps int, seed uint64, start []float32, check search.Check) (mapping, error) {
		return project.NewUMAP(nb, dims, project.UMAPOptions{Epochs: steps, Seed: seed, Start: start, Check: check})
	},
	"t-SNE": func(nb *search.Neighbours, dims, steps int, seed uint64, start []float32, check search.Check) (mapping, error) {
		return project.NewTSNE(nb, dims, project.TSNEOptions{Iterations: steps, Seed: seed, Start: start, Check: check})
	},
}

// kinds makes n vectors about k centres, and tells which each is about.
func kinds(n, dim, k int, spread float64) (data []float32, of []int) {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	centres := make([]float64, k*dim)
	for i := range centres {
		centres[i] = rng.NormFloat64()
	}
	for i := range n {
		c := i % k
		of = append(of, c)
		for j := range dim {
			data = append(data, float32(centres[c*dim+j]+float64(spread*rng.NormFloat64())))
		}
	}
	return data, of
}

func nearest(t testing.TB, data []float32, dim, k int) *search.Neighbours {
	t.Helper()
	nb, err := search.Nearest(data, dim, k, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

func startOf(t testing.TB, data []float32, dim, dims int) []float32 {
	t.Helper()
	start, err := project.Start(data, len(data)/dim, dim, dims)
	if err != nil {
		t.Fatal(err)
	}
	return start
}

func hashOf(coords []float32) string {
	h := fnv.New64a()
	for _, v := range coords {
		fmt.Fprintf(h, "%08x\n", math.Float32bits(v))
	}
	return fmt.Sprintf("%x", h.Sum64())
}

// purity is the share of points whose nearest other on the map is of their
// kind.
func purity(coords []float32, dims int, of []int) float64 {
	n, hits := len(of), 0
	for i := range n {
		best, least := -1, math.Inf(1)
		for j := range n {
			d := 0.0
			for k := range dims {
				x := float64(coords[i*dims+k] - coords[j*dims+k])
				d += x * x
			}
			if j != i && d < least {
				best, least = j, d
			}
		}
		if of[best] == of[i] {
			hits++
		}
	}
	return float64(hits) / float64(n)
}

func TestMapsShowKinds(t *testing.T) {
	const n, dim, k = 400, 24, 6
	data, of := kinds(n, dim, k, 0.6)
	nb := nearest(t, data, dim, 30)
	for name, method := range methods {
		for _, dims := range []int{2, 3} {
			for _, start := range [][]float32{nil, startOf(t, data, dim, dims)} {
				m, err := method(nb, dims, 0, 1, start, nil)
				if err != nil {
					t.Fatal(err)
				}
				last := -1.0
				for more := true; more; {
					more = m.Step(37)
					if d := m.Done(); d <= last || d > 1 || more != (d < 1) {
						t.Fatalf("%s: done %v after %v, more: %v", name, d, last, more)
					} else {
						last = d
					}
				}
				coords := m.Coords()
				if len(coords) != n*dims {
					t.Fatalf("%s: %d coordinates", name, len(coords))
				}
				for _, v := range coords {
					if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 1000 {
						t.Fatalf("%s: a coordinate is %v", name, v)
					}
				}
				if p := purity(coords, dims, of); p < 0.99 {
					t.Errorf("%s, %d dimensions, start %v: purity %.3f", name, dims, start != nil, p)
				}
				f, err := project.Measure(data, dim, coords, dims, 10, 1, nil)
				if err != nil || f.Trustworthiness < 0.93 {
					t.Errorf("%s, %d dimensions, start %v: %+v, %v", name, dims, start != nil, f, err)
				}
			}
		}
	}
}

// TestMapsAreTheSameEverywhere holds hashes for all platforms: of steps at
// once, of one after the other, and of another seed.
func TestMapsAreTheSameEverywhere(t *testing.T) {
	want := map[string]string{
		"UMAP 2": "6987e6abe9255b8f", "UMAP 2 placed": "3985abd6ae1ae29f",
		"UMAP 3": "1aec9c8a4b172e09", "UMAP 3 placed": "541420cc9b2aeb4e",
		"t-SNE 2": "10c3c08398a3a594", "t-SNE 2 placed": "b2466c52388b6e66",
		"t-SNE 3": "b1d8943868fb4382", "t-SNE 3 placed": "a68559d0aed26d44",
	}
	const dim = 24
	data, _ := kinds(600, dim, 7, 0.9)
	fresh, _ := kinds(25, dim, 7, 0.9)
	nb := nearest(t, data, dim, 20)
	among, err := search.Among(fresh, data, dim, 15, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, method := range methods {
		for _, dims := range []int{2, 3} {
			make := func(seed uint64) mapping {
				m, err := method(nb, dims, 60, seed, startOf(t, data, dim, dims), nil)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			whole, parts, other := make(3), make(3), make(4)
			whole.Step(1000)
			for parts.Step(7) {
			}
			other.Step(1000)
			got := hashOf(whole.Coords())
			if h := hashOf(parts.Coords()); h != got {
				t.Errorf("%s: by parts %s, at once %s", name, h, got)
			}
			if h := hashOf(other.Coords()); h == got {
				t.Errorf("%s: another seed makes no difference", name)
			}
			if key := fmt.Sprint(name, " ", dims); want[key] != got {
				t.Errorf("%s: hash %s", key, got)
			}
			placed, err := whole.Place(among)
			if err != nil {
				t.Fatal(err)
			}
			if key, got := fmt.Sprint(name, " ", dims, " placed"), hashOf(placed); want[key] != got {
				t.Errorf("%s: hash %s", key, got)
			}
		}
	}
}

// TestPlace: new vectors come to their kind, copies to what they are copies
// of, and nothing else moves.
func TestPlace(t *testing.T) {
	const n, dim, k = 500, 24, 5
	all, of := kinds(n+50, dim, k, 0.6)
	data, fresh := all[:n*dim], all[n*dim:]
	fresh = append(fresh, data[7*dim:9*dim]...)
	nb := nearest(t, data, dim, 20)
	among, err := search.Among(fresh, data, dim, 15, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := search.Among(fresh[3*dim:4*dim], data, dim, 15, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, method := range methods {
		for _, dims := range []int{2, 3} {
			m, err := method(nb, dims, 0, 1, startOf(t, data, dim, dims), nil)
			if err != nil {
				t.Fatal(err)
			}
			for m.Step(100) {
			}
			before := hashOf(m.Coords())
			placed, err := m.Place(among)
			if err != nil {
				t.Fatal(err)
			}
			if hashOf(m.Coords()) != before {
				t.Errorf("%s: placing moves others", name)
			}
			for i, v := range placed[50*dims:] {
				if v != m.Coords()[7*dims+i] {
					t.Errorf("%s: a copy comes to %v, what it is a copy of is at %v", name, placed[50*dims:], m.Coords()[7*dims:9*dims])
					break
				}
			}
			joined := append(append([]float32{}, m.Coords()...), placed[:50*dims]...)
			if p := purity(joined, dims, of); p < 0.99 {
				t.Errorf("%s: purity with new ones %.3f", name, p)
			}
			one, err := m.Place(alone)
			if err != nil {
				t.Fatal(err)
			}
			if hashOf(one) != hashOf(placed[3*dims:4*dims]) {
				t.Errorf("%s: alone at %v, with others at %v", name, one, placed[3*dims:4*dims])
			}
			for what, nb := range map[string]*search.Neighbours{
				"nil": nil, "none": {N: 2}, "cut": {N: 1, K: 2, Index: []int32{1}, Score: []float32{1}},
				"beyond": {N: 1, K: 1, Index: []int32{n}, Score: []float32{1}}, "negative": {N: 1, K: 1, Index: []int32{-1}, Score: []float32{1}},
				"NaN": {N: 1, K: 1, Index: []int32{1}, Score: []float32{float32(math.NaN())}},
			} {
				if _, err := m.Place(nb); err == nil {
					t.Errorf("%s: %s: no error", name, what)
				}
			}
			if got, err := m.Place(&search.Neighbours{K: 3}); err != nil || len(got) != 0 {
				t.Errorf("%s: nothing to place: %v, %v", name, got, err)
			}
		}
	}
}

func TestMapsOfFewOrOddVectors(t *testing.T) {
	pairs := make([]float32, 60*6) // 30 copies each of two
	zeros := make([]float32, 60*6)
	some := make([]float32, 60*6) // half of them zeros
	line := make([]float32, 60*6)
	for i := range pairs {
		pairs[i] = float32((i/6%2)*(i%6) + 1)
		if i/6%2 == 0 {
			some[i] = float32(math.Sin(float64(i)))
		}
		line[i] = float32(i / 6 * (i % 3))
	}
	few, _ := kinds(4, 6, 4, 1)
	five, _ := kinds(5, 6, 2, 1)
	same := make([]float32, 60*6)
	for i := range same {
		same[i] = 0.3 + float32(i%6)
	}
	for name, method := range methods {
		for what, data := range map[string][]float32{"pairs": pairs, "some zeros": some, "line": line, "four": few, "five": five} {
			m, err := method(nearest(t, data, 6, 15), 2, 0, 1, startOf(t, data, 6, 2), nil)
			if err != nil {
				t.Errorf("%s: %s: %v", name, what, err)
				continue
			}
			m.Step(1 << 20)
			for _, v := range m.Coords() {
				if v-v != 0 {
					t.Errorf("%s: %s: a coordinate is %v", name, what, v)
					break
				}
			}
		}
		for what, data := range map[string][]float32{"zeros": zeros, "alike": same} {
			for _, start := range [][]float32{nil, startOf(t, data, 6, 2)} {
				if _, err := method(nearest(t, data, 6, 15), 2, 0, 1, start, nil); !errors.Is(err, project.ErrAlike) {
					t.Errorf("%s: %s: %v", name, what, err)
				}
			}
		}
	}
}

func TestMapsRefuse(t *testing.T) {
	data, _ := kinds(40, 6, 2, 1)
	nb := nearest(t, data, 6, 15)
	nan := float32(math.NaN())
	damaged := func(change func(nb *search.Neighbours)) *search.Neighbours {
		c := *nb
		c.Index, c.Score = append([]int32{}, nb.Index...), append([]float32{}, nb.Score...)
		change(&c)
		return &c
	}
	for name, method := range methods {
		for what, c := range map[string]struct {
			nb          *search.Neighbours
			dims, steps int
			start       []float32
		}{
			"nil":       {nil, 2, 0, nil},
			"empty":     {&search.Neighbours{}, 2, 0, nil},
			"three":     {nearest(t, data[:18], 6, 15), 2, 0, nil},
			"one":       {nearest(t, data[:6], 6, 15), 2, 0, nil},
			"1-D":       {nb, 1, 0, nil},
			"4-D":       {nb, 4, 0, nil},
			"steps":     {nb, 2, -1, nil},
			"start":     {nb, 2, 0, make([]float32, 79)},
			"NaN start": {nb, 2, 0, append(make([]float32, 79), nan)},
			"cut":       {damaged(func(c *search.Neighbours) { c.Index = c.Index[1:] }), 2, 0, nil},
			"beyond":    {damaged(func(c *search.Neighbours) { c.Index[3] = 40 }), 2, 0, nil},
			"itself":    {damaged(func(c *search.Neighbours) { c.Index[3] = 0 }), 2, 0, nil},
			"NaN":       {damaged(func(c *search.Neighbours) { c.Score[3] = nan }), 2, 0, nil},
			"2":         {damaged(func(c *search.Neighbours) { c.Score[3] = 2 }), 2, 0, nil},
		} {
			if _, err := method(c.nb, c.dims, c.steps, 1, c.start, nil); err == nil {
				t.Errorf("%s: %s: no error", name, what)
			}
		}
		stop := errors.New("stop")
		if _, err := method(nb, 2, 0, 1, nil, func(float64) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%s: stopped: %v", name, err)
		}
	}
	for _, d := range []float64{1.5, math.NaN(), math.Inf(1)} {
		if _, err := project.NewUMAP(nb, 2, project.UMAPOptions{MinDist: d}); err == nil {
			t.Errorf("least distance %v: no error", d)
		}
	}
	for _, p := range []float64{0.5, -1, 14, math.NaN(), math.Inf(1)} {
		if _, err := project.NewTSNE(nb, 2, project.TSNEOptions{Perplexity: p}); err == nil {
			t.Errorf("perplexity %v: no error", p)
		}
	}
	_, err := project.NewTSNE(nb, 2, project.TSNEOptions{Perplexity: 30})
	if want := "project: t-SNE: a perplexity of 30 needs 90 neighbours of each vector, there are 15: choose one of at most 5"; err == nil || err.Error() != want {
		t.Errorf("large perplexity: %v, want %v", err, want)
	}
}

// TestTSNEOfFewVectors: so few that n/12 is too small a rate to come to an end.
func TestTSNEOfFewVectors(t *testing.T) {
	for _, n := range []int{100, 300, 600} {
		data, _ := kinds(n, 32, n/10, 0.8)
		m, err := project.NewTSNE(nearest(t, data, 32, 90), 2, project.TSNEOptions{Start: startOf(t, data, 32, 2)})
		if err != nil {
			t.Fatal(err)
		}
		m.Step(1 << 20)
		q, err := project.Measure(data, 32, m.Coords(), 2, 10, 1, nil)
		if err != nil || q.Trustworthiness < 0.9 {
			t.Errorf("%d vectors: %+v, %v", n, q, err)
		}
	}
}
