package onnx

import (
	"bytes"
	"testing"

	"likeness/tools/convert/nd"
)

// FuzzDecode feeds damaged files: an error or a graph that is written and read
// again to the same bytes, and whose shapes are inferred without a panic.
func FuzzDecode(f *testing.F) {
	for _, opset := range []int{7, 13, 21} {
		g := sample()
		g.Opset = opset
		data, err := Encode(g)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	data, err := Encode(chain(node("Relu", "b", "y", "r"), node("Add", "a", "r", "x", "w")))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := Decode(data, "")
		if err != nil {
			return
		}
		once, err := Encode(g)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Decode(once, "")
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		twice, err := Encode(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("written twice, the bytes differ (%v)", err)
		}
		_ = nd.Check(g)
	})
}
