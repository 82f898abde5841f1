// Package pull obtains the models of the catalog and converts them.
package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"likeness/engine/model"
	"likeness/models"
	"likeness/tools/convert/quantise"
	"likeness/tools/output"
	"likeness/tools/regular"
)

// Entry is one model of the catalog.
type Entry struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	Format string `json:"format"` // tflite, onnx or tfjs
	// SHA256 is of what is converted (see files.sha256), written down when it
	// was seen and tried. Without it the entry is only a pointer to its
	// publisher, and the user has to vouch for the file: see Options.
	SHA256 string `json:"sha256"`
	// StatedSHA256 is what the publisher says the file's hash is; the file
	// itself was not seen.
	StatedSHA256 string          `json:"stated_sha256"`
	Bytes        int64           `json:"bytes"` // of the file, for finding it by hash in a folder
	License      string          `json:"license"`
	Preset       string          `json:"preset"`
	Prepare      json.RawMessage `json:"prepare"` // what differs from the preset
	Size         int             `json:"size"`    // input side, pixels
	// DefaultLayer and Output may be absent: what the classifier reads, and the
	// last layer, are taken.
	DefaultLayer string   `json:"default_layer"`
	Output       string   `json:"output"`
	Labels       []string `json:"labels"` // of Output
	Until        []string `json:"until"`
	Strip        string   `json:"strip"` // prefix that layer names lose
	Sources      []Source `json:"sources"`

	asked     []string // labels asked for, in place of Labels
	askedFrom string
}

// Source is one place an entry can be had from.
type Source struct {
	Kind      string   `json:"kind"`  // dir (of LIKENESS_MODELS), https or npm
	File      string   `json:"file"`  // inside the folder or archive
	Files     []string `json:"files"` // instead of File where a model has several; the model first
	URL       string   `json:"url"`   // of a .tgz
	Raw       bool     `json:"raw"`   // the URL is the file itself
	Package   string   `json:"package"`
	Version   string   `json:"version"`
	Integrity string   `json:"integrity"` // sha512 of the package, as npm writes it
	Range     [2]int64 `json:"range"`     // bytes of File; 0, 0 is all of it
}

func (s Source) String() string {
	switch s.Kind {
	case "dir":
		return "the folder in LIKENESS_MODELS"
	case "npm":
		return "npm package " + s.Package + " " + s.Version
	}
	return s.URL
}

// Catalog reads the built-in catalog.
func Catalog() ([]Entry, error) {
	var entries []Entry
	err := json.Unmarshal(models.Catalog, &entries)
	return entries, err
}

// Options say where models go and who is told.
type Options struct {
	Dir string // converted models
	// File is one that the user has downloaded, taken instead of the sources.
	File string
	// Trust accepts what the publisher's address answers where the catalog
	// holds no hash.
	Trust bool
	// Labels name the classes of networks whose entry has no labels, or others;
	// LabelsFrom says where they are from.
	Labels     []string
	LabelsFrom string
	Log        func(string) // what is being done, a line each; may be nil
	// Progress is told the bytes of a download; the total is 0 while unknown.
	Progress func(done, total int64) // may be nil
}

// Result says what was obtained.
type Result struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Source string `json:"source"`
	Fresh  bool   `json:"fresh"` // false when it was there already
}

// Get obtains one model by name.
func Get(ctx context.Context, name string, opt Options) (*Result, error) {
	entries, err := Catalog()
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range entries {
		if entries[i].Name == name {
			return get(ctx, &entries[i], opt)
		}
		names = append(names, entries[i].Name)
	}
	return nil, fmt.Errorf("the catalog has no model %q; it has %s", name, strings.Join(names, ", "))
}

func get(ctx context.Context, e *Entry, opt Options) (*Result, error) {
	if opt.Log == nil {
		opt.Log = func(string) {}
	}
	e.asked, e.askedFrom = opt.Labels, opt.LabelsFrom
	out := filepath.Join(opt.Dir, e.Name+".safetensors")
	if opt.File != "" {
		return e.given(out, opt)
	}
	if r := e.present(out); r != nil {
		return r, nil
	}
	if e.SHA256 == "" && !opt.Trust {
		return nil, e.unpinned()
	}
	t, err := open(out)
	if err != nil {
		return nil, err
	}
	defer t.set.Discard()
	var errs []error
	for _, s := range e.Sources {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		opt.Log(fmt.Sprintf("%s: trying %s", e.Name, s))
		got, err := s.fetch(ctx, e, opt.Progress)
		if err == nil {
			err = e.verify(got)
		}
		if err != nil {
			opt.Log(fmt.Sprintf("%s: not from there: %v", e.Name, err))
			errs = append(errs, fmt.Errorf("%s from %s: %w", e.Name, s, err))
			continue
		}
		opt.Log(fmt.Sprintf("%s: obtained %.1f MB from %s, converting", e.Name, float64(got.size())/1e6, s))
		if e.SHA256 == "" {
			opt.Log(fmt.Sprintf("%s: taken on trust; its sha256 is %s", e.Name, got.sha256()))
		}
		if err := e.convert(got, t); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		return &Result{e.Name, out, s.String(), true}, nil
	}
	return nil, errors.Join(errs...)
}

// given converts a file that the user has.
func (e *Entry) given(out string, opt Options) (*Result, error) {
	if err := output.Distinct(outputs(out), output.Inputs{What: "file", Paths: []string{opt.File}}); err != nil {
		return nil, fmt.Errorf("%w with --dir", err)
	}
	t, err := open(out)
	if err != nil {
		return nil, err
	}
	defer t.set.Discard()
	data, _, err := regular.Read(opt.File, maxDownload)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", e.Name, opt.File, bare(err))
	}
	got := files{{filepath.Base(opt.File), data}}
	if err := e.verify(got); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", e.Name, opt.File, err)
	}
	opt.Log(fmt.Sprintf("%s: converting %s, sha256 %s", e.Name, opt.File, got.sha256()))
	if err := e.convert(got, t); err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return &Result{e.Name, out, opt.File, true}, nil
}

// bare drops the path from an error that names it already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// present is the model converted before, if it is still what this converter
// would make.
func (e *Entry) present(out string) *Result {
	data, err := readFile(out)
	if err != nil {
		return nil
	}
	f, err := model.Read(data)
	if err != nil || f.Converter != quantise.Version || !e.hasLabels(f.Graph.Labels) {
		return nil
	}
	if e.SHA256 != "" && f.SourceSHA256 != e.SHA256 || e.SHA256 == "" && f.Source != e.provenance() {
		return nil
	}
	return &Result{e.Name, out, f.Source, false}
}

// unpinned explains what the user can do about an entry without a hash.
func (e *Entry) unpinned() error {
	from := e.publisher()
	stated := ""
	if e.StatedSHA256 != "" {
		stated = ", which must have the sha256 " + e.StatedSHA256 + " that the publisher states"
	}
	return fmt.Errorf(`%s: nobody has tried this file here yet, so the catalog holds no hash of its own for it. Either
  download it from %s yourself and give it with --file FILE,
  or pass --trust to take what that address answers%s.
The licence that the publisher states is %s`, e.Name, from, stated, e.License)
}

// verify compares the hash with the catalog's, or else with the publisher's.
func (e *Entry) verify(got files) error {
	want, whose := e.SHA256, "wanted"
	if want == "" {
		want, whose = e.StatedSHA256, "stated by the publisher"
	}
	if have := got.sha256(); want != "" && have != want {
		return fmt.Errorf("its sha256 is %s, %s is %s: the file was changed or damaged", have, want, whose)
	}
	return nil
}

// publisher is the first public source. The model file names it whichever
// source was used: vectors refer to the file's hash, so the same weights must
// make the same file.
func (e *Entry) publisher() string {
	for _, s := range e.Sources {
		if s.Kind != "dir" {
			return s.String()
		}
	}
	return "a file with sha256 " + e.SHA256
}

// provenance is what the model file says about its source.
func (e *Entry) provenance() string {
	s := e.Title + ", from " + e.publisher()
	if e.SHA256 == "" {
		s += " (taken on the user's word: the catalog holds no hash of its own)"
	}
	return s
}
