package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"likeness/engine"
)

// loadModel takes a path, or the name of a model in models/ here or beside the
// program.
func loadModel(name string) (*engine.Network, error) {
	if name == "" {
		return nil, errors.New("no model: give --model FILE or NAME; likeness pull obtains one")
	}
	places := []string{name, filepath.Join("models", name+".safetensors")}
	if exe, err := os.Executable(); err == nil {
		places = append(places, filepath.Join(filepath.Dir(exe), "..", "models", name+".safetensors"))
	}
	for _, path := range places {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		n, err := engine.Load(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return n, nil
	}
	return nil, fmt.Errorf("there is no model %q, neither as a file nor in models/: likeness pull %s may obtain it", name, name)
}

func (a *app) inspect(fs *flag.FlagSet, args []string) (int, error) {
	asJSON := fs.Bool("json", false, "print JSON")
	names, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(names) != 1 {
		return exitFatal, errors.New("one model is wanted; likeness inspect --help shows an example")
	}
	n, err := loadModel(names[0])
	if err != nil {
		return exitFatal, err
	}
	layers := n.Layers()
	if *asJSON {
		return exitOK, json.NewEncoder(a.stdout).Encode(map[string]any{
			"name": n.Name(), "hash": n.Hash(), "license": n.License(), "source": n.Source(),
			"default_layer": n.DefaultLayer(), "output": n.Output(), "prepare": n.Preparation(), "layers": layers,
		})
	}
	var total int64
	for _, l := range layers {
		total += l.MACs
	}
	p := n.Preparation()
	fmt.Fprintf(a.stdout, "%s\n  source   %s\n  licence  %s\n  sha256   %s\n  input    %d x %d %s, %s, mean %v, std %v\n  compute  %.0f million multiply-adds\n\n",
		n.Name(), n.Source(), n.License(), n.Hash(), p.Width, p.Height, p.Order, p.Resize, p.Mean, p.Std, float64(total)/1e6)
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "layer\toperator\tH x W x C\tcompute\t")
	for _, l := range layers {
		mark := ""
		if l.Name == n.DefaultLayer() {
			mark = "default"
		}
		fmt.Fprintf(w, "%s\t%s\t%d x %d x %d\t%.1f %%\t%s\n", l.Name, l.Op, l.Shape[0], l.Shape[1], l.Shape[2], 100*float64(l.MACs)/float64(max(total, 1)), mark)
	}
	return exitOK, w.Flush()
}
