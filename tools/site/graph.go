package main

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// What a file of the site asks for. Addresses that begin with ./ or ../ are
// looked for; bare names and other sites are none of the page's.
var (
	blockComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	lineComment  = regexp.MustCompile(`(?m)^\s*//.*$`)

	htmlRef = regexp.MustCompile(`(?:href|src)="(\.\.?/[^"]*)"`)
	cssRef  = regexp.MustCompile(`(?:url\(\s*|@import\s+)['"]?(\.\.?/[^'")]*)`)

	// Relative to the module: imports, and new URL(…, import.meta.url).
	moduleRefs = []*regexp.Regexp{
		regexp.MustCompile("(?m)^\\s*(?:import|export)\\b[^'\"`;()]*['\"](\\.\\.?/[^'\"]*)['\"]"),
		regexp.MustCompile("\\bimport\\(\\s*['\"`](\\.\\.?/[^'\"`]*)"),
		regexp.MustCompile("new URL\\(\\s*['\"`](\\.\\.?/[^'\"`]*)['\"`]\\s*,\\s*import\\.meta\\.url"),
	}
	// Relative to the page: any other address in a module of it.
	pageRef = regexp.MustCompile("['\"`](\\./[^'\"`]*)['\"`]")
)

// reference is a path in the site that a file asks for, as far as it is known
// before the page runs: of models/${name} it is models/.
type reference struct {
	path  string
	whole bool
}

// references finds what one file asks for.
func references(name, text string) []reference {
	var found []reference
	add := func(base string, re *regexp.Regexp, text string) {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			literal, _, computed := strings.Cut(m[1], "${")
			literal, _, _ = strings.Cut(literal, "#")
			literal, _, _ = strings.Cut(literal, "?")
			p := path.Join(base, literal)
			if p == "." {
				p = "index.html"
			}
			found = append(found, reference{p, !computed})
		}
	}
	dir := path.Dir(name)
	switch path.Ext(name) {
	case ".html":
		add(dir, htmlRef, text)
	case ".css":
		add(dir, cssRef, blockComment.ReplaceAllString(text, ""))
	case ".js":
		text = lineComment.ReplaceAllString(blockComment.ReplaceAllString(text, ""), "")
		for _, re := range moduleRefs {
			add(dir, re, text)
			text = re.ReplaceAllString(text, "")
		}
		if strings.HasPrefix(name, "page/") {
			add(".", pageRef, text)
		}
	}
	return found
}

// loaded follows references from index.html, whose text is page, and returns what the page loads
// whatever the visitor does, in the order of their names. Files of later are
// known to be fetched when they are wanted; an address that is computed must
// lead to one of those or of data, which the page finds in its lists.
func (s *site) loaded(page []byte, data, later []string) ([]string, error) {
	var found []string
	queue := append([]string{"index.html"}, data...)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if slices.Contains(found, name) {
			continue
		}
		text := page
		if name != "index.html" {
			var err error
			if text, err = s.read(name); err != nil {
				return nil, err
			}
		}
		found = append(found, name)
		for _, r := range references(name, string(text)) {
			switch {
			case r.path == "sw.js" || slices.Contains(later, r.path):
			case !r.whole:
				below := func(file string) bool { return strings.HasPrefix(file, r.path) }
				if !slices.ContainsFunc(later, below) && !slices.ContainsFunc(data, below) {
					return nil, fmt.Errorf("%s asks for a file %s… whose name it computes: tools/site must know which there are", name, r.path)
				}
			case !s.written[r.path]:
				return nil, fmt.Errorf("%s asks for %s, which is not in the site: %w", name, r.path, fs.ErrNotExist)
			default:
				queue = append(queue, r.path)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}
