package vectors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxLine bounds one row of text, bytes: the largest layers in use have some
// three million values of up to 15 bytes.
const maxLine = 1 << 28

// Rows reads the vectors of a file that Writer wrote, in any order. It is safe
// for concurrent use if its ReaderAt is.
type Rows struct {
	r      io.ReaderAt
	format string
	dim    int
	starts []int64 // of each row, and of what follows the last
}

// OpenRows looks through a file of size bytes and checks every row.
func OpenRows(r io.ReaderAt, size int64, format string) (*Rows, error) {
	rows := &Rows{r: r, format: format}
	switch format {
	case "npy":
		return rows, rows.openNPY(size)
	case "csv", "jsonl", "tsv":
		return rows, rows.openText(size)
	}
	return nil, errors.New("vectors: unknown format " + strconv.Quote(format))
}

// Len is the number of vectors.
func (r *Rows) Len() int { return len(r.starts) - 1 }

// Dim is the number of values of each; 0 if there are no vectors.
func (r *Rows) Dim() int { return r.dim }

func (r *Rows) openNPY(size int64) error {
	head := make([]byte, min(size, 1<<16+10))
	if _, err := r.r.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	n, dim, start, err := npyShape(head)
	if err != nil {
		return err
	}
	row := 4 * int64(dim)
	if dim > maxLine || dim > 0 && (size-int64(start))%row != 0 || dim > 0 && (size-int64(start))/row != int64(n) || dim == 0 && (n > 0 || size != int64(start)) {
		return errors.New("npy: " + strconv.FormatInt(size, 10) + " bytes do not make " + strconv.Itoa(n) + " vectors of " + strconv.Itoa(dim) + " values: the file is cut off or damaged")
	}
	r.dim = dim
	r.starts = make([]int64, n+1)
	for i := range r.starts {
		r.starts[i] = int64(start) + int64(i)*row
	}
	return nil
}

func (r *Rows) openText(size int64) error {
	in := &lines{r: bufio.NewReaderSize(io.NewSectionReader(r.r, 0, size), 1<<16)}
	known := false
	if r.format == "csv" {
		line, err := in.next()
		if err != nil {
			return rowError(r.format, 0, err)
		}
		if r.dim = strings.Count(line, ","); line != string(csvHeading(r.dim)) {
			return errors.New("csv: the heading is not name,v0,v1 and so on")
		}
		known = true
	}
	r.starts = append(r.starts, in.at)
	var v []float32
	for {
		line, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			_, v, err = parseLine(r.format, line, v[:0])
		}
		if err == nil && known && len(v) != r.dim {
			err = errors.New("it has " + strconv.Itoa(len(v)) + " values, others " + strconv.Itoa(r.dim))
		}
		if err != nil {
			return rowError(r.format, len(r.starts), err)
		}
		r.dim, known = len(v), true
		r.starts = append(r.starts, in.at)
	}
}

func rowError(format string, row int, err error) error {
	return errors.New(format + ": row " + strconv.Itoa(row) + ": " + err.Error())
}

// Row appends the values of vector i to dst, and returns its name where the
// format holds names. A value that was not finite is NaN in jsonl.
func (r *Rows) Row(i int, dst []float32) (name string, v []float32, err error) {
	b := make([]byte, r.starts[i+1]-r.starts[i])
	if _, err := r.r.ReadAt(b, r.starts[i]); err != nil && err != io.EOF {
		return "", nil, err
	}
	if r.format == "npy" {
		for k := range r.dim {
			dst = append(dst, math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:])))
		}
		return "", dst, nil
	}
	before := len(dst)
	name, v, err = parseLine(r.format, string(b), dst)
	if err == nil && len(v)-before != r.dim {
		err = errors.New("the file has changed")
	}
	if err != nil {
		return "", nil, rowError(r.format, i+1, err)
	}
	return name, v, nil
}

// lines reads lines with their ends, of bounded length.
type lines struct {
	r  *bufio.Reader
	at int64
}

var errCutOff = errors.New("it is cut off")

func (l *lines) next() (string, error) {
	var b []byte
	for {
		part, err := l.r.ReadSlice('\n')
		b = append(b, part...)
		switch {
		case err == nil:
			l.at += int64(len(b))
			return string(b), nil
		case err == io.EOF && len(b) == 0:
			return "", io.EOF
		case err == io.EOF:
			return "", errCutOff
		case err != bufio.ErrBufferFull:
			return "", err
		case len(b) > maxLine:
			return "", errors.New("it is too long")
		}
	}
}

// parseLine reads what csvLine, jsonLine or tsvLine wrote, and appends the
// values to dst.
func parseLine(format, line string, dst []float32) (name string, v []float32, err error) {
	switch format {
	case "csv":
		return parseCSV(line, dst)
	case "jsonl":
		return parseJSON(line, dst)
	}
	v, err = parseValues(strings.TrimSuffix(line, "\n"), "\t", dst)
	return "", v, err
}

func parseCSV(line string, dst []float32) (name string, v []float32, err error) {
	line, ended := strings.CutSuffix(line, "\r\n")
	if !ended {
		return "", nil, errCutOff
	}
	values := ""
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		end := 0
		for end < len(quoted) && (quoted[end] != '"' || end+1 < len(quoted) && quoted[end+1] == '"') {
			if quoted[end] == '"' {
				end++
			}
			end++
		}
		if end >= len(quoted) {
			return "", nil, errors.New("a quotation does not end")
		}
		name, values = strings.ReplaceAll(quoted[:end], `""`, `"`), quoted[end+1:]
		if values, ok = strings.CutPrefix(values, ","); !ok && values != "" {
			return "", nil, errors.New("a quotation ends inside the name")
		}
	} else {
		name, values, _ = strings.Cut(line, ",")
	}
	if name, err = UnescapeName(name); err != nil {
		return "", nil, err
	}
	v, err = parseValues(values, ",", dst)
	return name, v, err
}

func parseValues(s, sep string, dst []float32) ([]float32, error) {
	if s == "" {
		return dst, nil
	}
	for part := range strings.SplitSeq(s, sep) {
		x, err := strconv.ParseFloat(part, 32)
		if err != nil {
			return nil, errors.New(strconv.Quote(clip(part)) + " is no number")
		}
		dst = append(dst, float32(x))
	}
	return dst, nil
}

func clip(s string) string { return s[:min(len(s), 40)] }

var errJSONLine = errors.New(`it is not {"name": ..., "vector": [...]}`)

func parseJSON(line string, dst []float32) (name string, v []float32, err error) {
	rest, ok := strings.CutPrefix(line, `{"name":`)
	if !ok {
		return "", nil, errJSONLine
	}
	if name, rest, err = CutJSONName(rest); err != nil {
		return "", nil, err
	}
	rest, ok = strings.CutPrefix(rest, `,"vector":[`)
	rest, ended := strings.CutSuffix(rest, "]}\n")
	if !ok || !ended {
		return "", nil, errJSONLine
	}
	if rest == "" {
		return name, dst, nil
	}
	for part := range strings.SplitSeq(rest, ",") {
		x, err := math.NaN(), error(nil)
		if part != "null" {
			x, err = strconv.ParseFloat(part, 32)
		}
		if err != nil {
			return "", nil, errors.New(strconv.Quote(clip(part)) + " is no number")
		}
		dst = append(dst, float32(x))
	}
	return name, dst, nil
}

// metadataHeading begins metadata of several columns; a name never holds a tab.
const metadataHeading = "name\t"

// ReadMetadata reads the names that NewMetadataWriter or WriteMetadata wrote,
// and the columns beside them, if there are any.
func ReadMetadata(data []byte) (names []string, columns []Column, err error) {
	if bytes.HasPrefix(data, []byte(metadataHeading)) {
		heading, rest, _ := bytes.Cut(data[len(metadataHeading):], []byte("\n"))
		for _, h := range strings.Split(string(heading), "\t") {
			columns = append(columns, Column{Heading: h})
		}
		data = rest
	}
	for len(data) > 0 {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		if !ended {
			return nil, nil, errors.New("metadata: the last name is cut off")
		}
		values := strings.Split(string(line), "\t")
		if len(values) != 1+len(columns) {
			return nil, nil, errors.New("metadata: line " + strconv.Itoa(len(names)+1) + " has " + strconv.Itoa(len(values)) + " columns, expected " + strconv.Itoa(1+len(columns)))
		}
		for i, v := range values {
			if values[i], err = UnescapeName(v); err != nil {
				return nil, nil, err
			}
		}
		names, data = append(names, values[0]), rest
		for i := range columns {
			columns[i].Values = append(columns[i].Values, values[1+i])
		}
	}
	return slices.Clip(names), columns, nil
}
