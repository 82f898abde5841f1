package zoo

import (
	"math"
	"os"
	"testing"

	"likeness/tools/convert/nd"
	reader "likeness/tools/convert/tfjs"
)

// TestReadTFJS writes networks as TensorFlow.js graph models and reads them
// back: the float run must be that of the network itself. LIKENESS_SLOW=1 takes
// all that WriteTFJS can write.
func TestReadTFJS(t *testing.T) {
	names := []string{"mobilenet_v2", "resnet18"}
	if os.Getenv("LIKENESS_SLOW") != "" {
		names = append(names, "inception_v3", "resnet50", "vgg16")
	} else if testing.Short() {
		t.Skip("slow: runs whole networks in float32")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			n, err := Build(name, Options{Unsettled: true})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := n.WriteTFJS(dir); err != nil {
				t.Fatal(err)
			}
			g, err := reader.Read(dir, reader.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want, have := n.outputs(t), make([][]float32, len(g.Outputs))
			x := nd.New(nd.Float32, []int{1, n.Size, n.Size, 3})
			for i := range x.F {
				x.F[i] = pixel(i/3, i%3)
			}
			got, err := nd.Run(g, map[string]*nd.Tensor{g.Inputs[0].Name: x})
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range g.Outputs {
				have[i] = got[o.Name].F
			}
			if len(have) != len(want) {
				t.Fatalf("%d outputs, the network has %d", len(have), len(want))
			}
			for _, w := range want {
				best := math.Inf(1)
				for _, h := range have { // the file's outputs are in another order
					best = min(best, relative(h, w))
				}
				if t.Logf("off by %.2g", best); !(best <= 1e-4) {
					t.Errorf("an output is off by %g", best)
				}
			}
		})
	}
}

// outputs runs the network itself, in NCHW.
func (n *Net) outputs(t *testing.T) (out [][]float32) {
	x := nd.New(nd.Float32, []int{1, 3, n.Size, n.Size})
	area := n.Size * n.Size
	for i := range x.F {
		x.F[i] = pixel(i%area, i/area)
	}
	got, err := nd.Run(n.Graph, map[string]*nd.Tensor{n.Graph.Inputs[0].Name: x})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range n.Graph.Outputs {
		out = append(out, got[o.Name].F)
	}
	return out
}

func pixel(place, channel int) float32 { return float32((place*37+channel*11)%101)/50 - 1 }

// relative is the largest difference in units of want's largest value.
func relative(have, want []float32) float64 {
	if len(have) != len(want) {
		return math.Inf(1)
	}
	worst, top := 0.0, 0.0
	for i, w := range want {
		worst, top = max(worst, math.Abs(float64(have[i])-float64(w))), max(top, math.Abs(float64(w)))
	}
	return worst / top
}
