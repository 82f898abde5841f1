package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"likeness/engine"
	"likeness/engine/index"
	"likeness/tools/parquet"
)

// parquetFn writes one file of vectors, in the order of the list.
type parquetFn struct {
	Model, Layer, Output string
	Shards               int
}

func (f *parquetFn) ProcessElement(ctx context.Context, shard int, rows func(*Row) bool) error {
	net, err := network(ctx, f.Model)
	if err != nil {
		return err
	}
	list := sorted(rows)
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, originOf(net, f.Layer))
	if err != nil {
		return err
	}
	for _, row := range list {
		if err := w.Add(row.Name, row.values()); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return writeFile(ctx, fmt.Sprintf("%s/vectors-%05d-of-%05d.parquet", strings.TrimRight(f.Output, "/"), shard+1, f.Shards), b.Bytes())
}

// originOf tells what made the vectors, in the words of likeness embed.
func originOf(net *engine.Network, layer string) map[string]any {
	if layer == "" {
		layer = net.DefaultLayer()
	}
	return map[string]any{"model": net.Name(), "model_hash": net.Hash(), "layer": layer, "pool": "avg", "normalized": true, "format": "parquet"}
}

func (r *Row) values() []float32 {
	v := make([]float32, len(r.Vector))
	for k, bits := range r.Vector {
		v[k] = math.Float32frombits(bits)
	}
	return v
}

// sorted gathers rows in the order of the list. A chunk that was done twice,
// since its worker was lost, gives each row twice.
func sorted(rows func(*Row) bool) (list []Row) {
	var row Row
	for rows(&row) {
		list = append(list, row)
		row = Row{}
	}
	slices.SortFunc(list, func(a, b Row) int { return cmp.Compare(a.Number, b.Number) })
	return slices.CompactFunc(list, func(a, b Row) bool { return a.Number == b.Number })
}

// indexFn writes the index itself: one worker, which holds all vectors.
type indexFn struct {
	Model, Layer, Output string
}

func (f *indexFn) ProcessElement(ctx context.Context, _ []byte, rows func(*Row) bool, failures func(*Failure) bool) error {
	out := strings.TrimRight(f.Output, "/")
	if err := writeFailures(ctx, out, failures); err != nil {
		return err
	}
	list := sorted(rows)
	if len(list) == 0 {
		return fmt.Errorf("none of the pictures could be read: %s/failures.jsonl says why", out)
	}
	net, err := network(ctx, f.Model)
	if err != nil {
		return err
	}
	layer := cmp.Or(f.Layer, net.DefaultLayer())
	in := index.Input{Dim: len(list[0].Vector), Source: index.Source{Model: net.Name(), ModelHash: net.Hash(), Layer: layer, Pool: "avg"},
		Path: func(i int) string { return list[i].Name },
		Record: func(i, _ int, near []index.Match) ([]byte, error) {
			r := struct {
				Path string       `json:"path"`
				Near [][2]float64 `json:"near"`
			}{list[i].Name, make([][2]float64, len(near))}
			for k, m := range near {
				r.Near[k] = [2]float64{float64(m.Item), math.Round(float64(m.Score)*1e4) / 1e4}
			}
			return json.Marshal(r)
		}}
	in.Data = make([]float32, 0, len(list)*in.Dim)
	for i := range list {
		in.Data = append(in.Data, list[i].values()...)
		list[i].Vector = nil
	}
	// The manifest is written last, by Build.
	_, err = index.Build(ctx, in, index.Options{}, func(name string, data []byte) error { return writeFile(ctx, out+"/"+name, data) })
	return err
}

func writeFailures(ctx context.Context, out string, failures func(*Failure) bool) error {
	var list []Failure
	var one Failure
	for failures(&one) {
		list = append(list, one)
		one = Failure{}
	}
	slices.SortFunc(list, func(a, b Failure) int { return cmp.Compare(a.Number, b.Number) })
	var b bytes.Buffer
	for _, f := range slices.CompactFunc(list, func(a, b Failure) bool { return a.Number == b.Number }) {
		line, err := json.Marshal(map[string]string{"file": f.Name, "error": f.Error})
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	return writeFile(ctx, out+"/failures.jsonl", b.Bytes())
}

func writeFile(ctx context.Context, name string, data []byte) error {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	w, err := fs.OpenWrite(ctx, name)
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	return w.Close()
}
