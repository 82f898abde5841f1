package model_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"likeness/engine/internal/testnet"
	"likeness/engine/model"
)

func file(t testing.TB) []byte {
	var b bytes.Buffer
	if err := model.Write(&b, &testnet.All(1).File); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	want := testnet.All(1).File
	data := file(t)
	got, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	want.Hash = got.Hash
	if !reflect.DeepEqual(*got, want) {
		t.Error("what was read differs from what was written")
	}
	if len(got.Hash) != 64 {
		t.Errorf("hash %q", got.Hash)
	}
	if !bytes.Equal(data, file(t)) {
		t.Error("two writes of one model differ")
	}
}

func TestTruncatedAnywhere(t *testing.T) {
	data := file(t)
	for n := 0; n < len(data); n += 1 + n/50 {
		if _, err := model.Read(data[:n]); err == nil {
			t.Fatalf("a file cut off at %d of %d bytes was read", n, len(data))
		}
	}
	if _, err := model.Read(append(data, 0)); err == nil {
		t.Error("a trailing byte was accepted")
	}
}

// edit replaces text in the header and corrects the header's length.
func edit(t *testing.T, old, new string) []byte {
	data := file(t)
	n := binary.LittleEndian.Uint64(data)
	header := strings.Replace(string(data[8:8+n]), old, new, 1)
	if header == string(data[8:8+n]) {
		t.Fatalf("%q is not in the header", old)
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), data[8+n:]...)
}

func TestLyingHeaders(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"version", `"likeness.version":"1"`, `"likeness.version":"9"`, "version"},
		{"dtype", `"dtype":"I8"`, `"dtype":"F16"`, "dtype"},
		{"offsets", `"data_offsets":[0,`, `"data_offsets":[4,`, "needs"},
		{"huge shape", `"shape":[13]`, `"shape":[2147483647,2147483647]`, "shape"},
		{"unknown operator", `\"op\":\"conv\"`, `\"op\":\"warp\"`, "unknown operator"},
		{"huge tensor", `\"shape\":[33,29,3]`, `\"shape\":[33,29,99999999]`, "at most"},
		{"scale", `\"scale\":0.00012208521`, `\"scale\":0`, "scale"},
		{"output shape", `\"shape\":[16,14,26]`, `\"shape\":[16,15,26]`, "output shape"},
		{"forward reference", `\"inputs\":[0]`, `\"inputs\":[5]`, "not computed"},
		{"negative input", `\"inputs\":[0]`, `\"inputs\":[-1]`, "does not exist"},
		{"stride 0", `\"stride\":[2,2]`, `\"stride\":[0,2]`, "stride"},
		{"missing weights", `"stem.weight"`, `"other.weight"`, "missing"},
		{"groups", `\"groups\":26`, `\"groups\":4`, "divide"},
		{"default layer", `\"default_layer\":\"scaled\"`, `\"default_layer\":\"nowhere\"`, "not a layer"},
		{"preparation", `\"std\":[127.5`, `\"std\":[0`, "std"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := model.Read(edit(t, c.old, c.new))
			var e *model.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that mentions %q", err, c.want)
			}
		})
	}
}

// TestAccumulatorBound makes weights whose sum could overflow int32.
func TestAccumulatorBound(t *testing.T) {
	n := testnet.All(1)
	p := n.File.Params["stem"]
	for i := range p.Bias {
		p.Bias[i] = 1<<31 - 1
	}
	var b bytes.Buffer
	if err := model.Write(&b, &n.File); err == nil || !strings.Contains(err.Error(), "int32") {
		t.Errorf("error %v, want the accumulator bound", err)
	}
}

func FuzzRead(f *testing.F) {
	data := file(f)
	f.Add(data)
	f.Add(data[:100])
	var taught bytes.Buffer
	if err := model.Write(&taught, headed()); err != nil {
		f.Fatal(err)
	}
	f.Add(taught.Bytes())
	f.Add([]byte{})
	f.Add(append(binary.LittleEndian.AppendUint64(nil, 1<<40), '{', '}'))
	f.Add(append(binary.LittleEndian.AppendUint64(nil, 2), '{', '}'))
	kept, _ := filepath.Glob("testdata/*.safetensors")
	for _, name := range kept {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := model.Read(data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := model.Write(&b, m); err != nil {
			t.Errorf("a file that was read cannot be written: %v", err)
		}
	})
}

// Further names in files of older converters may be those of layers that were
// joined, and lead to no values; the default model is such a file.
func TestOldNamesLeadNowhere(t *testing.T) {
	data, err := os.ReadFile("../../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if i, ok := f.Graph.Tensor("Conv/linear"); ok {
		t.Errorf("Conv/linear, before its ReLU6, answers as %s", f.Graph.Tensors[i].Name)
	}
	if i, ok := f.Graph.JoinedInto("Conv/linear"); !ok || f.Graph.Tensors[i].Name != "Conv" {
		t.Error("Conv/linear is not told as joined into Conv")
	}
	if i, ok := f.Graph.Tensor("expanded_conv_16/project"); !ok || f.Graph.DefaultLayer != f.Graph.Tensors[i].Name {
		t.Error("the default layer is gone")
	}
}
