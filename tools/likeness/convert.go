package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"likeness/engine/model"
	"likeness/engine/printable"
	"likeness/tools/convert"
	"likeness/tools/convert/float"
	"likeness/tools/convert/guard"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/quantise"
	"likeness/tools/convert/tfjs"
	"likeness/tools/convert/tflite"
	"likeness/tools/output"
)

var convertCommand = command{
	name:    "convert",
	summary: "convert a TensorFlow Lite, ONNX or TensorFlow.js network",
	usage:   "IN -o OUT.safetensors [flags]\n  IN is FILE.tflite, FILE.onnx, a TensorFlow.js folder or its model.json",
	example: "likeness convert resnet50.onnx -o models/resnet50.safetensors --calibrate photos/ --check photos/",
	run:     (*app).convert,
}

// conversion is what the flags of convert ask for.
type conversion struct {
	in, out          string
	opt              convert.Options
	calibrate, check string // folders of pictures
	layers           string // of the check
	license, source  string
	operators, json  bool
	prepare          prepareFlags
	metadata         metadataFlags
	known            *knowledge
}

func (c *conversion) define(fs *flag.FlagSet) {
	fs.StringVar(&c.out, "o", "", "model `FILE` to write")
	fs.StringVar(&c.calibrate, "calibrate", "", "`FOLDER` of pictures that settle ranges and rounding (default: ranges of the file, or built-in pictures)")
	fs.StringVar(&c.check, "check", "", "`FOLDER` of pictures over which the float and the quantised network are compared")
	fs.StringVar(&c.layers, "layers", "", "`LAYERS` to compare with --check, separated by commas (default: a few, evenly spread)")
	fs.StringVar(&c.license, "license", "", "SPDX expression of the weights' licence, kept in the file")
	fs.StringVar(&c.source, "source", "", "where the weights came from, kept in the file (default: the file's name)")
	fs.BoolVar(&c.operators, "operators", false, "list the operators of ONNX, TensorFlow Lite and TensorFlow.js that can be converted")
	fs.BoolVar(&c.json, "json", false, "print the result as JSON")
	c.prepare.define(fs)
	c.metadata.define(fs)
	fs.StringVar(&c.opt.Name, "name", "", "`NAME` of the network (default: the file's)")
	fs.StringVar(&c.opt.Default, "layer", "", "default `LAYER` (default: the one before the class scores, or the last one)")
	fs.StringVar(&c.opt.Output, "output", "", "`LAYER` of class scores (default: found by its shape)")
	list := func(to *[]string, name, usage string) {
		fs.Func(name, usage+"; may be repeated", func(s string) error {
			*to = append(*to, s)
			return nil
		})
	}
	list(&c.opt.Until, "until", "keep only what this `LAYER` needs, for a smaller file")
	list(&c.opt.Keep, "keep", "keep this `LAYER` as one of its own, where it would be joined with the batch normalisation or activation after it")
	list(&c.opt.Set, "set", "`NAME=VALUE` of an input that is no picture, such as is_training=false")
}

func (a *app) convert(fs *flag.FlagSet, args []string) (int, error) {
	var c conversion
	c.define(fs)
	files, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if c.operators {
		printOperators(a.text())
		return exitOK, nil
	}
	if err := c.ready(a, files); err != nil {
		return exitFatal, err
	}
	var set output.Set
	defer set.Discard()
	w, err := set.Create(c.out, convert.ModelKind)
	if err != nil {
		return exitFatal, fmt.Errorf("%w with -o", err)
	}
	n, f, err := c.run(a)
	if err != nil {
		return exitFatal, err
	}
	if err = convert.Write(w, f); err == nil {
		err = set.Commit()
	}
	if err != nil {
		return exitFatal, fmt.Errorf("cannot write %s: %w: choose another place with -o", c.out, cause(err))
	}
	a.leaves("%s is written", c.out)
	checked, err := c.compare(a, n, f)
	if err != nil {
		return exitFatal, err
	}
	return exitOK, c.print(a.text(), f, checked)
}

// ready refuses what cannot be done, before anything is, and reads what is known of
// the network beside its file.
func (c *conversion) ready(a *app, files []string) error {
	if len(files) != 1 || c.out == "" {
		return usagef("one file to convert and -o OUT are wanted")
	}
	if err := c.prepare.check(); err != nil {
		return err
	}
	if c.in = files[0]; c.opt.Name == "" {
		c.opt.Name = strings.TrimSuffix(filepath.Base(filepath.Clean(c.in)), filepath.Ext(c.in))
	}
	var err error
	if c.known, err = a.known(&c.metadata, c.in); err != nil {
		return err
	}
	inputs, err := convertInputs(c.in, c.calibrate, c.check)
	if err != nil {
		return err
	}
	inputs = append(inputs, output.Inputs{What: "file about the network", Paths: c.known.files})
	return output.Distinct([]string{c.out}, inputs...)
}

// run converts.
func (c *conversion) run(a *app) (n *float.Network, f *model.File, err error) {
	p := newProgress(a.stderr)
	err = a.interruptible(func() error {
		n, f, err = convertFile(c.in, c.opt, c.prepare, c.known, func(said string) { p.line("%s", said) }, quantise.ModelOptions{Calibrate: c.calibrate, Progress: func(done, total int) {
			p.step("calibrating,", "steps", done, total)
		}})
		return err
	})
	p.clear()
	if err != nil {
		return nil, nil, err
	}
	if f.License = c.license; c.source != "" {
		f.Source = c.source
	}
	f.Source += c.known.credit
	return n, f, nil
}

// compare holds the model against the float run, if that is asked for.
func (c *conversion) compare(a *app, n *float.Network, f *model.File) (checked *quantise.Checked, err error) {
	if c.check == "" {
		return nil, nil
	}
	p := newProgress(a.stderr)
	err = a.interruptible(func() error {
		return guard.Run(func() error {
			checked, err = quantise.Check(n, f, c.check, names(c.layers), func(done, total int) { p.step("comparing,", "pictures", done, total) })
			return err
		})
	})
	p.clear()
	if err != nil && !errors.Is(err, errInterrupted) {
		err = fmt.Errorf("%s is written, but --check failed: %w", c.out, err)
	}
	return checked, err
}

func (c *conversion) print(w io.Writer, f *model.File, checked *quantise.Checked) error {
	if c.json {
		return json.NewEncoder(w).Encode(map[string]any{"file": c.out, "name": f.Graph.Name, "layers": len(f.Graph.Nodes), "default_layer": f.Graph.DefaultLayer,
			"prepare": f.Graph.Prepare, "output": f.Graph.Output, "labels": len(f.Graph.Labels), "check": checked})
	}
	fmt.Fprintf(w, "%s: %d layers, default layer %s\n", c.out, len(f.Graph.Nodes), f.Graph.DefaultLayer)
	if checked != nil {
		return printChecked(w, checked)
	}
	return nil
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
	networks, err := convert.Files(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
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

func convertFile(path string, opt convert.Options, pf prepareFlags, known *knowledge, say func(string), mo quantise.ModelOptions) (n *float.Network, f *model.File, err error) {
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

// importNetwork reads a network, and hashes its files.
func importNetwork(path string, opt convert.Options, pf prepareFlags, known *knowledge, say func(string)) (n *float.Network, hash string, err error) {
	s, err := convert.Open(path, opt.Name, convert.Size{Width: pf.width, Height: pf.height})
	if err != nil {
		return nil, "", cause(err)
	}
	if s.Bytes {
		known.preparation = known.preparation.OfBytes()
	}
	if opt.Prepare, err = known.prepare(&pf, s.Prepare, s.Size.Width, s.Size.Height); err != nil {
		return nil, "", err
	}
	if n, err = s.Network(opt); err == nil {
		known.sayPreparation(&pf, s.Said, n.Prepare, say)
	}
	return n, s.SHA256, err
}
