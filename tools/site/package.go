package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// packageFiles are those of the site that make the package for npm; the page
// and its samples are none of it.
var packageFiles = []string{
	"likeness.js", "likeness.d.ts", "likeness.wasm", "wasm_exec.js", "lib/", "search/", "node/", "heif/",
	defaultModel, "LICENSE", "README.md",
	"!**/*.br", "!**/*.gz",
}

// packageJSON makes the built site a package as well: npm pack dist.
type packageJSON struct {
	Name        string         `json:"name"`
	Version     string         `json:"version"`
	Description string         `json:"description"`
	License     string         `json:"license"`
	Keywords    []string       `json:"keywords"`
	Type        string         `json:"type"`
	Types       string         `json:"types"`
	Exports     map[string]any `json:"exports"`
	Files       []string       `json:"files"`
	// SideEffects are modules that do something when they are imported.
	SideEffects []string          `json:"sideEffects"`
	Engines     map[string]string `json:"engines"`
}

// writePackage writes package.json with its README and licence.
func (s *site) writePackage() error {
	var own struct {
		Version string `json:"version"`
	}
	text, err := os.ReadFile("web/package.json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &own); err != nil || own.Version == "" {
		return fmt.Errorf("web/package.json has no version: %v", err)
	}
	// Types come first: readers take the first condition that fits.
	type entry struct {
		Types   string `json:"types,omitempty"`
		Node    string `json:"node,omitempty"`
		Default string `json:"default"`
	}
	p := packageJSON{
		Name: "likeness", Version: own.Version, License: "Apache-2.0", Type: "module", Types: "./likeness.d.ts",
		Description: "Feature vectors of pictures by convolutional networks, in the browser and in Node: search, maps, groups; no picture leaves the machine",
		Keywords:    []string{"feature extraction", "image search", "embedding", "cnn", "wasm"},
		Exports: map[string]any{
			".":                entry{"./likeness.d.ts", "./node/index.js", "./likeness.js"},
			"./search":         entry{"./search/likeness-search.d.ts", "", "./search/likeness-search.js"},
			"./likeness.wasm":  "./likeness.wasm",
			"./model":          "./" + defaultModel,
			"./package.json":   "./package.json",
			"./search/words/*": "./search/words/*",
			"./heif/*":         "./heif/*",
		},
		Files:       packageFiles,
		SideEffects: []string{"./wasm_exec.js", "./lib/worker.js", "./lib/analysis-worker.js", "./search/likeness-search.js", "./node/*.js"},
		Engines:     map[string]string{"node": ">=20"},
	}
	if err := s.writeJSON("package.json", p); err != nil {
		return err
	}
	if err := s.copy("LICENSE", "LICENSE"); err != nil {
		return err
	}
	return s.copy("web/PACKAGE.md", "README.md")
}
