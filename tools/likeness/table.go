package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"likeness/engine/vectors"
	"likeness/tools/output"
)

// appendField appends a name as a field of CSV (RFC 4180), as the formats of
// vectors have it: see vectors.EscapeName.
func appendField(b []byte, name string) []byte {
	if name = vectors.EscapeName(name); strings.ContainsAny(name, ",;\"") {
		name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return append(b, name...)
}

// beginning is a kind of file by how it starts.
func beginning(name, start string) output.Kind {
	return output.Kind{Name: name, Is: func(head []byte) bool { return bytes.HasPrefix(head, []byte(start)) }}
}

// outFile is the one file of a command, or standard output.
type outFile struct {
	path string
	set  output.Set
	w    io.Writer
}

// openResult begins a file that replaces no input, so that an unwritable place
// is known before the work.
func (a *app) openResult(path string, k output.Kind, inputs ...output.Inputs) (*outFile, error) {
	if path == "-" {
		return &outFile{path: path, w: a.stdout}, nil
	}
	if err := output.Distinct([]string{path}, inputs...); err != nil {
		return nil, fmt.Errorf("%w with -o", err)
	}
	o := &outFile{path: path}
	f, err := o.set.Create(path, k)
	if err != nil {
		return nil, fmt.Errorf("%w with -o", err)
	}
	o.w = f
	return o, nil
}

// write writes all at once and puts the file in place.
func (o *outFile) write(data []byte) error {
	_, err := o.w.Write(data)
	if err == nil && o.path != "-" {
		err = o.set.Commit()
	}
	switch {
	case err == nil:
		return nil
	case o.path == "-":
		return fmt.Errorf("standard output cannot be written: %w", cause(err))
	}
	return fmt.Errorf("cannot write %s: %w; nothing was kept: free space there or choose another place with -o", shown(o.path), cause(err))
}

func (o *outFile) discard() { o.set.Discard() }
