// Package home holds what a folder that is taken home tells of itself: a script
// that does its analysis again with scikit-learn, and an explanation. The page
// (web/page/home) and likeness analysis put them beside the same files.
package home

import (
	_ "embed"
	"strings"
)

// Script is analysis.py.
//
//go:embed analysis.py
var Script []byte

// Readme is README.txt, with {about} where one or two sentences on the folder
// belong.
//
//go:embed README.txt
var Readme string

// ReadmeOf puts what is told of a folder into README.txt.
func ReadmeOf(about string) []byte { return []byte(strings.Replace(Readme, "{about}", about, 1)) }
