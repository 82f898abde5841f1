package search_test

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"likeness/engine/search"
	"likeness/engine/vectors"
)

var realVectors = flag.String("vectors", "", "an .npy file of real vectors to measure with")

// clouds makes n vectors about centres, as pictures of kinds are.
func clouds(n, dim, kinds int, spread float64, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 5))
	centres := make([]float64, kinds*dim)
	for i := range centres {
		centres[i] = rng.NormFloat64()
	}
	data := make([]float32, n*dim)
	for i := range n {
		c := rng.IntN(kinds)
		for k := range dim {
			data[i*dim+k] = float32(centres[c*dim+k] + float64(spread*rng.NormFloat64()))
		}
	}
	return data
}

// byRank is the definition: all others in the order of Rank.
func byRank(query, data []float32, self, k int) (index []int32, score []float32) {
	for _, m := range search.Rank(query, data) {
		if m.Index != self && len(index) < k {
			index, score = append(index, int32(m.Index)), append(score, m.Score)
		}
	}
	return index, score
}

func sameAsRank(t *testing.T, nb *search.Neighbours, queries, data []float32, dim int, self bool) {
	t.Helper()
	for i := range nb.N {
		me := -1
		if self {
			me = i
		}
		index, score := byRank(queries[i*dim:][:dim], data, me, nb.K)
		gotIndex, gotScore := nb.Of(i)
		for r := range index {
			if gotIndex[r] != index[r] || gotScore[r] != score[r] {
				t.Fatalf("%d of %d values: neighbour %d of vector %d is %d with %v, Rank has %d with %v",
					nb.N, dim, r, i, gotIndex[r], gotScore[r], index[r], score[r])
			}
		}
	}
}

func TestNearestIsRank(t *testing.T) {
	for _, c := range []struct{ n, dim, k int }{{2, 3, 1}, {2, 3, 9}, {3, 1, 2}, {40, 8, 5}, {41, 9, 40}, {300, 7, 15}, {700, 33, 90}, {1300, 64, 15}} {
		data := clouds(c.n, c.dim, 5, 0.7, uint64(c.n))
		nb, err := search.Nearest(data, c.dim, c.k, search.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if nb.N != c.n || nb.K != min(c.k, c.n-1) {
			t.Fatalf("%+v: %d neighbours of %d", c, nb.K, nb.N)
		}
		sameAsRank(t, nb, data, data, c.dim, true)
	}
}

func TestAmongIsRank(t *testing.T) {
	for _, c := range []struct{ nq, n, dim, k int }{{1, 1, 4, 3}, {5, 2, 8, 2}, {90, 600, 20, 10}, {600, 90, 20, 90}} {
		data, queries := clouds(c.n, c.dim, 4, 1, 1), clouds(c.nq, c.dim, 4, 1, 2)
		copy(queries, data[:c.dim]) // one is there
		nb, err := search.Among(queries, data, c.dim, c.k, search.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if nb.N != c.nq || nb.K != min(c.k, c.n) {
			t.Fatalf("%+v: %d neighbours of %d", c, nb.K, nb.N)
		}
		sameAsRank(t, nb, queries, data, c.dim, false)
	}
}

// TestNearestTies: zeros, copies and multiples, whose scores are equal.
func TestNearestTies(t *testing.T) {
	const dim = 5
	data := make([]float32, 300*dim)
	for i := range 300 {
		for k := range dim {
			data[i*dim+k] = float32((i % 3) * (k - 2) * (1 << (i % 5)))
		}
	}
	nb, err := search.Nearest(data, dim, 20, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sameAsRank(t, nb, data, data, dim, true)
	same := make([]float32, 500*dim)
	for i := range same {
		same[i] = 0.3
	}
	if nb, err = search.Nearest(same, dim, 3, search.Options{}); err != nil {
		t.Fatal(err)
	}
	if index, _ := nb.Of(499); index[0] != 0 || index[2] != 2 {
		t.Errorf("all alike: the neighbours of the last are %v", index)
	}
}

// TestNearestFindsWhatIsClose: values of very different size.
func TestNearestFindsWhatIsClose(t *testing.T) {
	data := clouds(200, 16, 3, 0.5, 3)
	for i := range data {
		data[i] *= float32(math.Pow(10, float64(i/16%60)-30))
	}
	nb, err := search.Nearest(data, 16, 7, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sameAsRank(t, nb, data, data, 16, true)
}

func TestNearestRefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for name, c := range map[string]struct {
		data   []float32
		dim, k int
		want   error
	}{
		"length":     {make([]float32, 7), 2, 1, search.ErrShape},
		"no length":  {make([]float32, 7), 0, 1, search.ErrShape},
		"NaN":        {[]float32{1, 2, nan, 3}, 2, 1, search.ErrNotFinite},
		"Inf":        {[]float32{1, 2, 3, inf}, 2, 1, search.ErrNotFinite},
		"none":       {make([]float32, 8), 2, 0, nil},
		"many":       {make([]float32, 8), 2, search.MaxNeighbours + 1, nil},
		"very long":  {make([]float32, 1<<24+1), 1<<24 + 1, 1, nil},
		"NaN behind": {append(make([]float32, 4000), nan), 1, 1, search.ErrNotFinite},
	} {
		if _, err := search.Nearest(c.data, c.dim, c.k, search.Options{}); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := search.Among(make([]float32, c.dim), c.data, c.dim, c.k, search.Options{}); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s, among: %v", name, err)
		}
	}
	for _, n := range []int{0, 1} {
		if nb, err := search.Nearest(make([]float32, 3*n), 3, 4, search.Options{}); err != nil || nb.N != n || nb.K != 0 {
			t.Errorf("%d vectors: %+v, %v", n, nb, err)
		}
	}
}

// TestLists: what inverted lists find of the true neighbours, that a seed
// decides, and that progress rises and an error ends the work.
func TestLists(t *testing.T) {
	const dim, k = 24, 15
	n := search.ExactLimit + 1000
	data := clouds(n, dim, 40, 0.6, 4)
	exact, err := search.Nearest(data, dim, k, search.Options{Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	last, calls := 0.0, 0
	nb, err := search.Nearest(data, dim, k, search.Options{Seed: 1, Check: func(done float64) error {
		if done < last || done > 1 {
			t.Errorf("progress %v after %v", done, last)
		}
		last = done
		calls++
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if last != 1 || calls < 20 {
		t.Errorf("progress ended at %v after %d calls", last, calls)
	}
	if r := recall(nb, exact); r < 0.98 {
		t.Errorf("recall %.4f", r)
	}
	for i := range n {
		index, score := nb.Of(i)
		seen := map[int32]bool{int32(i): true}
		for r, j := range index {
			if seen[j] || r > 0 && score[r] > score[r-1] {
				t.Fatalf("vector %d: neighbours %v with %v", i, index, score)
			}
			seen[j] = true
		}
	}
	stop := errors.New("stop")
	for _, at := range []float64{0, 0.05, 0.15, 0.5, 0.9} {
		if _, err := search.Nearest(data, dim, k, search.Options{Check: func(done float64) error {
			if done >= at {
				return stop
			}
			return nil
		}}); err != stop {
			t.Errorf("stopped at %v: %v", at, err)
		}
	}
	h := fnv.New64a()
	for i, j := range nb.Index {
		fmt.Fprintf(h, "%d %08x\n", j, math.Float32bits(nb.Score[i]))
	}
	if got := fmt.Sprintf("%x", h.Sum64()); got != "c2179f6d27accb79" {
		t.Errorf("hash of neighbours %s", got)
	}
}

// recall is the share of the true neighbours that were found.
func recall(got, want *search.Neighbours) float64 {
	hits := 0
	for i := range want.N {
		index, _ := got.Of(i)
		true_, _ := want.Of(i)
		seen := map[int32]bool{}
		for _, j := range true_ {
			seen[j] = true
		}
		for _, j := range index {
			if seen[j] {
				hits++
			}
		}
	}
	return float64(hits) / float64(want.N*want.K)
}

// TestReal measures with -args -vectors FILE.npy.
func TestReal(t *testing.T) {
	if *realVectors == "" {
		t.Skip("no -vectors")
	}
	file, err := os.ReadFile(*realVectors)
	if err != nil {
		t.Fatal(err)
	}
	data, n, dim, err := vectors.ReadNPY(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []int{5000, 20000, n} {
		m = min(m, n)
		start := time.Now()
		exact, err := search.Nearest(data[:m*dim], dim, 15, search.Options{Exact: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d exact: %.3f s", m, time.Since(start).Seconds())
		if m > search.ExactLimit {
			start = time.Now()
			nb, err := search.Nearest(data[:m*dim], dim, 15, search.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d by lists: %.3f s, recall@15 %.4f", m, time.Since(start).Seconds(), recall(nb, exact))
		}
	}
}
