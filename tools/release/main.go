// Command release makes what is published of one version: the program for each
// platform, with the default model, and the page, each with the licences of
// everything inside, and the sums of all files.
//
//	go run ./tools/release -out bin/release
//
// It wants dist/ built. The same sources, toolchains and dist/ give the same
// bytes: archives list files in order, at one time, with one owner.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"likeness/engine"
)

// platform is a system and a processor, in Go's names.
type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

func main() {
	out := flag.String("out", "bin/release", "folder to write, emptied before")
	flag.Parse()
	if err := release(*out); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func release(out string) error {
	if err := hasSection("CHANGELOG.md", engine.Version); err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	packages := map[string][]byte{}
	for _, p := range platforms {
		name, data, err := programArchive(p)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", p.os, p.arch, err)
		}
		packages[name] = data
	}
	name, data, err := pageArchive("dist")
	if err != nil {
		return fmt.Errorf("the page: %w", err)
	}
	packages[name] = data
	return write(out, packages)
}

// hasSection wants a changelog that says what is in the version.
func hasSection(file, version string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if title, ok := strings.CutPrefix(line, "## "+version); ok && (strings.TrimSpace(title) == "" || title[0] == ' ') {
			return nil
		}
	}
	return fmt.Errorf("%s has no section for %s, the version of engine/version.go", file, version)
}

// programArchive builds the program for a platform and packs it.
func programArchive(p platform) (name string, data []byte, err error) {
	program, err := buildProgram(p)
	if err != nil {
		return "", nil, err
	}
	licences, err := programLicences(p)
	if err != nil {
		return "", nil, err
	}
	exe := "likeness"
	if p.os == "windows" {
		exe += ".exe"
	}
	files := []file{{exe, program, true}, {"LICENSES.txt", licences, false}}
	for _, from := range []string{"LICENSE", "README.md", "CHANGELOG.md", "models/likeness_v1.safetensors", "models/likeness_v1.md"} {
		content, err := os.ReadFile(filepath.FromSlash(from))
		if err != nil {
			return "", nil, err
		}
		files = append(files, file{from, content, false})
	}
	folder := fmt.Sprintf("likeness-%s-%s-%s", engine.Version, p.os, p.arch)
	if p.os == "windows" {
		data, err = zipped(folder, files)
		return folder + ".zip", data, err
	}
	data, err = tarred(folder, files)
	return folder + ".tar.gz", data, err
}

// pageArchive packs the folder of the page.
func pageArchive(dist string) (name string, data []byte, err error) {
	licences, err := pageLicences()
	if err != nil {
		return "", nil, err
	}
	licence, err := os.ReadFile("LICENSE")
	if err != nil {
		return "", nil, err
	}
	files := []file{{"LICENSES.txt", licences, false}, {"LICENSE", licence, false}}
	err = filepath.WalkDir(dist, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dist, name)
		files = append(files, file{filepath.ToSlash(rel), content, false})
		return err
	})
	if err != nil {
		return "", nil, err
	}
	if !slices.ContainsFunc(files, func(f file) bool { return f.name == "precache.json" }) {
		return "", nil, fmt.Errorf("%s is not complete: make build", dist)
	}
	folder := "likeness-" + engine.Version + "-page"
	data, err = zipped(folder, files)
	return folder + ".zip", data, err
}

// write writes the packages and their sums, as sha256sum -c reads them.
func write(out string, packages map[string][]byte) error {
	names := []string{}
	for name := range packages {
		names = append(names, name)
	}
	slices.Sort(names)
	var sums strings.Builder
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(out, name), packages[name], 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(packages[name]), name)
		fmt.Printf("%9d  %s\n", len(packages[name]), path.Join(filepath.ToSlash(out), name))
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
