package output

import (
	"fmt"
	"io/fs"
	"os"
)

// Inputs are files that a command reads.
type Inputs struct {
	What  string // "picture", "model"
	Paths []string
}

// Distinct refuses outputs that are inputs, or each other, by whatever names
// and links they are reached. Files that do not exist are no concern of it.
func Distinct(outputs []string, inputs ...Inputs) error {
	type existing struct {
		path string
		info fs.FileInfo
	}
	var outs []existing
	for _, path := range outputs {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		for _, o := range outs {
			if os.SameFile(o.info, info) {
				return fmt.Errorf("the outputs %s and %s are one file: choose another name", o.path, path)
			}
		}
		outs = append(outs, existing{path, info})
	}
	if len(outs) == 0 {
		return nil
	}
	for _, in := range inputs {
		for _, path := range in.Paths {
			info, err := os.Stat(path)
			if err != nil {
				continue
			}
			for _, o := range outs {
				if os.SameFile(o.info, info) {
					return fmt.Errorf("the output %s is the %s %s, which would be lost: choose another name", o.path, in.What, path)
				}
			}
		}
	}
	return nil
}
