package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"likeness/engine"
	"likeness/engine/vectors"
	"likeness/tools/output"
)

var embedCommand = command{
	name:    "embed",
	summary: "turn pictures into vectors",
	usage:   "[--model MODEL] [flags] PATH...\n  likeness embed [flags] --files-from LIST",
	example: "likeness embed --model mobilenet_v2 --format csv -o vectors.csv photos/\n" +
		"likeness embed --update -o vectors.npy photos/    # again later: only what is new or changed\n" +
		"find photos -newer last -print0 | likeness embed -0 --files-from - -o new.npy",
	run: (*app).embed,
}

type embedFlags struct {
	model, layer, pool, format, out string
	filesFrom, resize               string
	normalize, json, null           bool
	update, byContent, classify     bool
	memory                          memoryFlag
	signals                         signalFlags
	shard                           shard
}

func (f *embedFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.model, "model", "", "`MODEL` file, or its name in models/ (default: the best there)")
	fs.StringVar(&f.layer, "layer", "", "`LAYER` to take (default: the model's; likeness inspect lists all); several, with commas between, are taken in one run, a file for each")
	fs.StringVar(&f.pool, "pool", "avg", "avg, max, flatten, gem, gem:P or none")
	fs.BoolVar(&f.normalize, "normalize", true, "divide vectors by their Euclidean length; --normalize=false does not")
	fs.StringVar(&f.resize, "resize", "", "how pictures are brought to the network's size: shorter (short side, then the centre), stretch, fit (whole, on a ground), tiles (mean of the parts of a long picture) or none (they have it already) (default: the model's)")
	fs.Var(&f.shard, "shard", "`I/N`: only the I-th of N equal parts of the pictures, so that N machines share them; the parts one after the other are what one run gives")
	fs.StringVar(&f.format, "format", "npy", "npy, csv, jsonl, tsv (of the TensorFlow Embedding Projector), parquet, pgvector (for COPY of PostgreSQL) or qdrant (points as JSON lines)")
	fs.StringVar(&f.out, "o", "-", "`FILE` to write, - for standard output; names and origin go to FILE.json, for tsv also to FILE.metadata.tsv")
	fs.StringVar(&f.filesFrom, "files-from", "", "`LIST` of paths, one a line, - for standard input; they follow those of the command line")
	fs.BoolVar(&f.null, "null", false, "paths in --files-from end in NUL, as find -print0 writes them")
	fs.BoolVar(&f.null, "0", false, "the same as --null")
	fs.BoolVar(&f.update, "update", false, "keep the vectors of pictures that are in FILE already and have the same path, size and time; what an interrupted run has done is in FILE.partial and is kept too")
	fs.BoolVar(&f.byContent, "by-content", false, "with --update: pictures are the same if the sha256 of their bytes is, so that moved and touched files are kept")
	fs.BoolVar(&f.classify, "classify", false, "write the label and the score of each picture in place of its vector, as likeness classify does: --format csv (the default) or jsonl")
	f.signals.define(fs)
	defineMemory(fs, &f.memory)
	fs.BoolVar(&f.json, "json", false, "print a summary as JSON: on standard output, or on standard error when the vectors are there")
}

// defineMemory defines --memory; 0 stands for the default.
func defineMemory(fs *flag.FlagSet, m *memoryFlag) {
	fs.Var(m, "memory", "`SIZE` that the run may take, such as 512M or 4G; pictures wait for each other to keep to it (default: half of the machine's, or of the container's)")
}

// summary is what --json prints.
type summary struct {
	origin
	Output   string `json:"output"`
	Pictures int    `json:"pictures"`
	passed
	Failed   int       `json:"failed"`
	Failures []failure `json:"failures"`
	Flags    []flagged `json:"flags"`
	Update   *changes  `json:"update,omitempty"`
	Seconds  float64   `json:"seconds"`
	Backend  string    `json:"backend"`
}

func (a *app) embed(fs *flag.FlagSet, args []string) (int, error) {
	var f embedFlags
	f.define(fs)
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if f.classify {
		c, err := f.classifies(fs)
		if err != nil {
			return exitFatal, err
		}
		return a.classifyPaths(c, paths)
	}
	pool, err := f.check(paths, a.stdout)
	if err != nil {
		return exitFatal, err
	}
	m, err := loadModel(f.model)
	if err != nil {
		return exitFatal, err
	}
	if f.filesFrom != "" {
		more, err := a.pathsFrom(f.filesFrom, f.null)
		if err != nil {
			return exitFatal, err
		}
		if paths = append(paths, more...); len(paths) == 0 {
			return exitFatal, fmt.Errorf("--files-from %s names no pictures", f.filesFrom)
		}
	}
	if strings.Contains(f.layer, ",") {
		return a.embedLayers(&f, m, pool, paths)
	}
	return a.embedPaths(&f, m, pool, paths)
}

// embedPaths does what the flags ask for with the files and folders of paths.
func (a *app) embedPaths(f *embedFlags, m *loaded, pool engine.Pool, paths []string) (int, error) {
	s, err := m.setting(f, pool)
	if err != nil {
		return exitFatal, err
	}
	o, err := f.signals.options()
	if err != nil {
		return exitFatal, err
	}
	s.Signal = signalName(o)
	found := gather(paths, o)
	if len(found.files) == 0 {
		return exitFatal, found.none(paths)
	}
	if found.files = f.shard.cut(found.files); len(found.files) == 0 {
		return exitFatal, fmt.Errorf("--shard %v has none of the pictures: there are fewer pictures than shards", &f.shard)
	}
	if f.out != "-" {
		err := output.Distinct(outputNames(f.out, f.format, f.update), output.Inputs{What: "model", Paths: []string{m.path}},
			output.Inputs{What: "list", Paths: []string{f.filesFrom}}, output.Inputs{What: "picture", Paths: found.files})
		if err != nil {
			return exitFatal, fmt.Errorf("%w with -o", err)
		}
	}
	var k *known
	if f.update {
		if k, err = openKnown(f.out, s, f.byContent); err != nil {
			return exitFatal, err
		}
		defer k.close()
		defer k.journal.close()
		if err := k.missing(found.failed); err != nil {
			return exitFatal, err
		}
		a.leaves("what is done is in %s: the same command goes on from there", k.journal.path)
	} else if f.out != "-" {
		a.leaves("nothing was written; with --update what is done would be kept")
	}
	out, err := openOutput(f.out, a.stdout, s, len(found.files))
	if err != nil {
		return exitFatal, err
	}
	out.known = k
	defer out.discard()
	p := newProgress(a.stderr)
	for _, fail := range found.failed {
		p.line("%v", fail)
	}
	e := &embedder{app: a, net: m.net, takes: []take{{s.Layer, pool}}, normalize: f.normalize, resize: s.Prepare.Resize, signals: o, memory: int64(f.memory), progress: p, known: k}
	start := time.Now()
	failed, err := e.run(found.files, out)
	p.clear()
	if err != nil {
		return exitFatal, err
	}
	failed = append(found.failed, failed...)
	if len(out.listed) == 0 {
		return exitFatal, fmt.Errorf("none of the %d pictures could be read, for the reasons above; nothing was written", len(failed))
	}
	r := &summary{origin: s.origin, Output: f.out, Pictures: len(out.listed), passed: found.passed, Failed: len(failed), Failures: failed,
		Flags: out.flags, Update: out.changes(), Seconds: time.Since(start).Seconds(), Backend: engine.Backend()}
	if r.Update == nil || !r.Update.none(out) {
		if err := out.commit(); err != nil {
			return exitFatal, err
		}
	}
	if k != nil {
		k.journal.remove()
	}
	return a.summarise(r, f.json)
}

// setting is what the flags and the model settle.
func (m *loaded) setting(f *embedFlags, pool engine.Pool) (setting, error) {
	layer := f.layer
	if layer == "" {
		layer = m.net.DefaultLayer()
	}
	s := setting{origin{m.net.Name(), m.net.Hash(), layer, string(pool), f.normalize, f.format, 0, ""}, m.net.Preparation(), decoding}
	probe, err := m.net.NewSession(layer)
	if err != nil {
		return s, err
	}
	if f.resize != "" {
		if err := probe.Resize(f.resize); err != nil {
			return s, usagef("--resize: %v", err)
		}
		s.Prepare = probe.Preparation()
	}
	s.Dim, err = probe.VectorLen(layer, pool)
	return s, err
}

// check refuses what can be refused before any work.
func (f *embedFlags) check(paths []string, stdout *standardOut) (engine.Pool, error) {
	switch {
	case len(paths) == 0 && f.filesFrom == "":
		return "", usagef("no pictures: name files or folders")
	case f.null && f.filesFrom == "":
		return "", usagef("--null says how --files-from is written, which is not given")
	case !slices.Contains(outputFormats, f.format):
		return "", usagef("unknown format %q: use %s", f.format, strings.Join(outputFormats, ", "))
	case f.out == "":
		return "", usagef("-o needs a file, or - for standard output")
	case f.out == "-" && (f.format == "npy" || f.format == "parquet") && isTerminal(stdout):
		return "", usagef(".%s is binary and this is a terminal: give -o FILE.%s, or another --format", f.format, f.format)
	case f.update && !slices.Contains(vectors.Formats, f.format):
		return "", usagef("--update keeps npy, csv, jsonl and tsv up to date, not %s: choose one of these, or leave it out", f.format)
	case f.update && f.out == "-":
		return "", usagef("--update needs the file to update: give -o FILE")
	case f.byContent && !f.update:
		return "", usagef("--by-content says what --update keeps, which is not given")
	}
	pool, err := engine.ParsePool(f.pool)
	if err != nil {
		return "", usagef("%v", err)
	}
	if f.memory == 0 {
		f.memory = memoryFlag(defaultMemory())
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
		w := a.text()
		if s.Output == "-" {
			w = &safeWriter{a.stderr}
		}
		if s.Failures == nil {
			s.Failures = []failure{}
		}
		if s.Flags == nil {
			s.Flags = []flagged{}
		}
		return status, json.NewEncoder(w).Encode(s)
	}
	text := fmt.Sprintf("%d pictures, %d values each from %s (%s), in %.1f s", s.Pictures, s.Dim, s.Layer, s.Pool, s.Seconds)
	if s.Output != "-" {
		text += ", written to " + shown(s.Output)
	}
	if s.Update != nil {
		text += s.Update.String()
	}
	text += s.passed.String()
	if s.Failed > 0 {
		text += fmt.Sprintf("; %d failed", s.Failed)
	}
	if n := flaggedPictures(s.Flags); n > 0 {
		text += fmt.Sprintf("; %d flagged", n)
	}
	a.say("%s", text)
	return status, nil
}
