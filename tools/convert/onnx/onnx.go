// Package onnx reads ONNX files into the common graph (package nd) and writes
// them. It knows the protobuf messages of onnx.proto and nothing of what the
// operators mean. Every length is checked against what the file holds before
// anything is allocated. It imports nd, and protowire for the encoding.
package onnx

import (
	"fmt"
	"path/filepath"

	"likeness/tools/convert/nd"
	"likeness/tools/output"
	"likeness/tools/regular"
)

// The versions of ONNX's own operator set that are read.
const (
	MinOpset = 7
	MaxOpset = 24
)

// Limits of a file.
const (
	maxRank  = 16      // dimensions of a tensor
	maxFile  = 1 << 30 // bytes of the model, external data aside
	maxTotal = 2 << 30 // bytes of all weights together, as they are held
	// maxParts bounds the nodes, names, attributes, dimensions and weights of a
	// file together: each is small in the file and larger in memory.
	maxParts = 1 << 20
	maxInts  = 1 << 26 // integers that are not stored as raw bytes
	maxFiles = 10000   // of external data
)

// Read reads a model file. Weights that it keeps in files of their own are
// looked for in its folder and nowhere else.
func Read(path string) (*nd.Graph, error) {
	data, _, err := regular.Read(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	g, err := Decode(data, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return g, nil
}

// Write writes a model file, whole or not at all.
func Write(path string, g *nd.Graph) error {
	data, err := Encode(g)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	var set output.Set
	defer set.Discard()
	f, err := set.Create(path, output.Kind{})
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return set.Commit()
}
