package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// licence is the text under which a part is used.
type licence struct{ part, text string }

// modules returns the licences of the Go modules that a package is built from.
func modules(p platform, pkg string) ([]licence, error) {
	out, err := goCommand(p, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", pkg)
	if err != nil {
		return nil, err
	}
	lines := slices.Compact(slices.Sorted(strings.Lines(string(out))))
	var all []licence
	for _, line := range lines {
		name, dir, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		text, err := licenceText(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, licence{"Go module " + name, text})
	}
	return all, nil
}

// licenceText joins the texts of licences, patents and notices in a folder.
func licenceText(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, e := range entries {
		name := strings.ToUpper(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())))
		if e.IsDir() || !slices.Contains([]string{"LICENSE", "LICENCE", "COPYING", "PATENTS", "NOTICE"}, name) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		text.Write(data)
	}
	if text.Len() == 0 {
		return "", errors.New("it holds no licence")
	}
	return text.String(), nil
}

// goLicence is that of Go's runtime and library.
func goLicence(p platform) (licence, error) {
	root, err := goCommand(p, "env", "GOROOT")
	if err != nil {
		return licence{}, err
	}
	text, err := licenceText(strings.TrimSpace(string(root)))
	return licence{"Go, its runtime and library", text}, err
}

// decoders are the licences of the programs that read HEIC and AVIF, which are
// files of their own in the page and embedded in the program.
func decoders() ([]licence, error) {
	about, err := os.ReadFile("tools/heif/README.md")
	if err != nil {
		return nil, err
	}
	all := []licence{{"Decoders of HEIC and AVIF: what they are, and how to replace them", string(about)}}
	texts, err := filepath.Glob("tools/heif/programs/LICENSE.*.txt")
	if err != nil || len(texts) == 0 {
		return nil, fmt.Errorf("tools/heif/programs holds no licences: make build puts them there (%v)", err)
	}
	for _, name := range texts {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		part := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "LICENSE."), ".txt")
		all = append(all, licence{"Decoders of HEIC and AVIF: " + part, string(text)})
	}
	return all, nil
}

// programLicences lists what the program for a platform is made of.
func programLicences(p platform) ([]byte, error) {
	return licences(p, "./tools/likeness", "Likeness, the program and the default model, is under the Apache License 2.0: LICENSE.")
}

// pageLicences lists what the page is made of. Its samples have their own file.
func pageLicences() ([]byte, error) {
	return licences(platform{"js", "wasm"}, "./wasm",
		"Likeness, the page and the default model, is under the Apache License 2.0: LICENSE.\nSample pictures are in the public domain: samples/LICENSE.txt.")
}

func licences(p platform, pkg, own string) ([]byte, error) {
	language, err := goLicence(p)
	if err != nil {
		return nil, err
	}
	used, err := modules(p, pkg)
	if err != nil {
		return nil, err
	}
	programs, err := decoders()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n\nInside are parts of others, under these licences:\n", own)
	all := append(append([]licence{language}, used...), programs...)
	for _, l := range all {
		fmt.Fprintf(&out, "- %s\n", l.part)
	}
	for _, l := range all {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), l.part, strings.TrimSpace(l.text))
	}
	return out.Bytes(), nil
}
