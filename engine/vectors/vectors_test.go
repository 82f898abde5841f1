package vectors_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"likeness/engine/vectors"
)

var set = &vectors.Set{Dim: 3, Names: []string{"a.jpg", "b, \"c\"\n\x01é.png"}, Data: []float32{0.1, -2, 3e-9, 1.0 / 3, 0, math.MaxFloat32}}

func write(t *testing.T, format string) []byte {
	var b bytes.Buffer
	if err := vectors.Write(&b, format, set); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNPY(t *testing.T) {
	b := write(t, "npy")
	n := int(binary.LittleEndian.Uint16(b[8:]))
	if (10+n)%64 != 0 || !strings.Contains(string(b[10:10+n]), "'shape': (2, 3)") || b[10+n-1] != '\n' {
		t.Errorf("header %q", b[:10+n])
	}
	for i, v := range set.Data {
		if got := math.Float32frombits(binary.LittleEndian.Uint32(b[10+n+4*i:])); got != v {
			t.Errorf("value %d: %g, want %g", i, got, v)
		}
	}
}

// TestTextReadsBack parses each text format with another implementation.
func TestTextReadsBack(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(write(t, "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(write(t, "jsonl"))), "\n")
	tsv := strings.Split(strings.TrimSpace(string(write(t, "tsv"))), "\n")
	for i, name := range set.Names {
		var j struct {
			Name   string
			Vector []float32
		}
		if err := json.Unmarshal([]byte(lines[i]), &j); err != nil {
			t.Fatal(err)
		}
		if j.Name != name || rows[i][0] != name {
			t.Errorf("names %q and %q, want %q", j.Name, rows[i][0], name)
		}
		for k, v := range set.Row(i) {
			c, _ := strconv.ParseFloat(rows[i][1+k], 32)
			s, _ := strconv.ParseFloat(strings.Split(tsv[i], "\t")[k], 32)
			if j.Vector[k] != v || float32(c) != v || float32(s) != v {
				t.Errorf("value %d of %q does not read back", k, name)
			}
		}
	}
	var meta bytes.Buffer
	if err := vectors.WriteMetadata(&meta, set); err != nil || strings.Count(meta.String(), "\n") != 2 {
		t.Errorf("metadata %q %v", meta.String(), err)
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestFullDiskIsReported(t *testing.T) {
	for _, format := range vectors.Formats {
		if err := vectors.Write(&full{10}, format, set); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
	if err := vectors.Write(&full{1000}, "xml", set); err == nil || !strings.Contains(err.Error(), "npy") {
		t.Errorf("unknown format: %v", err)
	}
}
