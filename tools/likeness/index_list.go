package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/index"
)

// indexed is what a page is told of a picture; models/INDEX.md has it.
type indexed struct {
	Path   string       `json:"path"`
	URL    string       `json:"url,omitempty"`
	Title  string       `json:"title,omitempty"`
	Text   string       `json:"text,omitempty"`
	Tags   []string     `json:"tags,omitempty"`
	Width  int          `json:"width,omitempty"`
	Height int          `json:"height,omitempty"`
	Thumb  string       `json:"thumb,omitempty"` // a file in small/, or the picture's hash where thumbs/ has it
	Near   [][2]float64 `json:"near"`            // item, cosine
}

// readPictureList reads a .csv or .jsonl file of pictures.
func readPictureList(file string) (map[string]*indexed, []string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("--list %s cannot be read: %w", shown(file), cause(err))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var list []*indexed
	switch ext := strings.ToLower(filepath.Ext(file)); ext {
	case ".csv":
		list, err = listFromCSV(data)
	case ".jsonl", ".ndjson":
		list, err = listFromJSONL(data)
	default:
		return nil, nil, usagef("--list %s: the name should end in .csv or .jsonl, which says how it is to be read", shown(file))
	}
	if err == nil && len(list) == 0 {
		err = errors.New("it names no pictures")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--list %s: %w", shown(file), err)
	}
	known, paths := map[string]*indexed{}, make([]string, 0, len(list))
	for i, one := range list {
		if one.Path == "" {
			return nil, nil, fmt.Errorf("--list %s: entry %d has no path", shown(file), i+1)
		}
		path := filepath.FromSlash(one.Path)
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		if known[path] != nil {
			return nil, nil, fmt.Errorf("--list %s: entry %d names %s again", shown(file), i+1, shown(one.Path))
		}
		known[path] = one
		paths = append(paths, path)
	}
	return known, paths, nil
}

func listFromCSV(data []byte) (list []*indexed, err error) {
	r := csv.NewReader(bytes.NewReader(data))
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("no line of column names: %w", err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if _, ok := at["path"]; !ok {
		return nil, fmt.Errorf("the first line names the columns %q, path is missing", head)
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		get := func(name string) string {
			if i, ok := at[name]; ok {
				return row[i]
			}
			return ""
		}
		list = append(list, &indexed{Path: get("path"), URL: get("url"), Title: get("title"), Text: get("text"), Tags: tagsOf(get("tags"))})
	}
}

// tagsOf separates tags, which have commas or semicolons between them.
func tagsOf(s string) (tags []string) {
	for _, t := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		if t = strings.TrimSpace(t); t != "" {
			tags = append(tags, t)
		}
	}
	return tags
}

func listFromJSONL(data []byte) (list []*indexed, err error) {
	for n, line := range bytes.Split(data, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		one := &indexed{}
		if err := json.Unmarshal(line, one); err != nil {
			return nil, fmt.Errorf("line %d: %w: an object with path, and url, title, text, tags, is wanted", n+1, err)
		}
		one.Width, one.Height, one.Thumb, one.Near = 0, 0, "", nil
		list = append(list, one)
	}
	return list, nil
}

// path is how an index names a picture: as --list has it, or below the folder
// that was named.
func (s *siteBuild) path(i int) string {
	if known := s.known[s.set.names[i]]; known != nil {
		return known.Path
	}
	return filepath.ToSlash(s.below(s.set.names[i]))
}

// tags are those of a picture.
func (s *siteBuild) tags(i int) []string {
	if known := s.known[s.set.names[i]]; known != nil {
		return known.Tags
	}
	return nil
}

// record is what the index keeps of a picture.
func (s *siteBuild) record(i, item int, near []index.Match) ([]byte, error) {
	name := s.set.names[i]
	one := indexed{Path: s.path(i)}
	if known := s.known[name]; known != nil {
		one = *known
	}
	if one.URL == "" && s.f.base != "" {
		one.URL = s.f.base + (&url.URL{Path: one.Path}).EscapedPath()
	}
	if t := s.thumbs[i]; t != nil {
		one.Width, one.Height, one.Thumb = t.width, t.height, t.name
	}
	one.Near = make([][2]float64, len(near))
	for k, m := range near {
		one.Near[k] = [2]float64{float64(m.Item), math.Round(float64(m.Score)*1e4) / 1e4}
	}
	return json.Marshal(one)
}
