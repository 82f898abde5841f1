package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCluster(t *testing.T) {
	dir := t.TempDir()
	s := madeVectors(100)
	for j := range s.Dim { // one far from all
		s.Data[7*s.Dim+j] = float32(1 - 2*(j%2))
	}
	in, out := filepath.Join(dir, "v.csv"), filepath.Join(dir, "g.csv")
	writeVectors(t, in, s)
	for _, c := range []struct {
		args         string
		groups, none int
	}{{"", 5, 0}, {"--groups 3 --seed 9", 3, 0}, {"--groups 100", 100, 0}, {"--method hdbscan --min-size 8", 5, 1}} {
		status, _, stderr := likeness(t, append(strings.Fields("cluster "+c.args), in, "-o", out)...)
		data, err := os.ReadFile(out)
		if status != exitOK || err != nil {
			t.Fatalf("%s: status %d, %s", c.args, status, stderr)
		}
		rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
		if err != nil || len(rows) != 101 || strings.Join(rows[0], ",") != "name,group,central" {
			t.Fatalf("%s: %v", c.args, rows)
		}
		sizes, central, none := map[string]int{}, map[string]int{}, 0
		for i, row := range rows[1:] {
			if row[0] != s.Names[i] {
				t.Errorf("%s: row %d is of %s", c.args, i, row[0])
			}
			if row[1] == "" {
				none++
				continue
			}
			sizes[row[1]]++
			if row[2] == "1" {
				central[row[1]]++
			}
		}
		if len(sizes) != c.groups || none != c.none || sizes["1"] < sizes["2"] {
			t.Errorf("%s: groups %v, %d in none", c.args, sizes, none)
		}
		for g := range sizes {
			if central[g] != 1 {
				t.Errorf("%s: group %s has %d central pictures", c.args, g, central[g])
			}
		}
		if c.none > 0 && rows[8][1] != "" {
			t.Errorf("%s: the one far from all is in group %s", c.args, rows[8][1])
		}
		if !strings.Contains(stderr, fmt.Sprintf("%d vectors in %d groups", 100-c.none, c.groups)) {
			t.Errorf("%s: %s", c.args, stderr)
		}
	}
	status, stdout, _ := likeness(t, "cluster", in, "--json")
	var r clustered
	if err := json.Unmarshal([]byte(stdout), &r); status != exitOK || err != nil || len(r.Groups) != 5 || r.Silhouette == nil || r.Groups[0].Members[0] != r.Groups[0].Central || r.Groups[0].Size != len(r.Groups[0].Members) {
		t.Errorf("status %d, %v, %s", status, err, stdout)
	}
}

// TestClusterGolden holds the hash for all platforms.
func TestClusterGolden(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "v.csv"), filepath.Join(dir, "g.csv")
	writeVectors(t, in, madeVectors(300))
	for args, want := range map[string]string{"--groups 12 --seed 5": "02fb5e4f61d7b743", "--groups 12 --seed 6": "9eaa1eb2bdd0643a", "--method hdbscan": "b23647f666a6bd5c"} {
		if status, _, stderr := likeness(t, append(strings.Fields("cluster "+args), in, "-o", out)...); status != exitOK {
			t.Fatal(stderr)
		} else if got := hashOfFile(t, out); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
}

// TestDuplicates finds a picture that is there twice, not blank ones that
// differ, and tells size, bytes and date.
func TestDuplicates(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	blank := func(name string, w int, c color.Gray) {
		img := image.NewGray(image.Rect(0, 0, w, 20))
		for i := range img.Pix {
			img.Pix[i] = c.Y
		}
		f, err := os.Create(filepath.Join(photos, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
	}
	blank("w1.png", 20, color.Gray{255})
	blank("w2.png", 20, color.Gray{255})
	blank("w3.png", 21, color.Gray{255})
	first := writePicture(t, filepath.Join(photos, "big.png"), 60, 48, 77)
	writeFile(t, filepath.Join(photos, "copy.png"), first)
	writeFile(t, filepath.Join(photos, "broken.png"), first[:50])
	type answer struct {
		Pictures, Blank int
		Unread          int `json:"blank_unread"`
		Groups          []struct {
			Pictures []struct {
				Name          string
				Width, Height int
				Bytes         int64
				Modified      string
				Cosine        float64
				Same          bool `json:"same_bytes"`
			}
		}
		Failures []failure
	}
	check := func(want int, args ...string) (a answer) {
		t.Helper()
		status, out, stderr := likeness(t, append([]string{"duplicates", "--json", "--threshold", "0.999999"}, args...)...)
		if err := json.Unmarshal([]byte(out), &a); status != want || err != nil || a.Pictures != 8 || a.Blank != 3 || len(a.Groups) != 2 {
			t.Fatalf("status %d, %v, %s%s", status, err, stderr, out)
		}
		return a
	}
	table := filepath.Join(dir, "twins.csv")
	a := check(exitSome, "--model", modelFile, photos, "-o", table)
	if len(a.Failures) != 1 {
		t.Errorf("failures %v", a.Failures)
	}
	var names []string
	for _, g := range a.Groups {
		for _, p := range g.Pictures {
			names = append(names, filepath.Base(p.Name))
			if p.Width == 0 || p.Height == 0 || p.Bytes == 0 || len(p.Modified) != 20 || !p.Same {
				t.Errorf("%+v", p)
			}
		}
	}
	if strings.Join(names, " ") != "big.png copy.png w1.png w2.png" || a.Groups[0].Pictures[0].Width != 60 || a.Groups[0].Pictures[1].Cosine != 1 {
		t.Errorf("groups %+v", a.Groups)
	}
	data, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil || len(rows) != 5 || rows[2][0] != "1" || rows[3][0] != "2" || rows[1][2] != "60" || rows[1][7] != "1" {
		t.Errorf("table %v, %v", rows, err)
	}

	file := filepath.Join(dir, "v.npy") // the same from vectors
	if status, _, stderr := likeness(t, "embed", "--model", modelFile, "-o", file, photos); status != exitSome {
		t.Fatal(stderr)
	}
	check(exitOK, file)
	status, out, _ := likeness(t, "duplicates", file, "--threshold", "0.999999")
	if status != exitOK || !strings.Contains(out, "60 x 48") || !strings.Contains(out, "same bytes") {
		t.Errorf("status %d, %s", status, out)
	}
	if err := os.RemoveAll(photos); err != nil {
		t.Fatal(err)
	}
	status, out, stderr := likeness(t, "duplicates", file, "--threshold", "0.999999")
	if status != exitOK || strings.Contains(out, "w1.png") || !strings.Contains(out, "copy.png") || !strings.Contains(stderr, "3 not, since they cannot be read here") {
		t.Errorf("without the pictures: status %d, %s%s", status, out, stderr)
	}
}
