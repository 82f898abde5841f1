package export

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"likeness/engine/model"
)

// TestOnnxruntime runs the exported default model in onnxruntime-web. It needs
// tools/peers/node_modules, which make test-models installs.
func TestOnnxruntime(t *testing.T) {
	if _, err := os.Stat("../peers/node_modules/onnxruntime-web"); err != nil {
		t.Skip("needs onnxruntime-web: npm ci in tools/peers")
	}
	data, err := os.ReadFile("../../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	in, p := f.Graph.Tensors[0].Shape, f.Graph.Prepare
	file, pixel := sample(in[1], in[0])
	want := engineVector(t, data, file)
	dir := t.TempDir()
	input := make([]byte, 0, 4*in[0]*in[1]*in[2])
	for c := range in[2] {
		for y := range in[0] {
			for x := range in[1] {
				input = binary.LittleEndian.AppendUint32(input, math.Float32bits(float32((pixel(x, y, c)-float64(p.Mean[c]))/float64(p.Std[c]))))
			}
		}
	}
	raw := filepath.Join(dir, "input.f32")
	if err := os.WriteFile(raw, input, 0o644); err != nil {
		t.Fatal(err)
	}
	for form, least := range map[Form]float64{Float: .9999, QDQ: .999} {
		b, err := ONNX(f, form)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "model.onnx")
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
		run := exec.Command("node", "run_onnx.js", name, raw, fmt.Sprintf("1,%d,%d,%d", in[2], in[0], in[1]), dir)
		run.Dir = "../peers"
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("form %d: %v: %s", form, err, out)
		}
		values, err := os.ReadFile(filepath.Join(dir, "0.f32"))
		if err != nil || len(values) != 4*len(want) {
			t.Fatalf("form %d: %d bytes, %v", form, len(values), err)
		}
		got := make([]float32, len(want))
		for i := range got {
			got[i] = math.Float32frombits(binary.LittleEndian.Uint32(values[4*i:]))
		}
		c := cosine(got, want)
		t.Logf("form %d: cosine %.6f, %d bytes", form, c, len(b))
		if !(c >= least) {
			t.Errorf("form %d: cosine %.6f with the engine, expected %v", form, c, least)
		}
	}
}
