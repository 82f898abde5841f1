package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/models"
	"likeness/tools/convert/guard"
	"likeness/tools/pull"
	"likeness/tools/regular"
)

// maxModel bounds the file that is read; the largest model in use has 140 MB.
const maxModel = 1 << 30

// loaded is a model and the file it came from.
type loaded struct {
	path string
	size int
	file *model.File
	net  *engine.Network
}

// loadModel takes a path, or the name of a model in models/ here or beside the
// program; "" is the project's own, else the first of the catalog that is there.
func loadModel(name string) (*loaded, error) {
	if name == "" {
		return defaultModel()
	}
	for _, path := range append([]string{name}, inModels(name)...) {
		l, err := readModel(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return l, err
	}
	remedy := "likeness pull " + name + " obtains it"
	if known := catalogNames(); !slices.Contains(known, name) {
		remedy = "check the name; likeness pull obtains " + strings.Join(known, " or ")
	}
	return nil, fmt.Errorf("there is no model %q, neither a file nor in models/: %s", name, remedy)
}

func defaultModel() (*loaded, error) {
	for _, name := range append([]string{models.Default}, catalogNames()...) {
		for _, path := range inModels(name) {
			l, err := readModel(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			return l, err
		}
	}
	return nil, errors.New("there is no model in models/ here or beside the program, where " + models.Default + ".safetensors of the repository belongs: " +
		"give a file with --model, or obtain one with likeness pull NAME")
}

// inModels lists where a model of that name may be.
func inModels(name string) []string {
	file := strings.TrimSuffix(name, ".safetensors") + ".safetensors"
	places := []string{filepath.Join("models", file)}
	exe, err := os.Executable()
	if err != nil {
		return places
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	// Where a release has it, and where a build of the repository has it.
	return append(places, filepath.Join(filepath.Dir(exe), "models", file), filepath.Join(filepath.Dir(exe), "..", "models", file))
}

func catalogNames() []string {
	entries, err := pull.Catalog()
	if err != nil {
		panic(err) // built in
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names
}

func readModel(path string) (*loaded, error) {
	data, _, err := regular.Read(path, maxModel)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", shown(path), cause(err))
	}
	if strings.EqualFold(filepath.Ext(path), ".tflite") {
		return nil, fmt.Errorf("%s is not converted yet: likeness convert %s -o models/NAME.safetensors", shown(path), shown(path))
	}
	l := &loaded{path: path, size: len(data)}
	err = guard.Run(func() error {
		if l.file, err = model.Adopt(data); err != nil {
			return err
		}
		l.file.Hash = fmt.Sprintf("%x", sha256.Sum256(data))
		l.net, err = engine.New(l.file)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w; obtain it again with likeness pull, or convert it again", shown(path), err)
	}
	return l, nil
}

// cause drops the operation and path from a file system error, which the
// message around it names.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}
