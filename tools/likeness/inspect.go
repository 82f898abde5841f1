package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"likeness/engine"
	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/engine/printable"
)

var inspectCommand = command{
	name:    "inspect",
	summary: "list the layers of a model, with its preparation, licence and source",
	usage:   "[--json] [MODEL]",
	example: "likeness inspect mobilenet_v2",
	run:     (*app).inspect,
}

// report is what inspect prints.
type report struct {
	Name         string              `json:"name"`
	File         string              `json:"file"`
	Bytes        int                 `json:"bytes"`
	Hash         string              `json:"hash"` // of the file
	License      string              `json:"license"`
	Source       string              `json:"source"`
	SourceSHA256 string              `json:"source_sha256"`
	DefaultLayer string              `json:"default_layer"`
	Output       string              `json:"output"`
	Labels       int                 `json:"labels"`
	Values       string              `json:"values,omitempty"` // of the output: logits, probabilities or independent probabilities
	Taught       *model.Head         `json:"taught,omitempty"` // by likeness teach
	Prepare      picture.Preparation `json:"prepare"`
	MACs         int64               `json:"macs"`
	Parameters   int64               `json:"parameters"`
	Layers       []layerReport       `json:"layers"`
}

type layerReport struct {
	engine.Layer
	Parameters int64 `json:"parameters"` // weights and biases
}

func (a *app) inspect(fs *flag.FlagSet, args []string) (int, error) {
	asJSON := fs.Bool("json", false, "print JSON")
	names, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(names) > 1 {
		return exitFatal, usagef("one model is wanted, %d are given", len(names))
	}
	m, err := loadModel(first(names, ""))
	if err != nil {
		return exitFatal, err
	}
	r := m.report()
	if *asJSON {
		e := json.NewEncoder(a.text())
		e.SetIndent("", " ")
		return exitOK, e.Encode(r)
	}
	return exitOK, r.print(a.text())
}

// first returns the first argument, if there is one.
func first(args []string, otherwise string) string {
	if len(args) > 0 {
		return args[0]
	}
	return otherwise
}

func (m *loaded) report() *report {
	n, f := m.net, m.file
	r := &report{Name: n.Name(), File: m.path, Bytes: m.size, Hash: n.Hash(), License: n.License(), Source: n.Source(), SourceSHA256: f.SourceSHA256,
		DefaultLayer: n.DefaultLayer(), Output: n.Output(), Labels: len(n.Labels()), Prepare: n.Preparation()}
	if r.Taught = f.Head; f.Head != nil {
		r.Labels = max(r.Labels, len(f.Head.Labels))
	}
	if t, ok := f.Graph.Tensor(r.Output); ok && r.Output != "" {
		r.Values = learn.Values(&f.Graph, t)
	}
	for i, l := range n.Layers() {
		p := f.Params[f.Graph.Nodes[i].Weights]
		r.Layers = append(r.Layers, layerReport{Layer: l, Parameters: int64(len(p.Weight) + len(p.Bias) + len(p.Gain) + len(p.Offset))})
		r.MACs += l.MACs
		r.Parameters += r.Layers[i].Parameters
	}
	return r
}

func (r *report) print(w io.Writer) error {
	p := r.Prepare
	resize := "stretched"
	if p.Resize == "shorter" {
		resize = fmt.Sprintf("short side to %d, centre crop", p.Side)
	}
	head := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(head, "%s\n", printable.Text(r.Name))
	fmt.Fprintf(head, "  file\t%s, %.2f MB\n", printable.Text(r.File), float64(r.Bytes)/1e6)
	fmt.Fprintf(head, "  sha256\t%s\n", r.Hash)
	fmt.Fprintf(head, "  licence\t%s\n", printable.Text(r.License))
	fmt.Fprintf(head, "  source\t%s\n", printable.Text(r.Source))
	fmt.Fprintf(head, "  source sha256\t%s\n", printable.Text(r.SourceSHA256))
	fmt.Fprintf(head, "  pictures\t%d x %d %s, %s, %s, (x - %v) / %v\n", p.Width, p.Height, p.Order, resize, p.Interpolation, p.Mean, p.Std)
	fmt.Fprintf(head, "  size\t%.2f million parameters, %.0f million multiply-adds\n", float64(r.Parameters)/1e6, float64(r.MACs)/1e6)
	if r.Output != "" {
		fmt.Fprintf(head, "  class scores\t%s, %d labels, %s\n", printable.Text(r.Output), r.Labels, r.Values)
	}
	if t := r.Taught; t != nil {
		fmt.Fprintf(head, "  taught\t%d classes by a %s head, from layer %s (%s)\n", r.Labels, t.Kind, printable.Text(t.Layer), t.Pool)
	}
	if err := head.Flush(); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nlayer\toperator\tH x W x C\tsees\tparameters\tcompute\t")
	for _, l := range r.Layers {
		mark := ""
		if l.Name == r.Output {
			mark = "class scores"
		}
		if l.Name == r.DefaultLayer {
			mark = "default"
		}
		fmt.Fprintf(t, "%s\t%s\t%d x %d x %d\t%d x %d\t%d\t%.1f %%\t%s\n", printable.Text(l.Name), l.Op, l.Shape[0], l.Shape[1], l.Shape[2], l.ReceptiveField[0], l.ReceptiveField[1], l.Parameters, 100*l.Share, mark)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return r.printJoined(w)
}

// printJoined lists the layers of the original network that have no values of
// their own.
func (r *report) printJoined(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	said := false
	for _, l := range r.Layers {
		for _, name := range l.Joined {
			if !said {
				said = true
				fmt.Fprintln(t, "\njoined\tinto layer (convert --keep NAME keeps one)")
			}
			fmt.Fprintf(t, "%s\t%s\n", printable.Text(name), printable.Text(l.Name))
		}
	}
	return t.Flush()
}
