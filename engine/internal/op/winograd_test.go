package op_test

import (
	"math/rand/v2"
	"testing"

	"likeness/engine/internal/op"
	"likeness/engine/internal/testnet"
)

// winogradNet has convolutions that Winograd computes, of odd and even sizes,
// with and without padding, one after the other, and some that it must not.
func winogradNet(seed uint64) *testnet.Net {
	n := testnet.New(seed, 22, 25)
	a := n.Conv("stem", 0, 19, 1, testnet.Square(3, 1, 1), true)
	b := n.Conv("same", a, 27, 1, testnet.Square(3, 1, 1), true)
	c := n.Conv("valid", b, 16, 1, testnet.Square(3, 1, 0), true)
	d := n.Conv("uneven", c, 40, 1, testnet.Window{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Pads: [4]int{2, 0, 0, 3}}, true)
	e := n.Conv("strided", d, 24, 1, testnet.Square(3, 2, 1), true)
	f := n.Conv("dilated", e, 24, 1, testnet.Window{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{2, 2}, Pads: [4]int{2, 2, 2, 2}}, true)
	g := n.Conv("narrow", f, 8, 1, testnet.Square(3, 1, 1), false)
	h := n.Conv("signed", f, 16, 1, testnet.Square(3, 1, 1), false)
	n.Conv("last", h, 70, 1, testnet.Square(3, 1, 1), false)
	n.Conv("grouped3", g, 16, 2, testnet.Square(3, 1, 1), false)
	return n
}

func TestWinogradPlan(t *testing.T) {
	chosen := map[string]bool{"same": true, "valid": true, "uneven": true, "signed": true, "last": true}
	for seed := range uint64(2) {
		f := winogradNet(seed).File
		g := &f.Graph
		weights := map[string]op.Weights{}
		for i := range g.Nodes {
			p := f.Params[g.Nodes[i].Weights]
			if err := g.CheckParams(&g.Nodes[i], &p); err != nil {
				t.Fatal(err)
			}
			weights[g.Nodes[i].Weights] = op.Pack(g, &g.Nodes[i], p)
		}
		rng := rand.New(rand.NewPCG(seed, 2))
		input := make([]int16, g.Tensors[0].Elems())
		for i := range input {
			input[i] = int16(rng.IntN(4081) - 2040)
		}
		want := reference(g, f.Params, input)
		all := []int{}
		for i := 1; i < len(g.Tensors); i++ {
			checkPlan(t, g, weights, input, want, []int{i})
			all = append(all, i)
		}
		checkPlan(t, g, weights, input, want, all)
		p, err := op.NewPlan(g, weights, all)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Profile(make([]int16, p.ArenaLen()), nil) {
			if name := g.Nodes[s.Node].Name; (s.Kernel == "winograd") != chosen[name] {
				t.Errorf("%s runs as %q", name, s.Kernel)
			}
		}
	}
}

// One step past any bound the convolution is done directly.
func TestWinogradBounds(t *testing.T) {
	n := testnet.New(1, 16, 16)
	n.Conv("conv", n.Conv("stem", 0, 64, 1, testnet.Square(3, 1, 1), true), 16, 1, testnet.Square(3, 1, 1), true)
	g, node := &n.File.Graph, &n.File.Graph.Nodes[1]
	in := &g.Tensors[node.Inputs[0]]
	p := n.File.Params["conv"]
	kernelOf := func() string {
		weights := map[string]op.Weights{"stem": op.Pack(g, &g.Nodes[0], n.File.Params["stem"]), "conv": op.Pack(g, node, p)}
		plan, err := op.NewPlan(g, weights, []int{node.Output})
		if err != nil {
			t.Fatal(err)
		}
		return plan.Profile(make([]int16, plan.ArenaLen()), nil)[1].Kernel
	}
	// sum sets the weights of channel 3 to a sum, and the others to zero.
	sum := func(total int) {
		clear(p.Weight)
		clear(p.Bias)
		for i := range 9 * 64 {
			w := min(total, 127)
			p.Weight[3*9*64+i] = int8(w)
			total -= w
		}
		if total != 0 {
			t.Fatal("weights do not reach the sum")
		}
	}
	for _, c := range []struct {
		lo, hi int16
		sum    int
		bias   int32
		want   string
	}{
		{0, 8191, 100, 0, "winograd"},
		{0, 8192, 100, 0, "direct"},
		{-8192, 10, 100, 0, "direct"},
		{-8191, 10, 100, 0, "winograd"},
		{0, 8191, 65544, 0, "winograd"}, // 65544 * 8191 = 2^29 - 8
		{0, 8191, 65545, 0, "direct"},
		{0, 8191, 65544, 8, "direct"},
		{-8191, 0, 65545, 0, "direct"},
	} {
		in.Lo, in.Hi = c.lo, c.hi
		sum(c.sum)
		p.Bias[3] = c.bias
		if got := kernelOf(); got != c.want {
			t.Errorf("inputs %d..%d, weights %d: %q, want %q", c.lo, c.hi, c.sum, got, c.want)
		}
	}
}
