package metadata

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/picture"
)

// What published files say, shortened to their keys; the sources say what
// is done with them.
func TestRead(t *testing.T) {
	const imageNet = "[123.675 116.28 103.53]) / [58.395 57.12 57.375]"
	const mean = `"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]`
	for _, c := range []struct{ what, text, want string }{
		{"Teachable Machine", `{"tfjsVersion":"1.3.1","tmVersion":"2.4.5","labels":["Class 1","Class 2"],"imageSize":224}`,
			"224 x 224, the short side to 224, the longer one cut to the centre, bilinear, RGB, (x - [127.5 127.5 127.5]) / [127.5 127.5 127.5]"},
		{"ResNet (ConvNextFeatureExtractor)", `{"crop_pct": 0.875, "do_normalize": true, "do_resize": true, "feature_extractor_type": "ConvNextFeatureExtractor", ` + mean + `, "resample": 3, "size": 224}`,
			"224 x 224, the short side to 256 and the centre cut out, bicubic, RGB, (x - " + imageNet},
		{"ConvNeXt of 384", `{"crop_pct": 0.875, "image_processor_type": "ConvNextImageProcessor", "do_rescale": true, "rescale_factor": 0.00392156862745098, ` + mean + `, "resample": 3, "size": {"shortest_edge": 384}}`,
			"384 x 384, stretched, bicubic, RGB, (x - " + imageNet},
		{"MobileNetV2", `{"crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "image_processor_type": "MobileNetV2ImageProcessor", "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": {"shortest_edge": 256}}`,
			"224 x 224, the short side to 256 and the centre cut out, bilinear, RGB, (x - [127.5 127.5 127.5]) / [127.5 127.5 127.5]"},
		{"MobileViT: BGR, not normalised", `{"crop_size": {"height": 256, "width": 256}, "do_center_crop": true, "do_flip_channel_order": true, "feature_extractor_type": "MobileViTFeatureExtractor", "resample": 2, "size": {"shortest_edge": 288}}`,
			"256 x 256, the short side to 288 and the centre cut out, bilinear, BGR, (x - [0 0 0]) / [255 255 255]"},
		{"EfficientNet: by the nearest, divided twice", `{"do_center_crop": false, "image_processor_type": "EfficientNetImageProcessor", ` + mean + `, "include_top": true, "resample": 0, "rescale_offset": false, "size": {"height": 224, "width": 224}}`,
			"224 x 224, stretched, nearest, RGB, (x - [123.675 116.28 103.53]) / [13.3725 12.7949 12.9094]"},
		{"an offset", `{"image_processor_type": "EfficientNetImageProcessor", "do_normalize": false, "include_top": false, "rescale_factor": 0.00784313725490196, "rescale_offset": true, "resample": 2, "size": 64}`,
			"64 x 64, stretched, bilinear, RGB, (x - [127.5 127.5 127.5]) / [127.5 127.5 127.5]"},
		{"ViT", `{"image_processor_type": "ViTImageProcessor", "do_resize": true, "image_mean": 0.5, "image_std": [0.5], "resample": 2, "size": 224}`,
			"224 x 224, stretched, bilinear, RGB, (x - [127.5 127.5 127.5]) / [127.5 127.5 127.5]"},
		{"Levit", `{"feature_extractor_type": "LevitFeatureExtractor", ` + mean + `, "crop_size": {"height": 224, "width": 224}, "resample": 3, "size": {"shortest_edge": 224}}`,
			"224 x 224, the short side to 256 and the centre cut out, bicubic, RGB, (x - " + imageNet},
		{"no scale", `{"do_rescale": false, "do_normalize": false, "image_processor_type": "ViTImageProcessor", "resample": 2, "size": 32}`,
			"32 x 32, stretched, bilinear, RGB, (x - [0 0 0]) / [1 1 1]"},
		{"timm", `{"architecture": "resnet50", "num_classes": 1000, "pretrained_cfg": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}`,
			"224 x 224, the short side to 235 and the centre cut out, bicubic, RGB, (x - " + imageNet},
		{"timm, squashed", `{"pretrained_cfg": {"input_size": [3, 256, 288], "interpolation": "bilinear", "crop_pct": 1.0, "crop_mode": "squash", "mean": [0, 0, 0], "std": [1, 1, 1]}}`,
			"288 x 256, stretched, bilinear, RGB, (x - [0 0 0]) / [255 255 255]"},
		{"timm's pretrained_cfg itself", `{"input_size": [3, 160, 160], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}`,
			"160 x 160, the short side to 182 and the centre cut out, bilinear, RGB, (x - [127.5 127.5 127.5]) / [127.5 127.5 127.5]"},
	} {
		s, ok, err := Read([]byte(c.text), "config.json")
		if err != nil || !ok || s.Preparation == nil || len(s.Preparation.Refusals) > 0 {
			t.Errorf("%s: %+v %v", c.what, s, err)
			continue
		}
		p := s.Preparation.Over(picture.Preparation{Width: 1, Height: 1, Resize: "fit", Interpolation: "bicubic", Order: "GBR"})
		if got := Describe(p); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.what, got, c.want)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestReadLabels(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{`{"tmVersion":"2.4.5","labels":["Class 1","Class 2"],"imageSize":224}`, 2},
		{`{"id2label": {"0": "cat", "1": "dog", "2": "fox"}}`, 3},
		{`{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}`, 0},
		{`{"pretrained_cfg": {"input_size": [3, 8, 8]}, "label_names": ["a", "b"]}`, 2},
	} {
		s, ok, err := Read([]byte(c.text), "config.json")
		if err != nil || !ok || len(s.Labels) != c.want {
			t.Errorf("%s: %+v %v", c.text, s, err)
		}
	}
	for _, text := range []string{`{}`, `{"model_type": "resnet"}`, `{"name": "x", "labels": ["a"]}`, `{"imageSize": 3}`} {
		if s, ok, err := Read([]byte(text), "config.json"); ok || err != nil {
			t.Errorf("%s was taken: %+v, %v", text, s, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "is not the JSON it should be"},
		{`{"tmVersion":`, "is not the JSON it should be"},
		{`[1]`, "is not the JSON it should be"},
		{`{"tmVersion":"2","labels":["a"],"imageSize":1000000}`, "imageSize is 1000000"},
		{`{"tmVersion":"2","labels":["a",""],"imageSize":8}`, "label 1 is empty"},
		{`{"id2label": {"0": "a", "7": "b"}}`, `"7" is not the number`},
		{`{"id2label": 5}`, "labels"},
		{`{"do_resize": true, "image_mean": [1, 2]}`, "2 numbers for the channels"},
		{`{"do_resize": true, "image_mean": "red"}`, "a string, which it cannot be"},
		{`{"do_resize": true, "size": {"height": 100000, "width": 5}}`, "a size of 100000"},
		{`{"do_resize": true, "size": {"height": -5, "width": 5}}`, "a size of -5 pixels"},
		{`{"do_resize": true, "size": {"longest_edge": 5}}`, "neither height and width nor shortest_edge"},
		{`{"do_resize": true, "resample": 9}`, "resample is 9"},
		{`{"pretrained_cfg": {"input_size": [1, 28, 28]}}`, "3 channels, height and width"},
		{`{"pretrained_cfg": {"input_size": [3, 28, 2800000]}}`, "1 to 4096"},
		{`{"pretrained_cfg": {"input_size": [3, 28, 28], "crop_pct": 0}}`, "crop_pct is 0"},
		{`{"pretrained_cfg": {"input_size": [3, 28, 28], "crop_pct": 1e-300}}`, "a size of"},
		{`{"pretrained_cfg": []}`, "is a array, which it cannot be"},
	} {
		_, _, err := Read([]byte(c.text), "config.json")
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "config.json") {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}

// What the engine does not do is told with the flag that settles it.
func TestRefusals(t *testing.T) {
	const values = `"image_mean": 0.5, "image_std": 0.5`
	for _, c := range []struct{ text, flag, want string }{
		{`{"do_resize": true, ` + values + `, "size": {"height": 256, "width": 256}, "do_center_crop": true, "crop_size": {"height": 224, "width": 224}}`, "resize", "stretches pictures to 256 x 256 and cuts out 224 x 224"},
		{`{"do_resize": true, ` + values + `, "size": {"shortest_edge": 200}, "do_center_crop": true, "crop_size": 224}`, "resize", "with a border of black"},
		{`{"do_resize": true, ` + values + `, "size": {"shortest_edge": 200}}`, "resize", "pictures stay of different shapes"},
		{`{"do_resize": true, ` + values + `, "size": {"shortest_edge": 256}, "do_center_crop": true}`, "resize", "no crop_size"},
		{`{"do_resize": false, ` + values + `}`, "resize", "do_resize is false"},
		{`{"do_pad": true, ` + values + `, "size": 8}`, "resize", "do_pad"},
		{`{"do_resize": true, ` + values + `, "size": 8, "resample": 1}`, "interpolation", "lanczos"},
		{`{"do_resize": true, "do_normalize": true, "size": 8}`, "mean", "no image_mean"},
		{`{"do_resize": true, "image_mean": 0.5, "image_std": 0, "size": 8}`, "mean", "std of channel 0"},
		{`{"do_resize": true, "rescale_factor": -1, ` + values + `, "size": 8}`, "mean", "rescale_factor"},
		{`{"pretrained_cfg": {"input_size": [3, 28, 28], "crop_mode": "border"}}`, "resize", "border"},
		{`{"pretrained_cfg": {"input_size": [3, 28, 30]}}`, "resize", "not square"},
		{`{"pretrained_cfg": {"input_size": [3, 28, 28], "interpolation": "lanczos"}}`, "interpolation", "lanczos"},
		{`{"pretrained_cfg": {"input_size": [3, 28, 28], "std": [0, 1, 1]}}`, "mean", "std of channel 0"},
	} {
		s, _, err := Read([]byte(c.text), "config.json")
		if err != nil || s.Preparation == nil || len(s.Preparation.Refusals) != 1 {
			t.Errorf("%s: %+v %v", c.text, s, err)
			continue
		}
		if r := s.Preparation.Refusals[0]; r.Flag != c.flag || !strings.Contains(r.Why, c.want) {
			t.Errorf("%s: %+v, want %s: %q", c.text, r, c.flag, c.want)
		}
	}
}

func TestSideFor(t *testing.T) {
	for _, c := range []struct {
		p          Preparation
		w, h, want int
	}{
		{Preparation{Width: 224, Height: 224, Side: 256}, 224, 224, 256},
		{Preparation{Width: 224, Height: 224, Side: 256}, 160, 160, 183},
		{Preparation{NoMargin: true}, 96, 96, 96},
		{Preparation{}, 96, 96, 0},
	} {
		if got := c.p.SideFor(c.w, c.h); got != c.want {
			t.Errorf("%+v for %d x %d: %d, want %d", c.p, c.w, c.h, got, c.want)
		}
	}
}

func TestBeside(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err == nil {
			err = os.WriteFile(file, []byte(text), 0o600)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	network := filepath.Join(dir, "onnx", "model.onnx")
	write("onnx/model.onnx", "x")
	if s, _, err := Beside(network); err != nil || len(s) != 0 {
		t.Errorf("%v %v", s, err)
	}
	write("config.json", `{"id2label": {"0": "a", "1": "b"}}`)
	write("onnx/config.json", `{"name": "another program's"}`)
	write("preprocessor_config.json", `{"do_resize": true, "image_mean": 0.5, "image_std": 0.5, "size": 8}`)
	s, files, err := Beside(network)
	if err != nil || len(s) != 2 || len(files) != 2 || s[0].Preparation == nil || len(s[1].Labels) != 2 {
		t.Errorf("%v %v %v", s, files, err)
	}
	if s, _, err := Beside(filepath.Join(dir, "other", "model.onnx")); err != nil || len(s) != 0 {
		t.Errorf("a folder further up was looked at: %v %v", s, err)
	}
	write("onnx/labels.txt", "a\n\nb")
	if _, _, err := Beside(network); err == nil || !strings.Contains(err.Error(), "labels.txt") || !strings.Contains(err.Error(), "--labels none") {
		t.Errorf("%v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"tmVersion":"2.4.5","labels":["Class 1","Class 2"],"imageSize":224}`))
	f.Add([]byte(`{"id2label": {"0": "cat", "1": "dog"}, "pretrained_cfg": {"input_size": [3, 224, 224], "crop_pct": 0.9}}`))
	f.Add([]byte(`{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 384}, "crop_pct": 1e-9, "resample": 3, "image_mean": [1, 1, 1]}`))
	f.Add([]byte(`{"do_resize": true, "size": [3, 4], "crop_size": {"height": 5}, "rescale_factor": 1e-300, "image_mean": 1e300, "image_std": 1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, ok, err := Read(data, "x.json")
		if err != nil {
			if !strings.Contains(err.Error(), "x.json") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		if !ok || s.Preparation == nil || len(s.Preparation.Refusals) > 0 {
			return
		}
		guess, _ := picture.Preset("tf")
		p := s.Preparation.Over(guess)
		if p.Width == 0 {
			p.Width, p.Height = guess.Width, guess.Height
		}
		if p.Resize == "shorter" && p.Side == 0 {
			p.Side = max(p.Width, p.Height)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
		if math.IsNaN(p.Mean[0]) {
			t.Error("NaN")
		}
	})
}
