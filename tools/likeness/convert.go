package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/tfjs"
)

var convertCommand = command{
	name:    "convert",
	summary: "convert a TensorFlow Lite or ONNX file, or a TensorFlow.js folder",
	usage:   "IN.tflite|IN.onnx|FOLDER -o OUT.safetensors [flags]",
	example: "likeness convert net.tflite -o models/net.safetensors --calibrate photos/",
	run:     (*app).convert,
}

func (a *app) convert(fs *flag.FlagSet, args []string) (int, error) {
	out := fs.String("o", "", "model `FILE` to write")
	preset := fs.String("preset", "tf", "preparation of pictures: torch, tf, caffe or unit")
	calibrate := fs.String("calibrate", "", "`FOLDER` of pictures that settle the activation ranges (default: a built-in set)")
	check := fs.String("check", "", "`FOLDER` of pictures over which the float and the quantised network are compared")
	layers := fs.String("layers", "", "`LAYERS` to compare with --check, separated by commas (default: a few, evenly spread)")
	license := fs.String("license", "", "SPDX expression of the weights' licence, kept in the file")
	asJSON := fs.Bool("json", false, "print the result as JSON")
	var opt convert.Options
	fs.StringVar(&opt.Name, "name", "", "`NAME` of the network (default: the file's)")
	fs.StringVar(&opt.Default, "layer", "", "default `LAYER` (default: the last one)")
	fs.StringVar(&opt.Output, "output", "", "`LAYER` of class scores, if there is one")
	fs.Func("until", "keep only what this `LAYER` needs; may be repeated", func(s string) error {
		opt.Until = append(opt.Until, s)
		return nil
	})
	files, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(files) != 1 || *out == "" {
		return exitFatal, usagef("one file to convert and -o OUT are wanted")
	}
	if opt.Prepare, err = picture.Preset(*preset); err != nil {
		return exitFatal, usagef("%v", err)
	}
	opt.Prepare.Width, opt.Prepare.Height, opt.Prepare.Side = 0, 0, 0 // the file's own
	if opt.Name == "" {
		opt.Name = strings.TrimSuffix(filepath.Base(files[0]), filepath.Ext(files[0]))
	}
	p := newProgress(a.stderr)
	var n *convert.Network
	var f *model.File
	err = interruptible(a.ctx, func() error {
		n, f, err = convertFile(files[0], opt, convert.ModelOptions{Calibrate: *calibrate, Progress: func(done, total int) {
			p.step("calibrating,", "pictures", done, total)
		}})
		return err
	})
	p.clear()
	if err != nil {
		return exitFatal, err
	}
	f.License = *license
	if err := convert.WriteFile(*out, f); err != nil {
		return exitFatal, fmt.Errorf("cannot write %s: %w: choose another place with -o", *out, err)
	}
	var checked *convert.Checked
	if *check != "" {
		err = interruptible(a.ctx, func() error {
			checked, err = n.Check(f, *check, names(*layers), func(done, total int) { p.step("comparing,", "pictures", done, total) })
			return err
		})
		p.clear()
		if err != nil {
			return exitFatal, fmt.Errorf("%s is written, but --check failed: %w", *out, err)
		}
	}
	if *asJSON {
		return exitOK, json.NewEncoder(a.stdout).Encode(map[string]any{"file": *out, "name": f.Graph.Name, "layers": len(f.Graph.Nodes), "default_layer": f.Graph.DefaultLayer,
			"prepare": f.Graph.Prepare, "check": checked})
	}
	fmt.Fprintf(a.stdout, "%s: %d layers, default layer %s\n", *out, len(f.Graph.Nodes), f.Graph.DefaultLayer)
	if checked != nil {
		return exitOK, printChecked(a.stdout, checked)
	}
	return exitOK, nil
}

// names splits a list of layers.
func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// printChecked prints what --check found.
func printChecked(w io.Writer, c *convert.Checked) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nfloat against quantised, %d pictures\nlayer\tcosine mean\tp1\tmin\tsame neighbours of 10\n", c.Pictures)
	for _, l := range c.Layers {
		fmt.Fprintf(t, "%s\t%.5f\t%.5f\t%.5f\t%.1f %%\n", l.Layer, l.Mean, l.P1, l.Min, 100*l.Overlap)
	}
	fmt.Fprintf(t, "worst: %s\n", c.Worst)
	if c.Output != "" {
		fmt.Fprintf(t, "best class equal: %.1f %%\n", 100*c.Top1)
	}
	return t.Flush()
}

func convertFile(path string, opt convert.Options, mo convert.ModelOptions) (*convert.Network, *model.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	if !info.IsDir() && info.Size() > maxModel {
		return nil, nil, fmt.Errorf("%s is too large for a model", path)
	}
	n, hash, err := importNetwork(path, info.IsDir(), opt)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := n.Model(mo)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	f.Source, f.SourceSHA256 = filepath.Base(path), hash
	return n, f, nil
}

// importNetwork reads a file by its kind, and hashes it.
func importNetwork(path string, folder bool, opt convert.Options) (n *convert.Network, hash string, err error) {
	ext := strings.ToLower(filepath.Ext(path))
	if folder || ext == ".json" || ext == ".js" {
		return importTFJS(path, opt)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", cause(err)
	}
	sum := sha256.Sum256(data)
	hash = hex.EncodeToString(sum[:])
	if ext != ".onnx" {
		n, err = convert.FromTFLite(data, opt)
		return n, hash, err
	}
	g, err := onnx.Decode(data, filepath.Dir(path))
	if err != nil {
		return nil, "", err
	}
	n, err = convert.FromGraph(g, opt)
	return n, hash, err
}

// importTFJS reads a TensorFlow.js model. Its hash is that of the list that
// sha256sum prints of its files.
func importTFJS(path string, opt convert.Options) (*convert.Network, string, error) {
	files, err := tfjs.Files(path)
	if err != nil {
		return nil, "", cause(err)
	}
	list := sha256.New()
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, "", cause(err)
		}
		sum := sha256.New()
		_, err = io.Copy(sum, f)
		f.Close()
		if err != nil {
			return nil, "", cause(err)
		}
		fmt.Fprintf(list, "%x  %s\n", sum.Sum(nil), filepath.Base(file))
	}
	g, err := tfjs.Read(path, tfjs.Options{Height: opt.Prepare.Height, Width: opt.Prepare.Width})
	if err != nil {
		return nil, "", err
	}
	n, err := convert.FromGraph(g, opt)
	return n, hex.EncodeToString(list.Sum(nil)), err
}

// interruptible abandons work that cannot be stopped by itself.
func interruptible(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("interrupted; nothing was written")
	}
}
