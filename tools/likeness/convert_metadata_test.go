package main

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"likeness/engine/model"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
)

// writeTeachable writes a folder as Teachable Machine exports it: layers in
// layers, a softmax at the end, and metadata.json.
func writeTeachable(t *testing.T, dir, metadata string) {
	t.Helper()
	conv := `{"class_name":"Conv2D","config":{"name":"Conv1","batch_input_shape":[null,32,32,3],"filters":6,"kernel_size":[3,3],"strides":[2,2],"use_bias":false,"activation":"relu"}}`
	first := `{"class_name":"Sequential","config":{"name":"sequential_1","layers":[` + conv + `,{"class_name":"GlobalAveragePooling2D","config":{"name":"gap"}}]}}`
	second := `{"class_name":"Sequential","config":{"name":"sequential_3","layers":[` +
		`{"class_name":"Dense","config":{"name":"dense_1","units":10,"activation":"relu","batch_input_shape":[null,6]}},` +
		`{"class_name":"Dense","config":{"name":"dense_2","units":3,"activation":"softmax","use_bias":false}}]}}`
	writeFile(t, filepath.Join(dir, "model.json"), []byte(`{"modelTopology":{"class_name":"Sequential","config":{"name":"sequential_4","layers":[`+first+`,`+second+`]},"keras_version":"tfjs-layers 1.3.1","backend":"tensor_flow.js"},`+
		`"weightsManifest":[{"paths":["weights.bin"],"weights":[{"name":"Conv1/kernel","shape":[3,3,3,6],"dtype":"float32"},{"name":"dense_1/kernel","shape":[6,10],"dtype":"float32"},`+
		`{"name":"dense_1/bias","shape":[10],"dtype":"float32"},{"name":"dense_2/kernel","shape":[10,3],"dtype":"float32"}]}]}`))
	var weights []byte
	for i := range 3*3*3*6 + 60 + 10 + 30 {
		weights = binary.LittleEndian.AppendUint32(weights, math.Float32bits(float32(math.Sin(float64(7*i)))))
	}
	writeFile(t, filepath.Join(dir, "weights.bin"), weights)
	if metadata != "" {
		writeFile(t, filepath.Join(dir, "metadata.json"), []byte(metadata))
	}
}

func modelOf(t *testing.T, file string) *model.File {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestConvertTeachableMachine(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.safetensors")
	writeTeachable(t, dir, `{"tfjsVersion":"1.3.1","tmVersion":"2.4.5","packageName":"@teachablemachine/image","labels":["Cat","Dog, \"big\"","Fox"],"imageSize":32}`)
	status, _, stderr := likeness(t, "convert", dir, "-o", out)
	if status != exitOK {
		t.Fatal(stderr)
	}
	for _, want := range []string{
		"preparation: from metadata.json: 32 x 32, the short side to 32, the longer one cut to the centre, bilinear, RGB, (x - [127.5 127.5 127.5]) / [127.5 127.5 127.5]",
		"labels: 3 from metadata.json, for layer sequential_3/dense_2, whose values are probabilities, which are scores already",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is missing in\n%s", want, stderr)
		}
	}
	f := modelOf(t, out)
	if p := f.Graph.Prepare; p.Side != 32 || p.Width != 32 || p.Resize != "shorter" || len(f.Graph.Labels) != 3 || f.Graph.DefaultLayer == f.Graph.Output {
		t.Errorf("%+v, %q, default %s", p, f.Graph.Labels, f.Graph.DefaultLayer)
	}
	photo := filepath.Join(dir, "p.png")
	writePicture(t, photo, 40, 33, 9)
	status, told, stderr := likeness(t, "embed", "--model", out, "--classify", "--format", "jsonl", photo)
	if status != exitOK {
		t.Fatal(stderr)
	}
	status, all, stderr := likeness(t, "classify", "--model", out, "--top", "3", "--format", "jsonl", photo)
	if status != exitOK {
		t.Fatal(stderr)
	}
	sum, lines := 0.0, strings.Split(strings.TrimSpace(all), "\n")
	for _, line := range lines {
		var v struct {
			Label string
			Score float64
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		sum += v.Score
	}
	if len(lines) != 3 || math.Abs(sum-1) > 1e-3 || !strings.HasPrefix(all, strings.TrimSpace(told)) {
		t.Errorf("scores are %g together: %s%s", sum, told, all)
	}
	status, text, _ := likeness(t, "inspect", out)
	if status != exitOK || !strings.Contains(text, "sequential_3/dense_2, 3 labels, probabilities") {
		t.Errorf("inspect: %s", text)
	}
}

// tinyClassifier is an ONNX file of a convolution, a mean and a matrix, whose values
// are logits of so many classes.
func tinyClassifier(t *testing.T, classes int) []byte {
	t.Helper()
	weights := func(shape ...int) *nd.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		w := &nd.Tensor{Shape: shape, F: make([]float32, n)}
		for i := range w.F {
			w.F[i] = float32(math.Sin(float64(3*i)) / 4)
		}
		return w
	}
	g := &nd.Graph{Opset: 17, Name: "main_graph", Inputs: []nd.Value{{Name: "pixel_values", Shape: []int{1, 3, -1, -1}}}, Outputs: []nd.Value{{Name: "logits"}},
		Const: map[string]*nd.Tensor{"k": weights(10, 3, 3, 3), "m": weights(classes, 10), "b": weights(classes)}}
	g.Nodes = []nd.Node{
		{Op: "Conv", Name: "/conv/Conv", Inputs: []string{"pixel_values", "k"}, Outputs: []string{"c"}},
		{Op: "Relu", Name: "/act/Relu", Inputs: []string{"c"}, Outputs: []string{"r"}},
		{Op: "GlobalAveragePool", Name: "/pool/GlobalAveragePool", Inputs: []string{"r"}, Outputs: []string{"p"}},
		{Op: "Flatten", Name: "/Flatten", Inputs: []string{"p"}, Outputs: []string{"f"}},
		{Op: "Gemm", Name: "/classifier/Gemm", Inputs: []string{"f", "m", "b"}, Outputs: []string{"logits"}, Attrs: map[string]nd.Attr{"transB": nd.Int(1)}},
	}
	data, err := onnx.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const resnetProcessor = `{"crop_pct": 0.875, "do_normalize": true, "do_resize": true, "image_processor_type": "ConvNextImageProcessor", ` +
	`"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 3, "size": {"shortest_edge": 28}}`

// Each file beside a network is followed, flags go before it, and what does not fit
// is told.
func TestConvertHuggingFace(t *testing.T) {
	dir := t.TempDir()
	net, out := filepath.Join(dir, "model.onnx"), filepath.Join(dir, "out.safetensors")
	at := func(name string) string { return filepath.Join(dir, name) }
	writeFile(t, net, tinyClassifier(t, 4))
	writeFile(t, at("preprocessor_config.json"), []byte(resnetProcessor))
	writeFile(t, at("config.json"), []byte(`{"id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}}`))
	writeFile(t, at("three.txt"), []byte("a\nb\nc\n"))
	writeFile(t, at("four.txt"), []byte("n00000001 red\nn00000002 green\nn00000003 blue\nn00000004 grey\n"))
	writeFile(t, at("timm.json"), []byte(`{"pretrained_cfg": {"input_size": [3, 24, 24], "crop_pct": 1.0, "crop_mode": "squash", "interpolation": "nearest", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}`))
	const told = "preparation: from preprocessor_config.json: 28 x 28, the short side to 32 and the centre cut out, bicubic, RGB, (x - [123.675 116.28 103.53]) / [58.395 57.12 57.375]"
	const logits = ", for layer logits, whose values are logits, of which softmax makes scores"
	for _, c := range []struct {
		flags  string
		said   []string
		labels string
	}{
		{"", []string{told, "labels: 4 from config.json" + logits}, "a b c d"},
		{"--labels @four.txt", []string{told, "labels: 4 from four.txt" + logits}, "red green blue grey"},
		{"--labels none", []string{told}, ""},
		{"--preset tf", []string{"labels: 4 from config.json"}, "a b c d"},
		{"--size 56", []string{"56 x 56, the short side to 64 and the centre cut out, bicubic"}, "a b c d"},
		{"--side 40 --interpolation bilinear", []string{"28 x 28, the short side to 40 and the centre cut out, bilinear, RGB, (x - [123.675"}, "a b c d"},
		{"--resize stretch --mean 0 --std 1", []string{"preparation: from preprocessor_config.json: 28 x 28, stretched, bicubic, RGB, (x - [0 0 0]) / [1 1 1]"}, "a b c d"},
		{"--preparation-from @timm.json", []string{"preparation: from timm.json: 24 x 24, stretched, nearest, RGB, (x - [127.5 127.5 127.5]) / [127.5 127.5 127.5]"}, "a b c d"},
		{"--preparation-from none", []string{`pictures are prepared as "torch"`, "preparation: guessed: 224 x 224, the short side to 256"}, "a b c d"},
		{"--until /act/Relu", []string{"labels from config.json are left out: the network has no layer"}, ""},
	} {
		args := []string{"convert", net, "-o", out}
		for _, f := range strings.Fields(c.flags) {
			args = append(args, strings.ReplaceAll(f, "@", dir+string(filepath.Separator)))
		}
		status, _, stderr := likeness(t, args...)
		if status != exitOK {
			t.Errorf("%s: %s", c.flags, stderr)
			continue
		}
		for _, want := range c.said {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s: %q is missing in\n%s", c.flags, want, stderr)
			}
		}
		if got := strings.Join(modelOf(t, out).Graph.Labels, " "); got != c.labels {
			t.Errorf("%s: labels %q, want %q", c.flags, got, c.labels)
		}
	}
}

func TestConvertBadMetadata(t *testing.T) {
	dir := t.TempDir()
	net, out := filepath.Join(dir, "model.onnx"), filepath.Join(dir, "out.safetensors")
	at := func(name string) string { return filepath.Join(dir, name) }
	writeFile(t, net, tinyClassifier(t, 4))
	writeFile(t, at("three.txt"), []byte("a\nb\nc\n"))
	writeFile(t, at("other.json"), []byte(`{"name": "x"}`))
	writeFile(t, at("broken.json"), []byte(`{"do_resize": true, `))
	writeFile(t, at("lanczos.json"), []byte(strings.Replace(resnetProcessor, `"resample": 3`, `"resample": 1`, 1)))
	run := func(flags string, want ...string) {
		t.Helper()
		args := []string{"convert", net, "-o", out}
		for _, f := range strings.Fields(flags) {
			args = append(args, strings.ReplaceAll(f, "@", dir+string(filepath.Separator)))
		}
		status, _, stderr := likeness(t, args...)
		if want == nil {
			if status != exitOK {
				t.Errorf("%s: %s", flags, stderr)
			}
			return
		}
		if status != exitFatal {
			t.Errorf("%s: status %d", flags, status)
		}
		for _, w := range want {
			if !strings.Contains(stderr, w) {
				t.Errorf("%s: %q is missing in\n%s", flags, w, stderr)
			}
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%s: a file was written", flags)
		}
	}
	run("--labels @three.txt", "three.txt", "3 labels for 4 classes", `"logits"`)
	run("--labels @nosuch.txt", "nosuch.txt")
	run("--labels @three.txt --until /act/Relu", "--output LAYER")
	run("--preparation-from @other.json", "other.json", "tells of no preparation")
	run("--preparation-from @broken.json", "broken.json", "is not the JSON")
	run("--preparation-from @nosuch.json", "nosuch.json")
	run("--preparation-from @lanczos.json", "lanczos.json", "filter lanczos", "--interpolation")
	writeFile(t, at("config.json"), []byte(`{"id2label": {"0": "a", "9": "b"}}`))
	run("", "config.json", `"9" is not the number`, "--labels none")
	writeFile(t, at("config.json"), []byte(`{"id2label": {"0": "a"`))
	run("", "config.json", "is not the JSON", "--labels none")
	run("--labels none --preparation-from none")
	os.Remove(out)
	writeFile(t, at("config.json"), []byte(`{"id2label": {"0": "a", "1": "b"}}`))
	run("--preparation-from @lanczos.json --interpolation bicubic")
	if f := modelOf(t, out); f.Graph.Labels != nil || f.Graph.Prepare.Interpolation != "bicubic" {
		t.Errorf("%q %+v", f.Graph.Labels, f.Graph.Prepare)
	}
	os.Remove(out)
	writeFile(t, net, append(tinyClassifier(t, 4), 0x72, 0x0e, 0x0a, 0x05, 'n', 'a', 'm', 'e', 's', 0x12, 0x05, '{', '0', ':', '1', '}'))
	run("", "model.onnx", "names", "--labels none")
	// What tells of a network is not overwritten.
	status, _, stderr := likeness(t, "convert", net, "-o", at("lanczos.json"), "--labels", "none", "--preparation-from", at("lanczos.json"), "--interpolation", "bicubic")
	if status != exitFatal || !strings.Contains(stderr, "lanczos.json") {
		t.Errorf("%d %s", status, stderr)
	}
}

// The 1000 names of ImageNet go with a network that has the background, too.
func TestConvertBackground(t *testing.T) {
	dir := t.TempDir()
	net, out := filepath.Join(dir, "model.onnx"), filepath.Join(dir, "out.safetensors")
	writeFile(t, net, tinyClassifier(t, 1001))
	names := make([]string, 1000)
	for i := range names {
		names[i] = "class " + strconv.Itoa(i)
	}
	text, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "names.json"), text)
	status, _, stderr := likeness(t, "convert", net, "-o", out, "--size", "24", "--labels", filepath.Join(dir, "names.json"))
	if status != exitOK || !strings.Contains(stderr, "the background as its class 0") {
		t.Fatal(stderr)
	}
	if labels := modelOf(t, out).Graph.Labels; len(labels) != 1001 || labels[0] != "background" || labels[1] != "class 0" {
		t.Errorf("%.3q", labels)
	}
}

// Bytes of a quantised network mean what its scale and zero say, whatever lies
// beside it; how pictures are resized is told all the same.
func TestConvertBytes(t *testing.T) {
	shared := os.Getenv("LIKENESS_MODELS")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared", "models")
	}
	data, err := os.ReadFile(filepath.Join(shared, "mobilenet_v2_1.0_224_quant.tflite"))
	if err != nil {
		t.Skip("set LIKENESS_MODELS to a folder with mobilenet_v2_1.0_224_quant.tflite")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "net.tflite"), data)
	writeFile(t, filepath.Join(dir, "preprocessor_config.json"), []byte(resnetProcessor))
	out := filepath.Join(dir, "out.safetensors")
	if status, _, stderr := likeness(t, "convert", filepath.Join(dir, "net.tflite"), "-o", out); status != exitOK {
		t.Fatal(stderr)
	}
	g := modelOf(t, out).Graph
	if p := g.Prepare; p.Mean != [3]float64{128, 128, 128} || p.Std != [3]float64{128, 128, 128} || p.Interpolation != "bicubic" || p.Width != 224 || p.Side != 256 {
		t.Errorf("%+v", p)
	}
	if g.Output != "MobilenetV2/Predictions/Softmax" {
		t.Errorf("class scores are %q", g.Output)
	}
}
