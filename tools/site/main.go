// Command site assembles the static page in dist/ from the parts that the
// Makefile has built: the wasm, the library, the page, the models and the
// sample pictures. It writes the list that the service worker keeps.
//
//	go run ./tools/site -out dist
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"likeness/tools/home"
)

func main() {
	out := flag.String("out", "dist", "folder to write")
	flag.Parse()
	s := &site{out: *out, written: map[string]bool{"likeness.wasm": true}}
	if err := s.build(); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// site is the folder that is being written.
type site struct {
	out     string
	written map[string]bool // paths of this run in the folder, with slashes
}

func (s *site) build() error {
	for _, step := range []func() error{s.copyWeb, s.writeHome, s.copyVendor, s.writePackage, s.copyRuntime, s.writeHEIF, s.copyModels, s.copySamples, s.copyEmoji, s.copyDemo, s.writePrecache, s.removeOld} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// copy copies one file into the folder.
func (s *site) copy(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return s.write(to, data)
}

// write writes one file, creating its folder; an unchanged file keeps its time.
func (s *site) write(to string, data []byte) error {
	s.written[to] = true
	path := filepath.Join(s.out, filepath.FromSlash(to))
	if old, err := os.ReadFile(path); err == nil && string(old) == string(data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func (s *site) writeJSON(to string, v any) error {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return s.write(to, append(data, '\n'))
}

func (s *site) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(s.out, filepath.FromSlash(name)))
}

func (s *site) copyTree(from, to string, keep func(path string) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || !keep(rel) {
			return err
		}
		return s.copy(path, to+"/"+filepath.ToSlash(rel))
	})
}

func (s *site) copyWeb() error {
	module := func(p string) bool { return strings.HasSuffix(p, ".js") && filepath.Base(p) != "sw.js" }
	if err := s.copyTree("web/lib", "lib", module); err != nil {
		return err
	}
	if err := s.copyTree("web/search", "search", func(p string) bool { return true }); err != nil {
		return err
	}
	if err := s.copyTree("web/node", "node", module); err != nil {
		return err
	}
	page := func(p string) bool { return p != "index.html" && filepath.Ext(p) != ".md" }
	if err := s.copyTree("web/page", "page", page); err != nil {
		return err
	}
	for from, to := range map[string]string{"web/likeness.js": "likeness.js", "web/lib/sw.js": "sw.js"} {
		if err := s.copy(from, to); err != nil {
			return err
		}
	}
	return nil
}

// writeHome writes what the page puts beside what is taken home.
func (s *site) writeHome() error {
	if err := s.write("page/home/analysis.py", home.Script); err != nil {
		return err
	}
	return s.write("page/home/README.txt", []byte(home.Readme))
}

func (s *site) copyRuntime() error {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	return s.copy(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"), "wasm_exec.js")
}

// removeOld removes what earlier builds left in the folders that are written
// here, so that the site holds one version. Types and compressed files, which
// are made after this, go only with what they belong to.
func (s *site) removeOld() error {
	for _, dir := range []string{"lib", "page", "models", "samples", "heif", "search", "vendor", "node", "demo"} {
		err := filepath.WalkDir(filepath.Join(s.out, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(s.out, path)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(rel)
			of := strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz")
			if typed, ok := strings.CutSuffix(of, ".d.ts"); ok {
				of = typed + ".js"
			}
			if s.written[of] {
				return nil
			}
			return os.Remove(path)
		})
		if err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
