package tflite

import (
	"math"
	"slices"
	"strings"
	"testing"

	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/quantise"
)

func sample() *litefile.Chain {
	f := litefile.New(6, 6)
	f.Conv("one", []int32{1, 3, 3, 4}, 3, 3, 3, 2, litefile.PadSame, litefile.ActReLU6)
	a := f.Last
	f.Op(14, "gate", []int32{1, 3, 3, 4}, nil)
	f.Op(18, "mul", []int32{1, 3, 3, 4}, []int32{a}, litefile.ActNone)
	f.Op(40, "mean", []int32{1, 4}, []int32{f.Tensor(litefile.Tensor{Name: "axes", Shape: []int32{2}, Type: typeInt32, Data: litefile.Int32s(1, 2)})}, int8(0))
	w := f.Tensor(litefile.Tensor{Name: "w", Shape: []int32{2, 4}, Type: typeInt8, Data: []byte{1, 2, 3, 4, 5, 6, 7, 8}, Scale: []float32{0.1, 0.2}, Zero: []int64{0, 0}})
	f.Op(9, "fc", []int32{1, 2}, []int32{w}, litefile.ActNone)
	f.Op(25, "soft", []int32{1, 2}, nil, float32(1))
	return f
}

// TestTruncated cuts a file at every byte. None may panic, and what still
// loads must run.
func TestTruncated(t *testing.T) {
	data := sample().File()
	if _, err := network(data, lower.Options{Prepare: native()}); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		// The last bytes are buffer 0, which is never read.
		if survives(data[:i:i]) && i < len(data)-16 {
			t.Errorf("a file cut from %d bytes to %d was accepted", len(data), i)
		}
	}
}

// TestDamaged turns single bytes and words of a file around.
func TestDamaged(t *testing.T) {
	data := sample().File()
	for i := range data {
		for _, v := range []byte{0, 1, 127, 128, 255} {
			bad := slices.Clone(data)
			bad[i] = v
			survives(bad)
		}
	}
	for i := 0; i+4 <= len(data); i += 4 {
		bad := slices.Clone(data)
		copy(bad[i:], litefile.Int32s(math.MaxInt32))
		survives(bad)
	}
}

// survives imports, runs and quantises whatever can be imported.
func survives(data []byte) bool {
	n, err := network(data, lower.Options{Name: "fuzz", Prepare: native()})
	if err != nil {
		return false
	}
	work := 0
	for i, node := range n.Nodes {
		s := n.Tensors[node.Output].Shape
		work += s[0] * s[1] * s[2] * max(len(n.Nodes[i].Weight), node.Kernel[0]*node.Kernel[1], 1)
	}
	if work > 1<<20 { // legal, but too slow for a test
		return true
	}
	in := n.Tensors[0].Shape
	quantise.WithRanges(n, quantise.Calibrate(n, [][]float32{make([]float32, in[0]*in[1]*in[2])}, nil), quantise.Margin)
	return true
}

// TestSharedVectors: a vector that is referenced many times must not multiply
// what is allocated.
func TestSharedVectors(t *testing.T) {
	f := litefile.New(4, 4)
	w := f.Constant("w", []int32{1 << 12, 1, 1, 3}, litefile.Ramp(3<<12)...)
	var all []int32
	for range 200 {
		f.Last = 0
		all = append(all, f.Op(3, "c", []int32{1, 4, 4, 1 << 12}, []int32{w}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1)))
	}
	f.On(106, "sum", []int32{1, 4, 4, 1 << 12}, all)
	_, err := network(f.File(), lower.Options{Name: "test", Prepare: native()})
	if err == nil || !strings.Contains(err.Error(), "constants") {
		t.Errorf("200 uses of one weight: %v", err)
	}
}

func FuzzTFLite(f *testing.F) {
	data := sample().File()
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("\x1c\x00\x00\x00TFL3"))
	q := litefile.New(4, 4)
	w := q.Tensor(litefile.Tensor{Name: "w", Shape: []int32{1, 3, 3, 3}, Type: typeUint8, Data: make([]byte, 27), Scale: []float32{0.1}, Zero: []int64{128}})
	q.Op(4, "dw", []int32{1, 4, 4, 3}, []int32{w}, litefile.PadSame, int32(1), int32(1), int32(1), litefile.ActReLU6, int32(1), int32(1))
	q.Op(2, "cat", []int32{1, 4, 4, 6}, []int32{0}, int32(3), litefile.ActNone)
	q.Op(17, "pool", []int32{1, 2, 2, 6}, nil, litefile.PadValid, int32(2), int32(2), int32(2), int32(2), litefile.ActReLU)
	f.Add(q.File())
	f.Fuzz(func(_ *testing.T, data []byte) { survives(data) })
}
