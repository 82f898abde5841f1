package convert

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/tools/convert/nd"
)

// TestKinds holds ways to write networks against the general executor, value by
// value: each is one kind that users' files have.
func TestKinds(t *testing.T) {
	for name, build := range map[string]func(d *draft){
		"padding before a batch normalisation and a convolution": func(d *draft) {
			d.conv("c", 3, 8, 3)
			d.op("Pad", "p", nil, d.ints(0, 0, 1, 1, 0, 0, 1, 2))
			d.op("BatchNormalization", "b", nil, d.random(1, 8), d.random(1, 8), d.random(1, 8), d.floats([]int{8}, 1, 2, 3, 4, 1, 2, 3, 4))
			d.op("Conv", "y", nil, d.random(.2, 4, 8, 3, 3))
		},
		"padding of one place": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("GlobalAveragePool", "g", nil)
			d.op("Pad", "p", nil, d.ints(0, 0, 1, 2, 0, 0, 0, 1))
			d.op("Conv", "y", nil, d.random(.2, 4, 4, 2, 2))
		},
		"one place made large": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("GlobalAveragePool", "g", nil)
			d.op("Resize", "r", attrs{"mode": nd.String("linear")}, "", "", d.ints(1, 4, 8, 8))
			d.op("Concat", "y", attrs{"axis": nd.Int(1)}, "c")
		},
		"padding of a row": func(d *draft) {
			d.op("Conv", "c", nil, d.random(.2, 4, 3, 8, 1))
			d.op("Pad", "y", attrs{"mode": nd.String("reflect")}, d.ints(0, 0, 0, 2, 0, 0, 0, 3))
		},
		"reflected and repeated edges": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Pad", "p", attrs{"mode": nd.String("reflect")}, d.ints(0, 0, 3, 1, 0, 0, 2, 1))
			d.op("Pad", "y", attrs{"mode": nd.String("edge")}, d.ints(0, 0, 3, 0, 0, 0, 2, 4))
		},
		"channels of zeros": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Pad", "y", nil, d.ints(0, 3, 0, 0, 0, 6, 1, 0))
		},
		"padding with a value, and with less than nothing": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Pad", "p", nil, d.ints(0, 0, 1, 2, 0, 0, 0, 1), d.scalar(-1.5))
			d.op("Pad", "y", nil, d.ints(0, 0, -1, 2, 0, 0, 0, -3))
		},
		"roll": func(d *draft) {
			d.conv("c", 3, 4, 3)
			d.op("Slice", "a", nil, d.ints(3), d.ints(8), d.ints(2))
			d.on("Slice", "b", nil, "c", d.ints(0), d.ints(3), d.ints(2))
			d.on("Concat", "r", attrs{"axis": nd.Int(2)}, "a", "b")
			d.op("Slice", "e", nil, d.ints(-1), d.ints(9), d.ints(3))
			d.on("Slice", "f", nil, "r", d.ints(0), d.ints(-1), d.ints(3))
			d.on("Concat", "y", attrs{"axis": nd.Int(-1)}, "e", "f")
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDraft(8)
			build(d)
			n := lowered(t, d.graph())
			ownValues(t, d, n)
			if _, err := n.Model(ModelOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// ownValues holds every value that the network knows by name against the
// general executor's.
func ownValues(t *testing.T, d *draft, n *Network) {
	t.Helper()
	side := d.g.Inputs[0].Shape[2]
	x := make([]float32, 3*side*side)
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	var keep []string
	for _, node := range d.g.Nodes {
		keep = append(keep, node.Outputs...)
	}
	want, err := nd.Run(&d.g, map[string]*nd.Tensor{"x": {Type: nd.Float32, Shape: []int{1, 3, side, side}, F: x}}, keep...)
	if err != nil {
		t.Fatal(err)
	}
	vals := n.Run(toHWC(x))
	for _, name := range keep {
		at, ok := n.tensor(name)
		if !ok || at == 0 {
			continue
		}
		y := want[name].F
		if len(want[name].Shape) == 4 {
			y = hwc(want[name])
		}
		top := 1e-3
		for _, v := range y {
			top = max(top, math.Abs(float64(v)))
		}
		if len(y) != len(vals[at]) {
			t.Errorf("%s has %d values, want %d", name, len(vals[at]), len(y))
			continue
		}
		for i, v := range y {
			if !(math.Abs(float64(v-vals[at][i])) <= 1e-4*top) {
				t.Errorf("%s: value %d is %g, want %g", name, i, vals[at][i], v)
				break
			}
		}
	}
}
