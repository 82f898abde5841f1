package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"time"

	"likeness/tools/output"
)

var classifyCommand = command{
	name:    "classify",
	summary: "tell which class each picture is of",
	usage:   "--model MODEL [flags] PATH...",
	example: "likeness classify --model flowers.safetensors photos/          # name, label, score\n" +
		"likeness classify --model mobilenet_v2 --top 3 -o told.csv photos/",
	run: (*app).classify,
}

type classifyFlags struct {
	model, resize, format, out string
	filesFrom                  string
	null, json                 bool
	top                        int
	memory                     memoryFlag
	signals                    signalFlags
}

func (f *classifyFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.model, "model", "", "`MODEL` file, or its name in models/, with labels: one that likeness teach wrote, or a classifier")
	fs.StringVar(&f.resize, "resize", "", "how pictures are brought to the network's size, as likeness embed has it (default: the model's)")
	fs.StringVar(&f.format, "format", "csv", "csv (name, label, score) or jsonl")
	fs.IntVar(&f.top, "top", 1, "`N` best labels of each picture, a line each")
	fs.StringVar(&f.out, "o", "-", "`FILE` to write, - for standard output")
	fs.StringVar(&f.filesFrom, "files-from", "", "`LIST` of paths, one a line, - for standard input; they follow those of the command line")
	fs.BoolVar(&f.null, "null", false, "paths in --files-from end in NUL, as find -print0 writes them")
	f.signals.define(fs)
	defineMemory(fs, &f.memory)
	fs.BoolVar(&f.json, "json", false, "print one JSON object with all pictures on standard output, in place of the lines there")
}

func (f *classifyFlags) check(paths []string) error {
	switch {
	case len(paths) == 0 && f.filesFrom == "":
		return usagef("no pictures: name files or folders")
	case f.format != "csv" && f.format != "jsonl":
		return usagef("unknown format %q: use csv or jsonl", f.format)
	case f.top < 1:
		return usagef("--top %d is not positive", f.top)
	case f.null && f.filesFrom == "":
		return usagef("--null says how --files-from is written, which is not given")
	case f.out == "":
		return usagef("-o needs a file, or - for standard output")
	}
	if f.memory == 0 {
		f.memory = memoryFlag(defaultMemory())
	}
	return nil
}

// verdict is one label of one picture. Label is empty where the picture is none of
// the labels; Score is then that of the best, 0..1.
type verdict struct {
	Name  exactName `json:"name"`
	Label string    `json:"label"`
	Score float64   `json:"score"`
}

// classified is what classify --json prints.
type classified struct {
	Model     string    `json:"model"`
	ModelHash string    `json:"model_hash"`
	Labels    []string  `json:"labels"`
	Threshold float64   `json:"threshold,omitempty"`
	Output    string    `json:"output,omitempty"`
	Pictures  int       `json:"pictures"`
	Told      []verdict `json:"told"`
	passed
	Failures []failure `json:"failures"`
	Flags    []flagged `json:"flags"`
	Seconds  float64   `json:"seconds"`
}

func (a *app) classify(fs *flag.FlagSet, args []string) (int, error) {
	var f classifyFlags
	f.define(fs)
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	return a.classifyPaths(&f, paths)
}

func (a *app) classifyPaths(f *classifyFlags, paths []string) (int, error) {
	if err := f.check(paths); err != nil {
		return exitFatal, err
	}
	start := time.Now()
	m, err := loadModel(f.model)
	if err != nil {
		return exitFatal, err
	}
	c, err := newClassifier(m, f)
	if err != nil {
		return exitFatal, err
	}
	if f.filesFrom != "" {
		more, err := a.pathsFrom(f.filesFrom, f.null)
		if err != nil {
			return exitFatal, err
		}
		paths = append(paths, more...)
	}
	o, err := f.signals.options()
	if err != nil {
		return exitFatal, err
	}
	found := gather(paths, o)
	if len(found.files) == 0 {
		return exitFatal, found.none(paths)
	}
	out, err := a.openResult(f.out, output.Kind{Name: "labels of pictures", Is: isTold}, output.Inputs{What: "model", Paths: []string{m.path}},
		output.Inputs{What: "list", Paths: []string{f.filesFrom}}, output.Inputs{What: "picture", Paths: found.files})
	if err != nil {
		return exitFatal, err
	}
	defer out.discard()
	p := newProgress(a.stderr)
	defer p.clear()
	for _, fail := range found.failed {
		p.line("%v", fail)
	}
	e := &embedder{app: a, net: m.net, takes: []take{c.take}, resize: f.resize, signals: o, memory: int64(f.memory), progress: p}
	failed, err := e.run(found.files, c)
	p.clear()
	if err != nil {
		return exitFatal, err
	}
	if failed = append(found.failed, failed...); c.pictures == 0 {
		return exitFatal, fmt.Errorf("none of the %d pictures could be read, for the reasons above; nothing was written", len(failed))
	}
	if f.out != "-" || !f.json {
		if err := out.write(toldTable(c.all, f.format)); err != nil {
			return exitFatal, err
		}
	}
	r := &classified{Model: m.net.Name(), ModelHash: m.net.Hash(), Labels: c.Labels, Threshold: c.Threshold, Pictures: c.pictures, Told: c.all, passed: found.passed,
		Failures: append([]failure{}, failed...), Flags: append([]flagged{}, c.flags...), Seconds: time.Since(start).Seconds()}
	if f.out != "-" {
		r.Output = f.out
	}
	return a.tellClassified(r, c.none, f.json)
}

func (a *app) tellClassified(r *classified, none int, asJSON bool) (int, error) {
	status := exitOK
	if len(r.Failures) > 0 {
		status = exitSome
	}
	if asJSON {
		return status, json.NewEncoder(a.text()).Encode(r)
	}
	text := fmt.Sprintf("%d pictures told among %d labels by %s, in %.1f s", r.Pictures, len(r.Labels), r.Model, r.Seconds)
	if none > 0 {
		text += fmt.Sprintf("; %d are none of them (score below %.3f)", none, r.Threshold)
	}
	if r.Output != "" {
		text += ", written to " + shown(r.Output)
	}
	text += r.passed.String()
	if n := len(r.Failures); n > 0 {
		text += fmt.Sprintf("; %d failed", n)
	}
	if n := flaggedPictures(r.Flags); n > 0 {
		text += fmt.Sprintf("; %d flagged", n)
	}
	a.say("%s", text)
	return status, nil
}

// classifies is what embed --classify asks for.
func (f *embedFlags) classifies(fs *flag.FlagSet) (*classifyFlags, error) {
	c := &classifyFlags{model: f.model, resize: f.resize, format: "csv", out: f.out, filesFrom: f.filesFrom, null: f.null, json: f.json, top: 1, memory: f.memory, signals: f.signals}
	var err error
	fs.Visit(func(g *flag.Flag) {
		switch g.Name {
		case "format":
			c.format = f.format
		case "layer", "pool", "normalize", "update", "by-content":
			err = usagef("--%s is for vectors: --classify writes labels", g.Name)
		}
	})
	return c, err
}
