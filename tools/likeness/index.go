package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"likeness/engine"
	"likeness/engine/index"
	"likeness/engine/signal"
)

var indexCommand = command{
	name:    "index",
	summary: "make a folder of static files that a web page searches pictures by",
	usage:   "[flags] -o OUT FOLDER...\n  likeness index [flags] -o OUT --list FILE\n  likeness index [flags] -o OUT --vectors FILE [FILE...]\n  likeness index --verify OUT\n  likeness index --report OUT",
	example: "likeness index -o site/search --base ../photos/ photos/\n" +
		"likeness index -o site/search --list works.csv           # path, url, title, text, tags\n" +
		"likeness serve site                                     # and open /search/",
	run: (*app).index,
}

type indexFlags struct {
	embedFlags
	list, vectors string
	verify        string
	report        string
	thumbs, base  string
	side, exact   int
	runtime       string
	noRuntime     bool
}

func (f *indexFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.out, "o", "", "`OUT`, the folder to make or to bring up to date; vectors are kept in OUT.cache beside it, so that only what is new is read again")
	fs.StringVar(&f.list, "list", "", "`FILE` of pictures with what is known of them: .csv with a line of column names, or .jsonl; path, and url, title, text, tags where there are any. Paths start at the file's folder")
	fs.StringVar(&f.vectors, "vectors", "", "`FILE` that likeness embed wrote, in place of reading pictures; more of them may follow at the end: --vectors a.parquet b.jsonl")
	fs.StringVar(&f.verify, "verify", "", "check that the files in `OUT` are whole, and nothing else")
	fs.StringVar(&f.report, "report", "", "measure how many of the ten nearest the searches in `OUT` find, and what they read")
	fs.StringVar(&f.base, "base", "", "`URL` that a picture's path is put behind to link to it; without it, results that --list gives no url are not linked")
	fs.StringVar(&f.thumbs, "thumbs", "", "small pictures: files, packed into few files, or none to show what url leads to (default: files up to 8,000 pictures, packed above)")
	fs.IntVar(&f.exact, "exact-limit", 20000, "up to so `MANY` pictures a search compares with all, which reads all vectors; above it reads a small part")
	fs.IntVar(&f.side, "side", 160, "longer side of the small pictures, 32 to 640 `PIXELS`")
	fs.StringVar(&f.runtime, "runtime", "", "the `FOLDER` that make build made, whose program goes to OUT/likeness (default: dist here or beside the program)")
	fs.BoolVar(&f.noRuntime, "no-runtime", false, "leave the program out, since the site has it already")
	fs.StringVar(&f.model, "model", "", "`MODEL` file, or its name in models/ (default: the best there)")
	fs.StringVar(&f.layer, "layer", "", "`LAYER` to take (default: the model's)")
	fs.StringVar(&f.pool, "pool", "avg", "avg, max, flatten, gem or gem:P")
	fs.StringVar(&f.resize, "resize", "", "as likeness embed has it (default: the model's)")
	f.signals.define(fs)
	defineMemory(fs, &f.memory)
}

func (a *app) index(fs *flag.FlagSet, args []string) (int, error) {
	var f indexFlags
	f.define(fs)
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	switch {
	case f.verify != "" || f.report != "":
		if f.out != "" || len(paths) > 0 || f.verify != "" && f.report != "" {
			return exitFatal, usagef("--verify and --report are alone")
		}
		if f.verify != "" {
			return a.verifyIndex(f.verify)
		}
		return a.reportIndex(f.report)
	case f.out == "":
		return exitFatal, usagef("-o OUT, the folder to make, is missing")
	case !slices.Contains([]string{"", "files", "packed", "none"}, f.thumbs):
		return exitFatal, usagef("--thumbs is files, packed or none, not %q", f.thumbs)
	case f.exact < 1:
		return exitFatal, usagef("--exact-limit is at least 1")
	case f.side < 32 || f.side > 640:
		return exitFatal, usagef("--side is 32 to 640")
	case f.noRuntime && f.runtime != "":
		return exitFatal, usagef("--runtime and --no-runtime exclude each other")
	}
	sources := 0
	for _, given := range []bool{len(paths) > 0 && f.vectors == "", f.list != "", f.vectors != ""} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		return exitFatal, usagef("name folders of pictures, or one of --list and --vectors")
	}
	s := &siteBuild{app: a, f: &f, out: filepath.Clean(f.out), start: time.Now(), wrote: map[string]bool{}}
	return s.run(paths)
}

// siteBuild is one run of index.
type siteBuild struct {
	app   *app
	f     *indexFlags
	out   string
	start time.Time

	roots   []string            // the folders that were named
	known   map[string]*indexed // what --list says, by path
	set     *vectorSet
	model   *loaded
	signals *signal.Options // what pictures are made of, or nil
	thumbs  []*small        // of each picture; nil where there is none
	wrote   map[string]bool
	status  int
}

func (s *siteBuild) cache() string { return s.out + ".cache" }

func (s *siteBuild) run(paths []string) (int, error) {
	s.roots = paths
	if err := s.place(paths); err != nil {
		return exitFatal, err
	}
	if err := s.embed(paths); err != nil {
		if s.status == 0 {
			s.status = exitFatal
		}
		return s.status, err
	}
	if err := s.small(); err != nil {
		return exitFatal, err
	}
	m, err := s.build()
	if err != nil {
		return exitFatal, err
	}
	if err := s.program(m); err != nil {
		return exitFatal, err
	}
	if err := s.sweep(m); err != nil {
		return exitFatal, err
	}
	s.app.say("%d pictures in %.1f s, written to %s: put that folder on the host as it is; likeness index --report %s tells what searches find",
		m.Count, time.Since(s.start).Seconds(), shown(s.out), shown(s.out))
	return s.status, nil
}

// place refuses a folder that holds something else, or that would be read too.
func (s *siteBuild) place(paths []string) error {
	whole, err := filepath.Abs(s.out)
	if err != nil {
		return err
	}
	for _, p := range paths {
		if abs, err := filepath.Abs(p); err == nil && (whole == abs || strings.HasPrefix(whole, abs+string(filepath.Separator))) {
			return fmt.Errorf("%s lies in %s, so its small pictures would be indexed too: choose a place outside", shown(s.out), shown(p))
		}
	}
	entries, err := os.ReadDir(s.out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot write %s: %w", shown(s.out), cause(err))
	}
	if len(entries) > 0 {
		if _, err := readManifest(s.out); err != nil && !s.unfinished(entries) {
			return fmt.Errorf("%s holds other files, and would be changed: name a new folder with -o", shown(s.out))
		}
	}
	return nil
}

// unfinished reports whether a folder without a manifest holds nothing but what
// an interrupted run has left.
func (s *siteBuild) unfinished(entries []fs.DirEntry) bool {
	for _, e := range entries {
		if !e.IsDir() || !slices.Contains(indexFolders, e.Name()) {
			return false
		}
	}
	return exists(s.cache())
}

// embed brings the vectors in the cache up to date, or reads those given.
func (s *siteBuild) embed(paths []string) (err error) {
	f := s.f
	from := f.vectors
	var more []string // files of vectors beside the first
	if from != "" {
		paths, more, s.roots = nil, paths, nil
	}
	if f.list != "" {
		s.roots = []string{filepath.Dir(f.list)}
		if s.known, paths, err = readPictureList(f.list); err != nil {
			return err
		}
	}
	if from == "" {
		if err := os.MkdirAll(s.cache(), 0o777); err != nil {
			return fmt.Errorf("cannot write %s: %w", shown(s.cache()), cause(err))
		}
		from = filepath.Join(s.cache(), "vectors.npy")
		e := f.embedFlags
		e.format, e.out, e.normalize, e.update = "npy", from, true, true
		pool, err := e.check(paths, s.app.stdout)
		if err != nil {
			return err
		}
		if s.model, err = loadModel(f.model); err != nil {
			return err
		}
		if s.status, err = s.app.embedPaths(&e, s.model, pool, paths); err != nil {
			return err
		}
	}
	if s.set, err = s.app.readVectorSet(append([]string{from}, more...)); err != nil {
		return err
	}
	if s.set.from == nil {
		return fmt.Errorf("there is no %s.json to tell which model made the vectors: embed with likeness embed", shown(from))
	}
	if s.model == nil {
		if s.model, err = loadModel(f.model); err != nil {
			return err
		}
	}
	if s.model.net.Hash() != s.set.from.ModelHash {
		return fmt.Errorf("the vectors in %s are of the model %s (%.8s), not of %s (%.8s): give it with --model", shown(from), s.set.from.Model, s.set.from.ModelHash, s.model.net.Name(), s.model.net.Hash())
	}
	if !s.set.from.Normalized && s.set.from.Pool == string(engine.PoolNone) {
		return errors.New("vectors of --pool none have one for each place: index those of avg, max or flatten")
	}
	return nil
}

// build writes the index itself.
func (s *siteBuild) build() (*index.Manifest, error) {
	p := newProgress(s.app.stderr)
	defer p.clear()
	s.app.leaves("%s is not finished: the same command makes it whole", shown(s.out))
	from := s.set.from
	in := index.Input{Data: s.set.data, Dim: s.set.dim, Record: s.record, Path: s.path, Tags: s.tags,
		Source: index.Source{Model: from.Model, ModelHash: from.ModelHash, Layer: from.Layer, Pool: from.Pool, Resize: s.f.resize, Signal: from.Signal}}
	if !s.f.noRuntime {
		in.Source.File = programFolder + "/models/" + filepath.Base(s.model.path)
	}
	if s.f.thumbs != "none" {
		in.Pictures = &index.Pictures{Side: s.f.side, Type: "image/jpeg"}
		if s.packed() {
			in.Thumb = s.thumb
		}
	}
	return index.Build(s.app.ctx, in, index.Options{ExactLimit: s.f.exact, Check: s.app.check(p, "indexing")}, s.write)
}

// write puts a file in place whole.
func (s *siteBuild) write(name string, data []byte) error {
	path := filepath.Join(s.out, filepath.FromSlash(name))
	s.wrote[name] = true
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("cannot write %s: %w", shown(path), cause(err))
	}
	if err := replace(path, data); err != nil {
		return fmt.Errorf("cannot write %s: %w", shown(path), cause(err))
	}
	return nil
}

// indexFolders are the folders of an index that change with it.
var indexFolders = []string{index.KindLists, index.KindCodes, index.KindVectors, index.KindItems, index.KindThumbs, index.KindTags, index.KindPaths, smallFolder}

// sweep removes the files of earlier versions of the index.
func (s *siteBuild) sweep(m *index.Manifest) error {
	for _, kind := range indexFolders {
		entries, err := os.ReadDir(filepath.Join(s.out, kind))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); !s.wrote[kind+"/"+e.Name()] && (ext == ".bin" || ext == ".jpg") {
				if err := os.Remove(filepath.Join(s.out, kind, e.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// verifyIndex reads every file of an index.
func (a *app) verifyIndex(out string) (int, error) {
	m, err := readManifest(out)
	if err != nil {
		return exitFatal, err
	}
	p := newProgress(a.stderr)
	defer p.clear()
	if err := index.Verify(a.ctx, m, index.Folder{FS: os.DirFS(out)}, a.check(p, "checking")); err != nil {
		return exitFatal, fmt.Errorf("%s: %w", shown(out), err)
	}
	p.clear()
	fmt.Fprintf(a.text(), "%d pictures, all files whole\n", m.Count)
	return exitOK, nil
}

// openIndex opens the index in a folder.
func openIndex(ctx context.Context, out string) (*index.Index, error) {
	m, err := readManifest(out)
	if err != nil {
		return nil, err
	}
	x, err := index.Open(ctx, m, index.Folder{FS: os.DirFS(out)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(out), err)
	}
	return x, nil
}

func readManifest(out string) (*index.Manifest, error) {
	data, err := os.ReadFile(filepath.Join(out, index.ManifestFile))
	if err != nil {
		return nil, fmt.Errorf("%s holds no index: %s cannot be read (%w): likeness index makes one", shown(out), index.ManifestFile, cause(err))
	}
	m, err := index.ReadManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(filepath.Join(out, index.ManifestFile)), err)
	}
	return m, nil
}
