package main

import (
	"bytes"
	"likeness/engine/picture"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestJournalDamage: wherever a byte of the journal changes, the result is
// that of a fresh run.
func TestJournalDamage(t *testing.T) {
	s := setting{origin: origin{Format: "npy", Dim: 2}}
	file := filepath.Join(t.TempDir(), "j")
	pictures := []*embedded{
		{file: "a\xff", id: identity{1, -2, ""}, vector: []float32{1, 2}},
		{file: "b", id: identity{3, 4, strings.Repeat("ab", 32)}, vector: []float32{3, 4}, notes: []picture.Note{{Code: "x", Message: "y"}}},
	}
	j, err := openJournal(file, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		if err := j.add(p); err != nil {
			t.Fatal(err)
		}
	}
	j.close()
	whole, err := os.ReadFile(file + ".partial")
	if err != nil {
		t.Fatal(err)
	}
	for at := -1; at < len(whole); at++ {
		data := bytes.Clone(whole)
		if at >= 0 {
			data[at] ^= 0x10
		}
		writeFile(t, file+".partial", data)
		j, err := openJournal(file, s)
		if err != nil {
			if at < 0 {
				t.Fatal(err)
			}
			continue // refused: fine
		}
		if at < 0 && len(j.at) != 2 {
			t.Fatalf("%d pictures come back", len(j.at))
		}
		for i := range j.at {
			_, v, err := j.Row(i, nil)
			p, want := j.found, pictures[i]
			if err != nil || !slices.Equal(v, want.vector) || p.names[i] != want.file || p.ids[i] != want.id || !slices.Equal(p.notes[i], want.notes) {
				t.Fatalf("byte %d: picture %d is %q %v %v (%v)", at, i, p.names[i], p.ids[i], v, err)
			}
		}
		if _, err := openJournal(file, s); err == nil {
			t.Fatal("opened twice")
		}
		j.f.Close()
	}
}

func TestSideFile(t *testing.T) {
	s := &sideFile{setting: setting{origin: origin{Model: `a"checksum": "`, ModelHash: "h", Format: "npy"}}, Count: 2, Names: []exactName{"\xff\xfe<&>", "b\n\u2028\x1b"},
		Sizes: []int64{1, 1 << 62}, Times: []int64{-1, 1}, Flags: []flagged{{"\xff", picture.Note{Code: "c", Message: "m"}}}}
	data, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := readSideFile(data)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Names, s.Names) || !slices.Equal(got.Sizes, s.Sizes) || !slices.Equal(got.Flags, s.Flags) || got.setting != s.setting {
		t.Errorf("%+v, want %+v", got, s)
	}
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1
		if _, err := readSideFile(bad); err == nil {
			t.Errorf("byte %d changed, and it is read: %s", i, bad)
		}
	}
	if _, err := readSideFile(nil); err == nil {
		t.Error("an empty file is read")
	}
}
