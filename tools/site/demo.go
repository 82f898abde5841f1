package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The demo is a static site of its own: web/demo with an index of the sample
// collection, made by the command as any author would.
const (
	demoProgram = "bin/likeness"
	demoIndex   = "bin/demo-index" // with its cache beside it, so that a second build reads no picture
)

// copyDemo writes dist/demo. Without the command there is no index, and the site
// has no demo.
func (s *site) copyDemo() error {
	list, err := readEmoji()
	if err != nil || list == nil {
		return err
	}
	if _, err := os.Stat(demoProgram); err != nil {
		fmt.Fprintln(os.Stderr, "site: no demo: make build makes the command first")
		return nil
	}
	pictures, err := os.MkdirTemp("bin", "demo-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(pictures)
	var lines strings.Builder
	for _, e := range list {
		path := filepath.Join(pictures, filepath.FromSlash(e.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, e.data, 0o644); err != nil {
			return err
		}
		line, err := json.Marshal(map[string]any{"path": e.name, "title": strings.TrimSuffix(e.name[len(e.label)+1:], ".webp"), "tags": []string{e.label}})
		if err != nil {
			return err
		}
		lines.Write(append(line, '\n'))
	}
	file := filepath.Join(pictures, "list.jsonl")
	if err := os.WriteFile(file, []byte(lines.String()), 0o644); err != nil {
		return err
	}
	index := exec.Command(demoProgram, "index", "-o", demoIndex, "--list", file, "--no-runtime", "--thumbs", "packed", "--model", filepath.Join(s.out, filepath.FromSlash(defaultModel)))
	if out, err := index.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(index.Args, " "), err, out)
	}
	any := func(string) bool { return true }
	if err := s.copyTree(demoIndex, "demo/index", any); err != nil {
		return err
	}
	return s.copyTree("web/demo", "demo", any)
}
