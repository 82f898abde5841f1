package main

import "strings"

// note says that a picture was embedded but its vector may mean less than it
// seems: it is of one colour, its colour profile was not applied, its shape is
// extreme.
type note struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// flagged is a note and its picture.
type flagged struct {
	File exactName `json:"file"`
	note
}

// flags lists the notes of a picture.
func flags(file string, notes []note) (all []flagged) {
	for _, n := range notes {
		all = append(all, flagged{exactName(file), n})
	}
	return all
}

// told joins the messages of notes.
func told(notes []note) string {
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
