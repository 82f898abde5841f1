package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/picture"
	"likeness/tools/convert"
)

func (a *app) convert(fs *flag.FlagSet, args []string) (int, error) {
	out := fs.String("o", "", "model file to write")
	name := fs.String("name", "", "name of the network (default: the file's)")
	preset := fs.String("preset", "tf", "preparation of pictures: torch, tf, caffe or unit")
	layer := fs.String("layer", "", "default layer (default: the last one)")
	until := fs.String("until", "", "cut the network after this layer")
	calibrate := fs.String("calibrate", "", "folder of pictures that settle the activation ranges")
	license := fs.String("license", "", "SPDX expression of the weights' licence, kept in the file")
	files, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(files) != 1 || *out == "" {
		return exitFatal, errors.New("one file to convert and -o OUT are wanted; likeness convert --help shows an example")
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		return exitFatal, err
	}
	p, err := picture.Preset(*preset)
	if err != nil {
		return exitFatal, err
	}
	p.Width, p.Height = 0, 0 // the file's own
	opt := convert.Options{Name: *name, Prepare: p, Default: *layer}
	if opt.Name == "" {
		opt.Name = strings.TrimSuffix(filepath.Base(files[0]), filepath.Ext(files[0]))
	}
	if *until != "" {
		opt.Until = []string{*until}
	}
	n, err := convert.FromTFLite(data, opt)
	if err != nil {
		return exitFatal, fmt.Errorf("%s: %w", files[0], err)
	}
	f, err := n.Model(convert.ModelOptions{Calibrate: *calibrate, Progress: func(done, total int) {
		fmt.Fprintf(a.stderr, "\rcalibrating %d of %d", done, total)
		if done == total {
			fmt.Fprintln(a.stderr)
		}
	}})
	if err != nil {
		return exitFatal, fmt.Errorf("%s: %w", files[0], err)
	}
	sum := sha256.Sum256(data)
	f.License, f.Source, f.SourceSHA256 = *license, filepath.Base(files[0]), hex.EncodeToString(sum[:])
	if err := convert.WriteFile(*out, f); err != nil {
		return exitFatal, err
	}
	fmt.Fprintf(a.stdout, "%s: %d layers, default layer %s\n", *out, len(f.Graph.Nodes), f.Graph.DefaultLayer)
	return exitOK, nil
}
