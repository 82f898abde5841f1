package op_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/internal/op"
	"likeness/engine/internal/testnet"
	"likeness/engine/kernel"
)

const (
	randomBatch     = 12 // networks that share a kept hash
	randomOperators = 14
)

// randomHash runs one random network with the body in use, between guard pages
// where the platform has them, and returns the hash of every layer's values:
// all layers at once, then a few of them, whose tensors share memory. It wants
// each value within its tensor's range, and no more memory than was announced.
func randomHash(t *testing.T, seed uint64, operators int) string {
	t.Helper()
	f := testnet.Random(seed, operators).File
	if err := f.Validate(); err != nil {
		t.Fatalf("network %d: %v", seed, err)
	}
	g := &f.Graph
	weights := map[string]op.Weights{}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Weights != "" {
			weights[n.Weights] = op.Pack(g, n, f.Params[n.Weights])
		}
	}
	rng := rand.New(rand.NewPCG(seed, 5))
	input := make([]int16, g.Tensors[0].Elems())
	lo, hi := int(g.Tensors[0].Lo), int(g.Tensors[0].Hi)
	for i := range input {
		if input[i] = int16(lo + rng.IntN(hi-lo+1)); i%3 == 0 { // the ends of the range
			input[i] = []int16{int16(lo), int16(hi)}[rng.IntN(2)]
		}
	}
	var all, some []int
	for i := 1; i < len(g.Tensors); i++ {
		if all = append(all, i); rng.IntN(4) == 0 || i == len(g.Tensors)-1 {
			some = append(some, i)
		}
	}
	var first map[int][]int16
	sum := sha256.New()
	for _, keep := range [][]int{all, some} {
		announced, err := op.Footprint(g, f.Params, keep)
		if err != nil {
			t.Fatalf("network %d: %v", seed, err)
		}
		p, err := op.NewPlan(g, weights, keep)
		if err != nil {
			t.Fatalf("network %d: %v", seed, err)
		}
		if need := int64(2 * p.ArenaLen()); need > announced {
			t.Fatalf("network %d: the arena takes %d bytes, %d were announced", seed, need, announced)
		}
		got := runGuarded(t, p, g.Tensors[0].Shape, input, keep)
		for k, v := range got {
			checkRange(t, seed, g.Tensors[k].Name, v, g.Tensors[k].Lo, g.Tensors[k].Hi)
			if first != nil && !slices.Equal(first[k], v) {
				t.Fatalf("network %d, %s: tensor %q depends on what else is kept", seed, kernel.Name(), g.Tensors[k].Name)
			}
		}
		if first == nil {
			first = got
			for _, k := range keep {
				binary.Write(sum, binary.LittleEndian, got[k])
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func checkRange(t *testing.T, seed uint64, name string, values []int16, lo, hi int16) {
	t.Helper()
	for i, v := range values {
		if v < lo || v > hi {
			t.Fatalf("network %d, %s: value %d of tensor %q is %d, outside [%d, %d]", seed, kernel.Name(), i, name, v, lo, hi)
		}
	}
}

// runGuarded runs a plan twice, the second time on what the first one left, on
// an arena that ends, then on one that begins, beside an inaccessible page.
func runGuarded(t *testing.T, p *op.Plan, shape [3]int, input []int16, keep []int) map[int][]int16 {
	t.Helper()
	var out map[int][]int16
	for _, atStart := range []bool{false, true} {
		arena, release := guarded(t, p.ArenaLen(), atStart)
		off, row, px := p.Input()
		for range 2 {
			for y := range shape[0] {
				for x := range shape[1] {
					copy(arena[off+y*row+x*px:], input[(y*shape[1]+x)*3:][:3])
				}
			}
			p.Run(arena)
		}
		got := map[int][]int16{}
		for _, k := range keep {
			got[k] = dense(p, arena, k)
		}
		release()
		if out != nil && !maps.EqualFunc(out, got, slices.Equal) {
			t.Fatalf("%s: the place of the arena changes the result", kernel.Name())
		}
		out = got
	}
	return out
}

// dense is a kept tensor without padding lanes.
func dense(p *op.Plan, arena []int16, k int) (out []int16) {
	values, px := p.Tensor(arena, k)
	c := p.Channels(k)
	for i := 0; i+c <= len(values); i += px {
		out = append(out, values[i:i+c]...)
	}
	return out
}

// TestRandomGraphs holds every body of this machine to the same bits, and all
// platforms to the kept ones: the hashes were found by portable Go.
func TestRandomGraphs(t *testing.T) {
	batches := len(randomHashes)
	if testing.Short() {
		batches = min(batches, 4)
	}
	for b := range batches {
		for _, body := range kernel.Bodies() {
			back := kernel.Use(body)
			sum := sha256.New()
			for i := range randomBatch {
				sum.Write([]byte(randomHash(t, uint64(b*randomBatch+i), randomOperators)))
			}
			back()
			if got := hex.EncodeToString(sum.Sum(nil))[:16]; got != randomHashes[b] {
				t.Errorf("networks %d to %d on %s: values hash to %s, want %s", b*randomBatch, (b+1)*randomBatch-1, body, got, randomHashes[b])
			}
		}
	}
}

// TestRandomGraphsCover: the kept networks hold every operator, every function
// and every routine for weights, and sums at both ends of int32.
func TestRandomGraphsCover(t *testing.T) {
	count := map[string]int{}
	for seed := range uint64(len(randomHashes) * randomBatch) {
		f := testnet.Random(seed, randomOperators).File
		weights := map[string]op.Weights{}
		for i := range f.Graph.Nodes {
			n := &f.Graph.Nodes[i]
			count[n.Op]++
			count[n.Op+" "+n.Fn]++
			if n.Weights == "" {
				continue
			}
			p := f.Params[n.Weights]
			weights[n.Weights] = op.Pack(&f.Graph, n, p)
			per := len(p.Weight) / max(len(p.Bias), 1)
			for o := range p.Bias {
				lo, hi := graph.AccumulatorRange(p.Weight[o*per:][:per], p.Bias[o], f.Graph.Tensors[n.Inputs[0]])
				if hi == 1<<31-1 {
					count["upper bound"]++
				}
				if lo == -1<<31 {
					count["lower bound"]++
				}
			}
		}
		var all []int
		for i := 1; i < len(f.Graph.Tensors); i++ {
			all = append(all, i)
		}
		plan, err := op.NewPlan(&f.Graph, weights, all)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range plan.Profile(make([]int16, plan.ArenaLen()), nil) {
			count["kernel "+s.Kernel]++
		}
	}
	want := []string{"upper bound", "lower bound", "kernel winograd", "kernel depthwise", "kernel product", "kernel direct", "kernel grouped", "kernel vector"}
	later := []string{graph.GroupNorm, graph.Power, graph.Log} // tools/convert holds them against the float run: random networks stay what they were
	want = append(want, graph.Operators...)
	for _, fn := range graph.Functions {
		want = append(want, graph.Activation+" "+fn)
	}
	for _, what := range want {
		if count[what] < 2 && !slices.Contains(later, strings.TrimPrefix(what, graph.Activation+" ")) {
			t.Errorf("%s: %d times", what, count[what])
		}
	}
}

// FuzzRandomGraphs holds the bodies of this machine together on any seed.
func FuzzRandomGraphs(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(1000 + seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		want := ""
		for _, body := range kernel.Bodies() {
			back := kernel.Use(body)
			got := randomHash(t, seed, 4)
			back()
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("network %d: %s differs from %s", seed, body, kernel.Bodies()[0])
			}
		}
	})
}
