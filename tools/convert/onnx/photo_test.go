package onnx

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"likeness/engine/picture"
	"likeness/tools/convert/nd"
)

// Published files recognise photos: what is read and how it is run cannot be
// far wrong. Each network has to be right about so many of 12 photos;
// fewer say nothing (of four, the half-precision file knows one).
func TestPhotos(t *testing.T) {
	models := sharedModels(t)
	photos, err := filepath.Glob(filepath.Join(models, "..", "photos", "imagenet", "*.JPEG"))
	if err != nil || len(photos) < 12 {
		t.Skip("no photos beside the reference models: set LIKENESS_SHARED")
	}
	const count = 12
	torch, _ := picture.Preset("torch")
	tf, _ := picture.Preset("tf")
	bgr := torch
	bgr.Order, bgr.Mean, bgr.Std = "BGR", [3]float64{104, 117, 123}, [3]float64{1, 1, 1}
	for _, c := range []struct {
		file  string
		prep  picture.Preparation
		least int // of count photos
	}{
		{"mobilenet_v2_fp32.onnx", tf, 8},
		{"squeezenet1.1_fp32.onnx", torch, 6},
		{"SqueezeNet_fp16.onnx", bgr, 6}, // opset 7, half precision
	} {
		t.Run(c.file, func(t *testing.T) {
			g, err := Read(filepath.Join(models, c.file))
			if err != nil {
				t.Skip(err)
			}
			right := 0
			for i := range count {
				photo := photos[i*len(photos)/count]
				label, err := strconv.Atoi(filepath.Base(photo)[:3])
				if err != nil {
					t.Fatal(err)
				}
				if classify(t, g, c.prep, photo) == label {
					right++
				}
			}
			t.Logf("%d of %d photos are recognised", right, count)
			if right < c.least {
				t.Errorf("at least %d of %d photos should be recognised", c.least, count)
			}
		})
	}
}

// classify finds the greatest of the network's 1000 outputs.
func classify(t *testing.T, g *nd.Graph, p picture.Preparation, path string) int {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	px, _, err := picture.Decode(data, picture.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	in := g.Inputs[0]
	p.Height, p.Width = in.Shape[2], in.Shape[3]
	if p.Height < 1 || p.Width < 1 {
		p.Height, p.Width = 224, 224
	}
	pr, err := picture.NewPreparer(p, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := pr.Load(px); err != nil {
		t.Fatal(err)
	}
	plane := p.Height * p.Width
	x := nd.New(in.Type, []int{1, 3, p.Height, p.Width})
	for i, v := range pr.RGB() {
		ch := i % 3
		if p.Order == "BGR" {
			ch = 2 - ch
		}
		x.F[ch*plane+i/3] = float32((float64(v) - p.Mean[ch]) / p.Std[ch])
	}
	out, err := nd.Run(g, map[string]*nd.Tensor{in.Name: x})
	if err != nil {
		t.Fatal(err)
	}
	for _, y := range out {
		if len(y.F) == 1000 {
			best := 0
			for i, v := range y.F {
				if v > y.F[best] {
					best = i
				}
			}
			return best
		}
	}
	t.Fatal("no output holds 1000 numbers")
	return 0
}
