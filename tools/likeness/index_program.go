package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/index"
)

// programFolder is where OUT has the program, programFiles what of a built site
// it consists of.
const programFolder = "likeness"

var programFiles = []string{"likeness.js", "likeness.wasm", "wasm_exec.js", "lib", "search", "heif"}

// program copies what runs in the visitor's browser, and the model.
func (s *siteBuild) program(m *index.Manifest) error {
	if s.f.noRuntime {
		return nil
	}
	from, err := s.builtSite()
	if err != nil {
		return err
	}
	for _, name := range programFiles {
		root := filepath.Join(from, name)
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			rel, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			return s.copy(path, programFolder+"/"+filepath.ToSlash(rel))
		})
		if err != nil {
			return fmt.Errorf("%s: %w: make build makes it whole", shown(root), cause(err))
		}
		for _, packed := range []string{".br", ".gz"} {
			if _, err := os.Stat(root + packed); err == nil {
				if err := s.copy(root+packed, programFolder+"/"+name+packed); err != nil {
					return err
				}
			}
		}
	}
	if err := s.copy(s.model.path, m.Source.File); err != nil {
		return err
	}
	if err := s.listProgram(); err != nil {
		return err
	}
	if err := s.write("sw.js", []byte(offlineScript)); err != nil {
		return err
	}
	return s.page()
}

// offlineScript is the service worker of pages in OUT; those of other folders
// have one of their own, see web/SITES.md.
const offlineScript = "self.likenessIndex = './'\nimportScripts('./likeness/search/offline.js')\n"

// listProgram writes likeness/files.json, by which the program is kept for use
// without a network as one version: the sha256 of each file, and one of them all.
func (s *siteBuild) listProgram() error {
	root := filepath.Join(s.out, programFolder)
	list := struct {
		Version string            `json:"version"`
		Files   map[string]string `json:"files"`
	}{Files: map[string]string{}}
	all := sha256.New()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case name == "files.json", strings.HasPrefix(name, "heif/"): // decoders are fetched by those who need them
			return nil
		case filepath.Ext(name) == ".br", filepath.Ext(name) == ".gz", strings.HasSuffix(name, ".d.ts"), strings.HasSuffix(name, ".txt"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		list.Files[name] = hex.EncodeToString(sum[:])
		fmt.Fprintf(all, "%s %x\n", name, sum)
		return nil
	})
	if err != nil {
		return err
	}
	list.Version = hex.EncodeToString(all.Sum(nil))[:16]
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return s.write(programFolder+"/files.json", text)
}

// copy copies a file whose contents differ.
func (s *siteBuild) copy(from, name string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if was, err := os.ReadFile(filepath.Join(s.out, filepath.FromSlash(name))); err == nil && string(was) == string(data) {
		return nil
	}
	return s.write(name, data)
}

// builtSite finds what make build made.
func (s *siteBuild) builtSite() (string, error) {
	places := []string{s.f.runtime}
	if s.f.runtime == "" {
		places = []string{"dist"}
		if exe, err := os.Executable(); err == nil {
			places = append(places, filepath.Join(filepath.Dir(exe), "..", "dist"), filepath.Join(filepath.Dir(exe), "dist"))
		}
	}
	for _, p := range places {
		if _, err := os.Stat(filepath.Join(p, "search", "likeness-search.js")); err == nil {
			return p, nil
		}
	}
	if s.f.runtime != "" {
		return "", fmt.Errorf("%s holds no search/likeness-search.js: give the folder that make build made, dist, with --runtime", shown(s.f.runtime))
	}
	return "", errors.New("the program that runs in the browser is not found: give the folder that make build made, dist, with --runtime, or leave it out with --no-runtime")
}

// page writes a page that has nothing but the search, unless there is one.
func (s *siteBuild) page() error {
	const name = "index.html"
	if _, err := os.Stat(filepath.Join(s.out, name)); err == nil {
		return nil
	}
	return s.write(name, []byte(searchPage))
}

const searchPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Search by picture</title>
<script type="module" src="./likeness/search/likeness-search.js"></script>
<h1>Search by picture</h1>
<likeness-search src="./"></likeness-search>
`

// below is a picture's path below the folder that was named.
func (s *siteBuild) below(name string) string {
	for _, root := range s.roots {
		if rel, err := filepath.Rel(root, name); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) && rel != "." {
			return rel
		}
	}
	return name
}
