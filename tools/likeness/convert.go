package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/engine/printable"
	"likeness/tools/convert"
	"likeness/tools/convert/float"
	"likeness/tools/convert/guard"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/quantise"
	"likeness/tools/convert/tensorflow"
	"likeness/tools/convert/tfjs"
	"likeness/tools/convert/tflite"
	"likeness/tools/output"
	"likeness/tools/regular"
)

var convertCommand = command{
	name:    "convert",
	summary: "convert a TensorFlow Lite, ONNX or TensorFlow.js network",
	usage:   "IN -o OUT.safetensors [flags]\n  IN is FILE.tflite, FILE.onnx, a TensorFlow.js folder or its model.json",
	example: "likeness convert resnet50.onnx -o models/resnet50.safetensors --calibrate photos/ --check photos/",
	run:     (*app).convert,
}

func (a *app) convert(fs *flag.FlagSet, args []string) (int, error) {
	var opt lower.Options
	out := fs.String("o", "", "model `FILE` to write")
	calibrate := fs.String("calibrate", "", "`FOLDER` of pictures that settle ranges and rounding (default: ranges of the file, or built-in pictures)")
	check := fs.String("check", "", "`FOLDER` of pictures over which the float and the quantised network are compared")
	layers := fs.String("layers", "", "`LAYERS` to compare with --check, separated by commas (default: a few, evenly spread)")
	license := fs.String("license", "", "SPDX expression of the weights' licence, kept in the file")
	source := fs.String("source", "", "where the weights came from, kept in the file (default: the file's name)")
	operators := fs.Bool("operators", false, "list the operators of ONNX, TensorFlow Lite and TensorFlow.js that can be converted")
	asJSON := fs.Bool("json", false, "print the result as JSON")
	var pf prepareFlags
	pf.define(fs)
	var mf metadataFlags
	mf.define(fs)
	fs.StringVar(&opt.Name, "name", "", "`NAME` of the network (default: the file's)")
	fs.StringVar(&opt.Default, "layer", "", "default `LAYER` (default: the one before the class scores, or the last one)")
	fs.StringVar(&opt.Output, "output", "", "`LAYER` of class scores (default: found by its shape)")
	fs.Func("until", "keep only what this `LAYER` needs, for a smaller file; may be repeated", func(s string) error {
		opt.Until = append(opt.Until, s)
		return nil
	})
	fs.Func("keep", "keep this `LAYER` as one of its own, where it would be joined with the batch normalisation or activation after it; may be repeated", func(s string) error {
		opt.Keep = append(opt.Keep, s)
		return nil
	})
	fs.Func("set", "`NAME=VALUE` of an input that is no picture, such as is_training=false; may be repeated", func(s string) error {
		opt.Set = append(opt.Set, s)
		return nil
	})
	files, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if *operators {
		printOperators(a.text())
		return exitOK, nil
	}
	if len(files) != 1 || *out == "" {
		return exitFatal, usagef("one file to convert and -o OUT are wanted")
	}
	if err := pf.check(); err != nil {
		return exitFatal, err
	}
	if opt.Name == "" {
		opt.Name = strings.TrimSuffix(filepath.Base(filepath.Clean(files[0])), filepath.Ext(files[0]))
	}
	known, err := a.known(&mf, files[0])
	if err != nil {
		return exitFatal, err
	}
	inputs, err := convertInputs(files[0], *calibrate, *check)
	if err == nil {
		inputs = append(inputs, output.Inputs{What: "file about the network", Paths: known.files})
		err = output.Distinct([]string{*out}, inputs...)
	}
	if err != nil {
		return exitFatal, err
	}
	var set output.Set
	defer set.Discard()
	w, err := set.Create(*out, convert.ModelKind)
	if err != nil {
		return exitFatal, fmt.Errorf("%w with -o", err)
	}
	p := newProgress(a.stderr)
	var n *float.Network
	var f *model.File
	err = a.interruptible(func() error {
		n, f, err = convertFile(files[0], opt, pf, known, func(said string) { p.line("%s", said) }, quantise.ModelOptions{Calibrate: *calibrate, Progress: func(done, total int) {
			p.step("calibrating,", "steps", done, total)
		}})
		return err
	})
	p.clear()
	if err != nil {
		return exitFatal, err
	}
	if f.License = *license; *source != "" {
		f.Source = *source
	}
	f.Source += known.credit
	if err = convert.Write(w, f); err == nil {
		err = set.Commit()
	}
	if err != nil {
		return exitFatal, fmt.Errorf("cannot write %s: %w: choose another place with -o", *out, cause(err))
	}
	a.leaves("%s is written", *out)
	var checked *quantise.Checked
	if *check != "" {
		err = a.interruptible(func() error {
			return guard.Run(func() error {
				checked, err = quantise.Check(n, f, *check, names(*layers), func(done, total int) { p.step("comparing,", "pictures", done, total) })
				return err
			})
		})
		p.clear()
		if errors.Is(err, errInterrupted) {
			return exitFatal, err
		}
		if err != nil {
			return exitFatal, fmt.Errorf("%s is written, but --check failed: %w", *out, err)
		}
	}
	if *asJSON {
		return exitOK, json.NewEncoder(a.text()).Encode(map[string]any{"file": *out, "name": f.Graph.Name, "layers": len(f.Graph.Nodes), "default_layer": f.Graph.DefaultLayer,
			"prepare": f.Graph.Prepare, "output": f.Graph.Output, "labels": len(f.Graph.Labels), "check": checked})
	}
	fmt.Fprintf(a.text(), "%s: %d layers, default layer %s\n", *out, len(f.Graph.Nodes), f.Graph.DefaultLayer)
	if checked != nil {
		return exitOK, printChecked(a.text(), checked)
	}
	return exitOK, nil
}

// printOperators names a format and an operator of it in each line.
func printOperators(w io.Writer) {
	for _, of := range []struct {
		format string
		names  []string
	}{{"onnx", lower.Operators()}, {"tflite", tflite.Operators()}, {"tfjs-graph", tfjs.GraphOperators()}, {"tfjs-layers", tfjs.LayerClasses()}} {
		for _, name := range of.names {
			fmt.Fprintf(w, "%s\t%s\n", of.format, name)
		}
	}
}

// names splits a list of layers.
func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// printChecked prints what --check found.
func printChecked(w io.Writer, c *quantise.Checked) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nfloat against quantised, %d pictures\nlayer\tcosine mean\tp1\tmin\tsame neighbours of 10\n", c.Pictures)
	for _, l := range c.Layers {
		fmt.Fprintf(t, "%s\t%.5f\t%.5f\t%.5f\t%.1f %%\n", printable.Text(l.Layer), l.Mean, l.P1, l.Min, 100*l.Overlap)
	}
	fmt.Fprintf(t, "worst: %s\n", printable.Text(c.Worst))
	if c.Output != "" {
		fmt.Fprintf(t, "best class equal: %.1f %%\n", 100*c.Top1)
	}
	return t.Flush()
}

// convertInputs are the files that a conversion reads, as far as they are known
// before it.
func convertInputs(path, calibrate, check string) (inputs []output.Inputs, err error) {
	networks := []string{path}
	if isTFJS(path) {
		files, err := tfjs.Files(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, cause(err))
		}
		networks = slices.Compact(files)
	}
	inputs = append(inputs, output.Inputs{What: "network's file", Paths: networks})
	for _, folder := range []struct{ what, dir string }{{"calibration picture", calibrate}, {"picture of --check", check}} {
		if folder.dir == "" {
			continue
		}
		pictures, err := quantise.PicturesIn(folder.dir)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w: name a folder of pictures", folder.dir, cause(err))
		}
		if len(pictures) == 0 {
			return nil, fmt.Errorf("%s holds no pictures: name a folder of pictures", folder.dir)
		}
		inputs = append(inputs, output.Inputs{What: folder.what, Paths: pictures})
	}
	return inputs, nil
}

// isTFJS reports a TensorFlow.js folder, or its model.json.
func isTFJS(path string) bool {
	info, err := os.Stat(path)
	ext := strings.ToLower(filepath.Ext(path))
	return err == nil && (info.IsDir() || info.Mode().IsRegular() && (ext == ".json" || ext == ".js"))
}

func convertFile(path string, opt lower.Options, pf prepareFlags, known *knowledge, say func(string), mo quantise.ModelOptions) (n *float.Network, f *model.File, err error) {
	var hash string
	err = guard.Run(func() error {
		if n, hash, err = importNetwork(path, opt, pf, known, say); err != nil {
			return err
		}
		labels, err := known.labelsFor(n, say)
		if err != nil {
			return err
		}
		if f, err = quantise.Model(n, mo); err == nil && labels != nil {
			f.Graph.Labels = labels
			known.sayLabels(f, say)
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, guard.Remedy(err, convert.Remedy))
	}
	f.Source, f.SourceSHA256 = filepath.Base(filepath.Clean(path)), hash
	return n, f, nil
}

// importNetwork reads a network by the kind of its file, and hashes it.
func importNetwork(path string, opt lower.Options, pf prepareFlags, known *knowledge, say func(string)) (n *float.Network, hash string, err error) {
	var g *nd.Graph
	ext := strings.ToLower(filepath.Ext(path))
	switch {
	case isTFJS(path):
		g, hash, err = readTFJS(path, pf)
	case ext == ".onnx":
		g, hash, err = readONNX(path)
	case ext == ".tflite":
		return importTFLite(path, opt, pf, known, say)
	default:
		if _, _, err := readHashed(path); err != nil { // it may not be there at all
			return nil, "", err
		}
		err = errors.New("unknown kind of file: .tflite, .onnx and TensorFlow.js's model.json are read")
	}
	if err != nil {
		return nil, "", err
	}
	guess, said := convert.Guess(g, opt.Name)
	width, height := lower.PictureSize(g)
	if opt.Prepare, err = known.prepare(&pf, guess, width, height); err != nil {
		return nil, "", err
	}
	if n, err = lower.Graph(g, opt); err == nil {
		known.sayPreparation(&pf, said, n.Prepare, say)
	}
	return n, hash, err
}

// readONNX reads a model with its external data. The hash is that of the one
// file, or of the list that sha256sum prints of all, the model first.
func readONNX(path string) (*nd.Graph, string, error) {
	data, hash, err := readHashed(path)
	if err != nil {
		return nil, "", err
	}
	g, external, err := onnx.DecodeFiles(data, filepath.Dir(path))
	if err != nil || len(external) == 0 {
		return g, hash, err
	}
	files := []string{path}
	for _, name := range external {
		files = append(files, filepath.Join(filepath.Dir(path), name))
	}
	hash, err = listHash(files)
	return g, hash, err
}

// listHash is the hash of the list that sha256sum prints of files in one folder.
func listHash(files []string) (string, error) {
	list := sha256.New()
	for _, file := range files {
		f, _, err := regular.Open(file, maxModel)
		if err != nil {
			return "", cause(err)
		}
		sum := sha256.New()
		_, err = io.Copy(sum, f)
		f.Close()
		if err != nil {
			return "", cause(err)
		}
		name, err := filepath.Rel(filepath.Dir(files[0]), file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(list, "%x  %s\n", sum.Sum(nil), filepath.ToSlash(name))
	}
	return hex.EncodeToString(list.Sum(nil)), nil
}

func readHashed(path string) (data []byte, hash string, err error) {
	if data, _, err = regular.Read(path, maxModel); err != nil {
		return nil, "", cause(err)
	}
	sum := sha256.Sum256(data)
	return data, hex.EncodeToString(sum[:]), nil
}

// liteGuess is the preparation that a TensorFlow Lite file's own input tells, or
// the usual one.
func liteGuess(data []byte) (picture.Preparation, string) {
	p, err := picture.Preset("tf")
	if err != nil {
		panic(err) // built in
	}
	said := "pictures are prepared as \"tf\" (-1 to 1), as most TensorFlow Lite networks are; the file does not say"
	if mean, std, why := tflite.Preparation(data); why != "" {
		p.Mean, p.Std = [3]float64{mean, mean, mean}, [3]float64{std, std, std}
		said = "pictures are prepared " + why
	}
	p.Width, p.Height, p.Side = 0, 0, 0
	return p, said
}

func importTFLite(path string, opt lower.Options, pf prepareFlags, known *knowledge, say func(string)) (*float.Network, string, error) {
	data, hash, err := readHashed(path)
	if err != nil {
		return nil, "", err
	}
	guess, said := liteGuess(data)
	width, height := tflite.Size(data)
	if tflite.Bytes(data) {
		known.preparation = known.preparation.OfBytes()
	}
	if opt.Prepare, err = known.prepare(&pf, guess, width, height); err != nil {
		return nil, "", err
	}
	g, err := tflite.Read(data, tflite.Options{Height: opt.Prepare.Height, Width: opt.Prepare.Width})
	if err != nil {
		return nil, "", err
	}
	n, err := lower.Graph(g, opt)
	if err == nil {
		known.sayPreparation(&pf, said, n.Prepare, say)
	}
	return n, hash, err
}

// readTFJS reads a TensorFlow.js model. Its hash is that of the list that
// sha256sum prints of its files.
func readTFJS(path string, pf prepareFlags) (*nd.Graph, string, error) {
	files, err := tfjs.Files(path)
	if err != nil {
		return nil, "", cause(err)
	}
	hash, err := listHash(files)
	if err != nil {
		return nil, "", err
	}
	g, err := tfjs.Read(path, tensorflow.Options{Height: pf.height, Width: pf.width, Partial: true})
	return g, hash, err
}
