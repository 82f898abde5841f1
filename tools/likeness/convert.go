package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert"
)

var convertCommand = command{
	name:    "convert",
	summary: "convert a TensorFlow Lite file (float32, float16, uint8 or int8)",
	usage:   "IN.tflite -o OUT.safetensors [flags]",
	example: "likeness convert net.tflite -o models/net.safetensors --calibrate photos/",
	run:     (*app).convert,
}

func (a *app) convert(fs *flag.FlagSet, args []string) (int, error) {
	out := fs.String("o", "", "model `FILE` to write")
	preset := fs.String("preset", "tf", "preparation of pictures: torch, tf, caffe or unit")
	calibrate := fs.String("calibrate", "", "`FOLDER` of pictures that settle the activation ranges (default: a built-in set)")
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
	var f *model.File
	err = interruptible(a.ctx, func() error {
		f, err = convertFile(files[0], opt, convert.ModelOptions{Calibrate: *calibrate, Progress: func(done, total int) {
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
	if *asJSON {
		return exitOK, json.NewEncoder(a.stdout).Encode(map[string]any{"file": *out, "name": f.Graph.Name, "layers": len(f.Graph.Nodes), "default_layer": f.Graph.DefaultLayer})
	}
	fmt.Fprintf(a.stdout, "%s: %d layers, default layer %s\n", *out, len(f.Graph.Nodes), f.Graph.DefaultLayer)
	return exitOK, nil
}

func convertFile(path string, opt convert.Options, mo convert.ModelOptions) (*model.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	if info.IsDir() || info.Size() > maxModel {
		return nil, fmt.Errorf("%s is a folder, or too large for a model", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	n, err := convert.FromTFLite(data, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := n.Model(mo)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	sum := sha256.Sum256(data)
	f.Source, f.SourceSHA256 = filepath.Base(path), hex.EncodeToString(sum[:])
	return f, nil
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
