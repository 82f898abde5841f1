package export

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/quantise"
)

// sample is a picture of the network's own size, so that both ways of reading it
// have the same pixels.
func sample(w, h int) (file []byte, pixel func(x, y, c int) float64) {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	value := func(x, y, c int) uint8 { return uint8((7*y + 13*x + 29*c + x*y%31) % 256) }
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{value(x, y, 0), value(x, y, 1), value(x, y, 2), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes(), func(x, y, c int) float64 { return float64(value(x, y, c)) }
}

// engineVector is the default layer averaged, not divided by its length.
func engineVector(t *testing.T, data []byte, file []byte) []float32 {
	t.Helper()
	net, err := engine.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := net.NewSession(net.DefaultLayer())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Resize("none"); err != nil {
		t.Fatal(err)
	}
	p, err := picture.Open(file, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RunPicture(p); err != nil {
		t.Fatal(err)
	}
	v, err := s.Vector(net.DefaultLayer(), engine.PoolAvg, false)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// onnxVector runs the exported file as its reader would: decoded again.
func onnxVector(t *testing.T, f *model.File, form Form, pixel func(x, y, c int) float64) []float32 {
	t.Helper()
	b, err := ONNX(f, form)
	if err != nil {
		t.Fatal(err)
	}
	g, err := onnx.Decode(b, "")
	if err != nil {
		t.Fatal(err)
	}
	in := f.Graph.Tensors[0].Shape
	x := nd.New(nd.Float32, []int{1, in[2], in[0], in[1]})
	for c := range in[2] {
		at := c
		if f.Graph.Prepare.Order == "BGR" {
			at = 2 - c
		}
		for y := range in[0] {
			for col := range in[1] {
				x.F[(c*in[0]+y)*in[1]+col] = float32((pixel(col, y, at) - float64(f.Graph.Prepare.Mean[c])) / float64(f.Graph.Prepare.Std[c]))
			}
		}
	}
	out, err := nd.Run(g, map[string]*nd.Tensor{Input: x})
	if err != nil {
		t.Fatal(err)
	}
	return out[Vector].F
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// compare holds both forms of a model to what the engine gives.
func compare(t *testing.T, data []byte) {
	t.Helper()
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	in := f.Graph.Tensors[0].Shape
	file, pixel := sample(in[1], in[0])
	want := engineVector(t, data, file)
	for form, least := range map[Form]float64{Float: .9999, QDQ: .99995} {
		got := onnxVector(t, f, form, pixel)
		if len(got) != len(want) {
			t.Fatalf("form %d: %d values, the engine has %d", form, len(got), len(want))
		}
		if c := cosine(got, want); !(c >= least) {
			t.Errorf("form %d: cosine %.6f with the engine, expected %v", form, c, least)
		}
	}
}

func TestDefaultModel(t *testing.T) {
	data, err := os.ReadFile("../../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	compare(t, data)
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	one, err := ONNX(f, QDQ)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ONNX(f, QDQ)
	if err != nil || !bytes.Equal(one, again) {
		t.Errorf("two exports differ, %v", err)
	}
	if !bytes.Contains(one, []byte(`"width":160`)) {
		t.Error("the file does not say how its pictures are prepared")
	}
}

// TestCases exports what the small files of one operator each become.
func TestCases(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/cases/models/*.onnx")
	if len(files) == 0 {
		t.Skip("needs ../shared/cases/models")
	}
	n := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		g, err := onnx.Decode(data, "")
		if err != nil || len(g.Inputs) != 1 {
			continue
		}
		prepare, err := picture.Preset("torch")
		if err != nil {
			t.Fatal(err)
		}
		prepare.Width, prepare.Height, prepare.Side = 0, 0, 0 // as the file says
		made, err := lower.Graph(g, lower.Options{Name: "test", Prepare: prepare})
		if err != nil {
			t.Logf("%s: %v", filepath.Base(name), err)
			continue // what cannot be converted has no model to export
		}
		f, err := quantise.Model(made, quantise.ModelOptions{})
		if err != nil {
			continue
		}
		var b bytes.Buffer
		if err := convert.Write(&b, f); err != nil {
			t.Fatal(err)
		}
		n++
		t.Run(filepath.Base(name), func(t *testing.T) { compare(t, b.Bytes()) })
	}
	t.Logf("%d files", n)
}
