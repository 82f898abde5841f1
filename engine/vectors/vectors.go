// Package vectors writes feature vectors for other tools: NumPy, CSV, JSON
// lines and the TensorFlow Embedding Projector. It is small enough for the
// wasm: no reflection, no fmt.
package vectors

import (
	"bufio"
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
	// Columns are further things known of each vector, for WriteMetadata.
	Columns []Column
}

// Column is one thing known of every vector of a set, such as its label.
type Column struct {
	Heading string // without tabs and line ends
	Values  []string
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
	for _, c := range s.Columns {
		if len(c.Values) != len(s.Names) {
			return errors.New("vectors: names and " + c.Heading + " do not agree in number")
		}
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
// beside a tsv file: one a line. It wants no heading over a single column, and
// one over several: "name" and those of the columns, separated by tabs.
func WriteMetadata(w io.Writer, s *Set) error {
	if err := s.check(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if len(s.Columns) > 0 {
		out.WriteString(metadataHeading)
		for i, c := range s.Columns {
			if i > 0 {
				out.WriteByte('\t')
			}
			out.WriteString(c.Heading)
		}
		out.WriteByte('\n')
	}
	for i, name := range s.Names {
		out.WriteString(EscapeName(name))
		for _, c := range s.Columns {
			out.WriteByte('\t')
			// An empty value needs no escape: its place tells it.
			if c.Values[i] != "" {
				out.WriteString(EscapeName(c.Values[i]))
			}
		}
		out.WriteByte('\n')
	}
	return out.Flush()
}
