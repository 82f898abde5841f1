package lower

import (
	"testing"

	"likeness/tools/convert/nd"
)

func TestPictureSize(t *testing.T) {
	for _, c := range []struct {
		shape []int
		w, h  int
	}{{[]int{1, 3, 8, 6}, 6, 8}, {[]int{-1, 8, 6, 3}, 6, 8}, {[]int{1, 3, -1, -1}, 0, 0}, {[]int{5}, 0, 0}, {nil, 0, 0}} {
		g := &nd.Graph{Inputs: []nd.Value{{Name: "training", Shape: []int{1}}, {Name: "x", Shape: c.shape}}}
		if w, h := PictureSize(g); w != c.w || h != c.h {
			t.Errorf("%v: %d x %d, want %d x %d", c.shape, w, h, c.w, c.h)
		}
	}
}
