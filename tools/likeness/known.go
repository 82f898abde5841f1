package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/picture"
	"likeness/engine/vectors"
	"likeness/tools/output"
	"likeness/tools/regular"
)

// known is what earlier runs have computed: FILE, and the journal of a run
// that was interrupted.
type known struct {
	content bool // pictures are the same if their bytes are, whatever path and time say
	hash    bool // each picture's sha256 is recorded
	old     knownSet
	journal *journal
	file    *os.File // FILE, or nil
	byName  map[string]knownRow
	bySum   map[string]knownRow
}

// knownSet is pictures and where their vectors are.
type knownSet struct {
	rows interface {
		Row(i int, dst []float32) (name string, v []float32, err error)
	}
	partial bool
	names   []string
	ids     []identity
	notes   map[int][]picture.Note
}

type knownRow struct {
	set *knownSet
	i   int
}

func (s *knownSet) add(p *embedded) {
	if len(p.notes) > 0 {
		if s.notes == nil {
			s.notes = map[int][]picture.Note{}
		}
		s.notes[len(s.names)] = p.notes
	}
	s.names, s.ids = append(s.names, p.file), append(s.ids, p.id)
}

// openKnown reads FILE, FILE.json and FILE.partial, or begins with nothing
// where there is no FILE. What does not go together is refused.
func openKnown(file string, s setting, content bool) (*known, error) {
	k := &known{content: content, hash: content, byName: map[string]knownRow{}, bySum: map[string]knownRow{}}
	err := k.openFile(file, s)
	if err == nil {
		k.journal, err = openJournal(file, s)
	}
	if err != nil {
		k.close()
		return nil, fmt.Errorf("--update: %w", err)
	}
	for _, id := range k.journal.found.ids {
		k.hash = k.hash || id.sha256 != ""
	}
	for _, set := range []*knownSet{&k.old, &k.journal.found} { // the later one counts
		for i, name := range set.names {
			if id := set.ids[i]; id.sha256 != "" || !k.hash {
				k.byName[filepath.Clean(name)] = knownRow{set, i}
				if id.sha256 != "" {
					k.bySum[id.sha256] = knownRow{set, i}
				}
			}
		}
	}
	return k, nil
}

const anew = "leave out --update to make both anew"

// openFile reads FILE and FILE.json.
func (k *known) openFile(file string, s setting) error {
	side := file + ".json"
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	data, _, err := regular.Read(side, 1<<32)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there, but %s, which says what it holds, is not: %s", file, side, anew)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", side, cause(err), anew)
	}
	was, err := readSideFile(data)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", side, err, anew)
	}
	if d := was.differs(s); d != "" {
		return fmt.Errorf("%s: %s", file, d)
	}
	if k.content && was.Count > 0 && was.SHA256 == nil {
		return fmt.Errorf("%s holds no hashes of the pictures, since it was made without --by-content: leave that out here, or leave out --update to make both anew", side)
	}
	k.hash = k.hash || was.SHA256 != nil
	ok, err := k.open(file, was)
	if err == nil && !ok && output.Recover(file, was.describes) { // a run was killed as it put both in place
		ok, err = k.open(file, was)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, cause(err))
	}
	if !ok {
		return fmt.Errorf("%s and %s do not go together: %s was edited or damaged: %s", file, side, file, anew)
	}
	rows, err := vectors.OpenRows(k.file, was.File.Bytes, was.Format)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", file, err, anew)
	}
	if rows.Len() != was.Count || rows.Len() > 0 && rows.Dim() != was.Dim {
		return fmt.Errorf("%s holds %d vectors of %d values, %s says %d of %d: %s", file, rows.Len(), rows.Dim(), side, was.Count, was.Dim, anew)
	}
	return k.index(rows, was)
}

// open opens FILE and reports whether it is the one that FILE.json describes.
func (k *known) open(file string, was *sideFile) (bool, error) {
	k.close()
	f, info, err := regular.Open(file, 1<<50)
	if err != nil {
		return false, err
	}
	k.file = f
	return was.describes(f, info), nil
}

// describes reports whether f is the FILE of this FILE.json.
func (s *sideFile) describes(f *os.File, info fs.FileInfo) bool {
	if info.Size() != s.File.Bytes {
		return false
	}
	sum, err := hashOf(f, info.Size())
	return err == nil && sum == s.File.SHA256
}

// index fills k.old.
func (k *known) index(rows *vectors.Rows, was *sideFile) error {
	k.old.rows = rows
	notes := map[string][]picture.Note{}
	for _, f := range was.Flags {
		notes[string(f.File)] = append(notes[string(f.File)], f.Note)
	}
	var v []float32
	for i := range was.Count {
		p := &embedded{id: identity{size: was.Sizes[i], time: was.Times[i]}}
		if was.SHA256 != nil {
			p.id.sha256 = was.SHA256[i]
		}
		if was.Names != nil {
			p.file = string(was.Names[i])
		} else {
			var err error
			if p.file, v, err = rows.Row(i, v[:0]); err != nil {
				return err
			}
		}
		p.notes = notes[p.file]
		k.old.add(p)
	}
	return nil
}

func hashOf(r io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(r, 0, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

// hashes reports whether the sha256 of pictures is wanted.
func (k *known) hashes() bool { return k != nil && k.hash }

// sameFile looks for the picture by path, size and time.
func (k *known) sameFile(p *embedded) bool {
	if k == nil || k.content {
		return false
	}
	row, ok := k.byName[filepath.Clean(p.file)]
	if !ok {
		return false
	}
	id := row.set.ids[row.i]
	if id.size != p.id.size || id.time != p.id.time {
		return false
	}
	p.from, p.id.sha256 = &row, id.sha256
	return true
}

// sameContent looks for the picture by its sha256.
func (k *known) sameContent(p *embedded) bool {
	if !k.content {
		return false
	}
	row, ok := k.bySum[p.id.sha256]
	if ok {
		p.from = &row
	}
	return ok
}

// read takes the vector and the notes from p.from.
func (k *known) read(p *embedded) error {
	name, v, err := p.from.set.rows.Row(p.from.i, nil)
	if err == nil && name != "" && name != p.from.set.names[p.from.i] {
		err = errors.New("the vector is of another picture")
	}
	if err != nil {
		return fmt.Errorf("its vector of an earlier run cannot be read: %w", err)
	}
	p.vector, p.notes = v, p.from.set.notes[p.from.i]
	return nil
}

// missing refuses to drop all pictures of a folder that cannot be read now: it
// may be on a disk that is not there.
func (k *known) missing(failed []failure) error {
	for _, f := range failed {
		if f.Code != "file-missing" && f.Code != "file-unreadable" {
			continue
		}
		folder := filepath.Clean(string(f.File)) + string(filepath.Separator)
		n := 0
		for _, name := range k.old.names {
			if strings.HasPrefix(filepath.Clean(name), folder) {
				n++
			}
		}
		if n > 0 {
			return fmt.Errorf("%v; --update would drop its %d pictures: make it readable, or leave it out if it is gone for good", f, n)
		}
	}
	return nil
}

func (k *known) close() {
	if k.file != nil {
		k.file.Close()
	}
}
