package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/engine/printable"
)

// loadTiming is what bench --load prints: milliseconds from the file to the first
// vector, each the median of some loads.
type loadTiming struct {
	Model   string      `json:"model"`
	Layer   string      `json:"layer"`
	Kernels string      `json:"kernels"`
	Bytes   int64       `json:"bytes"`
	Runs    int         `json:"runs"`
	Median  float64     `json:"ms_median"` // of the whole
	Stages  []loadStage `json:"stages"`
}

// loadStage is a part of a load.
type loadStage struct {
	Name string  `json:"name"`
	Time float64 `json:"ms"`
	what string
}

// loadStages are the parts in their order.
var loadStages = []loadStage{
	{Name: "read", what: "the file, from the disk or the system's cache"},
	{Name: "check", what: "the graph and every weight"},
	{Name: "hash", what: "SHA-256 of the file; the browser does it beside the next"},
	{Name: "pack", what: "weights in the order of the kernels, Winograd's filters"},
	{Name: "plan", what: "tables and memory of one session"},
	{Name: "first", what: "the first picture"},
}

// measureLoad loads the model again and again, for as many runs.
func (m *loaded) measureLoad(ctx context.Context, layer string, runs int) (*loadTiming, error) {
	if layer == "" {
		layer = m.net.DefaultLayer()
	}
	t := &loadTiming{Model: m.net.Name(), Layer: layer, Kernels: engine.Backend(), Runs: runs, Stages: slices.Clone(loadStages)}
	all := make([][]float64, len(loadStages))
	var whole []float64
	px := testPicture(m.net.Preparation())
	for range runs {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		times, size, err := loadOnce(m.path, layer, px)
		if err != nil {
			return nil, err
		}
		t.Bytes = size
		sum := 0.0
		for i, ms := range times {
			all[i] = append(all[i], ms)
			sum += ms
		}
		whole = append(whole, sum)
	}
	for i := range t.Stages {
		t.Stages[i].Time = median(all[i])
	}
	t.Median = median(whole)
	return t, nil
}

// loadOnce returns the milliseconds of each stage and the bytes of the file.
func loadOnce(path, layer string, px *picture.Pixels) (times []float64, size int64, err error) {
	begun := time.Now()
	lap := func() {
		now := time.Now()
		times = append(times, milliseconds(now.Sub(begun)))
		begun = now
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	lap()
	f, err := model.Adopt(data)
	if err != nil {
		return nil, 0, err
	}
	lap()
	f.Hash = fmt.Sprintf("%x", sha256.Sum256(data))
	lap()
	n, err := engine.New(f)
	if err != nil {
		return nil, 0, err
	}
	lap()
	s, err := n.NewSession(layer)
	if err == nil {
		err = s.Resize(picture.ResizeNone)
	}
	if err != nil {
		return nil, 0, err
	}
	lap()
	if err := s.Run(px); err != nil {
		return nil, 0, err
	}
	if _, err := s.Vector(layer, engine.PoolAvg, true); err != nil {
		return nil, 0, err
	}
	lap()
	return times, int64(len(data)), nil
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func (t *loadTiming) print(w io.Writer) error {
	fmt.Fprintf(w, "%s to %s, kernels %s: %.1f ms from the file of %.1f MB to the first vector, median of %d loads\n\n",
		printable.Text(t.Model), printable.Text(t.Layer), t.Kernels, t.Median, float64(t.Bytes)/1e6, t.Runs)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range t.Stages {
		fmt.Fprintf(table, "%8.2f ms\t%s\t%s\n", s.Time, s.Name, s.what)
	}
	return table.Flush()
}
