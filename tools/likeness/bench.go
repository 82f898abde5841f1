package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"likeness/engine"
	"likeness/engine/picture"
	"likeness/engine/printable"
)

var benchCommand = command{
	name:    "bench",
	summary: "measure how long a model takes for one picture, layer by layer with --profile, or to be loaded",
	usage:   "[--model MODEL] [--layer LAYER] [--runs N] [--profile | --load] [--json] [--report]",
	example: "likeness bench --model mobilenet_v2 --profile\nlikeness bench --model mobilenet_v2 --load\nlikeness bench --report > report.json",
	run:     (*app).bench,
}

// timing is what bench prints.
type timing struct {
	Model   string        `json:"model"`
	Layer   string        `json:"layer"`
	Kernels string        `json:"kernels"`
	Runs    int           `json:"runs"`
	Median  float64       `json:"ms_median"`
	Min     float64       `json:"ms_min"`
	MACs    int64         `json:"macs"`
	Layers  []layerTiming `json:"layers,omitempty"`
}

// layerTiming is one layer of a profile.
type layerTiming struct {
	engine.Layer
	Kernel string  `json:"kernel"`
	Time   float64 `json:"ms"`
	Rate   float64 `json:"gmacs"` // billions of multiply-adds a second
	Share  float64 `json:"share"` // of the time, 0..1
}

func (a *app) bench(fs *flag.FlagSet, args []string) (int, error) {
	name := fs.String("model", "", "`MODEL`: a file, or a name in models/ (default: the first there)")
	layer := fs.String("layer", "", "`LAYER` to compute (default: the model's)")
	runs := fs.Int("runs", 50, "`N` runs to measure, after a fifth as many to warm up")
	profile := fs.Bool("profile", false, "list what each layer takes")
	load := fs.Bool("load", false, "measure what loading the model takes, stage by stage, up to the first vector")
	asJSON := fs.Bool("json", false, "print JSON")
	report := fs.Bool("report", false, "measure this machine for others: print JSON that tells the processor, each layer, a photo, and sums of the vectors found")
	rest, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(rest) > 0 || *runs < 1 {
		return exitFatal, usagef("flags only are wanted, and at least one run")
	}
	if *load && (*profile || *report) {
		return exitFatal, usagef("--load measures by itself: leave --profile and --report out")
	}
	m, err := loadModel(*name)
	if err != nil {
		return exitFatal, err
	}
	if *load {
		return a.benchLoad(m, *layer, *runs, *asJSON)
	}
	if *report {
		return a.benchReport(m, *layer, *runs)
	}
	var t *timing
	err = a.interruptible(func() error {
		t, err = m.measure(a.ctx, *layer, *runs, *profile)
		return err
	})
	if err != nil {
		return exitFatal, err
	}
	if *asJSON {
		return exitOK, a.printJSON(t)
	}
	return exitOK, t.print(a.text())
}

func (a *app) benchLoad(m *loaded, layer string, runs int, asJSON bool) (int, error) {
	var t *loadTiming
	err := a.interruptible(func() (err error) {
		t, err = m.measureLoad(a.ctx, layer, runs)
		return err
	})
	if err != nil {
		return exitFatal, err
	}
	if asJSON {
		return exitOK, a.printJSON(t)
	}
	return exitOK, t.print(a.text())
}

func (a *app) benchReport(m *loaded, layer string, runs int) (int, error) {
	var r *measurement
	err := a.interruptible(func() (err error) {
		r, err = m.measureMachine(a.ctx, layer, runs)
		return err
	})
	if err != nil {
		return exitFatal, err
	}
	if err := a.printJSON(r); err != nil {
		return exitFatal, err
	}
	a.say("%s: %.2f ms for the network, %.1f ms for a photo of 12 megapixels, one core. The report names the processor, no file and no person; the form \"Measurement\" of the project takes it.",
		r.Build.Kernels, r.Network.Median, r.Photo.Median)
	return exitOK, nil
}

// measure times the whole way from pixels of the network's size to a vector,
// on one core.
func (m *loaded) measure(ctx context.Context, layer string, runs int, profile bool) (*timing, error) {
	if layer == "" {
		layer = m.net.DefaultLayer()
	}
	s, err := m.net.NewSession(layer)
	if err != nil {
		return nil, err
	}
	if err := s.Resize(picture.ResizeNone); err != nil {
		return nil, err
	}
	px := testPicture(m.net.Preparation())
	times := make([]float64, 0, runs)
	for i := range runs/5 + runs {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		start := time.Now()
		if err := s.Run(px); err != nil {
			return nil, err
		}
		if _, err := s.Vector(layer, engine.PoolAvg, true); err != nil {
			return nil, err
		}
		if i >= runs/5 {
			times = append(times, milliseconds(time.Since(start)))
		}
	}
	slices.Sort(times)
	t := &timing{Model: m.net.Name(), Layer: layer, Kernels: engine.Backend(), Runs: runs, Median: times[len(times)/2], Min: times[0]}
	layers, err := s.Profile(runs)
	if err != nil {
		return nil, err
	}
	sum := 0.0
	for _, l := range layers {
		t.MACs += l.MACs
		sum += milliseconds(l.Time)
	}
	for _, l := range layers {
		ms := milliseconds(l.Time)
		if profile {
			t.Layers = append(t.Layers, layerTiming{l.Layer, l.Kernel, ms, rate(l.MACs, ms), ms / max(sum, 1e-9)})
		}
	}
	return t, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// rate is in billions of multiply-adds a second.
func rate(macs int64, ms float64) float64 { return float64(macs) / max(ms, 1e-9) / 1e6 }

// testPicture fills the network's window with values of every size.
func testPicture(p picture.Preparation) *picture.Pixels {
	px := &picture.Pixels{W: p.Width, H: p.Height, Pix: make([]byte, 4*p.Width*p.Height)}
	for i := range px.Pix {
		px.Pix[i] = byte(i*7919>>3 | 255*(i%4/3))
	}
	return px
}

func (t *timing) print(w io.Writer) error {
	fmt.Fprintf(w, "%s to %s, kernels %s: median %.2f ms, minimum %.2f ms of %d runs; %.0f million multiply-adds, %.1f billion a second\n",
		printable.Text(t.Model), printable.Text(t.Layer), t.Kernels, t.Median, t.Min, t.Runs, float64(t.MACs)/1e6, rate(t.MACs, t.Median))
	if len(t.Layers) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\nms\tshare\tmillion MAC\tGMAC/s\tH x W x C\tkernel\tlayer\t")
	groups := map[string]*layerTiming{}
	var order []string
	for _, l := range t.Layers {
		kind := l.Op
		if l.Kernel != "" {
			kind += " " + l.Kernel
		}
		l.row(table, fmt.Sprintf("%d x %d x %d", l.Shape[0], l.Shape[1], l.Shape[2]), kind)
		if groups[kind] == nil {
			groups[kind] = &layerTiming{}
			order = append(order, kind)
		}
		g := groups[kind]
		g.Time, g.Share, g.MACs = g.Time+l.Time, g.Share+l.Share, g.MACs+l.MACs
	}
	fmt.Fprintln(table, "\t\t\t\t\t\t\t")
	slices.SortStableFunc(order, func(a, b string) int { return int(1e6 * (groups[b].Time - groups[a].Time)) })
	for _, kind := range order {
		g := groups[kind]
		g.Rate = rate(g.MACs, g.Time)
		g.row(table, "all", kind)
	}
	return table.Flush()
}

func (l *layerTiming) row(w io.Writer, shape, kind string) {
	fmt.Fprintf(w, "%.3f\t%.1f %%\t%.1f\t%.1f\t%s\t%s\t%s\t\n", l.Time, 100*l.Share, float64(l.MACs)/1e6, l.Rate, shape, kind, printable.Text(l.Name))
}
