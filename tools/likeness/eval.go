package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"likeness/engine"
	"likeness/engine/natural"
	"likeness/engine/picture/skip"
	"likeness/engine/printable"
	"likeness/engine/search"
	"likeness/engine/signal"
)

var evalCommand = command{
	name:    "eval",
	summary: "measure how well models and layers tell labelled pictures apart",
	usage:   "[--model A,B] [--layer L,M] [--pool avg,max] [--json] FOLDER",
	example: "likeness eval --model likeness_v1,mobilenet_v2 flowers/   # flowers/rose/1.jpg has the label rose",
	run:     (*app).eval,
}

// labelled is a folder of labelled subfolders.
type labelled struct {
	files   []string
	labels  []string // of files
	failed  []failure
	signals *signal.Options
	passed  passed // files outside the subfolders are counted as skipped
}

// evaluation is what eval prints. It holds nothing that differs between
// machines.
type evaluation struct {
	Pictures int `json:"pictures"`
	Labels   int `json:"labels"`
	passed
	Failures []failure   `json:"failures"`
	Results  []evaluated `json:"results"`
}

type evaluated struct {
	Model     string `json:"model"`
	ModelHash string `json:"model_hash"`
	Layer     string `json:"layer"`
	Pool      string `json:"pool"`
	Dim       int    `json:"dim"`
	search.Quality
}

func (a *app) eval(fs *flag.FlagSet, args []string) (int, error) {
	modelList := fs.String("model", "", "`MODELS`, files or names in models/, separated by commas (default: the best there)")
	layerList := fs.String("layer", "", "`LAYERS` separated by commas, or all (default: each model's own)")
	poolList := fs.String("pool", "avg", "`POOLINGS` separated by commas: avg, max, flatten, gem, gem:P")
	asJSON := fs.Bool("json", false, "print JSON")
	memory := memoryFlag(defaultMemory())
	var signals signalFlags
	signals.define(fs)
	defineMemory(fs, &memory)
	dirs, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(dirs) != 1 {
		return exitFatal, usagef("one folder with a subfolder for each label is wanted, %d paths are given", len(dirs))
	}
	var pools []engine.Pool
	for _, s := range strings.Split(*poolList, ",") {
		pool, err := engine.ParsePool(s)
		if err != nil {
			return exitFatal, usagef("%v", err)
		}
		pools = append(pools, pool)
	}
	o, err := signals.options()
	if err != nil {
		return exitFatal, err
	}
	found, err := gatherLabelled(dirs[0], o)
	if err != nil {
		return exitFatal, err
	}
	r := &evaluation{passed: found.passed, Failures: []failure{}}
	r.Failures = append(r.Failures, found.failed...)
	p := newProgress(a.stderr)
	for _, fail := range found.failed {
		p.line("%v", fail)
	}
	for i, name := range strings.Split(*modelList, ",") {
		m, err := loadModel(name)
		if err != nil {
			return exitFatal, err
		}
		takes := m.takes(*layerList, pools)
		e := &embedder{app: a, net: m.net, takes: takes, normalize: true, signals: o, memory: int64(memory), progress: p}
		c := &comparison{found: found}
		failed, err := e.run(found.files, c)
		p.clear()
		if err != nil {
			return exitFatal, err
		}
		if i == 0 { // the same pictures fail for every model
			r.Failures = append(r.Failures, failed...)
		}
		if err := c.judge(m, takes, r); err != nil {
			return exitFatal, err
		}
	}
	status := exitOK
	if len(r.Failures) > 0 {
		status = exitSome
	}
	if *asJSON {
		e := json.NewEncoder(a.text())
		e.SetIndent("", " ")
		return status, e.Encode(r)
	}
	return status, r.print(a.text())
}

// takes are all combinations of layers and poolings, layers first.
func (m *loaded) takes(layerList string, pools []engine.Pool) (takes []take) {
	layers := strings.Split(layerList, ",")
	switch layerList {
	case "":
		layers = []string{m.net.DefaultLayer()}
	case "all":
		layers = nil
		for _, l := range m.net.Layers() {
			layers = append(layers, l.Name)
		}
	}
	for _, l := range layers {
		for _, pool := range pools {
			if t := (take{l, pool}); !slices.Contains(takes, t) {
				takes = append(takes, t)
			}
		}
	}
	return takes
}

// gatherLabelled lists pictures below the subfolders of dir, whose names are
// the labels.
func gatherLabelled(dir string, o *signal.Options) (*labelled, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", dir, cause(err))
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return natural.Compare(a.Name(), b.Name()) })
	l := &labelled{signals: o}
	g := &gathered{signals: o}
	for _, d := range entries {
		path := filepath.Join(dir, d.Name())
		info, err := os.Stat(path) // a link to a folder is a label too
		switch {
		case err != nil:
			g.failed = append(g.failed, failed(path, err))
		case info.IsDir() && skip.Folder(d.Name(), filepath.Base(dir)):
			g.passed.Folders++
		case info.IsDir():
			g.folder(path)
		case skip.File(d.Name()):
			g.passed.System++
		default:
			g.passed.Skipped++
		}
		for len(l.labels) < len(g.files) {
			l.labels = append(l.labels, d.Name())
		}
	}
	l.files, l.failed, l.passed = g.files, g.failed, g.passed
	if len(l.files) == 0 {
		return nil, fmt.Errorf("%s has no subfolders with pictures: put the pictures of each kind into a folder named after it", dir)
	}
	return l, nil
}

// comparison collects the vectors of one model.
type comparison struct {
	found *labelled
	next  int // first file not yet seen
	data  []float32
	// of the pictures that could be read
	files  []string
	labels []int
	names  []string // of the labels
}

func (c *comparison) add(p *embedded) error {
	for c.found.files[c.next] != p.file { // those between have failed
		c.next++
	}
	name := c.found.labels[c.next]
	c.next++
	if len(c.names) == 0 || c.names[len(c.names)-1] != name {
		c.names = append(c.names, name)
	}
	c.files, c.labels = append(c.files, p.file), append(c.labels, len(c.names)-1)
	c.data = append(c.data, p.vector...)
	return nil
}

// judge appends the quality of every take.
func (c *comparison) judge(m *loaded, takes []take, r *evaluation) error {
	r.Pictures, r.Labels = len(c.labels), len(c.names)
	if r.Labels < 2 {
		return fmt.Errorf("pictures of two labels or more are wanted; %d pictures of %d can be read", r.Pictures, r.Labels)
	}
	width := len(c.data) / len(c.labels)
	at := 0
	for _, t := range takes {
		s, err := m.net.NewSession(t.layer)
		if err != nil {
			return err
		}
		dim, err := s.VectorLen(t.layer, t.pool)
		if err != nil {
			return err
		}
		data := make([]float32, 0, dim*len(c.labels))
		for i := range c.labels {
			data = append(data, c.data[i*width+at:][:dim]...)
		}
		at += dim
		r.Results = append(r.Results, evaluated{m.net.Name(), m.net.Hash(), t.layer, string(t.pool), dim, search.Evaluate(data, dim, c.labels)})
	}
	return nil
}

func (r *evaluation) print(w io.Writer) error {
	fmt.Fprintf(w, "%d pictures, %d labels", r.Pictures, r.Labels)
	fmt.Fprint(w, r.passed)
	if len(r.Failures) > 0 {
		fmt.Fprintf(w, "; %d failed", len(r.Failures))
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nmodel\tlayer\tpool\tvalues\tP@1\tP@5\tmAP\tkNN")
	for _, e := range r.Results {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%.3f\t%.3f\t%.3f\t%.3f\n", printable.Text(e.Model), printable.Text(e.Layer), e.Pool, e.Dim, e.P1, e.P5, e.MAP, e.KNN)
	}
	return t.Flush()
}
