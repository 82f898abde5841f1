package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"likeness/engine"
	"likeness/engine/vectors"
)

var embedCommand = command{
	name:    "embed",
	summary: "turn pictures into vectors",
	usage:   "[--model MODEL] [flags] PATH...",
	example: "likeness embed --model mobilenet_v2 --format csv -o vectors.csv photos/",
	run:     (*app).embed,
}

type embedFlags struct {
	model, layer, pool, format, out string
	normalize, json                 bool
}

func (f *embedFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.model, "model", "", "`MODEL` file, or its name in models/ (default: the best there)")
	fs.StringVar(&f.layer, "layer", "", "`LAYER` to take (default: the model's; likeness inspect lists all)")
	fs.StringVar(&f.pool, "pool", "avg", "avg, max, flatten or none")
	fs.BoolVar(&f.normalize, "normalize", true, "divide vectors by their Euclidean length; --normalize=false does not")
	fs.StringVar(&f.format, "format", "npy", "npy, csv, jsonl or tsv (of the TensorFlow Embedding Projector)")
	fs.StringVar(&f.out, "o", "-", "`FILE` to write, - for standard output; names and origin go to FILE.json, for tsv also to FILE.metadata.tsv")
	fs.BoolVar(&f.json, "json", false, "print a summary as JSON: on standard output, or on standard error when the vectors are there")
}

// summary is what --json prints.
type summary struct {
	origin
	Output   string    `json:"output"`
	Pictures int       `json:"pictures"`
	Skipped  int       `json:"skipped"` // files in folders that are no pictures
	Failed   int       `json:"failed"`
	Failures []failure `json:"failures"`
	Seconds  float64   `json:"seconds"`
	Backend  string    `json:"backend"`
}

// origin says what made a set of vectors; others must not be mixed with it.
type origin struct {
	Model      string `json:"model"`
	ModelHash  string `json:"model_hash"`
	Layer      string `json:"layer"`
	Pool       string `json:"pool"`
	Normalized bool   `json:"normalized"`
	Format     string `json:"format"`
	Dim        int    `json:"dim"`
}

func (a *app) embed(fs *flag.FlagSet, args []string) (int, error) {
	var f embedFlags
	f.define(fs)
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	pool, err := f.check(paths, a.stdout)
	if err != nil {
		return exitFatal, err
	}
	m, err := loadModel(f.model)
	if err != nil {
		return exitFatal, err
	}
	if f.layer == "" {
		f.layer = m.net.DefaultLayer()
	}
	probe, err := m.net.NewSession(f.layer)
	if err != nil {
		return exitFatal, err
	}
	o := origin{m.net.Name(), m.net.Hash(), f.layer, string(pool), f.normalize, f.format, 0}
	if o.Dim, err = probe.VectorLen(f.layer, pool); err != nil {
		return exitFatal, err
	}
	found := gather(paths)
	if len(found.files) == 0 {
		return exitFatal, found.none(paths)
	}
	out, err := openOutput(f.out, a.stdout, o, m.net.Preparation(), len(found.files))
	if err != nil {
		return exitFatal, err
	}
	defer out.discard()
	p := newProgress(a.stderr)
	for _, fail := range found.failed {
		p.line("%v", fail)
	}
	e := &embedder{net: m.net, takes: []take{{f.layer, pool}}, normalize: f.normalize, progress: p}
	start := time.Now()
	failed, err := e.run(a.ctx, found.files, out)
	p.clear()
	if err != nil {
		return exitFatal, err
	}
	failed = append(found.failed, failed...)
	s := summary{o, f.out, out.count(), found.skipped, len(failed), failed, time.Since(start).Seconds(), engine.Backend()}
	if s.Pictures == 0 {
		return exitFatal, fmt.Errorf("none of the %d pictures could be read, for the reasons above; nothing was written", s.Failed)
	}
	if err := out.commit(); err != nil {
		return exitFatal, err
	}
	return a.summarise(&s, f.json)
}

// check refuses what can be refused before any work.
func (f *embedFlags) check(paths []string, stdout io.Writer) (engine.Pool, error) {
	if len(paths) == 0 {
		return "", usagef("no pictures: name files or folders")
	}
	if !slices.Contains(vectors.Formats, f.format) {
		return "", usagef("unknown format %q: use %s", f.format, strings.Join(vectors.Formats, ", "))
	}
	if f.out == "" {
		return "", usagef("-o needs a file, or - for standard output")
	}
	if f.out == "-" && f.format == "npy" && isTerminal(stdout) {
		return "", usagef(".npy is binary and this is a terminal: give -o FILE.npy, or another --format")
	}
	pool, err := engine.ParsePool(f.pool)
	if err != nil {
		return "", usagef("%v", err)
	}
	return pool, nil
}

// summarise prints what was done; for people unless asJSON.
func (a *app) summarise(s *summary, asJSON bool) (int, error) {
	status := exitOK
	if s.Failed > 0 {
		status = exitSome
	}
	if asJSON {
		w := a.stdout
		if s.Output == "-" {
			w = a.stderr
		}
		if s.Failures == nil {
			s.Failures = []failure{}
		}
		return status, json.NewEncoder(w).Encode(s)
	}
	text := fmt.Sprintf("%d pictures, %d values each from %s (%s), in %.1f s", s.Pictures, s.Dim, s.Layer, s.Pool, s.Seconds)
	if s.Output != "-" {
		text += ", written to " + s.Output
	}
	if s.Skipped > 0 {
		text += fmt.Sprintf("; %d other files skipped", s.Skipped)
	}
	if s.Failed > 0 {
		text += fmt.Sprintf("; %d failed", s.Failed)
	}
	fmt.Fprintln(a.stderr, text)
	return status, nil
}
