package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
)

// precache is precache.json, what the service worker goes by: paths in the
// site and the sha256 of the files, in hex.
type precache struct {
	// Version is a hash of all files; index.html has it too, so that a page
	// knows whether it is the present one.
	Version string `json:"version"`
	// Files are what the page needs to run without a network.
	Files map[string]string `json:"files"`
	// Later are fetched when they are wanted and kept then: models other than
	// the default, the sample collection, whole sample pictures, decoders of
	// HEIC and AVIF.
	Later map[string]string `json:"later"`
}

// versionMark stands in web/page/index.html for the version.
const versionMark = `<meta name="likeness-version" content="">`

func (s *site) writePrecache() error {
	page, err := os.ReadFile("web/page/index.html")
	if err != nil {
		return err
	}
	if bytes.Count(page, []byte(versionMark)) != 1 {
		return fmt.Errorf("web/page/index.html lacks %s", versionMark)
	}
	s.written["index.html"] = true
	data, later, err := s.wanted()
	if err != nil {
		return err
	}
	files, err := s.loaded(page, data, later)
	if err != nil {
		return err
	}
	if err := s.unreached(files, later); err != nil {
		return err
	}
	p := precache{Files: map[string]string{}, Later: map[string]string{}}
	sum := sha256.New()
	for _, group := range []struct {
		names []string
		sums  map[string]string
	}{{files, p.Files}, {later, p.Later}} {
		for _, name := range group.names {
			text := page // as it is without the version
			if name != "index.html" {
				if text, err = s.read(name); err != nil {
					return err
				}
			}
			group.sums[name] = hash(text)
			fmt.Fprintf(sum, "%s %s\n", name, group.sums[name])
		}
	}
	p.Version = hex.EncodeToString(sum.Sum(nil))[:16]
	stamped := strings.Replace(versionMark, `""`, `"`+p.Version+`"`, 1)
	page = bytes.Replace(page, []byte(versionMark), []byte(stamped), 1)
	p.Files["index.html"] = hash(page)
	if err := s.write("index.html", page); err != nil {
		return err
	}
	return s.writeJSON("precache.json", p)
}

// wanted tells the files that are not named in any module: those that the page
// needs at once and those that it may need later. Both come from the lists that
// the page reads.
func (s *site) wanted() (data, later []string, err error) {
	var models []modelEntry
	if err := s.readJSON("models/models.json", &models); err != nil {
		return nil, nil, err
	}
	for i, m := range models {
		if i == 0 {
			data = append(data, m.File)
		} else {
			later = append(later, m.File)
		}
	}
	var samples []sample
	if err := s.readJSON("samples/samples.json", &samples); err != nil {
		return nil, nil, err
	}
	for _, one := range samples {
		data = append(data, one.Thumbnail)
		later = append(later, one.File)
	}
	for name := range s.written {
		switch {
		case name == emojiFolder+"/collection.json":
			data = append(data, name)
		case path.Dir(name) == "heif" && path.Ext(name) == ".wasm", path.Dir(name) == emojiFolder,
			strings.HasPrefix(name, "demo/"), strings.HasPrefix(name, "search/") && path.Ext(name) == ".js":
			later = append(later, name)
		case path.Dir(name) == "page/samples" && path.Ext(name) == ".webp":
			data = append(data, name) // the foretaste of the sample collection
		}
	}
	slices.Sort(data)
	slices.Sort(later)
	return data, later, nil
}

// unreached refuses a site with modules or styles that the page does not load:
// they are of no use, or the way to them was not recognised.
func (s *site) unreached(files, later []string) error {
	for name := range s.written {
		ext := path.Ext(name)
		if strings.HasPrefix(name, "search/") || strings.HasPrefix(name, "node/") || strings.HasPrefix(name, "demo/") { // for pages of others, and for Node
			continue
		}
		if (ext == ".js" || ext == ".css" || ext == ".wasm") && name != "sw.js" && !slices.Contains(files, name) && !slices.Contains(later, name) {
			return fmt.Errorf("nothing that index.html loads asks for %s: remove it, or teach tools/site/graph.go how it is asked for", name)
		}
	}
	return nil
}

func (s *site) readJSON(name string, v any) error {
	data, err := s.read(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// hash is the sha256 in hex.
func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
