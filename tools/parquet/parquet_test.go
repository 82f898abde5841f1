package parquet

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func written(t *testing.T, n, dim int) (file []byte, names []string, data []float32) {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, map[string]any{"model": "m", "dim": dim})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		v := make([]float32, dim)
		for k := range v {
			v[k] = r.Float32() - 0.5
		}
		names, data = append(names, strings.Repeat("ä", i%3)+string(rune('a'+i%26))), append(data, v...)
		if err := w.Add(names[i], v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), names, data
}

// What is written comes back to the bit, over several groups of rows, and one
// input gives one file.
func TestRoundTrip(t *testing.T) {
	for _, n := range []int{1, 2, rowGroup, rowGroup + 1, 2*rowGroup + 7} {
		file, names, data := written(t, n, 5)
		again, _, _ := written(t, n, 5)
		if !bytes.Equal(file, again) {
			t.Errorf("%d rows: two files differ", n)
		}
		got, err := Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		if got.Dim() != 5 || !slices.Equal(got.Names, names) || !slices.Equal(got.Data, data) || string(got.Origin) != `{"dim":5,"model":"m"}` {
			t.Errorf("%d rows: %d values, %d names, origin %s", n, got.Dim(), len(got.Names), got.Origin)
		}
	}
}

// Files that are cut off or of other columns are refused with a reason.
func TestDamaged(t *testing.T) {
	file, _, _ := written(t, 300, 7)
	for at := 0; at < len(file); at += 97 {
		if _, err := Read(bytes.NewReader(file[:at]), int64(at)); err == nil {
			t.Errorf("%d of %d bytes were taken", at, len(file))
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		bad := bytes.Clone(file)
		bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
		Read(bytes.NewReader(bad), int64(len(bad))) // must not panic
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(_ *testing.T, data []byte) { Read(bytes.NewReader(data), int64(len(data))) })
}
