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

// Writer writes vectors one after the other, so that a collection need not fit
// memory.
type Writer struct {
	w    *bufio.Writer
	dim  int
	line func(b []byte, name string, v []float32) []byte
	b    []byte
}

// NewWriter starts a file of vectors of dim values:
//
//	npy    NumPy format 1.0, float32, shape (n, dim), without names
//	csv    RFC 4180: a heading, then name and values
//	jsonl  {"name": ..., "vector": [...]} a line
//	tsv    values only; NewMetadataWriter writes the names
//
// Names are kept exactly, see EscapeName and AppendJSONName. Decimals are the
// shortest that read back as the same float32. n matters to
// npy alone; if it proves wrong, write NPYHeader over the start of the file.
func NewWriter(w io.Writer, format string, n, dim int) (*Writer, error) {
	out := &Writer{w: bufio.NewWriterSize(w, 1<<16), dim: dim}
	switch format {
	case "npy":
		out.line = npyRow
		out.b = NPYHeader(n, dim)
	case "csv":
		out.line = csvLine
		out.b = csvHeading(dim)
	case "jsonl":
		out.line = jsonLine
	case "tsv":
		out.line = tsvLine
	default:
		return nil, errors.New("unknown format " + strconv.Quote(format) + ": use " + strings.Join(Formats, ", "))
	}
	_, err := out.w.Write(out.b)
	return out, err
}

// NewMetadataWriter writes the names that belong to a tsv file; see
// WriteMetadata. Vectors given to Add must be nil.
func NewMetadataWriter(w io.Writer) *Writer {
	return &Writer{w: bufio.NewWriter(w), line: metadataLine}
}

// Add writes one vector. It panics if the vector has another length.
func (w *Writer) Add(name string, v []float32) error {
	if len(v) != w.dim {
		panic("vectors: Add: a vector of another length")
	}
	w.b = w.line(w.b[:0], name, v)
	_, err := w.w.Write(w.b)
	return err
}

// Flush writes what is still buffered; call it at the end.
func (w *Writer) Flush() error { return w.w.Flush() }

func npyRow(b []byte, _ string, v []float32) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func appendValues(b []byte, v []float32, sep byte) []byte {
	for i, x := range v {
		if i > 0 {
			b = append(b, sep)
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return b
}

func csvHeading(dim int) []byte {
	b := []byte("name")
	for i := range dim {
		b = strconv.AppendInt(append(b, ',', 'v'), int64(i), 10)
	}
	return append(b, '\r', '\n')
}

func csvLine(b []byte, name string, v []float32) []byte {
	// Some spreadsheets split at semicolons: a formula must not come to stand
	// at the start of a cell.
	if name = EscapeName(name); strings.ContainsAny(name, ",;\"") {
		name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	b = append(b, name...)
	if len(v) > 0 {
		b = append(b, ',')
	}
	return append(appendValues(b, v, ','), '\r', '\n')
}

// jsonLine writes null for values that are not finite, which JSON lacks.
func jsonLine(b []byte, name string, v []float32) []byte {
	b = AppendJSONName(append(b, `{"name":`...), name)
	b = append(b, `,"vector":[`...)
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		if x-x != 0 {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return append(b, ']', '}', '\n')
}

func tsvLine(b []byte, _ string, v []float32) []byte {
	return append(appendValues(b, v, '\t'), '\n')
}

func metadataLine(b []byte, name string, _ []float32) []byte {
	return append(append(b, EscapeName(name)...), '\n')
}
