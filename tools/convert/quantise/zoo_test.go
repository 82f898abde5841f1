package quantise

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/nd"
	"likeness/tools/zoo"
)

// TestZoo converts published architectures with seeded weights. The float run
// must be the general executor's within 1e-4 of the largest value, quantised
// vectors within a cosine of 0.999. LIKENESS_ZOO_ONLY names networks; without it
// one small one is tried, and tools/zoo tries all when it is asked to.
func TestZoo(t *testing.T) {
	names := strings.Fields(os.Getenv("LIKENESS_ZOO_ONLY"))
	if len(names) == 0 {
		if testing.Short() {
			t.Skip("slow: converts a whole network")
		}
		names = []string{"shufflenet_v2_x1_0"}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			z, err := zoo.Build(name, zoo.Options{})
			if err != nil {
				t.Fatal(err)
			}
			p, _ := picture.Preset("torch")
			p.Width, p.Height, p.Side = 0, 0, 0
			n, err := lower.Graph(z.Graph, lower.Options{Name: name, Prepare: p})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := n.Find(z.Embedding); !ok {
				t.Errorf("no layer %q", z.Embedding)
			}
			if n.Output != z.Graph.Outputs[0].Name || n.DefaultLayer == n.Output {
				t.Errorf("class scores %q, default layer %q", n.Output, n.DefaultLayer)
			}
			againstGraph(t, n, z, z.Graph.Outputs[0].Name)
			checkQuantised(t, n)
		})
	}
}

// againstGraph holds an output of the float run against nd's.
func againstGraph(t *testing.T, n *float.Network, z *zoo.Net, output string) {
	t.Helper()
	x := z.Input(5).F
	in := z.Graph.Inputs[0]
	want, err := nd.Run(z.Graph, map[string]*nd.Tensor{in.Name: {Type: nd.Float32, Shape: []int{1, 3, z.Size, z.Width}, F: x}})
	if err != nil {
		t.Fatal(err)
	}
	at, ok := n.Find(output)
	if !ok {
		t.Fatalf("no layer %q", output)
	}
	got, y := n.Run(draft.ToHWC(x))[at], want[output].F
	worst, top := 0.0, 0.0
	for i := range y {
		worst, top = max(worst, math.Abs(float64(got[i]-y[i]))), max(top, math.Abs(float64(y[i])))
	}
	t.Logf("%d layers, float run off by %.2g of %.3g", len(n.Nodes), worst, top)
	if len(got) != len(y) || !(worst <= 1e-4*top) || slices.Max(y) == slices.Min(y) {
		t.Errorf("float run is off by %g, the largest value is %g", worst, top)
	}
}
