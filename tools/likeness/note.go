package main

import (
	"strings"

	"likeness/engine/picture"
)

// flagged is a note and its picture.
type flagged struct {
	File exactName `json:"file"`
	picture.Note
}

// flags lists the notes of a picture.
func flags(file string, notes []picture.Note) (all []flagged) {
	for _, n := range notes {
		all = append(all, flagged{exactName(file), n})
	}
	return all
}

// told joins the messages of notes.
func told(notes []picture.Note) string {
	texts := make([]string, len(notes))
	for i, n := range notes {
		texts[i] = n.Message
	}
	return strings.Join(texts, "; ")
}

// flaggedPictures counts pictures, which follow each other in all.
func flaggedPictures(all []flagged) (n int) {
	for i, f := range all {
		if i == 0 || f.File != all[i-1].File {
			n++
		}
	}
	return n
}
