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

// TestFlags: the notes on a picture are in FILE.json, and come back with its
// vector in the next run.
func TestFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "v.csv")
	s := setting{origin: origin{ModelHash: "h", Format: "csv", Dim: 1}, Decoding: decoding}
	out, err := openOutput(file, nil, s, 2)
	if err != nil {
		t.Fatal(err)
	}
	blank := []picture.Note{{Code: "picture-blank", Message: "it is of one colour"}, {Code: "picture-shape", Message: "it is very long"}}
	for _, p := range []*embedded{{file: "a", vector: []float32{1}, notes: blank}, {file: "b", vector: []float32{2}}} {
		if err := out.add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.commit(); err != nil {
		t.Fatal(err)
	}
	if flaggedPictures(out.flags) != 1 || len(out.flags) != 2 || told(blank) != "it is of one colour; it is very long" {
		t.Errorf("%v", out.flags)
	}
	k, err := openKnown(file, s, false)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	defer k.journal.close()
	for name, want := range map[string][]picture.Note{"a": blank, "./b": nil} {
		p := &embedded{file: name}
		if !k.sameFile(p) {
			t.Fatalf("%s is not known", name)
		}
		if err := k.read(p); err != nil || !slices.Equal(p.notes, want) {
			t.Errorf("%s: %v (%v)", name, p.notes, err)
		}
	}
	if k.sameFile(&embedded{file: "a", id: identity{size: 1}}) || k.sameFile(&embedded{file: "c"}) {
		t.Error("another file is known")
	}
}

// FuzzPicture: any record is refused, or comes back as it was.
func FuzzPicture(f *testing.F) {
	f.Add(appendPicture(nil, &embedded{file: "a\xff", id: identity{1, -2, ""}, vector: []float32{1, 2}, notes: []picture.Note{{Code: "c", Message: "m"}}}))
	f.Add(appendPicture(nil, &embedded{id: identity{0, 0, strings.Repeat("ab", 32)}}))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, vector, ok := parsePicture(data)
		if !ok {
			return
		}
		again, v, ok := parsePicture(append(appendPicture(nil, p), vector...))
		if !ok || again.file != p.file || again.id != p.id || !slices.Equal(again.notes, p.notes) || !bytes.Equal(v, vector) {
			t.Errorf("%+v comes back as %+v", p, again)
		}
	})
}
