package signal

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxValues bounds a series.
const maxValues = 1 << 22

// seriesPicture draws a file of numbers as a Gramian angular field or a
// recurrence plot.
func seriesPicture(data []byte, o *Options, kind string) (*Gray, error) {
	x, err := ReadSeries(data, o.Column)
	if err != nil {
		return nil, err
	}
	size := o.ImageSize
	if size == 0 {
		size = min(len(x), 224)
	}
	if size > len(x) {
		return nil, refuse(CodeOptions, "image_size=%d: the series has only %d values", size, len(x))
	}
	x = aggregate(x, size)
	if kind == Recurrence {
		return recurrencePicture(x, o)
	}
	return gafPicture(x, o.Method), nil
}

// ReadSeries reads a time series: a column of a CSV file, or its only row.
// Values are separated by commas, semicolons, tabs or spaces; with semicolons a
// comma may stand in a number for the point. A first row that is not all numbers
// names the columns. column is such a name, or a number from 1, or "" for the
// last column that has a number in every row.
func ReadSeries(data []byte, column string) ([]float64, error) {
	rows, names, err := readRows(data)
	if err != nil {
		return nil, err
	}
	width := len(rows[0].cells)
	if len(rows) == 1 && names == nil && column == "" && width > 1 {
		return numbers(rows[0].cells, rows[0].line)
	}
	at := -1
	for i, name := range names {
		if name == column && column != "" {
			at = i
		}
	}
	if n, err := strconv.Atoi(column); at < 0 && err == nil && n >= 1 && n <= width {
		at = n - 1
	}
	if column != "" && at < 0 {
		return nil, refuse(CodeOptions, "column=%s: the file has %d columns%s", column, width, listed(names))
	}
	if column == "" {
		for at = width - 1; at > 0 && !allNumbers(rows, at); at-- {
		}
	}
	x := make([]float64, 0, len(rows))
	for _, r := range rows {
		v, ok := number(r.cells[at], r.decimal)
		if !ok {
			return nil, refuse(CodeFormat, "line %d has %.40q in column %d, which is no finite number: fill or remove the row, or choose another column=", r.line, r.cells[at], at+1)
		}
		x = append(x, v)
	}
	return x, nil
}

// row is a line of a file, counted from 1.
type row struct {
	line    int
	cells   []string
	decimal byte // '.' or ','
}

// readRows splits a file into rows of equal width, the names of columns apart.
func readRows(data []byte) (rows []row, names []string, err error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) {
		return nil, nil, refuse(CodeFormat, "this is no CSV file of UTF-8 text: export the series as CSV")
	}
	line, cells := 0, 0
	var separator byte
	for len(data) > 0 {
		var text []byte
		text, data, _ = bytes.Cut(data, []byte{'\n'})
		line++
		one := strings.TrimSpace(string(text))
		if one == "" || one[0] == '#' {
			continue
		}
		if separator == 0 {
			separator = separatorOf(one)
		}
		r := row{line: line, cells: split(one, separator), decimal: '.'}
		if separator == ';' {
			r.decimal = ','
		}
		if cells += len(r.cells); cells > 8*maxValues || len(rows) > maxValues {
			return nil, nil, refuse(CodeTooLarge, "the file has more than %d values: thin it out, or take the columns that are wanted", maxValues)
		}
		if first := len(rows) == 0 && names == nil; first && len(filled(r)) < len(r.cells) {
			names = r.cells
			continue
		}
		if want := len(names); want > 0 && len(r.cells) != want || len(rows) > 0 && len(r.cells) != len(rows[0].cells) {
			return nil, nil, refuse(CodeFormat, "line %d has %d values, those before it have another number: every row of a CSV file has as many", line, len(r.cells))
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return nil, nil, refuse(CodeEmpty, "the file has no rows of numbers")
	}
	return rows, names, nil
}

// filled are the cells of a row that are numbers.
func filled(r row) (cells []string) {
	for _, c := range r.cells {
		if _, ok := number(c, r.decimal); ok {
			cells = append(cells, c)
		}
	}
	return cells
}

// separatorOf is what the first row has between its values; 0x20 stands for any
// number of spaces.
func separatorOf(line string) byte {
	for _, c := range []byte{'\t', ';', ','} {
		if strings.IndexByte(line, c) >= 0 {
			return c
		}
	}
	return ' '
}

// split cuts a row; quotes around values go.
func split(line string, separator byte) []string {
	if separator == ' ' {
		return strings.Fields(line)
	}
	cells := strings.Split(line, string(rune(separator)))
	for i, c := range cells {
		c = strings.TrimSpace(c)
		if len(c) >= 2 && c[0] == '"' && c[len(c)-1] == '"' {
			c = c[1 : len(c)-1]
		}
		cells[i] = c
	}
	return cells
}

// number reads a finite number of at most 1e100.
func number(s string, decimal byte) (float64, bool) {
	if decimal == ',' {
		s = strings.Replace(s, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && math.Abs(v) <= 1e100
}

func allNumbers(rows []row, at int) bool {
	for _, r := range rows {
		if _, ok := number(r.cells[at], r.decimal); !ok {
			return false
		}
	}
	return true
}

func numbers(cells []string, line int) ([]float64, error) {
	x := make([]float64, len(cells))
	for i, c := range cells {
		v, ok := number(c, '.')
		if !ok {
			return nil, refuse(CodeFormat, "line %d has %.40q as its value %d, which is no finite number", line, c, i+1)
		}
		x[i] = v
	}
	return x, nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return " without names"
	}
	return ": " + strings.Join(names[:min(len(names), 20)], ", ")
}

// aggregate is the piecewise aggregate approximation of pyts (Keogh et al.
// 2001): the means of size parts, which begin at the whole numbers below
// i*len(x)/size.
func aggregate(x []float64, size int) []float64 {
	if size == len(x) {
		return x
	}
	out := make([]float64, size)
	for i := range out {
		from, to := i*len(x)/size, (i+1)*len(x)/size
		sum := 0.0
		for _, v := range x[from:to] {
			sum += v
		}
		out[i] = sum / float64(to-from)
	}
	return out
}
