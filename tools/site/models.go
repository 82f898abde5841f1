package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"likeness/engine/model"
	"likeness/models"
)

// defaultModel is the one name of the default model in the site, for the page
// and for those who use the library.
const defaultModel = "models/default.safetensors"

// modelEntry is one line of models/models.json, the list the page offers. Its
// first is the default.
type modelEntry struct {
	Name         string `json:"name"`
	File         string `json:"file"`
	Title        string `json:"title"`
	DefaultLayer string `json:"default_layer"`
	License      string `json:"license"`
	Source       string `json:"source"`
	Bytes        int    `json:"bytes"`
	SHA256       string `json:"sha256"` // of the file, in hex
	// Unlike is models.DefaultUnlike, for that model: of the default layer, averaged.
	Unlike float64 `json:"unlike,omitempty"`
}

func (s *site) copyModels() error {
	files, err := filepath.Glob("models/*.safetensors")
	if err != nil {
		return err
	}
	own := func(file string) bool { return filepath.Base(file) == models.Default+".safetensors" }
	sort.SliceStable(files, func(i, j int) bool { return own(files[i]) && !own(files[j]) })
	var list []modelEntry
	for _, file := range files {
		to := "models/" + filepath.Base(file)
		if len(list) == 0 {
			to = defaultModel
		} else if to == defaultModel {
			return fmt.Errorf("%s: that is the name of the default model in the site: give the file another", file)
		}
		entry, err := s.copyModel(file, to)
		if err != nil {
			return err
		}
		if own(file) {
			entry.Unlike = models.DefaultUnlike
		}
		list = append(list, entry)
	}
	if len(list) == 0 {
		return errors.New("models/ holds no model: git checkout models/" + models.Default + ".safetensors brings the default back")
	}
	return s.writeJSON("models/models.json", list)
}

// copyModel copies a model and its licence.
func (s *site) copyModel(file, to string) (modelEntry, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return modelEntry{}, err
	}
	f, err := model.Read(data)
	if err != nil {
		return modelEntry{}, fmt.Errorf("%s: %w", file, err)
	}
	if err := s.write(to, data); err != nil {
		return modelEntry{}, err
	}
	const notice = ".LICENSE.txt"
	err = s.copy(strings.TrimSuffix(file, ".safetensors")+notice, strings.TrimSuffix(to, ".safetensors")+notice)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return modelEntry{}, err
	}
	name := strings.TrimSuffix(filepath.Base(file), ".safetensors")
	return modelEntry{Name: name, File: to, Title: f.Graph.Name, DefaultLayer: f.Graph.DefaultLayer, License: f.License, Source: f.Source, Bytes: len(data), SHA256: hash(data)}, nil
}
