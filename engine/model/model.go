// Package model reads and writes model files: a safetensors container with the
// graph in its metadata. models/FORMAT.md is the specification. A file that
// Read returns has been checked completely.
package model

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"sort"
	"unsafe"

	"likeness/engine/graph"
	"likeness/engine/printable"
)

// File is a network with its quantised parameters.
type File struct {
	Graph        graph.Graph
	Params       map[string]graph.Params // by Node.Weights
	License      string                  // SPDX expression
	Source       string                  // where the weights came from
	SourceSHA256 string                  // hex, of the file that was converted
	Converter    string                  // version of the converter, "" before it had one
	Hash         string                  // hex sha256 of the file, set by Read
	Head         *Head                   // what was taught, or nil
}

// Error is any reason why a file cannot be used.
type Error struct {
	Reason string
	Err    error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return "model file: " + e.Reason + ": " + e.Err.Error()
	}
	return "model file: " + e.Reason
}

func (e *Error) Unwrap() error { return e.Err }

func fail(format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, printable.Args(args)...)}
}

const (
	version   = "1"
	maxHeader = 16 << 20
	// maxEntries of the header: of an operator with weights they are four, with
	// what aligns the next.
	maxEntries = 4 * graph.MaxNodes
	maxMeta    = 1024 // keys of the metadata: other programs may add theirs
	maxDims    = 8    // dimensions of a tensor
)

type entry struct {
	Dtype   string    `json:"dtype"`
	Shape   []int64   `json:"shape"`
	Offsets [2]uint64 `json:"data_offsets"`
}

var dtypeSize = map[string]int64{"I8": 1, "I32": 4, "F32": 4}

// Read parses and validates a whole file. data is not kept.
func Read(data []byte) (*File, error) {
	f, err := parse(data)
	if err != nil {
		return nil, err
	}
	for name, p := range f.Params {
		p.Weight = slices.Clone(p.Weight)
		f.Params[name] = p
	}
	sum := sha256.Sum256(data)
	f.Hash = hex.EncodeToString(sum[:])
	return f, nil
}

// Adopt is Read without a copy of the weights: they lie in data, which must not
// change afterwards. Hash is left to the caller, who can compute it beside other
// work.
func Adopt(data []byte) (*File, error) { return parse(data) }

// parse is Read without Hash, and with weights that lie in data.
func parse(data []byte) (*File, error) {
	entries, meta, body, err := readHeader(data)
	if err != nil {
		return nil, err
	}
	if meta["likeness.version"] != version {
		return nil, fail("version %q, this engine reads %q: convert the model again with this version's likeness convert", meta["likeness.version"], version)
	}
	f := &File{License: meta["license"], Source: meta["source"], SourceSHA256: meta["source_sha256"], Converter: meta["likeness.converter"]}
	if f.Graph, err = parseGraph(meta["likeness.graph"]); err != nil {
		return nil, &Error{"the graph is not valid", err}
	}
	// Shapes first: the parameters are read by them.
	if err := f.Graph.Validate(); err != nil {
		return nil, &Error{"invalid graph", err}
	}
	f.distrustNames()
	f.Params = make(map[string]graph.Params, len(entries)/3)
	for i := range f.Graph.Nodes {
		n := &f.Graph.Nodes[i]
		if n.Weights == "" {
			continue
		}
		if _, ok := f.Params[n.Weights]; ok {
			return nil, fail("two operators share the weights %q", n.Weights)
		}
		if f.Params[n.Weights], err = readParams(&f.Graph, entries, body, n); err != nil {
			return nil, err
		}
	}
	if f.Head, err = readHead(entries, meta, body); err != nil {
		return nil, err
	}
	if err := f.validateParams(); err != nil {
		return nil, err
	}
	return f, nil
}

// distrustNames takes the further names of layers for those of layers that were
// joined, in files of converters before version 4: these gave a convolution that
// was joined with its activation the activation's values. The names by which the
// file itself calls its layers stay.
func (f *File) distrustNames() {
	switch f.Converter {
	case "1", "2", "3":
	default:
		return
	}
	for i := range f.Graph.Tensors {
		t := &f.Graph.Tensors[i]
		var kept []string
		for _, name := range t.Also {
			if name == f.Graph.DefaultLayer || name == f.Graph.Output {
				kept = append(kept, name)
			} else {
				t.Joined = append(t.Joined, name)
			}
		}
		t.Also = kept
	}
}

func readHeader(data []byte) (map[string]entry, map[string]string, []byte, error) {
	if len(data) < 8 {
		return nil, nil, nil, fail("only %d bytes long; the download may have been cut off", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader || n > uint64(len(data)-8) {
		return nil, nil, nil, fail("header of %d bytes in a file of %d: not a safetensors file, or truncated", n, len(data))
	}
	body := data[8+n:]
	entries := map[string]entry{}
	meta := map[string]string{}
	text := &scanner{b: data[8 : 8+n]}
	var bad error // the first entry that is wrong
	text.object(func(name string) {
		if name == "__metadata__" {
			text.object(func(key string) {
				if text.room(len(meta), maxMeta, "keys of metadata") {
					meta[key] = text.string()
				}
			})
			return
		}
		if !text.room(len(entries), maxEntries, "tensors") {
			return
		}
		e := parseEntry(text)
		if text.err == nil && bad == nil {
			bad = e.check(name, uint64(len(body)))
		}
		entries[name] = e
	})
	if err := text.end(); err != nil {
		return nil, nil, nil, &Error{"the header is not a safetensors header", err}
	}
	if bad != nil {
		return nil, nil, nil, bad
	}
	return entries, meta, body, checkContiguous(entries, uint64(len(body)))
}

func parseEntry(s *scanner) (e entry) {
	s.object(func(key string) {
		switch key {
		case "dtype":
			e.Dtype = s.string()
		case "shape":
			s.array(func() {
				if s.room(len(e.Shape), maxDims, "dimensions of a tensor") {
					e.Shape = append(e.Shape, s.int(64))
				}
			})
		case "data_offsets":
			s.fixed(2, func(i int) { e.Offsets[i] = uint64(s.int(64)) })
		default:
			s.skip()
		}
	})
	return e
}

func (e *entry) check(name string, body uint64) error {
	size, ok := dtypeSize[e.Dtype]
	if !ok {
		return fail("tensor %q has dtype %q; I8, I32 and F32 are supported", name, e.Dtype)
	}
	if e.Offsets[0] > e.Offsets[1] || e.Offsets[1] > body {
		return fail("tensor %q claims bytes %d to %d of %d; the file may be truncated", name, e.Offsets[0], e.Offsets[1], body)
	}
	for _, d := range e.Shape {
		if d < 1 || d > math.MaxInt32 || size > int64(math.MaxInt32)/d {
			return fail("tensor %q has shape %v", name, e.Shape)
		}
		size *= d
	}
	if uint64(size) != e.Offsets[1]-e.Offsets[0] {
		return fail("tensor %q of shape %v needs %d bytes and has %d", name, e.Shape, size, e.Offsets[1]-e.Offsets[0])
	}
	return nil
}

func checkContiguous(entries map[string]entry, body uint64) error {
	spans := make([][2]uint64, 0, len(entries))
	for _, e := range entries {
		spans = append(spans, e.Offsets)
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i][0] < spans[j][0] })
	var at uint64
	for _, s := range spans {
		if s[0] != at {
			return fail("tensor data overlaps or has a gap at byte %d", at)
		}
		at = s[1]
	}
	if at != body {
		return fail("%d bytes of tensor data, %d described", body, at)
	}
	return nil
}

func readParams(g *graph.Graph, entries map[string]entry, body []byte, n *graph.Node) (p graph.Params, err error) {
	name, shape := n.Weights, weightShape(g, n)
	get := func(suffix, dtype string, want []int64) ([]byte, error) {
		e, ok := entries[name+suffix]
		if !ok || e.Dtype != dtype {
			return nil, fail("tensor %q of dtype %s is missing", name+suffix, dtype)
		}
		if !slices.Equal(e.Shape, want) {
			return nil, fail("tensor %q has shape %v, the operator %q wants %v: convert the model again", name+suffix, e.Shape, n.Name, want)
		}
		return body[e.Offsets[0]:e.Offsets[1]], nil
	}
	if n.FloatParams() {
		gain, err := get(".gain", "F32", shape[:1])
		if err != nil {
			return p, err
		}
		p.Gain = floats(gain)
		if n.HasOffset() {
			offset, err := get(".offset", "F32", shape[:1])
			if err != nil {
				return p, err
			}
			p.Offset = floats(offset)
		}
		return p, nil
	}
	w, err := get(".weight", "I8", shape)
	if err != nil {
		return p, err
	}
	s, err := get(".scale", "F32", shape[:1])
	if err != nil {
		return p, err
	}
	b, err := get(".bias", "I32", shape[:1])
	if err != nil {
		return p, err
	}
	p.Weight = unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(w))), len(w))
	p.Scale = floats(s)
	p.Bias = make([]int32, len(b)/4)
	for i := range p.Bias {
		p.Bias[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return p, nil
}

// weightShape is the shape of NAME.weight as the file has it; its first
// dimension is that of the other parameters.
func weightShape(g *graph.Graph, n *graph.Node) []int64 {
	s := n.WeightShape(g)
	if n.Op == graph.FullyConnected {
		return []int64{int64(s[0]), int64(s[3])}
	}
	return []int64{int64(s[0]), int64(s[1]), int64(s[2]), int64(s[3])}
}

func floats(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}
