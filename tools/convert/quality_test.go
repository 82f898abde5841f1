package convert

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/quantise"
	"likeness/tools/convert/tflite"
)

// shared finds the reference models and photos, or skips.
func shared(t *testing.T) string {
	dir := os.Getenv("LIKENESS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "models")); err != nil {
		t.Skip("no reference models: set LIKENESS_SHARED to the folder that holds models/ and photos/")
	}
	return dir
}

// mobileNet converts the reference MobileNetV2 as the catalog does.
func mobileNet(t *testing.T, dir string) (*float.Network, *engine.Network) {
	data, err := os.ReadFile(filepath.Join(dir, "models", "mobilenet_v2_1.0_224_quant.tflite"))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := picture.Preset("tf")
	g, err := tflite.Read(data, tflite.Options{Height: p.Height, Width: p.Width})
	if err != nil {
		t.Fatal(err)
	}
	n, err := lower.Graph(g, lower.Options{Name: "mobilenet_v2", Prepare: p, Default: "MobilenetV2/Logits/AvgPool", Output: "MobilenetV2/Logits/Conv2d_1c_1x1"})
	if err != nil {
		t.Fatal(err)
	}
	ranges, ok := quantise.Declared(n)
	if !ok {
		t.Fatal("the file declares no activation ranges")
	}
	f, err := quantise.WithRanges(n, ranges, quantise.DeclaredMargin)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := model.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	net, err := engine.Load(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return n, net
}

// TestMobileNetQuality holds the quantised network against the float run of
// the same file on 100 photos.
func TestMobileNetQuality(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: runs 100 photos in float32")
	}
	dir := shared(t)
	float, net := mobileNet(t, dir)
	embedding, _ := float.Find(net.DefaultLayer())
	logits, _ := float.Find(net.Output())
	s, err := net.NewSession(net.DefaultLayer(), net.Output())
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "photos", "imagenet", "*.JPEG"))
	right, agree, sum, least := 0, 0, 0.0, 1.0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		px, _, err := picture.Decode(data, picture.DefaultLimits)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		in, err := float.Prepared(px)
		if err != nil {
			t.Fatal(err)
		}
		want := float.Run(in)
		if err := s.Run(px); err != nil {
			t.Fatal(err)
		}
		got, err := s.Vector("", engine.PoolAvg, true)
		if err != nil {
			t.Fatal(err)
		}
		scores, _ := s.Vector(net.Output(), engine.PoolFlatten, false)
		number, _, _ := strings.Cut(filepath.Base(file), "_")
		class, _ := strconv.Atoi(number)
		if argmax(scores) == class+1 { // 0 is background
			right++
		}
		if argmax(scores) == argmax(want[logits]) {
			agree++
		}
		c := cosine(got, want[embedding])
		sum += c
		least = min(least, c)
	}
	mean := sum / float64(len(files))
	report := fmt.Sprintf("%d photos: top-1 right %d, agrees with float %d, cosine mean %.5f, minimum %.5f", len(files), right, agree, mean, least)
	t.Log(report)
	if len(files) != 100 || right < 80 || agree < 97 || mean < 0.999 || least < 0.995 {
		t.Errorf("%s; wanted 80, 97, 0.999, 0.995 of 100", report)
	}
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

func argmax(v []float32) (best int) {
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}
