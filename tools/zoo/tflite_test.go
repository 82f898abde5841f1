package zoo

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"likeness/engine/picture"
	"likeness/tools/convert"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/metadata"
)

// TestTFLite writes MobileNetV1 as a TensorFlow Lite file with metadata and holds
// what is converted from it, prepared as the metadata says and with its labels,
// against the same network from ONNX, quantised too.
func TestTFLite(t *testing.T) {
	if os.Getenv("LIKENESS_SLOW") == "" {
		t.Skip("slow: LIKENESS_SLOW=1 settles and quantises a network")
	}
	n, err := Build("mobilenet_v1", Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for i := range 1001 {
		labels = append(labels, fmt.Sprintf("thing %d", i))
	}
	data, err := n.TFLite(labels)
	if err != nil {
		t.Fatal(err)
	}
	told, err := metadata.TFLite(data)
	if err != nil || told == nil || told.Preparation == nil {
		t.Fatalf("%+v, %v", told, err)
	}
	if !slices.Equal(told.Labels, labels) {
		t.Errorf("%d labels, from %q on", len(told.Labels), told.Labels[:min(len(told.Labels), 2)])
	}
	source, err := convert.Parse(convert.TFLite, data, "mobilenet_v1")
	if err != nil {
		t.Fatal(err)
	}
	p := told.Preparation.Over(source.Prepare)
	wanted, _ := picture.Preset("torch")
	for c := range 3 {
		if d := p.Mean[c] - wanted.Mean[c]; d > 1e-4 || d < -1e-4 {
			t.Errorf("mean %v of the metadata, %v wanted", p.Mean, wanted.Mean)
		}
		if d := p.Std[c] - wanted.Std[c]; d > 1e-4 || d < -1e-4 {
			t.Errorf("deviation %v of the metadata, %v wanted", p.Std, wanted.Std)
		}
	}
	p.Resize, p.Side, p.Width, p.Height = "stretch", 0, 0, 0
	net, err := source.Network(convert.Options{Name: "mobilenet_v1", Prepare: p})
	if err != nil {
		t.Fatal(err)
	}
	wanted.Resize, wanted.Side, wanted.Width, wanted.Height = "stretch", 0, 0, 0
	own, err := lower.Graph(n.Graph, lower.Options{Name: "mobilenet_v1", Prepare: wanted})
	if err != nil {
		t.Fatal(err)
	}
	px := n.pixels(n.Picture(7))
	in, err := net.Prepared(px)
	if err != nil {
		t.Fatal(err)
	}
	ownIn, err := own.Prepared(px)
	if err != nil {
		t.Fatal(err)
	}
	got, want := net.Run(in), own.Run(ownIn)
	for _, name := range []string{n.Embedding, "output"} {
		a, b := layer(net, name), layer(own, name)
		if a < 0 || b < 0 {
			t.Fatalf("layer %s is number %d of the one, %d of the other", name, a, b)
		}
		if d := difference(got[a], want[b]); !(d <= floatBar) {
			t.Errorf("%s is off by %.2g", name, d)
		}
	}
	least, _, size := quantised(t, n, net, "")
	t.Logf("%d bytes of TensorFlow Lite, %d of ours, cosine of the features %.5f", len(data), size, least)
}

// What is no chain is refused by name.
func TestTFLiteOfOthers(t *testing.T) {
	n, err := Build("squeezenet1_1", Options{Seed: 1, Unsettled: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.TFLite(nil); err == nil {
		t.Error("a network with branches was written")
	}
}
