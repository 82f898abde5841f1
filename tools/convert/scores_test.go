package convert

import (
	"testing"

	"likeness/tools/convert/nd"
)

// The class scores of a TensorFlow Lite file are found, with and without a softmax
// and a reshape after it; a part without them has none.
func TestLiteScores(t *testing.T) {
	build := func(softmax, reshape bool) *chain {
		f := newChain(8, 6)
		f.conv("conv", []int32{1, 8, 6, 5}, 3, 3, 3, 1, same, actNone)
		f.op(40, "pool", []int32{1, 5}, []int32{f.tensor(liteT{name: "axes", shape: []int32{2}, typ: typeInt32, data: i32(1, 2)})})
		f.op(9, "logits", []int32{1, 7}, []int32{f.constant("w", []int32{7, 5}, ramp(35)...), f.constant("b", []int32{7}, ramp(7)...)}, int8(0))
		if softmax {
			f.op(25, "soft", []int32{1, 7}, nil, float32(1))
		}
		if reshape {
			f.op(22, "shaped", []int32{1, 1, 1, 7}, []int32{f.tensor(liteT{name: "shape", shape: []int32{4}, typ: typeInt32, data: i32(1, 1, 1, 7)})})
		}
		return f
	}
	for _, c := range []struct {
		softmax, reshape bool
		opt              Options
		layer            string
		classes          int
	}{
		{false, false, Options{}, "logits", 7}, {true, false, Options{}, "soft", 7}, {true, true, Options{}, "soft", 7},
		{true, false, Options{Output: "logits"}, "logits", 7}, {true, false, Options{Until: []string{"pool"}}, "", 0},
	} {
		f := build(c.softmax, c.reshape)
		n := load(t, f, c.opt)
		if layer, classes := n.Scores(); layer != c.layer && !(c.reshape && layer == "shaped") || classes != c.classes {
			t.Errorf("softmax %v, reshape %v, %+v: %q of %d classes, want %q of %d", c.softmax, c.reshape, c.opt, layer, classes, c.layer, c.classes)
		}
		if w, h := LiteSize(f.file()); w != 6 || h != 8 {
			t.Errorf("%d x %d", w, h)
		}
	}
	f := build(true, false)
	if LiteBytes(f.file()) {
		t.Error("floats are taken for bytes")
	}
	f.tensors[0].typ, f.tensors[0].scale, f.tensors[0].zero = typeUint8, []float32{1. / 128}, []int64{128}
	if !LiteBytes(f.file()) {
		t.Error("bytes are not seen")
	}
	for _, data := range [][]byte{nil, []byte("TFL3TFL3TFL3"), f.file()[:60]} {
		if w, h := LiteSize(data); w != 0 || h != 0 || LiteBytes(data) {
			t.Errorf("%d x %d of a damaged file", w, h)
		}
	}
}

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
