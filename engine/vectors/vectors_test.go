package vectors_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"likeness/engine/vectors"
)

var set = &vectors.Set{
	Dim:   3,
	Names: []string{"a.jpg", "b, \"c\"\n\x01\té\\😀.png", " = .gif", ""},
	Data: []float32{0.1, -2, 3e-9, 1.0 / 3, 0, math.MaxFloat32, math.SmallestNonzeroFloat32, 16777216, -1e21,
		float32(math.Copysign(0, -1)), 1e-5, 0.99999994},
}

func write(t *testing.T, format string, s *vectors.Set) string {
	t.Helper()
	var b bytes.Buffer
	if err := vectors.Write(&b, format, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func same(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

// TestNPYHeader compares with the bytes that NumPy writes for this shape (1.24).
func TestNPYHeader(t *testing.T) {
	want := "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }"
	want += strings.Repeat(" ", vectors.NPYHeaderLen-len(want)-1) + "\n"
	if got := write(t, "npy", set)[:vectors.NPYHeaderLen]; got != want {
		t.Errorf("header %q, want %q", got, want)
	}
	if n := len(vectors.NPYHeader(math.MaxInt, math.MaxInt)); n != vectors.NPYHeaderLen {
		t.Errorf("the header of the largest shape has %d bytes", n)
	}
}

func TestNPYReadsBack(t *testing.T) {
	for _, s := range []*vectors.Set{set, {Dim: 5}, {Dim: 1, Names: []string{"x"}, Data: []float32{2}}} {
		values, n, dim, err := vectors.ReadNPY([]byte(write(t, "npy", s)))
		if err != nil || n != len(s.Names) || dim != s.Dim || !slices.EqualFunc(values, s.Data, same) {
			t.Errorf("%d x %d %v (%v), want %v", n, dim, values, err, s.Data)
		}
	}
}

func TestReadNPYRefuses(t *testing.T) {
	good := write(t, "npy", set)
	header := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "not an .npy"},
		{"another file", strings.Repeat("x", 200), "not an .npy"},
		{"cut in the header", good[:100], "header is cut off"},
		{"cut at its length", good[:10], "header is cut off"},
		{"cut in a value", good[:len(good)-1], "cut off or damaged"},
		{"cut by a row", good[:len(good)-12], "cut off or damaged"},
		{"too long", good + "0000", "cut off or damaged"},
		{"float64", header("<f4", "<f8"), "float32"},
		{"columns first", header("False", "True "), "C order"},
		{"one dimension", header("(4, 3)", "(12,) "), "shape"},
		{"three dimensions", header("(4, 3)", "(4,3,1)"), "shape"},
		{"negative", header("(4, 3)", "(-4,-3)"), "shape"},
		{"overflowing", header("(4, 3), }", "(4611686018427387904, 4), }"), "cut off or damaged"},
		{"no columns", header("(4, 3)", "(4, 0)"), "cut off or damaged"},
		{"long header of format 2", "\x93NUMPY\x02\x00\xff\xff\xff\xff", "header is cut off"},
		{"short format 2", "\x93NUMPY\x02\x00\xff\xff\xff", "header is cut off"},
	} {
		if _, _, _, err := vectors.ReadNPY([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzReadNPY(f *testing.F) {
	f.Add([]byte("\x93NUMPY\x01\x00\x04\x00(,)\n"))
	f.Add(vectors.NPYHeader(0, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		if values, n, dim, err := vectors.ReadNPY(data); err == nil && len(values) != n*dim {
			t.Errorf("%d values for %d x %d", len(values), n, dim)
		}
	})
}

// TestTextReadsBack parses each text format with another implementation.
func TestTextReadsBack(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(write(t, "csv", set))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], " "); got != "name v0 v1 v2" {
		t.Errorf("heading %q", got)
	}
	rows = rows[1:]
	lines := strings.Split(strings.TrimSpace(write(t, "jsonl", set)), "\n")
	tsv := strings.Split(strings.TrimSpace(write(t, "tsv", set)), "\n")
	if len(rows) != 4 || len(lines) != 4 || len(tsv) != 4 {
		t.Fatalf("%d, %d and %d lines", len(rows), len(lines), len(tsv))
	}
	for i, name := range set.Names {
		var j struct {
			Name   string
			Vector []float32
		}
		if err := json.Unmarshal([]byte(lines[i]), &j); err != nil {
			t.Fatal(err)
		}
		if back, err := vectors.UnescapeName(rows[i][0]); j.Name != name || back != name || err != nil {
			t.Errorf("names %q and %q (%v), want %q", j.Name, rows[i][0], err, name)
		}
		for k, v := range set.Row(i) {
			c, _ := strconv.ParseFloat(rows[i][1+k], 32)
			s, _ := strconv.ParseFloat(strings.Split(tsv[i], "\t")[k], 32)
			if !same(j.Vector[k], v) || !same(float32(c), v) || !same(float32(s), v) {
				t.Errorf("value %d of %q does not read back", k, name)
			}
		}
	}
}

func TestText(t *testing.T) {
	s := &vectors.Set{Dim: 2, Names: []string{"a,b", "a\tb\xff"}, Data: []float32{0.1, 1e-7, 3, float32(math.Inf(1))}}
	var meta bytes.Buffer
	if err := vectors.WriteMetadata(&meta, s); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ format, got, want string }{
		{"csv", write(t, "csv", s), "name,v0,v1\r\n\"a,b\",0.1,1e-07\r\n'a\\tb\\xff,3,+Inf\r\n"},
		{"jsonl", write(t, "jsonl", s), "{\"name\":\"a,b\",\"vector\":[0.1,1e-07]}\n{\"name\":\"a\\u0009b\\udcff\",\"vector\":[3,null]}\n"},
		{"tsv", write(t, "tsv", s), "0.1\t1e-07\n3\t+Inf\n"},
		{"metadata", meta.String(), "a,b\n'a\\tb\\xff\n"},
		{"empty csv", write(t, "csv", &vectors.Set{Dim: 1}), "name,v0\r\n"},
		{"empty jsonl", write(t, "jsonl", &vectors.Set{}), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.format, c.got, c.want)
		}
	}
}

func TestDisagreementIsRefused(t *testing.T) {
	for _, format := range vectors.Formats {
		if err := vectors.Write(&bytes.Buffer{}, format, &vectors.Set{Dim: 3, Names: []string{"a"}, Data: []float32{1}}); err == nil {
			t.Errorf("%s: one value passed as a vector of three", format)
		}
	}
	if err := vectors.Write(&bytes.Buffer{}, "xml", set); err == nil || !strings.Contains(err.Error(), "npy") {
		t.Errorf("unknown format: %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestFullDiskIsReported, whether it fills at once or in the middle of many
// vectors.
func TestFullDiskIsReported(t *testing.T) {
	big := &vectors.Set{Dim: 1000, Names: make([]string, 100), Data: make([]float32, 100000)}
	for _, format := range vectors.Formats {
		for _, c := range []struct {
			set  *vectors.Set
			left int
		}{{set, 10}, {big, 70000}} {
			if err := vectors.Write(&full{c.left}, format, c.set); !errors.Is(err, errFull) {
				t.Errorf("%s: %v", format, err)
			}
		}
	}
	if err := vectors.WriteMetadata(&full{3}, set); !errors.Is(err, errFull) {
		t.Errorf("metadata: %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	s := &vectors.Set{Dim: 1280, Names: make([]string, 200), Data: make([]float32, 200*1280)}
	for i := range s.Data {
		s.Data[i] = 1 / float32(i+3)
	}
	for _, format := range vectors.Formats {
		b.Run(format, func(b *testing.B) {
			b.SetBytes(int64(4 * len(s.Data)))
			for b.Loop() {
				if err := vectors.Write(&full{math.MaxInt}, format, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
