package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"likeness/engine/vectors"
	"likeness/tools/output"
	"likeness/tools/parquet"
)

// vectorOutput is where vectors go: standard output, or files that appear
// whole at the end or not at all.
type vectorOutput struct {
	path    string // as given
	stdout  io.Writer
	setting setting
	set     output.Set
	file    *output.File // of the vectors; nil if they go to standard output
	side    *output.File // FILE.json, or nil
	vectors vectorWriter
	meta    *vectors.Writer // names of tsv, or nil
	known   *known          // with --update

	listed []string // names in the order of the vectors
	ids    []identity
	flags  []flagged
	rows   []*knownRow
}

// vectorWriter writes vectors one after the other.
type vectorWriter interface {
	Add(name string, v []float32) error
	Flush() error
}

// outputFormats are those that embed writes; the last two are for databases, and
// not read again.
var outputFormats = append(slices.Clone(vectors.Formats), "parquet", "pgvector", "qdrant")

func newVectorWriter(w io.Writer, s setting, n int) (vectorWriter, error) {
	switch s.Format {
	case "parquet":
		return parquet.NewWriter(w, s)
	case "pgvector":
		return newPgvectorWriter(w), nil
	case "qdrant":
		return newQdrantWriter(w), nil
	}
	return vectors.NewWriter(w, s.Format, n, s.Dim)
}

// outputNames are the files that vectors in path come with.
func outputNames(path, format string, update bool) []string {
	names := []string{path, path + ".json"}
	if format == "tsv" {
		names = append(names, metadataName(path))
	}
	if update {
		names = append(names, path+".partial")
	}
	return names
}

func metadataName(path string) string { return strings.TrimSuffix(path, ".tsv") + ".metadata.tsv" }

// openOutput opens the files at once, so that an unwritable place is known
// before hours of work. n pictures are expected.
func openOutput(path string, stdout io.Writer, s setting, n int) (out *vectorOutput, err error) {
	out = &vectorOutput{path: path, stdout: stdout, setting: s}
	defer func() {
		if err != nil {
			out.set.Discard()
			out = nil
		}
	}()
	w := stdout
	if path == "-" {
		if s.Format == "npy" {
			// The header's count may have to be corrected.
			if out.file, err = out.set.Temp(); err != nil {
				return
			}
			w = out.file
		}
	} else {
		if out.file, err = out.create(path, vectorsKind); err != nil {
			return
		}
		w = out.file
		if !out.file.Direct {
			if out.side, err = out.create(path+".json", sideKind); err != nil {
				return
			}
		}
		if !out.file.Direct && s.Format == "tsv" {
			var m *output.File
			if m, err = out.create(metadataName(path), textKind); err != nil {
				return
			}
			out.meta = vectors.NewMetadataWriter(m)
		}
	}
	out.vectors, err = newVectorWriter(w, s, n)
	return
}

func (out *vectorOutput) create(path string, k output.Kind) (*output.File, error) {
	f, err := out.set.Create(path, k)
	if err != nil {
		return nil, fmt.Errorf("%w with -o", err)
	}
	return f, nil
}

func (out *vectorOutput) add(p *embedded) error {
	err := out.vectors.Add(p.file, p.vector)
	if err == nil && out.meta != nil {
		err = out.meta.Add(p.file, nil)
	}
	out.listed, out.ids, out.rows = append(out.listed, p.file), append(out.ids, p.id), append(out.rows, p.from)
	out.flags = append(out.flags, flags(p.file, p.notes)...)
	if err == nil && out.known != nil && p.from == nil {
		err = out.known.journal.add(p)
	}
	return out.explain(err)
}

// explain says where writing failed.
func (out *vectorOutput) explain(err error) error {
	if err == nil {
		return nil
	}
	if out.path == "-" {
		return fmt.Errorf("standard output or its temporary file in %s cannot be written: %w", os.TempDir(), cause(err))
	}
	kept := "nothing was kept"
	if out.known != nil {
		kept = out.known.journal.path + " keeps what is done"
	}
	return fmt.Errorf("cannot write %s: %w; %s: free space there or choose another place with -o", out.path, cause(err), kept)
}

// commit finishes all files and puts them in place.
func (out *vectorOutput) commit() error { return out.explain(out.finish()) }

func (out *vectorOutput) finish() error {
	err := out.vectors.Flush()
	if out.meta != nil {
		err = errors.Join(err, out.meta.Flush())
	}
	if err != nil {
		return err
	}
	if out.file == nil {
		return nil
	}
	if out.setting.Format == "npy" && !out.file.Direct {
		if _, err := out.file.WriteAt(vectors.NPYHeader(len(out.listed), out.setting.Dim), 0); err != nil {
			return err
		}
	}
	if out.path == "-" {
		if _, err := out.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		_, err := io.Copy(out.stdout, out.file)
		return err
	}
	if out.side != nil {
		if err := out.describe(); err != nil {
			return err
		}
	}
	return out.set.Commit()
}

// describe writes FILE.json.
func (out *vectorOutput) describe() error {
	s := sideFile{setting: out.setting, Count: len(out.listed), Flags: out.flags, Sizes: []int64{}, Times: []int64{}}
	for _, id := range out.ids {
		s.Sizes, s.Times = append(s.Sizes, id.size), append(s.Times, id.time)
		if out.known.hashes() {
			s.SHA256 = append(s.SHA256, id.sha256)
		}
	}
	if out.setting.Format == "npy" || out.setting.Format == "tsv" {
		s.Names = make([]exactName, len(out.listed))
		for i, name := range out.listed {
			s.Names[i] = exactName(name)
		}
	}
	info, err := out.file.Stat()
	if err != nil {
		return err
	}
	s.File.Bytes = info.Size()
	if s.File.SHA256, err = hashOf(out.file, info.Size()); err != nil {
		return err
	}
	data, err := s.encode()
	if err != nil {
		return err
	}
	_, err = out.side.Write(data)
	return err
}

// discard removes what commit has not made final.
func (out *vectorOutput) discard() { out.set.Discard() }

// Existing files that embed may replace: those that it could have written.
var (
	vectorsKind = output.Kind{Name: "vectors", Is: func(head []byte) bool {
		if bytes.HasPrefix(head, []byte("\x93NUMPY")) || bytes.HasPrefix(head, []byte("PAR1")) || bytes.HasPrefix(head, []byte("name,v0")) ||
			bytes.HasPrefix(head, []byte(`{"name":`)) && bytes.Contains(head, []byte(`,"vector":[`)) {
			return true
		}
		for _, c := range head { // tsv
			if !strings.ContainsRune("0123456789+-.eE\t\r\nInfNaN", rune(c)) {
				return false
			}
		}
		return true
	}}
	sideKind = output.Kind{Name: "what comes with vectors", Is: func(head []byte) bool {
		return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"model_hash"`))
	}}
	textKind = output.Kind{Name: "text", Is: func(head []byte) bool { return bytes.IndexByte(head, 0) < 0 && !isPictureContent(head) }}
)
