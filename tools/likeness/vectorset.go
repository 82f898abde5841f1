package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"likeness/engine/picture"
	"likeness/engine/vectors"
	"likeness/tools/parquet"
	"likeness/tools/regular"
)

// vectorSet is vectors of one kind and whose they are.
type vectorSet struct {
	dim   int
	names []string
	data  []float32 // len(names) * dim
	blank []bool    // pictures of one colour: their vectors are all alike
	files []string  // read for it: outputs must not replace them
	from  *origin   // nil where no file tells
}

func (c *vectorSet) row(i int) []float32 { return c.data[i*c.dim:][:c.dim] }

// readVectorSet reads files of vectors, one after the other.
func (a *app) readVectorSet(paths []string) (*vectorSet, error) {
	c := &vectorSet{}
	for i, path := range paths {
		var one *vectorSet
		err := a.interruptible(func() (err error) {
			one, err = readVectors(a, path)
			return err
		})
		if err != nil {
			return nil, err
		}
		if i > 0 {
			if err := c.fits(one, paths[0], path); err != nil {
				return nil, err
			}
		}
		c.dim, c.from = one.dim, one.from
		c.names, c.data = append(c.names, one.names...), append(c.data, one.data...)
		c.blank, c.files = append(c.blank, one.blank...), append(c.files, one.files...)
	}
	return c, nil
}

// fits refuses to mix vectors that cannot be compared.
func (c *vectorSet) fits(d *vectorSet, first, path string) error {
	if c.from == nil || d.from == nil {
		bare := first
		if c.from != nil {
			bare = path
		}
		return fmt.Errorf("%s and %s are not mixed, since there is no %s.json to tell which model made the vectors: give one file, or embed with likeness embed", shown(first), shown(path), shown(bare))
	}
	x, y := *c.from, *d.from
	x.Format, y.Format = "", ""
	if x != y {
		return fmt.Errorf("%s has vectors of %s, %s of %s: vectors of two kinds cannot be compared: embed all pictures alike", shown(first), x.kind(), shown(path), y.kind())
	}
	return nil
}

// kind names what made vectors.
func (o origin) kind() string {
	s := fmt.Sprintf("%s (%.8s), layer %s, %s, %d values", o.Model, o.ModelHash, o.Layer, o.Pool, o.Dim)
	if !o.Normalized {
		s += ", not normalised"
	}
	return s
}

// readVectors reads one file as likeness embed writes it, with FILE.json where
// there is one.
func readVectors(a *app, path string) (*vectorSet, error) {
	f, info, err := regular.Open(path, 1<<50)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(path), withRemedy(err))
	}
	defer f.Close()
	side, err := sideOf(path)
	if err != nil {
		return nil, err
	}
	format, err := formatOf(f, side)
	if err != nil {
		return nil, fmt.Errorf("%s %w", shown(path), err)
	}
	rows, err := openRows(f, info.Size(), format)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: give a file that likeness embed wrote", shown(path), err)
	}
	if rows.Len() == 0 || rows.Dim() == 0 {
		return nil, fmt.Errorf("%s holds no vectors: embed some pictures first", shown(path))
	}
	c := &vectorSet{dim: rows.Dim(), files: []string{path}}
	if side != nil {
		c.files = append(c.files, path+".json")
		if c.from, err = side.goesWith(f, info, rows, path); err != nil {
			return nil, err
		}
	}
	if p, ok := rows.(*parquet.Table); ok && c.from == nil {
		c.from = originOf(p.Origin)
	}
	names, err := c.readNames(a, path, format, rows.Len(), side)
	if err != nil {
		return nil, err
	}
	return c, c.fill(rows, names, path, side)
}

// vectorRows are the vectors of a file.
type vectorRows interface {
	Len() int
	Dim() int
	Row(i int, dst []float32) (name string, v []float32, err error)
}

func openRows(f *os.File, size int64, format string) (vectorRows, error) {
	if format == "parquet" {
		return parquet.Read(f, size)
	}
	return vectors.OpenRows(f, size, format)
}

// originOf reads what a Parquet file tells of itself; nil for another program's.
func originOf(text []byte) *origin {
	o := &origin{}
	if json.Unmarshal(text, o) != nil || o.ModelHash == "" {
		return nil
	}
	return o
}

// withRemedy explains an error of opening.
func withRemedy(err error) error {
	var r *regular.Error
	switch {
	case errors.As(err, &r):
		return r
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file: check the name; likeness embed makes one from pictures")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("it may not be read: change its permissions")
	}
	return cause(err)
}

// fill reads all values. names is nil where the rows hold them.
func (c *vectorSet) fill(rows vectorRows, names []string, path string, side *companion) error {
	n := rows.Len()
	c.data = make([]float32, 0, n*c.dim)
	for i := range n {
		name, v, err := rows.Row(i, c.data)
		if err != nil {
			return fmt.Errorf("%s: %w", shown(path), cause(err))
		}
		if names != nil {
			name = names[i]
		}
		c.data = v
		for _, x := range v[i*c.dim:] {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return fmt.Errorf("%s: vector %d, of %s, holds a value that is not finite: embed that picture again, or leave it out", shown(path), i+1, shown(name))
			}
		}
		c.names = append(c.names, name)
	}
	c.blank = make([]bool, n)
	if side == nil {
		return nil
	}
	blank := map[string]bool{}
	for _, f := range side.Flags {
		if f.Code == picture.NoteBlank {
			blank[string(f.File)] = true
		}
	}
	for i, name := range c.names {
		c.blank[i] = blank[name]
	}
	return nil
}

// readNames returns the names where they are not with the vectors. Rows of
// other programs have their numbers.
func (c *vectorSet) readNames(a *app, path, format string, n int, side *companion) (names []string, err error) {
	if format == "csv" || format == "jsonl" || format == "parquet" {
		return nil, nil
	}
	if side != nil && side.Names != nil {
		for _, name := range side.Names {
			names = append(names, string(name))
		}
		return names, nil
	}
	if format == "tsv" {
		data, _, err := regular.Read(metadataName(path), 1<<32)
		if err == nil {
			c.files = append(c.files, metadataName(path))
			if names, _, err = vectors.ReadMetadata(data); err == nil && len(names) != n {
				err = fmt.Errorf("it has %d names for %d vectors", len(names), n)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w: embed again", shown(metadataName(path)), err)
			}
			return names, nil
		}
	}
	a.say("%s.json, which has the names of the pictures, is not there: the vectors are named by their numbers, from 0", shown(path))
	for i := range n {
		names = append(names, strconv.Itoa(i))
	}
	return names, nil
}

// companion is what FILE.json must tell here. Those of other versions and of
// the page have these fields too, but no checksum.
type companion struct {
	origin
	Count int         `json:"count"`
	Names []exactName `json:"names"`
	Flags []flagged   `json:"flags"`
	whole *sideFile   // nil if it has no checksum
}

// sideOf reads the FILE.json of a file, nil if there is none.
func sideOf(path string) (*companion, error) {
	name := path + ".json"
	data, _, err := regular.Read(name, 1<<32)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	const remedy = "embed again, or move it away to go without names"
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", shown(name), withRemedy(err), remedy)
	}
	c := &companion{}
	if bytes.Contains(data, []byte(`"checksum"`)) {
		if c.whole, err = readSideFile(data); err != nil {
			return nil, fmt.Errorf("%s: %w: %s", shown(name), err, remedy)
		}
	}
	if err := json.Unmarshal(data, c); err != nil || c.ModelHash == "" {
		return nil, fmt.Errorf("%s does not say which model made the vectors: %s", shown(name), remedy)
	}
	return c, nil
}

// goesWith refuses a FILE.json of another FILE.
func (c *companion) goesWith(f *os.File, info fs.FileInfo, rows vectorRows, path string) (*origin, error) {
	n := rows.Len()
	if c.whole != nil && !c.whole.describes(f, info) || c.Names != nil && len(c.Names) != n || c.Dim != 0 && c.Dim != rows.Dim() {
		return nil, fmt.Errorf("%s and %s.json do not go together: one of them was edited, damaged or replaced: embed again", shown(path), shown(path))
	}
	o := c.origin
	o.Dim = rows.Dim()
	return &o, nil
}

// formatOf tells the format by the first bytes; values in tabs look like much
// else, so that FILE.json or the name must say so.
func formatOf(f *os.File, side *companion) (string, error) {
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("cannot be read: %w", cause(err))
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\x93NUMPY")):
		return "npy", nil
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "parquet", nil
	case bytes.HasPrefix(head, []byte("name\r\n")), bytes.HasPrefix(head, []byte("name,v0")):
		return "csv", nil
	case bytes.HasPrefix(head, []byte(`{"name":`)):
		return "jsonl", nil
	case n == 0:
		return "", errors.New("is empty: embed some pictures first")
	case side != nil && side.Format == "tsv" || strings.HasSuffix(f.Name(), ".tsv"):
		return "tsv", nil
	}
	return "", errors.New("holds no vectors: give a file that likeness embed wrote: npy, csv, jsonl, tsv or parquet")
}
