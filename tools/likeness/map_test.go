package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"likeness/engine/vectors"
)

// madeVectors are n vectors of 12 values about five directions, in folders of
// these names. They are made of integers, so that they are the same everywhere.
func madeVectors(n int) *vectors.Set {
	s := &vectors.Set{Dim: 12}
	state := uint32(1)
	next := func() float32 {
		state = state*1664525 + 1013904223
		return float32(state>>20) - 2048
	}
	centres := make([]float32, 5*s.Dim)
	for i := range centres {
		centres[i] = next()
	}
	for i := range n {
		k := i % 5
		s.Names = append(s.Names, fmt.Sprintf("photos/%c/%03d.jpg", 'a'+k, i))
		for j := range s.Dim {
			s.Data = append(s.Data, centres[k*s.Dim+j]+float32(next()/4))
		}
	}
	return s
}

// writeVectors writes a set in the format of the file's name.
func writeVectors(t *testing.T, path string, s *vectors.Set) {
	t.Helper()
	var b bytes.Buffer
	if err := vectors.Write(&b, strings.TrimPrefix(filepath.Ext(path), "."), s); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, b.Bytes())
}

func hashOfFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// TestMapGolden holds hashes for all platforms.
func TestMapGolden(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "v.csv")
	writeVectors(t, in, madeVectors(60))
	for _, c := range []struct{ args, ext, want string }{
		{"--seed 3", "csv", "d4a8416f402fe378"}, {"--seed 4", "csv", "d481f6d3281a7cd1"},
		{"--method tsne --seed 3", "csv", "c3db293c3c78336d"},
		{"--method pca --dims 3", "csv", "63610e5734624f89"},
		{"--seed 3", "svg", "5eb5d25ef9b47e04"}, {"--seed 3", "png", "530b43812349316d"},
		{"--seed 3 --size 400x300 --point 7.5", "png", "57ee9d9f67563a29"},
	} {
		out := filepath.Join(dir, "m."+c.ext)
		status, _, stderr := likeness(t, append(strings.Fields("map "+c.args), in, "-o", out)...)
		if status != exitOK || !strings.Contains(stderr, "trustworthiness@10 0.") {
			t.Errorf("%s: status %d, %s", c.args, status, stderr)
		} else if got := hashOfFile(t, out); got != c.want {
			t.Errorf("%s .%s: %s, want %s", c.args, c.ext, got, c.want)
		}
	}
}

func TestMapTable(t *testing.T) {
	dir := t.TempDir()
	s := madeVectors(30)
	s.Names[3], s.Names[4] = "=1+1,\"x\"\n.jpg", "a;b\xff.jpg"
	in := filepath.Join(dir, "v.jsonl")
	writeVectors(t, in, s)
	for _, dims := range []int{2, 3} {
		status, out, stderr := likeness(t, "map", in, "--dims", fmt.Sprint(dims))
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if status != exitOK || err != nil || len(rows) != 31 || strings.Join(rows[0], " ") != "name x y z"[:6+2*dims-2] {
			t.Fatalf("status %d, %v, %d rows, %s", status, err, len(rows), stderr)
		}
		for i, row := range rows[1:] {
			name, err := vectors.UnescapeName(row[0])
			if err != nil || name != s.Names[i] {
				t.Errorf("row %d is of %q, %v, want %q", i, name, err, s.Names[i])
			}
			for _, v := range row[1:] {
				var x float64
				if _, err := fmt.Sscan(v, &x); err != nil || math.IsNaN(x) {
					t.Errorf("row %d: %v, %v", i, v, err)
				}
			}
		}
	}
}

// TestMapDrawings: both show every point, in as many colours as folders, with
// the names of the folders.
func TestMapDrawings(t *testing.T) {
	dir := t.TempDir()
	s := madeVectors(40)
	s.Names[0] = "photos/a/<&\x01>.jpg"
	in, svg, drawn := filepath.Join(dir, "v.csv"), filepath.Join(dir, "m.svg"), filepath.Join(dir, "m.png")
	writeVectors(t, in, s)
	for _, out := range []string{svg, svg, drawn, drawn} { // also over its own
		if status, _, stderr := likeness(t, "map", in, "--size", "500x400", "-o", out); status != exitOK {
			t.Fatalf("%s: status %d, %s", out, status, stderr)
		}
	}
	data, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	count, texts := map[string]int{}, ""
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			count[token.Name.Local]++
			for _, a := range token.Attr {
				if a.Name.Local == "fill" && token.Name.Local == "circle" {
					count[a.Value]++
				}
			}
		case xml.CharData:
			texts += string(token) + "|"
		}
	}
	if count["circle"] != 45 || count["title"] != 40 || count["text"] != 5 || count["#0072b2"] != 9 || count["#cc79a7"] != 9 {
		t.Errorf("svg has %v", count)
	}
	if !strings.Contains(texts, `'photos/a/<&\x01>.jpg|`) || !strings.Contains(texts, "|e|") {
		t.Errorf("svg has the texts %s", texts)
	}
	data, err = os.ReadFile(drawn)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds() != image.Rect(0, 0, 500, 400) {
		t.Fatalf("png: %v", err)
	}
	colours := map[color.Color]int{}
	for y := range 400 {
		for x := range 500 {
			colours[img.At(x, y)]++
		}
	}
	for _, c := range tints[:5] {
		if n := colours[color.RGBA{c[0], c[1], c[2], 255}]; n < 40 || n > 200 { // of the legend alone
			t.Errorf("%v is in %d pixels", c, n)
		}
	}
}

// TestMapFolders: many folders share a legend that has room for them.
func TestMapFolders(t *testing.T) {
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("x/%d/%d/p.jpg", i%3, i))
	}
	if got := foldersOf(names, 20); got[4] != "1" {
		t.Errorf("first parts: %q", got[4])
	}
	if got := foldersOf(names[:9], 20); got[4] != "1/4" {
		t.Errorf("whole: %q", got[4])
	}
	if got := foldersOf([]string{`c:\a\1.jpg`, `c:\b\2.jpg`, `c:\3.jpg`}, 20); strings.Join(got, " ") != "a b ." {
		t.Errorf("by backslashes: %q", got)
	}
	for i := range names {
		names[i] = fmt.Sprintf("x/%d/p.jpg", i)
	}
	d := &drawing{}
	of := d.fold(append(names, "x/7/q.jpg"), 10)
	if len(d.legend) != 10 || d.legend[9].label != "291 other folders" || d.legend[of[7]].label != "7" || of[300] != of[7] || of[299] != 9 {
		t.Errorf("legend %v", d.legend)
	}
	if s := shorten(strings.Repeat("é", 50)); columns(s) > mostLabel || !strings.Contains(s, "é...é") {
		t.Errorf("shortened to %q", s)
	}
}

// TestVectorsOfOthers: what map, cluster and duplicates say of input that is
// not what they want.
func TestVectorsOfOthers(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	set := func(name string, n int, change func(s *vectors.Set)) string {
		s := madeVectors(n)
		if change != nil {
			change(s)
		}
		writeVectors(t, at(name), s)
		return at(name)
	}
	for _, pool := range []string{"avg", "max"} {
		if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--pool", pool, "-o", at(pool+".npy"), photos); status != exitOK {
			t.Fatal(stderr)
		}
	}
	edited := at("edited.npy")
	for _, ext := range []string{"", ".json"} {
		data, err := os.ReadFile(at("avg.npy" + ext))
		if err != nil {
			t.Fatal(err)
		}
		if ext == "" {
			data[150]++
		}
		writeFile(t, edited+ext, data)
	}
	writeFile(t, at("empty.npy"), nil)
	writeFile(t, at("text.txt"), []byte("hello"))
	nan := set("nan.csv", 20, func(s *vectors.Set) { s.Data[30] = float32(math.NaN()) })
	many := set("many.csv", 200, nil)
	zeros := set("zeros.csv", 20, func(s *vectors.Set) { clear(s.Data) })
	none := set("none.npy", 0, nil)
	cut := set("cut.npy", 20, nil)
	data, err := os.ReadFile(cut)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, cut, data[:len(data)-5])
	keep := at("keep.csv")
	writeFile(t, keep, []byte("my own table"))
	for _, c := range []struct {
		args []string
		want string // in the message; "" for none
	}{
		{[]string{"map"}, "no vectors"},
		{[]string{"map", at("missing.npy")}, "there is no such file"},
		{[]string{"map", at("empty.npy")}, "is empty"},
		{[]string{"map", at("text.txt")}, "holds no vectors"},
		{[]string{"map", photos}, "folder"},
		{[]string{"map", none}, "holds no vectors"},
		{[]string{"map", cut}, "cut off or damaged"},
		{[]string{"map", nan}, "vector 3, of photos/c/002.jpg, holds a value that is not finite"},
		{[]string{"cluster", nan}, "not finite"},
		{[]string{"duplicates", nan}, "not finite"},
		{[]string{"map", edited}, "do not go together"},
		{[]string{"cluster", at("avg.npy"), at("max.npy")}, "vectors of two kinds"},
		{[]string{"cluster", at("avg.npy"), many}, "not mixed"},
		{[]string{"duplicates", photos, at("avg.npy")}, "is not: name folders"},
		{[]string{"map", "--method", "umap", set("two.csv", 2, nil)}, "4 vectors or more"},
		{[]string{"map", "--method", "umap", set("three.csv", 3, nil)}, "--method pca"},
		{[]string{"map", "--method", "tsne", zeros}, "alike"},
		{[]string{"map", "--method", "tsne", "--perplexity", "200", many}, "at most 66"},
		{[]string{"map", "--method", "pca", "--epochs", "3", many}, "--epochs"},
		{[]string{"map", "--dims", "3", many, "-o", at("m.svg")}, "two dimensions"},
		{[]string{"map", many, "-o", at("m.gif")}, ".csv, .svg or .png"},
		{[]string{"map", many, "-o", many}, "would be lost"},
		{[]string{"map", many, "-o", keep}, "does not hold a map"},
		{[]string{"map", many, "-o", at("no/m.csv")}, "there is no folder"},
		{[]string{"map", many, "-o", filepath.Join(photos, "a.png")}, "does not hold a drawing"},
		{[]string{"cluster", many, "-o", keep}, "does not hold groups"},
		{[]string{"cluster", many, "-o", many}, "would be lost"},
		{[]string{"cluster", at("avg.npy"), "-o", at("avg.npy.json")}, "would be lost"},
		{[]string{"cluster", "--groups", "201", many}, "only 200 vectors"},
		{[]string{"cluster", "--groups", "0", many}, "not positive"},
		{[]string{"cluster", "--method", "hdbscan", "--groups", "3", many}, "--min-size"},
		{[]string{"cluster", "--method", "hdbscan", "--min-size", "201", many}, "only 200 vectors"},
		{[]string{"duplicates", "--threshold", "1.5", many}, "--threshold"},
		{[]string{"duplicates", "--model", modelFile, many}, "for folders"},
		{[]string{"duplicates", "--model", modelFile, photos, "-o", filepath.Join(photos, "a.png")}, "would be lost"},
		{[]string{"duplicates", at("missing")}, "there is no such file"},
		{[]string{"map", set("one.csv", 1, nil)}, ""},
		{[]string{"map", at("two.csv")}, ""},
		{[]string{"map", zeros, "--method", "pca"}, ""},
		{[]string{"map", at("avg.npy"), at("avg.npy"), "-o", at("m.svg")}, ""},
		{[]string{"map", set("own.npy", 40, nil)}, ""},
		{[]string{"cluster", at("one.csv")}, ""},
		{[]string{"cluster", at("two.csv")}, ""},
		{[]string{"cluster", "--method", "hdbscan", zeros}, ""},
		{[]string{"duplicates", at("one.csv")}, ""},
		{[]string{"duplicates", at("two.csv")}, ""},
		{[]string{"duplicates", zeros}, ""},
	} {
		status, out, stderr := likeness(t, c.args...)
		if c.want == "" && status != exitOK || c.want != "" && (status != exitFatal || out != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want)) {
			t.Errorf("%v: status %d, want %q in %q", c.args, status, c.want, stderr)
		}
	}
	if data, err := os.ReadFile(keep); err != nil || string(data) != "my own table" {
		t.Errorf("a foreign file is now %q, %v", data, err)
	}
}

// TestAnalysisStops: all three leave nothing when they are interrupted.
func TestAnalysisStops(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "v.csv")
	writeVectors(t, in, madeVectors(400))
	for _, command := range []string{"map", "cluster", "duplicates"} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out, stderr bytes.Buffer
		status := newApp(ctx, &out, &stderr).main([]string{command, in, "-o", filepath.Join(dir, "out.csv")})
		if status != exitInterrupted || out.Len() > 0 || !strings.Contains(stderr.String(), "nothing was written") {
			t.Errorf("%s: status %d, %s", command, status, stderr.String())
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// TestVectorFormats: all formats of embed give the same map.
func TestVectorFormats(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	for i := range 20 {
		writePicture(t, filepath.Join(photos, fmt.Sprintf("e%d.png", i)), 30, 20+i, byte(i*11))
	}
	want := ""
	for _, format := range append(slices.Clone(vectors.Formats), "parquet") {
		in := filepath.Join(dir, "v."+format)
		if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--format", format, "-o", in, photos); status != exitOK {
			t.Fatal(stderr)
		}
		if status, out, stderr := likeness(t, "map", in); status != exitOK || want != "" && out != want || !strings.Contains(out, "e7.png") {
			t.Errorf("%s: status %d, %s%s", format, status, stderr, out)
		} else {
			want = out
		}
		if format == "tsv" { // its names without FILE.json
			if err := os.Remove(in + ".json"); err != nil {
				t.Fatal(err)
			}
			if status, out, stderr := likeness(t, "map", in); status != exitOK || out != want {
				t.Errorf("%s alone: status %d, %s", format, status, stderr)
			}
		}
	}
	status, out, _ := likeness(t, "map", filepath.Join(dir, "v.npy"), "-o", filepath.Join(dir, "m.csv"), "--json")
	var s mapSummary
	if err := json.Unmarshal([]byte(out), &s); status != exitOK || err != nil || s.Vectors != 23 || s.Method != "umap" || s.Near != 10 || s.Faithfulness == nil || !(s.Trustworthiness > 0.5) {
		t.Errorf("status %d, %v, %s", status, err, out)
	}
}
