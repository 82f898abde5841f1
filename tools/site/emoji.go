package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Where npm puts the renders, and the names and kinds of all emoji.
const (
	emojiPictures = "web/node_modules/@lobehub/fluent-emoji-3d"
	emojiNames    = "web/node_modules/emoji.json/emoji.json"
)

// emoji is one picture of the sample collection.
type emoji struct {
	name  string // label/name.webp, as of a file in a folder
	label string
	data  []byte
}

// emojiEntry is one line of emojiNames.
type emojiEntry struct {
	Codes    string `json:"codes"`
	Name     string `json:"name"`
	Subgroup string `json:"subgroup"`
}

// emojiLabels gives the subgroups of Unicode's emoji-test.txt plain names. The
// longest beginning counts.
var emojiLabels = map[string]string{
	"animal-": "animals", "plant-": "plants", "food-": "food", "dishware": "food", "drink": "drinks",
	"transport-": "vehicles", "transport-sign": "signs", "place-": "places", "place-building": "buildings",
	"place-religious": "buildings", "hotel": "things", "sky & weather": "sky and weather", "time": "clocks",
	"event": "celebrations", "award-medal": "sports", "sport": "sports", "game": "games", "arts & crafts": "games",
	"clothing": "clothes", "music": "music", "sound": "music", "phone": "devices", "computer": "devices",
	"light & video": "devices", "book-paper": "paper", "writing": "paper", "mail": "paper", "office": "paper",
	"money": "money", "tool": "tools", "lock": "tools", "science": "tools", "medical": "tools",
	"household": "things", "other-object": "things", "face-": "faces", "cat-face": "faces", "monkey-face": "faces",
	"emotion": "feelings", "heart": "hearts", "hand": "hands", "body-parts": "body", "person": "people", "family": "people",
	"country-flag": "flags", "flag": "flags", "subdivision-flag": "flags", "keycap": "signs", "other-symbol": "signs", "alphanum": "signs",
	"av-symbol": "signs", "geometric": "shapes", "warning": "signs", "arrow": "arrows", "religion": "signs",
	"currency": "money", "math": "signs", "punctuation": "signs", "gender": "signs", "zodiac": "signs",
}

// emojiLabel is the label of a subgroup, "" for one that is not known.
func emojiLabel(subgroup string) string {
	for n := len(subgroup); n > 0; n-- {
		if label, ok := emojiLabels[subgroup[:n]]; ok {
			return label
		}
	}
	return ""
}

// emojiKey is the code points of a name in one way of writing, without those
// that some lists leave out: the selector of a coloured look (FE0F) and the end
// of tags (E007F).
func emojiKey(codes string) (string, error) {
	var parts []string
	for _, part := range strings.FieldsFunc(codes, func(r rune) bool { return strings.ContainsRune("-_ ", r) }) {
		v, err := strconv.ParseUint(part, 16, 32)
		if err != nil {
			return "", fmt.Errorf("%q is no list of code points", codes)
		}
		if v != 0xfe0f && v != 0xe007f {
			parts = append(parts, strconv.FormatUint(v, 16))
		}
	}
	return strings.Join(parts, "-"), nil
}

// plainEmoji reports whether a key has neither a skin tone (1F3FB to 1F3FF) nor
// a joiner (200D): one picture of each thing is enough.
func plainEmoji(key string) bool {
	return !slices.ContainsFunc(strings.Split(key, "-"), func(part string) bool {
		return part == "200d" || len(part) == 5 && part >= "1f3fb" && part <= "1f3ff"
	})
}

// readEmoji reads the sample collection in the order of its list of names; nil
// where npm has not fetched it.
func readEmoji() ([]emoji, error) {
	text, err := os.ReadFile(emojiNames)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []emojiEntry
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", emojiNames, err)
	}
	files, err := filepath.Glob(emojiPictures + "/assets/*.webp")
	if err != nil {
		return nil, err
	}
	byKey := map[string]string{}
	for _, file := range files {
		key, err := emojiKey(strings.TrimSuffix(filepath.Base(file), ".webp"))
		if err != nil {
			return nil, err
		}
		if plainEmoji(key) {
			byKey[key] = file
		}
	}
	var found []emoji
	for _, entry := range list {
		key, err := emojiKey(entry.Codes)
		if err != nil {
			return nil, err
		}
		file, ok := byKey[key]
		if !ok {
			continue
		}
		delete(byKey, key) // the list has some twice, with FE0F and without
		one, err := entry.read(file)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	for _, file := range byKey {
		return nil, fmt.Errorf("%s has no name for %s, and %d more: use releases of the two packages that go together", emojiNames, filepath.Base(file), len(byKey)-1)
	}
	return found, nil
}

func (e emojiEntry) read(file string) (emoji, error) {
	label := emojiLabel(e.Subgroup)
	if label == "" {
		return emoji{}, fmt.Errorf("%s: the subgroup %q has no label: give it one in tools/site/emoji.go", emojiNames, e.Subgroup)
	}
	data, err := os.ReadFile(file)
	// A name is one part of a path.
	name := strings.NewReplacer("/", "-", ": ", " ", ":", "").Replace(e.Name)
	return emoji{label + "/" + name + ".webp", label, data}, err
}
