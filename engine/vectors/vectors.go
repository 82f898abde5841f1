// Package vectors writes sets of feature vectors for other tools: NumPy, CSV,
// JSON lines and the TensorFlow Embedding Projector. It is small enough for
// the wasm: no reflection.
package vectors

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
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

// Formats that Write knows, with what they are for.
var Formats = []string{"npy", "csv", "jsonl", "tsv"}

// Row returns vector i.
func (s *Set) Row(i int) []float32 { return s.Data[i*s.Dim:][:s.Dim] }

// Write writes the set in a format of Formats.
func Write(w io.Writer, format string, s *Set) error {
	if len(s.Data) != len(s.Names)*s.Dim {
		panic("vectors: names and data do not agree")
	}
	switch format {
	case "npy":
		return writeNPY(w, s)
	case "csv":
		return writeText(w, s, csvLine)
	case "jsonl":
		return writeText(w, s, jsonLine)
	case "tsv":
		return writeText(w, s, tsvLine)
	}
	return errors.New("unknown format " + strconv.Quote(format) + ": use " + strings.Join(Formats, ", "))
}

// writeNPY writes NumPy's format 1.0: little-endian float32, C order, shape
// (n, dim). Specification: numpy.lib.format.
func writeNPY(w io.Writer, s *Set) error {
	h := "{'descr': '<f4', 'fortran_order': False, 'shape': (" + strconv.Itoa(len(s.Names)) + ", " + strconv.Itoa(s.Dim) + "), }"
	for (10+len(h)+1)%64 != 0 {
		h += " "
	}
	h += "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(h)), byte(len(h)>>8))
	bw := bufio.NewWriter(w)
	if _, err := bw.Write(append(b, h...)); err != nil {
		return err
	}
	var word [4]byte
	for _, v := range s.Data {
		binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
		if _, err := bw.Write(word[:]); err != nil {
			return err
		}
	}
	return bw.Flush()
}

func writeText(w io.Writer, s *Set, line func(b []byte, s *Set, i int) []byte) error {
	bw := bufio.NewWriter(w)
	var b []byte
	for i := range s.Names {
		b = line(b[:0], s, i)
		if _, err := bw.Write(b); err != nil {
			return err
		}
	}
	return bw.Flush()
}

// appendValues writes the shortest decimals that read back as the same float32.
func appendValues(b []byte, row []float32, sep byte) []byte {
	for i, v := range row {
		if i > 0 {
			b = append(b, sep)
		}
		b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
	}
	return b
}

// csvLine follows RFC 4180: the name first, quoted where it must be.
func csvLine(b []byte, s *Set, i int) []byte {
	name := s.Names[i]
	if strings.ContainsAny(name, ",\"\r\n") {
		name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	b = append(append(b, name...), ',')
	return append(appendValues(b, s.Row(i), ','), '\r', '\n')
}

func jsonLine(b []byte, s *Set, i int) []byte {
	b = append(b, `{"name":`...)
	b = appendJSONString(b, s.Names[i])
	b = append(b, `,"vector":[`...)
	return append(appendValues(b, s.Row(i), ','), ']', '}', '\n')
}

func tsvLine(b []byte, s *Set, i int) []byte {
	return append(appendValues(b, s.Row(i), '\t'), '\n')
}

// WriteMetadata writes the names for the Embedding Projector, one a line. A
// single column has no heading there.
func WriteMetadata(w io.Writer, s *Set) error {
	clean := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	return writeText(w, s, func(b []byte, s *Set, i int) []byte {
		return append(append(b, clean.Replace(s.Names[i])...), '\n')
	})
}

func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
