package metadata

import (
	"archive/zip"
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	flatbuffers "github.com/google/flatbuffers/go"
	"google.golang.org/protobuf/encoding/protowire"
)

// builder writes tables of FlatBuffers.
type builder struct{ *flatbuffers.Builder }

func (b builder) table(fields ...any) flatbuffers.UOffsetT {
	b.StartObject(len(fields))
	for i, f := range fields {
		switch v := f.(type) {
		case flatbuffers.UOffsetT:
			b.PrependUOffsetTSlot(i, v, 0)
		case byte:
			b.PrependByteSlot(i, v, 0)
		case uint32:
			b.PrependUint32Slot(i, v, math.MaxUint32)
		}
	}
	return b.EndObject()
}

func (b builder) list(v ...flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	b.StartVector(4, len(v), 4)
	for _, o := range slices.Backward(v) {
		b.PrependUOffsetT(o)
	}
	return b.EndVector(len(v))
}

func (b builder) numbers(v ...uint32) flatbuffers.UOffsetT {
	b.StartVector(4, len(v), 4)
	for _, x := range slices.Backward(v) {
		b.PrependUint32(x)
	}
	return b.EndVector(len(v))
}

func (b builder) floats(v ...float32) flatbuffers.UOffsetT {
	all := make([]uint32, len(v))
	for i, x := range v {
		all[i] = math.Float32bits(x)
	}
	return b.numbers(all...)
}

// classifierMetadata is ModelMetadata of a classifier, as tflite-support writes it.
func classifierMetadata(mean, std []float32, labels ...string) []byte {
	b := builder{flatbuffers.NewBuilder(256)}
	unit := b.table(byte(1), b.table(b.floats(mean...), b.floats(std...)))
	in := b.table(b.CreateString("image"), nil, nil, nil, b.list(unit))
	var files []flatbuffers.UOffsetT
	for i, name := range labels {
		locale := []string{"de", ""}[i%2]
		files = append(files, b.table(b.CreateString(name), nil, byte(2), b.CreateString(locale)))
	}
	files = append(files, b.table(b.CreateString("other.txt"), nil, byte(1)))
	out := b.table(b.CreateString("scores"), nil, nil, nil, nil, nil, b.list(files...))
	graph := b.table(b.CreateString("g"), nil, b.list(in), b.list(out))
	b.FinishWithFileIdentifier(b.table(b.CreateString("m"), nil, nil, b.list(graph)), []byte("M001"))
	return b.FinishedBytes()
}

// network is a TensorFlow Lite file with an input of that type and metadata.
func network(typ byte, meta []byte) []byte {
	b := builder{flatbuffers.NewBuilder(256)}
	tensors := b.list(b.table(b.numbers(1, 8, 8, 3), typ, uint32(0), b.CreateString("in")))
	graph := b.table(tensors, b.numbers(0), b.numbers(0))
	buffers := b.list(b.table(), b.table(b.CreateByteVector(meta)))
	described := b.list(b.table(b.CreateString("min_runtime_version"), uint32(0)), b.table(b.CreateString("TFLITE_METADATA"), uint32(1)))
	b.FinishWithFileIdentifier(b.table(uint32(3), nil, b.list(graph), nil, buffers, nil, described), []byte("TFL3"))
	return b.FinishedBytes()
}

// archived is a file with an archive behind it.
func archived(t testing.TB, data []byte, files map[string]string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.SetOffset(int64(len(data))) // as Python's zipfile appends
	for name, text := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return append(slices.Clone(data), b.Bytes()...)
}

func TestTFLite(t *testing.T) {
	meta := classifierMetadata([]float32{127.5}, []float32{127.5}, "labels_de.txt", "labels.txt")
	files := map[string]string{"labels.txt": "a\nb\n", "labels_de.txt": "x\ny\n"}
	s, err := TFLite(archived(t, network(0, meta), files))
	if err != nil || !slices.Equal(s.Labels, []string{"a", "b"}) || s.Preparation == nil || *s.Preparation.Mean != *same(127.5) || *s.Preparation.Std != *same(127.5) {
		t.Fatalf("%+v %v", s, err)
	}
	s, err = TFLite(archived(t, network(3, meta), files))
	if err != nil || len(s.Labels) != 2 || s.Preparation != nil {
		t.Errorf("bytes are taken as they are: %+v %v", s, err)
	}
	s, err = TFLite(network(0, classifierMetadata([]float32{1, 2, 3}, []float32{4, 5, 6})))
	if err != nil || s.Labels != nil || *s.Preparation.Mean != [3]float64{1, 2, 3} || *s.Preparation.Std != [3]float64{4, 5, 6} {
		t.Errorf("%+v %v", s, err)
	}
	for _, data := range [][]byte{nil, []byte("xxxxTFL2xxxx"), network(0, nil)[:0]} {
		if s, err := TFLite(data); s != nil || err != nil {
			t.Errorf("%q: %+v %v", data, s, err)
		}
	}
}

func TestBadTFLite(t *testing.T) {
	one := []float32{1}
	good := classifierMetadata(one, one, "labels.txt")
	for _, c := range []struct {
		what string
		data []byte
		want string
	}{
		{"no archive", network(0, good), `"labels.txt": there is no archive`},
		{"another file", archived(t, network(0, good), map[string]string{"l.txt": "a"}), `does not hold them`},
		{"a bomb", archived(t, network(0, good), map[string]string{"labels.txt": strings.Repeat("a\n", 64<<20)}), "at most 16777216 are read"},
		{"many labels", archived(t, network(0, good), map[string]string{"labels.txt": strings.Repeat("a\n", 200000)}), "more than 131072"},
		{"no mark", network(0, []byte("nothing that is known")), "M001"},
		{"empty", network(0, nil), "M001"},
		{"cut off", network(0, good[:40]), "damaged"},
		{"two means", network(0, classifierMetadata([]float32{1, 2}, one)), "mean: 2 numbers"},
		{"no deviation", network(0, classifierMetadata(one, []float32{0})), "std must be positive"},
		{"not a number", network(0, classifierMetadata([]float32{float32(math.NaN())}, one)), "both finite"},
	} {
		start := time.Now()
		if _, err := TFLite(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %v", c.what, d)
		}
	}
}

// A damaged file gives an error or something, never a panic.
func TestDamagedTFLite(t *testing.T) {
	whole := archived(t, network(0, classifierMetadata([]float32{1}, []float32{2}, "labels.txt")), map[string]string{"labels.txt": "a\nb"})
	for n := range whole {
		TFLite(whole[:n])
		for _, v := range []byte{0, 1, 0x7f, 0xff} {
			data := slices.Clone(whole)
			data[n] = v
			TFLite(data)
		}
	}
}

func FuzzTFLite(f *testing.F) {
	f.Add(network(0, nil))
	f.Add(archived(f, network(0, classifierMetadata([]float32{1}, []float32{2}, "labels.txt")), map[string]string{"labels.txt": "a\nb"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := TFLite(data); err == nil && s != nil && s.Labels != nil && check(s.Labels) != nil {
			t.Errorf("%q", s.Labels)
		}
	})
}

// property is an entry of metadata_props.
func property(data []byte, key, text string) []byte {
	entry := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), key)
	entry = protowire.AppendString(protowire.AppendTag(entry, 2, protowire.BytesType), text)
	return protowire.AppendBytes(protowire.AppendTag(data, 14, protowire.BytesType), entry)
}

// ultralyticsFile has the properties that Ultralytics writes.
func ultralyticsFile(names string) []byte {
	data := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 8)
	for key, text := range map[string]string{"author": "Ultralytics", "task": "classify", "imgsz": "[224, 224]", "names": names, "stride": "1"} {
		data = property(data, key, text)
	}
	return data
}

func TestONNX(t *testing.T) {
	s, err := ONNX(ultralyticsFile(`{0: 'tench', 1: "jack-o'-lantern"}`))
	if err != nil || !slices.Equal(s.Labels, []string{"tench", "jack-o'-lantern"}) || s.Preparation == nil {
		t.Fatalf("%+v %v", s, err)
	}
	if p := s.Preparation; p.Width != 224 || p.Side != 224 || *p.Std != *same(255) || *p.Mean != *same(0) || p.SideFor(64, 64) != 64 {
		t.Errorf("%+v", p)
	}
	s, err = ONNX(property(nil, "id2label", `{"0": "a", "1": "b"}`))
	if err != nil || len(s.Labels) != 2 || s.Preparation != nil {
		t.Errorf("%+v %v", s, err)
	}
	for _, data := range [][]byte{nil, []byte("no protocol buffer"), property(nil, "names", "words"), property(nil, "author", "me")} {
		if s, err := ONNX(data); s != nil || err != nil {
			t.Errorf("%q: %+v %v", data, s, err)
		}
	}
	for names, want := range map[string]string{"{0: 'a', 5: 'b'}": `"5" is not the number`, "{0: 'a'": "a comma or the end", "[1]": "a name in quotes"} {
		if _, err := ONNX(ultralyticsFile(names)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "the property names") {
			t.Errorf("%s: %v, want %q", names, err, want)
		}
	}
}

func FuzzONNX(f *testing.F) {
	f.Add(ultralyticsFile(`{0: 'a', 1: 'b'}`))
	f.Add(property(nil, "names", `["a"]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := ONNX(data); err == nil && s != nil && s.Labels != nil && check(s.Labels) != nil {
			t.Errorf("%q", s.Labels)
		}
	})
}
