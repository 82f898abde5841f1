package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"likeness/engine"
	"likeness/engine/cluster"
	"likeness/engine/picture"
	"likeness/tools/output"
)

var duplicatesCommand = command{
	name:    "duplicates",
	summary: "find pictures that are there twice, also resized, cropped, edited, turned or mirrored",
	usage:   "[--threshold T] [flags] FOLDER...\n  likeness duplicates [--threshold T] [flags] VECTORS...",
	example: "likeness duplicates photos/                             # lists them\n" +
		"likeness duplicates vectors.npy --threshold 0.9 -o twins.csv",
	run: (*app).duplicates,
}

type duplicatesFlags struct {
	model, out string
	threshold  float64
	memory     memoryFlag
	json       bool
}

func (f *duplicatesFlags) define(fs *flag.FlagSet) {
	fs.Float64Var(&f.threshold, "threshold", cluster.DefaultThreshold, "cosine from which on pictures are duplicates, `T` above 0 and at most 1; among many alike pictures more is asked for. More finds fewer and errs less; the default is one for likeness_v1")
	fs.StringVar(&f.model, "model", "", "of folders: `MODEL` file, or its name in models/ (default: the best there)")
	defineMemory(fs, &f.memory)
	fs.StringVar(&f.out, "o", "", "`FILE` to write as csv: group, name, width, height, bytes, modified, cosine with the first of the group, same (1: another has the same bytes)")
	fs.BoolVar(&f.json, "json", false, "print the groups as JSON on standard output")
}

// twinsResult is what duplicates --json prints.
type twinsResult struct {
	Pictures  int        `json:"pictures"`
	Threshold float64    `json:"threshold"`
	Output    string     `json:"output,omitempty"`
	Groups    []twinsOne `json:"groups"`
	// Blank pictures have vectors that are all alike, so their bytes are
	// compared instead; those that cannot be read any more are counted as
	// unread.
	Blank  int `json:"blank"`
	Unread int `json:"blank_unread"`
	passed
	Failures []failure `json:"failures"`
	Seconds  float64   `json:"seconds"`
}

func (a *app) duplicates(fs *flag.FlagSet, args []string) (int, error) {
	f := duplicatesFlags{}
	f.define(fs)
	paths, err := parse(fs, args)
	switch {
	case err != nil:
		return exitFatal, err
	case len(paths) == 0:
		return exitFatal, usagef("no pictures: name folders, or a file that likeness embed wrote")
	case !(f.threshold > 0 && f.threshold <= 1):
		return exitFatal, usagef("--threshold %v is not above 0 and at most 1", f.threshold)
	case f.out == "-":
		return exitFatal, usagef("-o - : the list goes to standard output by itself, as JSON with --json; -o FILE.csv writes a table")
	}
	start := time.Now()
	r := &twinsResult{Threshold: f.threshold, Output: f.out, Groups: []twinsOne{}, Failures: []failure{}}
	fromPictures, err := pictures(paths)
	if err != nil {
		return exitFatal, err
	}
	var c *vectorSet
	var out *outFile
	open := func(inputs ...output.Inputs) (err error) {
		if f.out != "" {
			out, err = a.openResult(f.out, beginning("duplicates", twinsHeading), inputs...)
		}
		return err
	}
	if fromPictures {
		c, err = a.embedFor(&f, paths, r, open)
	} else if f.model != "" {
		err = usagef("--model is for folders: the vectors are made already")
	} else if c, err = a.readVectorSet(paths); err == nil {
		err = open(output.Inputs{What: "file of vectors", Paths: c.files}, output.Inputs{What: "picture", Paths: c.names})
	}
	if out != nil {
		defer out.discard()
	}
	if err != nil {
		return exitFatal, err
	}
	r.Pictures = len(c.names)
	if err := a.findTwins(c, r, fromPictures); err != nil {
		return exitFatal, err
	}
	if out != nil {
		if err := out.write(twinsTable(r.Groups)); err != nil {
			return exitFatal, err
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return a.tellTwins(r, f.json)
}

// pictures reports whether paths are folders and pictures, not vectors.
func pictures(paths []string) (bool, error) {
	var folder, file string
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.IsDir() || err == nil && info.Mode().IsRegular() && startsAsPicture(p) {
			folder = p
		} else {
			file = p
		}
	}
	if folder != "" && file != "" {
		return false, usagef("%s is a folder or a picture, %s is not: name folders, or files of vectors", folder, file)
	}
	return folder != "", nil
}

func startsAsPicture(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := f.Read(head)
	return isPictureContent(head[:n])
}

// embedFor makes the vectors of pictures as embed does.
func (a *app) embedFor(f *duplicatesFlags, paths []string, r *twinsResult, open func(...output.Inputs) error) (*vectorSet, error) {
	if f.memory == 0 {
		f.memory = memoryFlag(defaultMemory())
	}
	m, err := loadModel(f.model)
	if err != nil {
		return nil, err
	}
	found := gather(paths, nil)
	r.passed, r.Failures = found.passed, append(r.Failures, found.failed...)
	if len(found.files) == 0 {
		return nil, found.none(paths)
	}
	if err := open(output.Inputs{What: "model", Paths: []string{m.path}}, output.Inputs{What: "picture", Paths: found.files}); err != nil {
		return nil, err
	}
	p := newProgress(a.stderr)
	defer p.clear()
	for _, fail := range found.failed {
		p.line("%v", fail)
	}
	c := &vectorSet{}
	e := &embedder{app: a, net: m.net, takes: []take{{m.net.DefaultLayer(), engine.Pool("avg")}}, normalize: true, memory: int64(f.memory), progress: p}
	failed, err := e.run(found.files, c)
	if err != nil {
		return nil, err
	}
	r.Failures = append(r.Failures, failed...)
	if len(c.names) == 0 {
		return nil, fmt.Errorf("none of the %d pictures could be read, for the reasons above", len(r.Failures))
	}
	return c, nil
}

// add collects a vector: see sink.
func (c *vectorSet) add(p *embedded) error {
	c.dim = len(p.vector)
	c.names, c.data = append(c.names, p.file), append(c.data, p.vector...)
	blank := false
	for _, n := range p.notes {
		blank = blank || n.Code == picture.NoteBlank
	}
	c.blank = append(c.blank, blank)
	return nil
}

func (a *app) tellTwins(r *twinsResult, asJSON bool) (int, error) {
	status := exitOK
	if len(r.Failures) > 0 {
		status = exitSome
	}
	if asJSON {
		return status, json.NewEncoder(a.text()).Encode(r)
	}
	if err := printTwins(a.text(), r.Groups); err != nil {
		return status, err
	}
	n := 0
	for _, g := range r.Groups {
		n += len(g.Pictures)
	}
	text := fmt.Sprintf("%d of %d pictures in %d groups of duplicates, by a threshold of %s, in %.1f s", n, r.Pictures, len(r.Groups), strconv.FormatFloat(r.Threshold, 'g', -1, 64), r.Seconds)
	if r.Output != "" {
		text += ", written to " + shown(r.Output)
	}
	text += r.passed.String()
	if r.Blank > 0 {
		text += fmt.Sprintf("; %d of one colour, compared by their bytes", r.Blank-r.Unread)
		if r.Unread > 0 {
			text += fmt.Sprintf(", %d not, since they cannot be read here", r.Unread)
		}
	}
	if len(r.Failures) > 0 {
		text += fmt.Sprintf("; %d failed", len(r.Failures))
	}
	a.say("%s", text)
	return status, nil
}
