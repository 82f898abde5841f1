// Package parquet writes and reads vectors as Apache Parquet, for data frames and
// databases. A row is a picture: name (string) and vector (list of float); the
// file's metadata hold under "likeness" what made the vectors, as FILE.json does.
// The page writes and reads the same.
package parquet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// key of the metadata that hold the origin.
const key = "likeness"

// rowGroup is how many rows are held before they are written.
const rowGroup = 4096

type row struct {
	Name   string    `parquet:"name"`
	Vector []float32 `parquet:"vector,list"`
}

// Writer writes one file.
type Writer struct {
	w    *parquet.GenericWriter[row]
	rows int
}

// NewWriter starts a file; origin, which becomes JSON, says what made the
// vectors.
func NewWriter(w io.Writer, origin any) (*Writer, error) {
	text, err := json.Marshal(origin)
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	return &Writer{w: parquet.NewGenericWriter[row](w, parquet.KeyValueMetadata(key, string(text)), parquet.CreatedBy("likeness", "1", "1"))}, nil
}

// Add writes one vector. Names that are not UTF-8 are written as Go's strings
// hold them, with the replacement character for what is none.
func (w *Writer) Add(name string, v []float32) error {
	if _, err := w.w.Write([]row{{strings.ToValidUTF8(name, "\ufffd"), v}}); err != nil {
		return err
	}
	if w.rows++; w.rows%rowGroup == 0 {
		return w.w.Flush()
	}
	return nil
}

// Flush ends the file.
func (w *Writer) Flush() error { return w.w.Close() }

// Table is a file that was read.
type Table struct {
	Names  []string
	Data   []float32 // len(Names) * Dim()
	Origin []byte    // JSON, nil where the file is of another program

	dim int
}

// Len is the number of vectors.
func (t *Table) Len() int { return len(t.Names) }

// Dim is the number of values of each.
func (t *Table) Dim() int { return t.dim }

// Row appends vector i to dst.
func (t *Table) Row(i int, dst []float32) (name string, v []float32, err error) {
	return t.Names[i], append(dst, t.Data[i*t.dim:][:t.dim]...), nil
}

// Read reads a file of size bytes whose vectors are all of one length.
func Read(r io.ReaderAt, size int64) (t *Table, err error) {
	// The library takes a file for well made and may panic at one that is not.
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, fmt.Errorf("parquet: the file is damaged: %v", p)
		}
	}()
	if err := checkFooter(r, size); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(r, size)
	if err != nil {
		return nil, fmt.Errorf("parquet: the file is cut off or damaged: %w", err)
	}
	if err := checkPages(r, size, f.Metadata()); err != nil {
		return nil, err
	}
	for _, wanted := range []string{"name", "vector"} {
		if _, ok := f.Schema().Lookup(wanted); !ok && !nested(f.Schema(), wanted) {
			return nil, fmt.Errorf("parquet: there is no column %q: name and vector are expected", wanted)
		}
	}
	t = &Table{}
	if text, ok := f.Lookup(key); ok {
		t.Origin = []byte(text)
	}
	rows := parquet.NewGenericReader[row](f)
	defer rows.Close()
	buf := make([]row, 256)
	for {
		n, err := rows.Read(buf)
		for _, one := range buf[:n] {
			if t.dim == 0 {
				t.dim = len(one.Vector)
			}
			if len(one.Vector) != t.dim || t.dim == 0 {
				return nil, fmt.Errorf("parquet: row %d has %d values, others %d", len(t.Names)+1, len(one.Vector), t.dim)
			}
			t.Names, t.Data = append(t.Names, strings.Clone(one.Name)), append(t.Data, one.Vector...)
		}
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return nil, fmt.Errorf("parquet: the file is damaged: %w", err)
		}
	}
}

// nested reports whether a column holds others, as a list does.
func nested(s *parquet.Schema, name string) bool {
	for _, f := range s.Fields() {
		if f.Name() == name {
			return true
		}
	}
	return false
}
