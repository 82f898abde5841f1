package onnx

import (
	"os"
	"path/filepath"
	"testing"

	"likeness/engine/picture"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/quantise"
)

// The quantised networks of published files are held against their float runs
// on 200 photos. Where photos settle ranges and rounding, half of those that it
// is measured on are others.
func TestQualityOnPhotos(t *testing.T) {
	if os.Getenv("LIKENESS_SLOW") == "" {
		t.Skip("slow, two minutes: set LIKENESS_SLOW")
	}
	models := sharedModels(t)
	photos := filepath.Join(models, "..", "photos")
	const mean, least = 0.999, 0.995
	const equal = 0.98 // share of photos with the same best class
	for _, c := range []struct {
		file, preset, calibrate string
	}{
		{"mobilenet_v2_fp32.onnx", "tf", "flowers"},
		{"squeezenet1.1_fp32.onnx", "torch", ""},
		{"SqueezeNet_fp16.onnx", "caffe", "flowers"},
	} {
		t.Run(c.file, func(t *testing.T) {
			g, err := Read(filepath.Join(models, c.file))
			if err != nil {
				t.Fatal(err)
			}
			p, _ := picture.Preset(c.preset)
			n, err := lower.Graph(g, lower.Options{Name: c.file, Prepare: p})
			if err != nil {
				t.Fatal(err)
			}
			var opt quantise.ModelOptions
			if c.calibrate != "" {
				opt.Calibrate = filepath.Join(photos, c.calibrate)
			}
			f, err := quantise.Model(n, opt)
			if err != nil {
				t.Fatal(err)
			}
			got, err := quantise.Check(n, f, photos, []string{n.DefaultLayer}, nil)
			if err != nil {
				t.Fatal(err)
			}
			a := got.Layers[0]
			t.Logf("%d photos, %s: cosine mean %.5f, minimum %.5f, ten nearest shared %.1f %%, best class equal %.1f %%",
				got.Pictures, a.Layer, a.Mean, a.Min, 100*a.Overlap, 100*got.Top1)
			if got.Pictures != 200 || a.Mean < mean || a.Min < least || got.Top1 < equal {
				t.Errorf("wanted 200 photos, %g, %g and %g", mean, least, equal)
			}
		})
	}
}
