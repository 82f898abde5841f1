package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"likeness/engine"
	"likeness/engine/picture"
	"likeness/engine/vectors"
)

type embedFlags struct {
	model, layer, pool, format, out string
	normalize, json                 bool
}

func (a *app) embed(fs *flag.FlagSet, args []string) (int, error) {
	var f embedFlags
	fs.StringVar(&f.model, "model", "", "model file, or name in models/")
	fs.StringVar(&f.layer, "layer", "", "layer (default: the model's)")
	fs.StringVar(&f.pool, "pool", "avg", "avg, max, flatten or none")
	fs.StringVar(&f.format, "format", "npy", "npy, csv, jsonl or tsv")
	fs.StringVar(&f.out, "o", "-", "file to write, - for standard output")
	fs.BoolVar(&f.normalize, "normalize", true, "divide vectors by their Euclidean length")
	fs.BoolVar(&f.json, "json", false, "print a summary as JSON on standard error")
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	net, err := loadModel(f.model)
	if err != nil {
		return exitFatal, err
	}
	pool, err := engine.ParsePool(f.pool)
	if err != nil {
		return exitFatal, err
	}
	if !slices.Contains(vectors.Formats, f.format) {
		return exitFatal, fmt.Errorf("unknown format %q: use %s", f.format, strings.Join(vectors.Formats, ", "))
	}
	files, err := pictures(paths)
	if err != nil {
		return exitFatal, err
	}
	if f.layer == "" {
		f.layer = net.DefaultLayer()
	}
	e := &embedder{app: a, net: net, layer: f.layer, pool: pool, normalize: f.normalize, files: files}
	set, failed, err := e.run()
	if err != nil {
		return exitFatal, err
	}
	if len(set.Names) == 0 {
		return exitFatal, errors.New("none of the pictures could be read; the reasons are above")
	}
	if err := a.save(set, f.format, f.out); err != nil {
		return exitFatal, err
	}
	if f.json {
		err := json.NewEncoder(a.stderr).Encode(map[string]any{"pictures": len(set.Names), "failed": failed, "dim": set.Dim,
			"model": set.Model, "model_hash": set.ModelHash, "layer": set.Layer, "pool": set.Pool, "normalized": set.Normalized})
		if err != nil {
			return exitFatal, err
		}
	}
	if failed > 0 {
		return exitSome, nil
	}
	return exitOK, nil
}

// pictureExtensions are looked at inside folders; files named outright are
// always tried.
var pictureExtensions = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".avif"}

func pictures(paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, errors.New("no pictures: give files or folders")
	}
	var files []string
	for _, p := range paths {
		before := len(files)
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if path != p && strings.HasPrefix(d.Name(), ".") {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if !d.IsDir() && (path == p || slices.Contains(pictureExtensions, strings.ToLower(filepath.Ext(path)))) {
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s holds no pictures (%s)", p, strings.Join(pictureExtensions, " "))
		}
	}
	return files, nil
}

// embedder runs files through one session a core; results keep their order.
type embedder struct {
	*app
	net       *engine.Network
	layer     string
	pool      engine.Pool
	normalize bool
	files     []string
}

type embedded struct {
	vector []float32
	err    error
}

func (e *embedder) run() (*vectors.Set, int, error) {
	results := make([]embedded, len(e.files))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(e.files)) {
		s, err := e.net.NewSession(e.layer)
		if err != nil {
			return nil, 0, err
		}
		wg.Go(func() {
			for i := range next {
				results[i].vector, results[i].err = e.one(s, e.files[i])
			}
		})
	}
	start, last := time.Now(), time.Now()
	for i := range e.files {
		if e.ctx.Err() != nil {
			break
		}
		next <- i
		if time.Since(last) > time.Second {
			last = time.Now()
			rate := float64(i+1) / time.Since(start).Seconds()
			fmt.Fprintf(e.stderr, "%d of %d pictures, %.1f a second, %.0f s left\n", i+1, len(e.files), rate, float64(len(e.files)-i-1)/rate)
		}
	}
	close(next)
	wg.Wait()
	if e.ctx.Err() != nil {
		return nil, 0, errors.New("interrupted; nothing was written")
	}
	set := &vectors.Set{Model: e.net.Name(), ModelHash: e.net.Hash(), Layer: e.layer, Pool: string(e.pool), Normalized: e.normalize}
	failed := 0
	for i, r := range results {
		if r.err != nil {
			fmt.Fprintf(e.stderr, "%s: %v\n", e.files[i], r.err)
			failed++
			continue
		}
		set.Dim = len(r.vector)
		set.Names = append(set.Names, e.files[i])
		set.Data = append(set.Data, r.vector...)
	}
	return set, failed, nil
}

func (e *embedder) one(s *engine.Session, file string) ([]float32, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	px, _, err := picture.Decode(data, picture.DefaultLimits)
	if err != nil {
		return nil, err
	}
	if err := s.Run(px); err != nil {
		return nil, err
	}
	return s.Vector(e.layer, e.pool, e.normalize)
}

// save writes the vectors and, for formats without room for them, the names
// and the description beside them.
func (a *app) save(set *vectors.Set, format, out string) error {
	if out == "-" {
		return vectors.Write(a.stdout, format, set)
	}
	if err := writeAtomically(out, func(w io.Writer) error { return vectors.Write(w, format, set) }); err != nil {
		return err
	}
	switch format {
	case "npy":
		side := map[string]any{"model": set.Model, "model_hash": set.ModelHash, "layer": set.Layer, "pool": set.Pool,
			"normalized": set.Normalized, "names": set.Names}
		return writeAtomically(out+".json", func(w io.Writer) error { return json.NewEncoder(w).Encode(side) })
	case "tsv":
		return writeAtomically(strings.TrimSuffix(out, ".tsv")+".metadata.tsv", func(w io.Writer) error { return vectors.WriteMetadata(w, set) })
	}
	return nil
}

// writeAtomically leaves either the whole file or none.
func writeAtomically(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w: choose another place with -o", path, err)
	}
	err = errors.Join(write(tmp), tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("cannot write %s: %w: free space there or choose another place with -o", path, err)
	}
	return nil
}
