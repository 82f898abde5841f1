package explain_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"likeness/engine"
	"likeness/engine/explain"
	"likeness/engine/internal/testnet"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/engine/search"
)

var pools = []engine.Pool{engine.PoolAvg, engine.PoolMax, engine.PoolFlatten, engine.PoolNone}

// random is a seeded map; sparse maps have many equal values, as after a ReLU.
func random(seed uint64, h, w, c int, sparse bool) *engine.FeatureMap {
	rng := rand.New(rand.NewPCG(seed, 9))
	m := &engine.FeatureMap{Shape: [3]int{h, w, c}, Scale: 0.01, Q: make([]int16, h*w*c)}
	for i := range m.Q {
		m.Q[i] = int16(rng.IntN(65535) - 32767)
		if sparse && m.Q[i] < 20000 {
			m.Q[i] = 0
		}
	}
	return m
}

// pooled is the vector by its definition, in exact fractions of Scale.
func pooled(m *engine.FeatureMap, pool engine.Pool) []*big.Rat {
	places, c := m.Shape[0]*m.Shape[1], m.Shape[2]
	var v []*big.Rat
	if pool == engine.PoolFlatten || pool == engine.PoolNone {
		for _, q := range m.Q {
			v = append(v, big.NewRat(int64(q), 1))
		}
		return v
	}
	for i := range c {
		sum, top := int64(0), int64(math.MinInt64)
		for p := range places {
			q := int64(m.Q[p*c+i])
			sum, top = sum+q, max(top, q)
		}
		if pool == engine.PoolMax {
			v = append(v, big.NewRat(top, 1))
		} else {
			v = append(v, big.NewRat(sum, int64(places)))
		}
	}
	return v
}

// cosine has 200 bits.
func cosine(a, b []*big.Rat) float64 {
	dot := func(a, b []*big.Rat) *big.Float {
		sum := new(big.Rat)
		for i := range a {
			sum.Add(sum, new(big.Rat).Mul(a[i], b[i]))
		}
		return new(big.Float).SetPrec(200).SetRat(sum)
	}
	length := new(big.Float).SetPrec(200).Mul(dot(a, a), dot(b, b))
	if length.Sign() == 0 {
		return 0
	}
	f, _ := new(big.Float).SetPrec(200).Quo(dot(a, b), length.Sqrt(length)).Float64()
	return f
}

// sums adds in order and gives the bound that the package states.
func sums(parts []float64) (sum, bound float64) {
	for _, v := range parts {
		sum += v
		bound += math.Abs(v)
	}
	return sum, float64(len(parts)+1) * bound * 0x1p-53
}

// TestParts: each set of parts sums to the cosine, within the stated bound, for
// grids with and without cells of several places.
func TestParts(t *testing.T) {
	for _, size := range [][3]int{{1, 1, 1}, {1, 1, 320}, {5, 5, 320}, {3, 7, 12}, {20, 20, 8}, {21, 20, 6}, {40, 33, 5}, {1, 1000, 3}} {
		for _, sparse := range []bool{false, true} {
			a, b := random(1, size[0], size[1], size[2], sparse), random(2, size[0], size[1], size[2], sparse)
			copy(b.Q, a.Q[:len(a.Q)/2])
			for _, pool := range pools {
				r, err := explain.Compare(a, b, pool)
				if err != nil {
					t.Fatal(err)
				}
				want := cosine(pooled(a, pool), pooled(b, pool))
				if math.Abs(r.Score-want) > 1e-14 {
					t.Errorf("%v %s: score %.17g, the cosine is %.17g", size, pool, r.Score, want)
				}
				if want == 0 && !sparse {
					t.Errorf("%v %s: nothing to split", size, pool)
				}
				for name, parts := range map[string][]float64{"A": r.A, "B": r.B, "pairs": r.Pairs, "channels": r.Channels} {
					if sum, bound := sums(parts); math.Abs(sum-r.Score) > bound {
						t.Errorf("%v %s: %s sum to %.17g, off by %g, bound %g", size, pool, name, sum, sum-r.Score, bound)
					}
				}
				cells(t, r)
			}
		}
	}
}

// cells: rows and columns of the pairs sum to the parts of the cells.
func cells(t *testing.T, r *explain.Result) {
	t.Helper()
	rows, columns := r.Grid[0], r.Grid[1]
	n := rows * columns
	if n > explain.Cells || rows != (r.Shape[0]+r.Step-1)/r.Step || columns != (r.Shape[1]+r.Step-1)/r.Step || r.Step > 1 && r.Shape[0]*r.Shape[1] <= explain.Cells {
		t.Fatalf("a grid of %v cells of %d for %v", r.Grid, r.Step, r.Shape)
	}
	a, b := make([]float64, n), make([]float64, n)
	for p := range r.A {
		at := p/r.Shape[1]/r.Step*columns + p%r.Shape[1]/r.Step
		a[at] += r.A[p]
		b[at] += r.B[p]
	}
	for i := range n {
		row, column := 0.0, 0.0
		for j := range n {
			row += r.Pairs[i*n+j]
			column += r.Pairs[j*n+i]
		}
		if math.Abs(row-a[i]) > 1e-12 || math.Abs(column-b[i]) > 1e-12 {
			t.Fatalf("cell %d: pairs sum to %g and %g, its places to %g and %g", i, row, column, a[i], b[i])
		}
	}
}

// TestExact: the numerators, parts times |a| |b|, are whole numbers whose sum is
// exactly that of the vectors' products.
func TestExact(t *testing.T) {
	a, b := random(5, 4, 5, 7, false), random(6, 4, 5, 7, false)
	r, err := explain.Compare(a, b, engine.PoolAvg)
	if err != nil {
		t.Fatal(err)
	}
	// By the definition, pair by pair.
	c := a.Shape[2]
	var total int64
	pairs := make([]int64, 400)
	for p := range 20 {
		for q := range 20 {
			for i := range c {
				pairs[p*20+q] += int64(a.Q[p*c+i]) * int64(b.Q[q*c+i])
			}
			total += pairs[p*20+q]
		}
	}
	for i, v := range pairs {
		// One rounding in either side.
		if want := float64(v) / float64(total) * r.Score; math.Abs(r.Pairs[i]-want) > 4e-16*math.Abs(want) {
			t.Fatalf("pair %d: %.17g, %.17g expected", i, r.Pairs[i], want)
		}
	}
}

// TestLarge: sums beyond 63 bits are still exact.
func TestLarge(t *testing.T) {
	full := func(v int16) *engine.FeatureMap {
		m := &engine.FeatureMap{Shape: [3]int{300, 300, 16}, Scale: 1, Q: make([]int16, 300*300*16)}
		for i := range m.Q {
			m.Q[i] = v
		}
		return m
	}
	for _, v := range []int16{32767, -32767} {
		for _, pool := range pools {
			r, err := explain.Compare(full(32767), full(v), pool)
			if err != nil {
				t.Fatal(err)
			}
			if want := float64(v) / 32767; math.Abs(r.Score-want) > 1e-15 {
				t.Errorf("%s: score %v", pool, r.Score)
			}
			if sum, bound := sums(r.A); math.Abs(sum-r.Score) > bound {
				t.Errorf("%s: parts sum to %v, off by %g, bound %g", pool, sum, sum-r.Score, bound)
			}
		}
	}
	m := &engine.FeatureMap{Shape: [3]int{301, 300, 1}, Scale: 1, Q: make([]int16, 301*300)}
	if _, err := explain.Compare(m, m, engine.PoolAvg); err == nil {
		t.Error("a map of too many places was taken")
	}
}

func TestMaxComesFrom(t *testing.T) {
	a := &engine.FeatureMap{Shape: [3]int{2, 2, 2}, Q: []int16{1, 5, 7, 0, 7, 5, 2, 5}}
	b := &engine.FeatureMap{Shape: [3]int{2, 2, 2}, Q: []int16{0, 0, 0, 0, 3, 0, 1, 4}}
	if got := explain.Origins(a); got[0] != 1 || got[1] != 0 {
		t.Errorf("maxima come from %v", got)
	}
	r, err := explain.Compare(a, b, engine.PoolMax)
	if err != nil {
		t.Fatal(err)
	}
	pairs := r.Strongest(10)
	// 7*3 of places 1 and 2, 5*4 of places 0 and 3, over sqrt(74)*5.
	l := math.Sqrt(74) * 5
	if len(pairs) != 2 || pairs[0].A != 1 || pairs[0].B != 2 || pairs[1].A != 0 || pairs[1].B != 3 ||
		math.Abs(pairs[0].Part-21/l) > 1e-15 || math.Abs(pairs[1].Part-20/l) > 1e-15 {
		t.Errorf("pairs %+v", pairs)
	}
}

func TestNothing(t *testing.T) {
	a, b := random(1, 3, 3, 4, false), &engine.FeatureMap{Shape: [3]int{3, 3, 4}, Q: make([]int16, 36)}
	for _, pool := range pools {
		r, err := explain.Compare(a, b, pool)
		if err != nil || r.Score != 0 || len(r.Strongest(5)) != 0 {
			t.Errorf("%s: %v, %+v", pool, err, r)
		}
	}
}

func TestRefused(t *testing.T) {
	a := random(1, 3, 3, 4, false)
	for name, b := range map[string]*engine.FeatureMap{"another shape": random(1, 3, 4, 4, false), "cut": {Shape: a.Shape, Q: a.Q[:35]}} {
		if _, err := explain.Compare(a, b, engine.PoolAvg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := explain.Compare(a, a, "median"); err == nil {
		t.Error("an unknown pooling was taken")
	}
}

// goldenParts pins the bits on every platform.
const goldenParts = "c3c1d9"

func TestGolden(t *testing.T) {
	h := sha256.New()
	for _, pool := range pools {
		r, err := explain.Compare(random(3, 7, 6, 31, false), random(4, 7, 6, 31, true), pool)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range [][]float64{{r.Score}, r.A, r.B, r.Pairs, r.Channels} {
			if err := binary.Write(h, binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)[:3]); got != goldenParts {
		t.Errorf("bits %s, %s expected", got, goldenParts)
	}
}

// TestVectors: the score is that of the vectors which the engine gives, and
// which the search compares.
func TestVectors(t *testing.T) {
	var file bytes.Buffer
	if err := model.Write(&file, &testnet.All(7).File); err != nil {
		t.Fatal(err)
	}
	net, err := engine.Load(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var layers []string
	for _, l := range net.Layers() {
		layers = append(layers, l.Name)
	}
	s, err := net.NewSession(layers...)
	if err != nil {
		t.Fatal(err)
	}
	maps, vectors := [2]map[string]*engine.FeatureMap{{}, {}}, [2]map[string][]float32{{}, {}}
	for i := range 2 {
		rng := rand.New(rand.NewPCG(uint64(i), 3))
		px := &picture.Pixels{W: 40, H: 31, Pix: make([]byte, 4*40*31)}
		for j := range px.Pix {
			px.Pix[j] = byte(rng.IntN(256)) | byte(j%4/3*255)
		}
		if err := s.Run(px); err != nil {
			t.Fatal(err)
		}
		for _, l := range layers {
			if maps[i][l], err = s.FeatureMap(l); err != nil {
				t.Fatal(err)
			}
			for _, pool := range pools {
				if vectors[i][l+string(pool)], err = s.Vector(l, pool, true); err != nil {
					t.Fatal(err)
				}
			}
			flat, _ := s.Vector(l, engine.PoolNone, false)
			for j, v := range maps[i][l].Floats() {
				if v != flat[j] {
					t.Fatalf("%s: value %d is %v in the map, %v in the vector", l, j, v, flat[j])
				}
			}
		}
	}
	for _, l := range layers {
		for _, pool := range pools {
			r, err := explain.Compare(maps[0][l], maps[1][l], pool)
			if err != nil {
				t.Fatal(err)
			}
			a, b := vectors[0][l+string(pool)], vectors[1][l+string(pool)]
			if want := search.Rank(a, b)[0].Score; math.Abs(r.Score-float64(want)) > 1e-6 {
				t.Errorf("%s %s: score %v, the search has %v", l, pool, r.Score, want)
			}
		}
	}
}
