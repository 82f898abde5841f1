// Package vectors writes feature vectors for other tools: NumPy, CSV, JSON
// lines and the TensorFlow Embedding Projector. It is small enough for the
// wasm: no reflection, no fmt.
package vectors

import (
	"errors"
	"io"
)

// Set is a list of vectors from one model, layer and pooling. Sets that differ
// in these must not be mixed.
type Set struct {
	Model, ModelHash, Layer, Pool string
	Normalized                    bool
	Dim                           int
	Names                         []string
	Data                          []float32 // len(Names) * Dim, row by row
}

// Formats that Write knows.
var Formats = []string{"npy", "csv", "jsonl", "tsv"}

// Row returns vector i.
func (s *Set) Row(i int) []float32 { return s.Data[i*s.Dim:][:s.Dim] }

// check refuses a set whose parts disagree.
func (s *Set) check() error {
	if s.Dim < 0 || len(s.Data) != len(s.Names)*s.Dim {
		return errors.New("vectors: names and data do not agree in number")
	}
	return nil
}

// Write writes the whole set in a format of Formats; see Writer.
func Write(w io.Writer, format string, s *Set) error {
	if err := s.check(); err != nil {
		return err
	}
	out, err := NewWriter(w, format, len(s.Names), s.Dim)
	if err != nil {
		return err
	}
	for i, name := range s.Names {
		if err := out.Add(name, s.Row(i)); err != nil {
			return err
		}
	}
	return out.Flush()
}

// WriteMetadata writes the names for the Embedding Projector, which loads them
// beside a tsv file: one a line, without a heading, as it wants a single
// column.
func WriteMetadata(w io.Writer, s *Set) error {
	m := NewMetadataWriter(w)
	for _, name := range s.Names {
		if err := m.Add(name, nil); err != nil {
			return err
		}
	}
	return m.Flush()
}
