package tflite

import (
	"testing"

	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
)

// The class scores of a TensorFlow Lite file are found, with and without a softmax
// and a reshape after it; a part without them has none.
func TestLiteScores(t *testing.T) {
	build := func(softmax, reshape bool) *litefile.Chain {
		f := litefile.New(8, 6)
		f.Conv("conv", []int32{1, 8, 6, 5}, 3, 3, 3, 1, litefile.PadSame, litefile.ActNone)
		f.Op(40, "pool", []int32{1, 5}, []int32{f.Tensor(litefile.Tensor{Name: "axes", Shape: []int32{2}, Type: typeInt32, Data: litefile.Int32s(1, 2)})})
		f.Op(9, "logits", []int32{1, 7}, []int32{f.Constant("w", []int32{7, 5}, litefile.Ramp(35)...), f.Constant("b", []int32{7}, litefile.Ramp(7)...)}, int8(0))
		if softmax {
			f.Op(25, "soft", []int32{1, 7}, nil, float32(1))
		}
		if reshape {
			f.Op(22, "shaped", []int32{1, 1, 1, 7}, []int32{f.Tensor(litefile.Tensor{Name: "shape", Shape: []int32{4}, Type: typeInt32, Data: litefile.Int32s(1, 1, 1, 7)})})
		}
		return f
	}
	for _, c := range []struct {
		softmax, reshape bool
		opt              lower.Options
		layer            string
		classes          int
	}{
		{false, false, lower.Options{}, "logits", 7}, {true, false, lower.Options{}, "soft", 7}, {true, true, lower.Options{}, "soft", 7},
		{true, false, lower.Options{Output: "logits"}, "logits", 7}, {true, false, lower.Options{Until: []string{"pool"}}, "", 0},
	} {
		f := build(c.softmax, c.reshape)
		n := load(t, f, c.opt)
		if layer, classes := n.Scores(); layer != c.layer && !(c.reshape && layer == "shaped") || classes != c.classes {
			t.Errorf("softmax %v, reshape %v, %+v: %q of %d classes, want %q of %d", c.softmax, c.reshape, c.opt, layer, classes, c.layer, c.classes)
		}
		if w, h := Size(f.File()); w != 6 || h != 8 {
			t.Errorf("%d x %d", w, h)
		}
	}
	f := build(true, false)
	if Bytes(f.File()) {
		t.Error("floats are taken for bytes")
	}
	f.Tensors[0].Type, f.Tensors[0].Scale, f.Tensors[0].Zero = typeUint8, []float32{1. / 128}, []int64{128}
	if !Bytes(f.File()) {
		t.Error("bytes are not seen")
	}
	for _, data := range [][]byte{nil, []byte("TFL3TFL3TFL3"), f.File()[:60]} {
		if w, h := Size(data); w != 0 || h != 0 || Bytes(data) {
			t.Errorf("%d x %d of a damaged file", w, h)
		}
	}
}
