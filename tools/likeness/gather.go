package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pictureExtensions are looked at inside folders; files named outright are
// always tried. HEIC and AVIF are there to be told about.
var pictureExtensions = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}

// gathered is what the arguments of embed name.
type gathered struct {
	files   []string
	failed  []failure
	skipped int // files in folders that are no pictures
}

// gather lists the files of paths in the order given, folders with all below
// them in natural order (2.jpg before 10.jpg). Hidden files and folders in
// folders are passed over. What cannot be read fails by itself.
func gather(paths []string) *gathered {
	g := &gathered{}
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			g.failed = append(g.failed, failed(p, err))
		case !info.IsDir():
			g.files = append(g.files, p)
		default:
			before, told := len(g.files), len(g.failed)
			g.folder(p)
			if len(g.files) == before && len(g.failed) == told {
				g.failed = append(g.failed, failure{p, "folder-empty", "the folder holds no pictures (" + strings.Join(pictureExtensions, " ") + ")"})
			}
		}
	}
	return g
}

// none explains why there is nothing to embed.
func (g *gathered) none(paths []string) error {
	if len(g.failed) == 1 {
		return errors.New(g.failed[0].String())
	}
	lines := make([]string, len(g.failed))
	for i, f := range g.failed {
		lines[i] = f.String()
	}
	return fmt.Errorf("nothing to embed in %d paths:\n%s", len(paths), strings.Join(lines, "\n"))
}

func (g *gathered) folder(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		g.failed = append(g.failed, failed(dir, err))
		return
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return natural(a.Name(), b.Name()) })
	for _, d := range entries {
		path := filepath.Join(dir, d.Name())
		switch {
		case strings.HasPrefix(d.Name(), "."):
		case d.IsDir():
			g.folder(path)
		case isPicture(path, d):
			g.files = append(g.files, path)
		default:
			g.skipped++
		}
	}
}

// isPicture judges a file in a folder by its extension, or by its content when
// it has none. Links to files count, links to folders (which may go in
// circles), pipes and devices do not.
func isPicture(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			return false
		}
	} else if !d.Type().IsRegular() {
		return false
	}
	ext := strings.ToLower(filepath.Ext(path))
	if ext != "" {
		return slices.Contains(pictureExtensions, ext)
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	return strings.HasPrefix(http.DetectContentType(head[:n]), "image/")
}

// natural compares names with numbers by their value.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		m, n := digits(x), digits(y)
		if m > 0 && n > 0 {
			p, q := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
				return c
			}
			x, y = x[m:], y[n:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digits counts the decimal digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
