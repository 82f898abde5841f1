package engine_test

import (
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
)

// After the first picture a session allocates nothing: every operator's scratch
// lies in the arena. The second network has a convolution by Winograd.
func TestNoAllocations(t *testing.T) {
	n := testnet.New(1, 40, 40)
	c := n.Conv("same", n.Conv("stem", 0, 16, 1, testnet.Square(3, 2, 1), true), 24, 1, testnet.Square(3, 1, 1), true)
	n.Pool(graph.GlobalAvgPool, "pool", c, testnet.Window{})
	winograd, err := engine.New(&n.File)
	if err != nil {
		t.Fatal(err)
	}
	for name, net := range map[string]*engine.Network{"all operators": network(t), "winograd": winograd} {
		layers := net.Layers()
		last := layers[len(layers)-1].Name
		s, err := net.NewSession(last)
		if err != nil {
			t.Fatal(err)
		}
		px := noise(1, 40, 40)
		size, err := s.VectorLen(last, engine.PoolAvg)
		if err != nil {
			t.Fatal(err)
		}
		vector := make([]float32, size)
		run := func() {
			if err := s.Run(px); err != nil {
				t.Fatal(err)
			}
			if err := s.VectorInto(vector, last, engine.PoolAvg, true); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if name == "winograd" {
			times, err := s.Profile(1)
			if err != nil {
				t.Fatal(err)
			}
			if times[1].Kernel != "winograd" {
				t.Fatalf("the second convolution runs as %q", times[1].Kernel)
			}
		}
		if got := testing.AllocsPerRun(20, run); got != 0 {
			t.Errorf("%s: %g allocations a picture", name, got)
		}
	}
}
