package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/picture"
	"likeness/engine/vectors"
)

// output is where vectors go: standard output, or files that appear whole at
// the end or not at all.
type output struct {
	path    string // as given
	stdout  io.Writer
	origin  origin
	prepare picture.Preparation
	files   []*pendingFile // vectors first
	vectors *vectors.Writer
	names   *vectors.Writer // of tsv, or nil
	listed  []string        // names in the order of the vectors
}

// openOutput opens the files at once, so that an unwritable place is known
// before hours of work. n pictures are expected.
func openOutput(path string, stdout io.Writer, o origin, p picture.Preparation, n int) (out *output, err error) {
	out = &output{path: path, stdout: stdout, origin: o, prepare: p}
	defer func() {
		if err != nil {
			out.discard()
			out = nil
		}
	}()
	w := stdout
	if path != "-" {
		if w, err = out.open(path); err != nil {
			return
		}
		if o.Format == "tsv" && out.files[0].replaces {
			var m io.Writer
			if m, err = out.open(strings.TrimSuffix(path, ".tsv") + ".metadata.tsv"); err != nil {
				return
			}
			out.names = vectors.NewMetadataWriter(m)
		}
	} else if o.Format == "npy" {
		// The header's count may have to be corrected.
		if w, err = out.open(filepath.Join(os.TempDir(), "likeness.npy")); err != nil {
			return
		}
	}
	out.vectors, err = vectors.NewWriter(w, o.Format, n, o.Dim)
	return
}

func (out *output) open(path string) (io.Writer, error) {
	f, err := createPending(path)
	if err != nil {
		return nil, err
	}
	out.files = append(out.files, f)
	return f.f, nil
}

func (out *output) count() int { return len(out.listed) }

func (out *output) add(file string, v []float32) error {
	err := out.vectors.Add(file, v)
	if err == nil && out.names != nil {
		err = out.names.Add(file, nil)
	}
	out.listed = append(out.listed, file)
	return out.explain(err)
}

// explain says where writing failed.
func (out *output) explain(err error) error {
	if err == nil {
		return nil
	}
	if out.path == "-" {
		return fmt.Errorf("standard output or its temporary file in %s cannot be written: %w", os.TempDir(), cause(err))
	}
	return fmt.Errorf("cannot write %s: %w; nothing was kept: free space there or choose another place with -o", out.path, cause(err))
}

// discard removes what commit has not made final.
func (out *output) discard() {
	for _, f := range out.files {
		f.discard()
	}
}

// commit finishes all files and puts them in place.
func (out *output) commit() error { return out.explain(out.finish()) }

func (out *output) finish() error {
	err := out.vectors.Flush()
	if out.names != nil {
		err = errors.Join(err, out.names.Flush())
	}
	if err != nil {
		return err
	}
	if len(out.files) > 0 && out.origin.Format == "npy" && out.files[0].seekable {
		if _, err := out.files[0].f.WriteAt(vectors.NPYHeader(out.count(), out.origin.Dim), 0); err != nil {
			return err
		}
	}
	if out.path == "-" {
		return out.copyToStdout()
	}
	if out.files[0].replaces {
		if err := out.describe(); err != nil {
			return err
		}
	}
	for _, f := range out.files {
		if err := f.close(); err != nil {
			return err
		}
	}
	for _, f := range out.files {
		if err := f.commit(); err != nil {
			return err
		}
	}
	return nil
}

func (out *output) copyToStdout() error {
	for _, f := range out.files {
		if _, err := f.f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(out.stdout, f.f); err != nil {
			return err
		}
	}
	return nil
}

// describe writes FILE.json: what the vectors are and, where the format has no
// room for them, whose.
func (out *output) describe() error {
	w, err := out.open(out.path + ".json")
	if err != nil {
		return err
	}
	side := struct {
		origin
		Count   int                 `json:"count"`
		Prepare picture.Preparation `json:"prepare"`
		Names   []string            `json:"names,omitempty"`
	}{out.origin, out.count(), out.prepare, nil}
	if out.origin.Format == "npy" || out.origin.Format == "tsv" {
		side.Names = out.listed
	}
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetIndent("", " ")
	return errors.Join(e.Encode(side), b.Flush())
}

// pendingFile is written under a temporary name beside its own and renamed, so
// that the file is there whole or not at all. What is no regular file (a pipe,
// /dev/null) is written directly.
type pendingFile struct {
	f        *os.File
	path     string // links followed
	replaces bool   // the temporary file will replace path
	seekable bool
	closed   bool
	final    bool
}

func createPending(path string) (*pendingFile, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a folder: name a file in it with -o", path)
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("cannot write %s: %w", path, cause(err))
		}
		return &pendingFile{f: f, path: path}, nil
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot write %s: there is no folder %s: make it first or choose another place with -o", path, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w: choose another place with -o", path, cause(err))
	}
	return &pendingFile{f: f, path: path, replaces: true, seekable: true}, nil
}

// close makes sure that all bytes have reached the disk.
func (p *pendingFile) close() error {
	p.closed = true
	if !p.replaces {
		return p.f.Close()
	}
	return errors.Join(p.f.Chmod(0o644), p.f.Sync(), p.f.Close())
}

func (p *pendingFile) commit() error {
	p.final = true
	if !p.replaces {
		return nil
	}
	if err := os.Rename(p.f.Name(), p.path); err != nil {
		os.Remove(p.f.Name())
		return err
	}
	return nil
}

func (p *pendingFile) discard() {
	if p.final {
		return
	}
	if !p.closed {
		p.f.Close()
	}
	if p.replaces {
		os.Remove(p.f.Name())
	}
}
