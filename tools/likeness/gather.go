package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"likeness/engine/natural"
	"likeness/engine/picture/skip"
	"likeness/engine/signal"
)

// pictureExtensions are looked at inside folders; files named outright are
// always tried. HEIC and AVIF are there to be told about.
var pictureExtensions = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}

// gathered is what the arguments of embed name.
type gathered struct {
	files   []string
	failed  []failure
	passed  passed
	signals *signal.Options   // what else is taken, nil for nothing
	seen    map[string]string // cleaned paths by their keys
}

// passed counts what is not embedded.
type passed struct {
	Skipped    int `json:"skipped"`         // files in folders that are no pictures
	Folders    int `json:"skipped_folders"` // hidden, or of other programs: see package skip
	System     int `json:"skipped_system"`  // files that are hidden, or of other programs
	Duplicates int `json:"duplicates"`      // paths that were named before
}

// String tells of what there was, for the end of a summary.
func (p passed) String() string {
	s := ""
	for _, c := range []struct {
		n    int
		what string
	}{{p.Skipped, "other files skipped"}, {p.Folders, "folders of other programs or hidden skipped"}, {p.System, "files of other programs or hidden skipped"}, {p.Duplicates, "named twice"}} {
		if c.n > 0 {
			s += fmt.Sprintf("; %d %s", c.n, c.what)
		}
	}
	return s
}

// gather lists the files of paths in the order given, folders with all below
// them in natural order (2.jpg before 10.jpg). A path that was named before,
// alone or by its folder, is not taken again. What cannot be read fails by
// itself.
func gather(paths []string, o *signal.Options) *gathered {
	g := &gathered{signals: o}
	for _, p := range here.paths(paths) {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			g.failed = append(g.failed, failed(p, err))
		case !info.IsDir():
			g.file(p)
		default:
			before, told := len(g.files)+g.passed.Duplicates, len(g.failed)
			g.folder(p)
			if len(g.files)+g.passed.Duplicates == before && len(g.failed) == told {
				g.failed = append(g.failed, failure{exactName(p), "folder-empty", "the folder holds no pictures (" + takes(o) + ")"})
			}
		}
	}
	return g
}

// file adds a file, once.
func (g *gathered) file(path string) {
	if g.seen == nil {
		g.seen = map[string]string{}
	}
	clean := filepath.Clean(path)
	key := here.key(clean)
	if before, ok := g.seen[key]; ok && here.isSame(before, clean) {
		g.passed.Duplicates++
		return
	}
	g.seen[key] = clean
	g.files = append(g.files, path)
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
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return natural.Compare(a.Name(), b.Name()) })
	for _, d := range entries {
		path := here.slashed(filepath.Join(dir, d.Name()))
		switch {
		case d.IsDir() && skip.Folder(d.Name(), filepath.Base(dir)):
			g.passed.Folders++
		case d.IsDir():
			g.folder(path)
		case skip.File(d.Name()):
			g.passed.System++
		case isPicture(path, d), isRegular(path, d) && g.signals.KindOf(d.Name()) != "":
			g.file(path)
		default:
			g.passed.Skipped++
		}
	}
}

// isPicture judges a file in a folder by its extension, or by its content when
// it has none. Links to files count, links to folders (which may go in
// circles), pipes and devices do not.
func isPicture(path string, d fs.DirEntry) bool {
	if !isRegular(path, d) {
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
	return isPictureContent(head[:n])
}

// isRegular reports whether a file in a folder is one of bytes, or a link to one.
func isRegular(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular() // opening it will tell the fault
}

// isPictureContent judges a file by its first bytes.
func isPictureContent(head []byte) bool {
	return strings.HasPrefix(http.DetectContentType(head), "image/")
}
