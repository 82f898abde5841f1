package metadata

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"likeness/engine/graph"
	"likeness/engine/printable"
)

// MaxFile bounds the bytes of a file beside a network, and of one inside it.
const MaxFile = 16 << 20

// Labels reads the names of classes, in order:
//
//   - one name a line; a number or a WordNet identifier before each is dropped;
//   - a list of names, or of [identifier, name], in JSON, Python or JavaScript;
//   - a map of numbers to these, as Keras has in imagenet_class_index.json, or of
//     names to numbers, as Keras's class_indices;
//   - a file with such under id2label, label2id, label_names, labels or names:
//     config.json of Hugging Face and timm, metadata.json of Teachable Machine;
//   - a program in JavaScript that sets such a list, as npm packages hold.
func Labels(data []byte, name string) ([]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	s := string(data)
	var labels []string
	var err error
	switch start := strings.TrimSpace(s); {
	case len(data) > MaxFile:
		err = fmt.Errorf("it has %d bytes, at most %d are read", len(data), MaxFile)
	case !utf8.ValidString(s):
		err = errors.New("it is not UTF-8")
	case strings.HasSuffix(strings.ToLower(name), ".js"):
		labels, err = fromProgram(s)
	case strings.HasPrefix(start, "{") || strings.HasPrefix(start, "["):
		labels, err = fromLiteral(start)
	default:
		labels, err = fromLines(s)
	}
	if err == nil {
		err = check(labels)
	}
	if err != nil {
		return nil, fmt.Errorf("labels in %s: %w", name, err)
	}
	return labels, nil
}

func check(labels []string) error {
	if len(labels) == 0 || len(labels) > graph.MaxLabels {
		return fmt.Errorf("%d labels, 1 to %d are read", len(labels), graph.MaxLabels)
	}
	for i, s := range labels {
		switch {
		case strings.TrimSpace(s) == "":
			return fmt.Errorf("label %d is empty", i)
		case len(s) > graph.MaxName:
			return fmt.Errorf("label %d has %d bytes, at most %d are allowed", i, len(s), graph.MaxName)
		case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
			return fmt.Errorf("label %d (%q) is no text", i, printable.Clip(s))
		}
	}
	return nil
}

// before a name in a line: its number, or its identifier in WordNet.
var (
	numbered = regexp.MustCompile(`^(\d+)\s*[:,]?\s+(.+)$`)
	wordNet  = regexp.MustCompile(`^n\d{8}[,\s]\s*(.+)$`)
)

func fromLines(s string) ([]string, error) {
	lines := strings.Split(strings.TrimRight(s, " \t\r\n"), "\n")
	if len(lines) > graph.MaxLabels {
		return nil, fmt.Errorf("more than %d lines", graph.MaxLabels)
	}
	byNumber, byWord := true, true
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
		m := numbered.FindStringSubmatch(lines[i])
		byNumber = byNumber && m != nil && m[1] == strconv.Itoa(i)
		byWord = byWord && wordNet.MatchString(lines[i])
	}
	for i, line := range lines {
		switch {
		case byNumber:
			lines[i] = numbered.FindStringSubmatch(line)[2]
		case byWord:
			lines[i] = wordNet.FindStringSubmatch(line)[1]
		}
	}
	return lines, nil
}

func fromLiteral(s string) ([]string, error) {
	v, err := whole(s)
	if err != nil {
		return nil, err
	}
	return labelsOf(&v)
}

// assigned is where a program in JavaScript sets a list or map.
var assigned = regexp.MustCompile(`=\s*[\[{]`)

// fromProgram takes the first list of names that a program sets.
func fromProgram(s string) ([]string, error) {
	for _, at := range assigned.FindAllStringIndex(s, 64) {
		v, _, err := literal(s[at[1]-1:])
		if err != nil {
			continue
		}
		labels, err := labelsOf(&v)
		if err == nil && len(labels) > 1 {
			return labels, nil
		}
	}
	return nil, errors.New("the program sets no list of names and no map of numbers to names")
}

// under are the keys that lead to labels.
var under = []string{"id2label", "label_names", "labels", "names", "class_names", "classes", "label2id"}

func labelsOf(v *value) ([]string, error) {
	if v.kind == object {
		for _, key := range under {
			if in := v.at(key); in != nil && (in.kind == list || in.kind == object) {
				labels, err := listed(in)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", key, err)
				}
				return described(labels, v.at("label_descriptions")), nil
			}
		}
		if in := v.at("pretrained_cfg"); in != nil && in.kind == object && in.at("label_names") != nil {
			return labelsOf(in)
		}
	}
	return listed(v)
}

// listed are the labels of a list or a map.
func listed(v *value) ([]string, error) {
	n := len(v.list)
	if n > graph.MaxLabels {
		return nil, fmt.Errorf("more than %d labels", graph.MaxLabels)
	}
	labels := make([]string, n)
	if v.kind == list {
		for i := range v.list {
			s, err := nameOf(&v.list[i])
			if err != nil {
				return nil, fmt.Errorf("label %d: %w", i, err)
			}
			labels[i] = s
		}
		return labels, nil
	}
	if v.kind != object {
		return nil, errors.New("a list of names, or a map of numbers to names, is wanted")
	}
	taken := make([]bool, n)
	for i, key := range v.keys {
		number, name := key, ""
		if in := &v.list[i]; in.kind == word { // names to numbers
			number, name = in.text, key
		} else {
			var err error
			if name, err = nameOf(in); err != nil {
				return nil, fmt.Errorf("label %s: %w", printable.Clip(key), err)
			}
		}
		at, err := strconv.Atoi(number)
		if err != nil || at < 0 || at >= n || taken[at] {
			return nil, fmt.Errorf("%q is not the number of one of %d labels, each of which is wanted once, from 0 on", printable.Clip(number), n)
		}
		labels[at], taken[at] = name, true
	}
	return labels, nil
}

// nameOf is a name, or the last of [identifier, name].
func nameOf(v *value) (string, error) {
	if v.kind == list && len(v.list) > 0 {
		v = &v.list[len(v.list)-1]
	}
	if v.kind != text {
		return "", errors.New("a name in quotes is wanted")
	}
	return strings.TrimSpace(v.text), nil
}

// described are the descriptions that timm gives for names, which may be
// identifiers.
func described(labels []string, by *value) []string {
	if by == nil || by.kind != object {
		return labels
	}
	words := make(map[string]string, len(by.keys))
	for i, key := range by.keys {
		words[key] = by.list[i].text
	}
	for i, s := range labels {
		if d := words[s]; d != "" {
			labels[i] = d
		}
	}
	return labels
}

// nameless reports labels that Hugging Face writes where it knows none: LABEL_0,
// LABEL_1 and so on.
func nameless(labels []string) bool {
	for i, s := range labels {
		if s != "LABEL_"+strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// ImageNet has 1000 classes; networks of TensorFlow that have one more begin
// with the background.
const imageNet = 1000

// background are names of the class before those of ImageNet.
var background = []string{"background", "dummy", "unused background"}

// Fit gives as many labels as there are classes: those of ImageNet may lack the
// background or have it too much, which note then says. Other numbers that
// differ are an error.
func Fit(labels []string, classes int) (fitted []string, note string, err error) {
	switch n := len(labels); {
	case n == classes:
		return labels, "", nil
	case n == imageNet && classes == imageNet+1:
		return append([]string{background[0]}, labels...), "the network has the background as its class 0", nil
	case n == imageNet+1 && classes == imageNet && slices.Contains(background, strings.ToLower(labels[0])):
		return labels[1:], "the network has no class for the background", nil
	}
	return nil, "", fmt.Errorf("%d labels for %d classes", len(labels), classes)
}
