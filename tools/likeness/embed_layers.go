package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"likeness/engine"
	"likeness/tools/output"
)

// layerSink hands the vectors of several layers, which follow each other, to
// one output each.
type layerSink []*vectorOutput

func (s layerSink) add(p *embedded) error {
	all := p.vector
	for _, out := range s {
		one := *p
		one.vector, all = all[:out.setting.Dim], all[out.setting.Dim:]
		if err := out.add(&one); err != nil {
			return err
		}
	}
	return nil
}

// layerFile is where the vectors of one of several layers go: the layer stands
// before the extension.
func layerFile(path, layer string) string {
	ext := filepath.Ext(path)
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, layer)
	return strings.TrimSuffix(path, ext) + "." + name + ext
}

// embedLayers takes the vectors of several layers in one run, a file for each.
func (a *app) embedLayers(f *embedFlags, m *loaded, pool engine.Pool, paths []string) (int, error) {
	if f.out == "-" {
		return exitFatal, usagef("several layers need -o FILE: a file for each layer is written, the layer before the extension")
	}
	if f.update {
		return exitFatal, usagef("--update takes one layer: run it once for each")
	}
	o, err := f.signals.options()
	if err != nil {
		return exitFatal, err
	}
	found := gather(paths, o)
	if len(found.files) == 0 {
		return exitFatal, found.none(paths)
	}
	var sink layerSink
	defer func() {
		for _, out := range sink {
			out.discard()
		}
	}()
	var takes []take
	var names []string
	for _, layer := range strings.Split(f.layer, ",") {
		one := *f
		one.layer, one.out = layer, layerFile(f.out, layer)
		s, err := m.setting(&one, pool)
		if err != nil {
			return exitFatal, err
		}
		s.Signal = signalName(o)
		takes, names = append(takes, take{s.Layer, pool}), append(names, outputNames(one.out, f.format, false)...)
		err = output.Distinct(names, output.Inputs{What: "model", Paths: []string{m.path}},
			output.Inputs{What: "list", Paths: []string{f.filesFrom}}, output.Inputs{What: "picture", Paths: found.files})
		if err != nil {
			return exitFatal, fmt.Errorf("%w with -o", err)
		}
		out, err := openOutput(one.out, a.stdout, s, len(found.files))
		if err != nil {
			return exitFatal, err
		}
		sink = append(sink, out)
	}
	p := newProgress(a.stderr)
	for _, fail := range found.failed {
		p.line("%v", fail)
	}
	e := &embedder{app: a, net: m.net, takes: takes, normalize: f.normalize, resize: sink[0].setting.Prepare.Resize, signals: o, memory: int64(f.memory), progress: p}
	start := time.Now()
	failed, err := e.run(found.files, sink)
	p.clear()
	if err != nil {
		return exitFatal, err
	}
	if failed = append(found.failed, failed...); len(sink[0].listed) == 0 {
		return exitFatal, errors.New("none of the pictures could be read, for the reasons above; nothing was written")
	}
	status := exitOK
	for _, out := range sink {
		if err := out.commit(); err != nil {
			return exitFatal, err
		}
		r := &summary{origin: out.setting.origin, Output: out.path, Pictures: len(out.listed), passed: found.passed, Failed: len(failed), Failures: failed,
			Flags: out.flags, Seconds: time.Since(start).Seconds(), Backend: engine.Backend()}
		if status, err = a.summarise(r, f.json); err != nil {
			return exitFatal, err
		}
	}
	return status, nil
}
