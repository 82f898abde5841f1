package project

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/search"
)

// TestForcesAgainstAllPairs compares the tree with sums over all pairs: with
// an angle of 0 to rounding, with the usual one to a few percent of the
// largest.
func TestForcesAgainstAllPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		n, dims int
		spread  float64
	}{{1, 2, 1}, {2, 2, 1}, {700, 2, 1e-4}, {700, 2, 30}, {3000, 2, 60}, {500, 3, 1e-3}, {2000, 3, 20}} {
		coords := make([]float32, c.n*c.dims)
		for i := range coords {
			coords[i] = float32(c.spread * rng.NormFloat64())
		}
		for i := range c.n / 10 { // copies
			copy(coords[i*c.dims:][:c.dims], coords[(c.n-1)*c.dims:])
		}
		want := make([]float64, len(coords))
		sum, top := 0.0, 0.0
		for i := range c.n {
			for j := range c.n {
				if i == j {
					continue
				}
				q := 1 / (1 + squareDistance(coords[i*c.dims:][:c.dims], coords[j*c.dims:][:c.dims]))
				sum += q
				for d := range c.dims {
					want[i*c.dims+d] += q * q * float64(coords[i*c.dims+d]-coords[j*c.dims+d])
				}
			}
		}
		for _, f := range want {
			top = max(top, math.Abs(f))
		}
		var tr tree
		for angle, tolerance := range map[float32]float64{0: 1e-5, tsneAngle: 0.06} {
			got := make([]float32, len(coords))
			tr.build(coords, c.dims)
			z := tr.repel(got, angle)
			if c.n > 1 && math.Abs(z/sum-1) > tolerance/3 {
				t.Errorf("%+v, angle %v: sum %v, want %v", c, angle, z, sum)
			}
			for i, f := range got {
				if math.Abs(float64(f)-want[i]) > tolerance*top+1e-9 {
					t.Fatalf("%+v, angle %v: force %d is %v, want %v of at most %v", c, angle, i, f, want[i], top)
				}
			}
		}
	}
}

// TestTreeHoldsAllPoints: leaves cover the points once, boxes their points.
func TestTreeHoldsAllPoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, dims := range []int{2, 3} {
		coords := make([]float32, 5000*dims)
		for i := range coords {
			coords[i] = float32(math.Pow(rng.NormFloat64(), 5)) // far outliers, a dense middle
		}
		var tr tree
		tr.build(coords, dims)
		at := int32(0)
		seen := make([]bool, 5000)
		leaves := map[int32]node{}
		for _, n := range tr.nodes {
			if n.children == 0 {
				leaves[n.from] = n
			}
		}
		for at < 5000 {
			n, ok := leaves[at]
			if !ok {
				t.Fatalf("%d dimensions: no leaf begins at %d", dims, at)
			}
			for p := n.from; p < n.to; p++ {
				i := tr.order[p]
				if seen[i] {
					t.Fatalf("point %d twice", i)
				}
				seen[i] = true
				for d := range dims {
					if x := coords[int(i)*dims+d]; x < n.lo[d] || x > n.hi[d] {
						t.Fatalf("point %d lies outside its box", i)
					}
				}
			}
			at = n.to
		}
	}
}

func TestAffinities(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		k := 3 + rng.IntN(100)
		score := make([]float32, k)
		last := float32(1)
		for r := range score {
			last -= rng.Float32() * 0.02
			score[r] = last
		}
		perplexity := 1.5 + rng.Float64()*(float64(k)/3-0.5)
		p := make([]float32, k)
		affinities(p, score, perplexity)
		sum, entropy := 0.0, 0.0
		for r, x := range p {
			sum += float64(x)
			if x > 0 {
				entropy -= float64(x) * math.Log(float64(x))
			}
			if r > 0 && x > p[r-1] {
				t.Fatalf("farther, yet stronger: %v", p)
			}
		}
		if math.Abs(sum-1) > 1e-5 || math.Abs(math.Exp(entropy)-perplexity) > 1e-3*perplexity {
			t.Fatalf("perplexity %v of %v, sum %v", math.Exp(entropy), perplexity, sum)
		}
	}
	for _, score := range [][]float32{{1, 1, 1, 1}, {0, 0, 0, 0}, {-1, -1}, {1, -1, -1, -1}} {
		p := make([]float32, len(score))
		affinities(p, score, 1.2)
		for _, x := range p {
			if !(x >= 0 && x <= 1) {
				t.Errorf("cosines %v: %v", score, p)
			}
		}
	}
}

func TestMemberships(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		k := 4 + rng.IntN(30)
		score := make([]float32, k)
		last := float32(1)
		for r := range score {
			last -= 0.001 + rng.Float32()*0.02
			score[r] = last
		}
		w := make([]float32, k)
		membershipsOf(w, score, 0)
		sum := 0.0
		for r, x := range w {
			sum += float64(x)
			if r > 0 && x > w[r-1] {
				t.Fatalf("farther, yet stronger: %v", w)
			}
		}
		if w[0] != 1 || math.Abs(sum-math.Log2(float64(k))) > 1e-3 {
			t.Fatalf("nearest %v, sum %v, want 1 and %v", w[0], sum, math.Log2(float64(k)))
		}
	}
	for _, score := range [][]float32{{1, 1, 1}, {1}, {-1}, {0, 0}, {1, 1, 0.5, 0.5}} {
		w := make([]float32, len(score))
		membershipsOf(w, score, 0)
		for _, x := range w {
			if !(x >= 0 && x <= 1) {
				t.Errorf("cosines %v: %v", score, w)
			}
		}
	}
}

// TestSymmetric compares with a full matrix.
func TestSymmetric(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	const n, k = 60, 7
	data := make([]float32, n*3)
	for i := range data {
		data[i] = float32(rng.NormFloat64())
	}
	nb, err := search.Nearest(data, 3, k, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float32, n*k)
	for i := range w {
		w[i] = rng.Float32()
	}
	var full [n][n]float32
	for i, j := range nb.Index {
		full[i/k][j] = w[i]
	}
	union := func(a, b float32) float32 { return a + b - a*b }
	g := symmetric(nb.Index, w, n, k, union)
	count := 0
	for i := range n {
		for e := g.first[i]; e < g.first[i+1]; e++ {
			j := g.to[e]
			if want := union(full[i][j], full[j][i]); math.Abs(float64(g.weight[e]-want)) > 1e-6 || e > g.first[i] && g.to[e-1] >= j {
				t.Fatalf("edge %d to %d: %v, want %v", i, j, g.weight[e], want)
			}
			count++
		}
		for j := range n {
			if full[i][j] > 0 || full[j][i] > 0 {
				count--
			}
		}
	}
	if count != 0 {
		t.Errorf("%d edges more than there should be", count)
	}
}
