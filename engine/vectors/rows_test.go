package vectors_test

import (
	"bytes"
	"encoding/csv"
	"math"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"likeness/engine/vectors"
)

// hostileNames are names that a file system allows.
var hostileNames = []string{
	"a.jpg", "photos/ä ö.png", "=cmd|'/C calc'!A0", "+1", "-1+2", "@SUM(A1)", "  =1+1", "\ufeff=1", "＝1", "a;=1+1", "a,=1+1",
	"'quoted'", `"quoted".png`, `a"b`, `back\slash`, `\x41`, `'\x41`, "'", "line\nbreak", "cr\r", "crlf\r\n", "tab\t", " lead", "trail ",
	"\x1b[31mred", "\x00", "\x7f", "\u009b31m", "\u2028", "gnp\u202egpj.exe", "\xff\xfe", "caf\xe9.jpg", "caf\xc3", "\xc3\xa9", "\xed\xb2\x80",
	"\ufffd", "\xef\xbf\xbd\xff", "\U0001f600", "null", "1e5", "name", "a/b\\c", "", " ",
}

func hostile() *vectors.Set {
	s := &vectors.Set{Dim: 3, Names: hostileNames}
	for i := range 3 * len(hostileNames) {
		s.Data = append(s.Data, float32(math.Sin(float64(i)))*float32(math.Pow(10, float64(i%40-20))))
	}
	return s
}

func open(t *testing.T, format string, data []byte) *vectors.Rows {
	t.Helper()
	r, err := vectors.OpenRows(bytes.NewReader(data), int64(len(data)), format)
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return r
}

// TestRows: every format gives back the bits of the values and the bytes of
// the names, in any order.
func TestRows(t *testing.T) {
	for _, s := range []*vectors.Set{set, hostile(), {Dim: 1, Names: []string{"x"}, Data: []float32{2}}} {
		var meta bytes.Buffer
		if err := vectors.WriteMetadata(&meta, s); err != nil {
			t.Fatal(err)
		}
		names, _, err := vectors.ReadMetadata(meta.Bytes())
		if err != nil || !slices.Equal(names, s.Names) {
			t.Errorf("metadata: %q (%v), want %q", names, err, s.Names)
		}
		if got := strings.Count(meta.String(), "\n"); got != len(s.Names) {
			t.Errorf("metadata: %d lines for %d names", got, len(s.Names))
		}
		for _, format := range vectors.Formats {
			r := open(t, format, []byte(write(t, format, s)))
			if r.Len() != len(s.Names) || r.Dim() != s.Dim {
				t.Fatalf("%s: %d x %d, want %d x %d", format, r.Len(), r.Dim(), len(s.Names), s.Dim)
			}
			for i := r.Len() - 1; i >= 0; i-- {
				name, v, err := r.Row(i, nil)
				if err != nil {
					t.Fatal(err)
				}
				want := s.Names[i]
				if format == "npy" || format == "tsv" {
					want = ""
				}
				if name != want || !slices.EqualFunc(v, s.Row(i), same) {
					t.Errorf("%s, row %d: %q %v, want %q %v", format, i, name, v, want, s.Row(i))
				}
			}
		}
	}
}

func TestRowsOfNone(t *testing.T) {
	for _, format := range vectors.Formats {
		if r := open(t, format, []byte(write(t, format, &vectors.Set{Dim: 3}))); r.Len() != 0 {
			t.Errorf("%s: %d rows", format, r.Len())
		}
	}
}

func TestRowsRefuses(t *testing.T) {
	for _, c := range []struct{ format, old, new, want string }{
		{"csv", "name,v0", "name,w0", "heading"},
		{"csv", ",3,", ",,", "is no number"},
		{"csv", ",3,", ",", "it has 1 values, others 2"},
		{"csv", "4\r\n", "4", "cut off"},
		{"csv", "4\r\n", "4\n", "cut off"},
		{"csv", "\"q;\"", "\"q;", "quotation"},
		{"csv", "\"q;\"", "\"q;\"x", "quotation"},
		{"csv", "\"q;\"", `'\y`, "escape"},
		{"csv", "\"q;\"", `'\`, "escape"},
		{"csv", "\"q;\"", `'\x0g`, "escape"},
		{"jsonl", `"name"`, `"file"`, "row 1: it is not"},
		{"jsonl", `"q;"`, `"q;`, "it is not"},
		{"jsonl", `"q;"`, `"\ud800"`, "JSON string"},
		{"jsonl", `"q;"`, `"\q"`, "JSON string"},
		{"jsonl", `"q;"`, "\"\xff\"", "JSON string"},
		{"jsonl", "[3,4]", "[3,4,5]", "it has 3 values, others 2"},
		{"jsonl", "[3,4]", "[3,]", "is no number"},
		{"jsonl", "[3,4]}\n", "[3,4]}", "cut off"},
		{"tsv", "3\t4", "3\tx", "row 2: \"x\" is no number"},
		{"tsv", "3\t4\n", "3", "cut off"},
		{"npy", "(2, 2)", "(3, 2)", "cut off or damaged"},
		{"npy", "(2, 2)", "(2, 0)", "cut off or damaged"},
		{"npy", "(2, 2), }             ", "(0, 4611686018427387904), }", "cut off or damaged"},
		{"xml", "", "", "unknown format"},
	} {
		data := ""
		if c.format != "xml" {
			data = write(t, c.format, &vectors.Set{Dim: 2, Names: []string{"a", "q;"}, Data: []float32{1, 2, 3, 4}})
		}
		if !strings.Contains(data, c.old) {
			t.Fatalf("%s has no %q: %q", c.format, c.old, data)
		}
		data = strings.Replace(data, c.old, c.new, 1)
		if _, err := vectors.OpenRows(strings.NewReader(data), int64(len(data)), c.format); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: %v, want %q", c.format, c.new, err, c.want)
		}
	}
	if _, _, err := vectors.ReadMetadata([]byte("a\nb")); err == nil {
		t.Error("metadata that is cut off was read")
	}
}

// TestHarmless: no cell of a table starts a formula, whichever of the common
// separators a spreadsheet splits at, and no control reaches a terminal.
func TestHarmless(t *testing.T) {
	s := hostile()
	var meta bytes.Buffer
	if err := vectors.WriteMetadata(&meta, s); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"csv": write(t, "csv", s), "jsonl": write(t, "jsonl", s), "metadata": meta.String()} {
		if !utf8.ValidString(text) {
			t.Errorf("%s is not UTF-8", name)
		}
		for _, r := range text {
			if r < ' ' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 || r == 0x202e {
				t.Errorf("%s holds %U", name, r)
			}
		}
	}
	for _, comma := range ",;\t" {
		in := csv.NewReader(strings.NewReader(write(t, "csv", s)))
		in.Comma, in.LazyQuotes, in.FieldsPerRecord = comma, true, -1
		records, err := in.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range records {
			if cell := strings.TrimLeft(rec[0], " \u00a0\u3000\ufeff"); strings.IndexAny(cell, "=+-@＝＋－＠") == 0 {
				t.Errorf("split at %q: cell %q", comma, rec[0])
			}
			for _, cell := range rec[1:] {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") {
					t.Errorf("split at %q: cell %q", comma, cell)
				}
			}
		}
	}
}

// TestPython reads names in JSON as README says that Python does.
func TestPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	cmd := exec.Command(python, "-c", "import sys, json, os\nfor line in sys.stdin: sys.stdout.buffer.write(os.fsencode(json.loads(line)['name']) + b'\\0')")
	cmd.Stdin = strings.NewReader(write(t, "jsonl", hostile()))
	cmd.Env = append(os.Environ(), "PYTHONUTF8=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(hostileNames, "\x00") + "\x00"; string(out) != want {
		t.Errorf("python reads %q, want %q", out, want)
	}
}

// FuzzNames: any name comes back, in every format that holds names.
func FuzzNames(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name, float32(0.1), float32(-3e-9))
	}
	f.Fuzz(func(t *testing.T, name string, x, y float32) {
		if x-x != 0 || y-y != 0 {
			return // JSON holds finite values only
		}
		s := &vectors.Set{Dim: 2, Names: []string{name, "next"}, Data: []float32{x, y, y, x}}
		for _, format := range []string{"csv", "jsonl"} {
			r := open(t, format, []byte(write(t, format, s)))
			for i := range s.Names {
				got, v, err := r.Row(i, nil)
				if err != nil || got != s.Names[i] || !slices.EqualFunc(v, s.Row(i), same) {
					t.Errorf("%s: %q %v (%v), want %q %v", format, got, v, err, s.Names[i], s.Row(i))
				}
			}
		}
		var meta bytes.Buffer
		if err := vectors.WriteMetadata(&meta, s); err != nil {
			t.Fatal(err)
		}
		if got, _, err := vectors.ReadMetadata(meta.Bytes()); err != nil || !slices.Equal(got, s.Names) {
			t.Errorf("metadata: %q (%v)", got, err)
		}
	})
}

// FuzzRows: any bytes are refused or give rows that all can be read.
func FuzzRows(f *testing.F) {
	for _, format := range vectors.Formats {
		var b bytes.Buffer
		if err := vectors.Write(&b, format, hostile()); err != nil {
			f.Fatal(err)
		}
		f.Add(format, b.Bytes())
	}
	f.Add("npy", vectors.NPYHeader(0, 1<<61))
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		r, err := vectors.OpenRows(bytes.NewReader(data), int64(len(data)), format)
		if err != nil {
			return
		}
		for i := range r.Len() {
			if _, v, err := r.Row(i, nil); err != nil || len(v) != r.Dim() {
				t.Errorf("row %d: %d values (%v)", i, len(v), err)
			}
		}
	})
}

// Columns beside the names come back as they were, whatever is in them, and the
// names are those of a file without columns.
func TestMetadataColumns(t *testing.T) {
	set := &vectors.Set{
		Names: []string{"a.jpg", "=b", "c\td\n", "name"},
		Columns: []vectors.Column{
			{Heading: "label", Values: []string{"", "tab\there", "'quoted", "rose"}},
			{Heading: "group", Values: []string{"Group 1", "", "", "\xff"}},
		},
	}
	var b bytes.Buffer
	if err := vectors.WriteMetadata(&b, set); err != nil {
		t.Fatal(err)
	}
	if heading, _, _ := strings.Cut(b.String(), "\n"); heading != "name\tlabel\tgroup" {
		t.Errorf("the heading is %q", heading)
	}
	names, columns, err := vectors.ReadMetadata(b.Bytes())
	if err != nil || !slices.Equal(names, set.Names) || !reflect.DeepEqual(columns, set.Columns) {
		t.Errorf("read %q %q, %v", names, columns, err)
	}
	for _, bad := range []string{"name\tlabel\na\n", "name\tlabel\na\tb\tc\n", "a\tb\n", "name\tlabel\na\tb"} {
		if _, _, err := vectors.ReadMetadata([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	set.Columns[0].Values = nil
	if err := vectors.WriteMetadata(&b, set); err == nil {
		t.Error("a column that is too short was written")
	}
}
