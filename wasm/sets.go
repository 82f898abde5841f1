//go:build js && wasm

package main

import (
	"bytes"
	"fmt"
	"math"
	"syscall/js"

	"likeness/engine/vectors"
)

// readVectors(bytes Uint8Array, {format, metadata Uint8Array}) reads a file that
// likeness embed or export wrote: [values Float32Array, number of values of a
// vector, names or null where the format has none, heading, values of the column
// for each column of the metadata].
func readVectors(a arguments) (any, error) {
	data, err := a.bytes(0, "the file")
	if err != nil {
		return nil, err
	}
	o, err := a.options(1)
	if err != nil {
		return nil, err
	}
	format, err := o.text("format")
	if err != nil {
		return nil, err
	}
	file := make([]byte, data.Get("length").Int())
	js.CopyBytesToGo(file, data)
	rows, err := vectors.OpenRows(bytes.NewReader(file), int64(len(file)), format)
	if err != nil {
		return nil, &coded{"vectors-damaged", err.Error()}
	}
	n, dim := rows.Len(), rows.Dim()
	if n*dim > maxSet {
		return nil, &coded{"vectors-many", fmt.Sprintf("%d vectors of %d values need more than 1 GiB", n, dim)}
	}
	values := make([]float32, 0, n*dim)
	names := make([]any, n)
	for i := range n {
		var name string
		if name, values, err = rows.Row(i, values); err != nil {
			return nil, &coded{"vectors-damaged", err.Error()}
		}
		for _, x := range values[i*dim:] {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return nil, notFinite(i)
			}
		}
		names[i] = name
	}
	out := []any{typed("Float32Array", raw(values)), dim, names}
	if format == "npy" || format == "tsv" {
		out[2] = nil
	}
	if meta := o.get("metadata"); meta.Type() == js.TypeObject {
		return o.withMetadata(out, meta, n)
	}
	return out, nil
}

// withMetadata adds the names and columns of the file beside a tsv.
func (o options) withMetadata(out []any, meta js.Value, n int) (any, error) {
	file := make([]byte, meta.Get("length").Int())
	js.CopyBytesToGo(file, meta)
	names, columns, err := vectors.ReadMetadata(file)
	if err == nil && len(names) != n {
		err = fmt.Errorf("metadata: %d names do not go with %d vectors", len(names), n)
	}
	if err != nil {
		return nil, &coded{"vectors-damaged", err.Error()}
	}
	out[2] = texts(names)
	for _, c := range columns {
		out = append(out, c.Heading, texts(c.Values))
	}
	return out, nil
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// export(data, {format, names, dim, columns [[heading, values]]}) returns
// [Uint8Array] or, for tsv, the vectors and the metadata.
func export(a arguments) (any, error) {
	data, err := a.floats(0, "the vectors")
	if err != nil {
		return nil, err
	}
	o, err := a.options(1)
	if err != nil {
		return nil, err
	}
	format, err := o.text("format")
	if err != nil {
		return nil, err
	}
	set := &vectors.Set{Data: data}
	if set.Dim, err = o.whole("dim", 0, 0, math.MaxInt32); err != nil {
		return nil, err
	}
	if set.Names, err = o.texts("names", o.get("names")); err != nil {
		return nil, err
	}
	if set.Columns, err = o.columns(); err != nil {
		return nil, err
	}
	if len(set.Data) != len(set.Names)*set.Dim {
		return nil, &coded{"vectors-mixed", "names and vectors do not agree in number"}
	}
	var out buffer
	if err := vectors.Write(&out, format, set); err != nil {
		return nil, &coded{"format-unknown", err.Error()}
	}
	files := []any{typed("Uint8Array", out.b)}
	if format == "tsv" {
		var meta buffer
		if err := vectors.WriteMetadata(&meta, set); err != nil {
			return nil, err
		}
		files = append(files, typed("Uint8Array", meta.b))
	}
	return files, nil
}

func (o options) columns() (columns []vectors.Column, err error) {
	list := o.get("columns")
	if list.IsUndefined() {
		return nil, nil
	}
	if !isArray(list) {
		return nil, o.wrong("columns", "an array of headings with their values")
	}
	for i := range list.Length() {
		pair := list.Index(i)
		if !isArray(pair) || pair.Index(0).Type() != js.TypeString {
			return nil, o.wrong("columns", "an array of headings with their values")
		}
		c := vectors.Column{Heading: pair.Index(0).String()}
		if c.Values, err = o.texts("columns", pair.Index(1)); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, nil
}

func (o options) texts(what string, v js.Value) ([]string, error) {
	if !isArray(v) {
		return nil, o.wrong(what, "an array of strings")
	}
	list := make([]string, v.Length())
	for i := range list {
		list[i] = v.Index(i).String()
	}
	return list, nil
}

func isArray(v js.Value) bool {
	return v.Type() == js.TypeObject && v.InstanceOf(js.Global().Get("Array"))
}
