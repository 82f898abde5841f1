package tflite

import (
	"slices"
	"strings"
	"testing"

	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
)

// TestDensify: weights that leave out zeros, through DENSIFY or as they are. The
// blocks of 2 x 2 are those of TensorFlow's own test of the format.
func TestDensify(t *testing.T) {
	want := []float32{1, 0, 2, 3, 0, 4, 0, 0, 0, 0, 5, 0, 0, 0, 0, 6}
	blocks := func() litefile.Tensor {
		return litefile.Tensor{Name: "w", Shape: []int32{4, 4}, Data: litefile.Float32s(1, 0, 0, 4, 2, 3, 0, 0, 5, 0, 0, 6),
			Sparse: &litefile.Sparse{Order: []int32{0, 1, 2, 3}, Blocks: []int32{0, 1},
				Levels: []litefile.Level{{Size: 2}, {Segments: []int32{0, 2, 3}, Places: []int32{0, 1, 1}}, {Size: 2}, {Size: 2}}}}
	}
	single := litefile.Tensor{Name: "w", Shape: []int32{4, 4}, Data: litefile.Float32s(1, 2, 3, 4, 5, 6),
		Sparse: &litefile.Sparse{Order: []int32{0, 1}, Levels: []litefile.Level{{Size: 4}, {Segments: []int32{0, 3, 4, 5, 6}, Places: []int32{0, 2, 3, 1, 2, 3}}}}}
	columns := litefile.Tensor{Name: "w", Shape: []int32{4, 4}, Data: litefile.Float32s(1, 4, 2, 5, 3, 6),
		Sparse: &litefile.Sparse{Order: []int32{1, 0}, Levels: []litefile.Level{{Size: 4}, {Segments: []int32{0, 1, 2, 4, 6}, Places: []int32{0, 1, 0, 2, 0, 3}}}}}
	build := func(w litefile.Tensor, densify bool) *litefile.Chain {
		f := litefile.New(2, 2)
		f.Conv("conv", []int32{1, 1, 1, 4}, 2, 2, 3, 1, litefile.PadValid, litefile.ActNone)
		x := f.Last
		k := f.Tensor(w)
		if densify {
			k = f.On(124, "dense", []int32{4, 4}, []int32{k})
		}
		f.On(9, "y", []int32{1, 4}, []int32{x, k}, litefile.ActNone)
		return f
	}
	for name, w := range map[string]litefile.Tensor{"blocks": blocks(), "rows": single, "columns": columns} {
		for _, densify := range []bool{false, true} {
			n := load(t, build(w, densify), lower.Options{})
			if got := n.Nodes[len(n.Nodes)-1].Weight; !slices.Equal(got, want) {
				t.Errorf("%s, DENSIFY %v: %v", name, densify, got)
			}
		}
	}
	for name, damage := range map[string]func(s *litefile.Sparse, w *litefile.Tensor){
		"a place beyond the row":  func(s *litefile.Sparse, _ *litefile.Tensor) { s.Levels[1].Places[2] = 2 },
		"a place before it":       func(s *litefile.Sparse, _ *litefile.Tensor) { s.Levels[1].Places[0] = -1 },
		"segments beyond places":  func(s *litefile.Sparse, _ *litefile.Tensor) { s.Levels[1].Segments[2] = 9 },
		"too few segments":        func(s *litefile.Sparse, _ *litefile.Tensor) { s.Levels[1].Segments = []int32{0, 3} },
		"numbers left over":       func(s *litefile.Sparse, _ *litefile.Tensor) { s.Levels[1].Segments[2] = 2 },
		"numbers missing":         func(_ *litefile.Sparse, w *litefile.Tensor) { w.Data = w.Data[:40] },
		"an axis twice":           func(s *litefile.Sparse, _ *litefile.Tensor) { s.Order[1] = 0 },
		"blocks that do not fit":  func(s *litefile.Sparse, _ *litefile.Tensor) { s.Levels[3].Size = 3 },
		"blocks of no axis":       func(s *litefile.Sparse, _ *litefile.Tensor) { s.Blocks[0] = 5 },
		"levels that are lacking": func(s *litefile.Sparse, _ *litefile.Tensor) { s.Levels = s.Levels[:3] },
	} {
		w := blocks()
		damage(w.Sparse, &w)
		_, err := network(build(w, true).File(), lower.Options{Name: "test", Prepare: native()})
		if err == nil || !strings.Contains(err.Error(), "stored sparsely") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
