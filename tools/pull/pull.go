// Package pull obtains the models of the catalog and converts them.
package pull

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/models"
	"likeness/tools/convert"
)

// Entry is one model of the catalog.
type Entry struct {
	Name         string   `json:"name"`
	Title        string   `json:"title"`
	Format       string   `json:"format"`
	SHA256       string   `json:"sha256"` // of the file that is converted
	License      string   `json:"license"`
	Preset       string   `json:"preset"`
	Size         int      `json:"size"` // input side, pixels
	DefaultLayer string   `json:"default_layer"`
	Output       string   `json:"output"`
	Until        []string `json:"until"`
	Strip        string   `json:"strip"`
	Sources      []Source `json:"sources"`
}

// Source is one place an entry can be had from.
type Source struct {
	Kind      string   `json:"kind"` // dir (of LIKENESS_MODELS), https (a .tgz) or npm
	File      string   `json:"file"` // inside the folder or archive
	URL       string   `json:"url"`
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
	Dir string       // converted models
	Log func(string) // what is being done, a line each; may be nil
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

// Default obtains the first model of the catalog that can be had.
func Default(ctx context.Context, opt Options) (*Result, error) {
	entries, err := Catalog()
	if err != nil {
		return nil, err
	}
	var errs []error
	for i := range entries {
		r, err := get(ctx, &entries[i], opt)
		if err == nil {
			return r, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("no default model could be obtained:\n%w", errors.Join(errs...))
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
	out := filepath.Join(opt.Dir, e.Name+".safetensors")
	if data, err := os.ReadFile(out); err == nil {
		if f, err := model.Read(data); err == nil && f.SourceSHA256 == e.SHA256 {
			return &Result{e.Name, out, f.Source, false}, nil
		}
	}
	var errs []error
	for _, s := range e.Sources {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		opt.Log(fmt.Sprintf("%s: trying %s", e.Name, s))
		data, err := s.fetch(ctx, opt.Progress)
		if err == nil {
			err = verify(data, e.SHA256)
		}
		if err != nil {
			opt.Log(fmt.Sprintf("%s: not from there: %v", e.Name, err))
			errs = append(errs, fmt.Errorf("%s from %s: %w", e.Name, s, err))
			continue
		}
		opt.Log(fmt.Sprintf("%s: obtained %.1f MB from %s, converting", e.Name, float64(len(data))/1e6, s))
		if err := e.convert(data, out); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		return &Result{e.Name, out, s.String(), true}, nil
	}
	return nil, errors.Join(errs...)
}

func verify(data []byte, want string) error {
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("its sha256 is %s, %s is wanted: the file was changed or damaged", got, want)
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

// convert quantises with the ranges the file declares, or else with those of
// the synthetic calibration set.
func (e *Entry) convert(data []byte, out string) error {
	p, err := picture.Preset(e.Preset)
	if err != nil {
		return err
	}
	p.Width, p.Height, p.Side = e.Size, e.Size, e.Size*256/224
	n, err := convert.FromTFLite(data, convert.Options{Name: e.Name, Prepare: p, Default: e.DefaultLayer, Output: e.Output, Until: e.Until, Strip: e.Strip})
	if err != nil {
		return err
	}
	f, err := n.Model(convert.ModelOptions{})
	if err != nil {
		return err
	}
	f.License, f.Source, f.SourceSHA256 = e.License, e.Title+", from "+e.publisher(), e.SHA256
	if err := convert.WriteFile(out, f); err != nil {
		return err
	}
	notice := fmt.Sprintf("%s.safetensors holds the weights of %s, converted to int8 from the file with sha256 %s,\nobtained from %s.\nThey are licensed under %s by their authors: https://spdx.org/licenses/%s.html\n",
		e.Name, e.Title, e.SHA256, e.publisher(), e.License, e.License)
	return os.WriteFile(strings.TrimSuffix(out, ".safetensors")+".LICENSE.txt", []byte(notice), 0o644)
}
