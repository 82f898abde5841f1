package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"likeness/engine/model"
	"likeness/tools/export"
	"likeness/tools/output"
)

var exportCommand = command{
	name:    "export",
	summary: "write a model file as ONNX, for other programs",
	usage:   "[--float] -o OUT.onnx [MODEL]",
	example: "likeness export likeness_v1 -o likeness_v1.onnx         # int8 weights, QDQ\n" +
		"likeness export --float flowers.safetensors -o flowers.onnx",
	run: (*app).export,
}

// onnxKind is what an ONNX file may replace: one that this program has written.
var onnxKind = output.Kind{Name: "an ONNX model of this program", Is: func(head []byte) bool { return bytes.Contains(head, []byte("likeness")) }}

func (a *app) export(fs *flag.FlagSet, args []string) (int, error) {
	out := fs.String("o", "", "ONNX `FILE` to write")
	float := fs.Bool("float", false, "all numbers as float32 (operator set 17), in place of int8 weights and int16 activations by QuantizeLinear and DequantizeLinear (21)")
	names, err := parse(fs, args)
	switch {
	case err != nil:
		return exitFatal, err
	case len(names) > 1:
		return exitFatal, usagef("one model is wanted, %d are given", len(names))
	case *out == "" || *out == "-":
		return exitFatal, usagef("-o needs a file")
	}
	m, err := loadModel(first(names, ""))
	if err != nil {
		return exitFatal, err
	}
	if err := output.Distinct([]string{*out}, output.Inputs{What: "model", Paths: []string{m.path}}); err != nil {
		return exitFatal, fmt.Errorf("%w with -o", err)
	}
	data, err := os.ReadFile(m.path)
	if err != nil {
		return exitFatal, fmt.Errorf("%s cannot be read: %w", shown(m.path), cause(err))
	}
	f, err := model.Read(data)
	if err != nil {
		return exitFatal, fmt.Errorf("%s: %w", shown(m.path), err)
	}
	form := export.QDQ
	if *float {
		form = export.Float
	}
	b, err := export.ONNX(f, form)
	if err != nil {
		return exitFatal, fmt.Errorf("%s: %w", shown(m.path), err)
	}
	var set output.Set
	defer set.Discard()
	w, err := set.Create(*out, onnxKind)
	if err != nil {
		return exitFatal, fmt.Errorf("%w with -o", err)
	}
	if _, err := w.Write(b); err != nil {
		return exitFatal, fmt.Errorf("%s cannot be written: %w", shown(*out), cause(err))
	}
	if err := set.Commit(); err != nil {
		return exitFatal, err
	}
	a.say("%s written: input %q as inspect tells it is prepared, output %q (%s)%s", shown(*out), export.Input, export.Vector, f.Graph.DefaultLayer, headOf(f))
	return exitOK, nil
}

// headOf tells what ONNX does not hold.
func headOf(f *model.File) string {
	if f.Head == nil || f.Graph.Output != "" {
		return ""
	}
	return "; the nearest neighbours that were taught are no network and are left out"
}
