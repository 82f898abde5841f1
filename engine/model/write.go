package model

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"likeness/engine/graph"
)

// Write validates f and writes it. Equal files give equal bytes.
func Write(w io.Writer, f *File) error {
	if err := f.Validate(); err != nil {
		return err
	}
	g, err := emit(func(e *emitter) { e.graph(&f.Graph) })
	if err != nil {
		return err
	}
	meta := map[string]string{
		"likeness.version": version, "likeness.graph": string(g),
		"license": f.License, "source": f.Source, "source_sha256": f.SourceSHA256,
	}
	if f.Converter != "" {
		meta["likeness.converter"] = f.Converter
	}
	if f.Head != nil {
		text, err := emit(func(e *emitter) { e.head(f.Head) })
		if err != nil {
			return err
		}
		meta["likeness.head"] = string(text)
	}
	b := &body{entries: map[string]entry{}}
	size := 0
	for _, p := range f.Params {
		size += len(p.Weight) + 4*(len(p.Scale)+len(p.Bias)+len(p.Gain)+len(p.Offset)+1)
	}
	b.data = make([]byte, 0, size)
	for i := range f.Graph.Nodes {
		if n := &f.Graph.Nodes[i]; n.Weights != "" {
			b.params(n, f.Params[n.Weights], weightShape(&f.Graph, n))
		}
	}
	if f.Head.keepsVectors() {
		n := int64(len(f.Head.Class))
		b.reals("head.vectors", f.Head.Vectors, n, int64(len(f.Head.Vectors))/n)
		b.integers("head.class", f.Head.Class)
	}
	h, err := emit(func(e *emitter) { e.header(b.entries, meta) })
	if err != nil {
		return err
	}
	for len(h)%8 != 0 {
		h = append(h, ' ')
	}
	for _, part := range [][]byte{binary.LittleEndian.AppendUint64(nil, uint64(len(h))), h, b.data} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("model file: writing: %w", err)
		}
	}
	return nil
}

// body collects tensors and what the header says of them.
type body struct {
	entries map[string]entry
	data    []byte
}

// add describes what put appends.
func (b *body) add(name, dtype string, shape []int64, put func()) {
	begin := uint64(len(b.data))
	put()
	b.entries[name] = entry{dtype, shape, [2]uint64{begin, uint64(len(b.data))}}
}

func (b *body) reals(name string, values []float32, shape ...int64) {
	b.add(name, "F32", shape, func() {
		for _, v := range values {
			b.data = binary.LittleEndian.AppendUint32(b.data, math.Float32bits(v))
		}
	})
}

func (b *body) integers(name string, values []int32) {
	b.add(name, "I32", []int64{int64(len(values))}, func() {
		for _, v := range values {
			b.data = binary.LittleEndian.AppendUint32(b.data, uint32(v))
		}
	})
}

// params adds a node's parameters; shape is that of its weights.
func (b *body) params(n *graph.Node, p graph.Params, shape []int64) {
	if n.FloatParams() {
		b.reals(n.Weights+".gain", p.Gain, int64(len(p.Gain)))
		if n.HasOffset() {
			b.reals(n.Weights+".offset", p.Offset, int64(len(p.Offset)))
		}
		return
	}
	b.reals(n.Weights+".scale", p.Scale, int64(len(p.Scale)))
	b.integers(n.Weights+".bias", p.Bias)
	b.add(n.Weights+".weight", "I8", shape, func() {
		for _, v := range p.Weight {
			b.data = append(b.data, byte(v))
		}
	})
	if rest := len(b.data) % 4; rest != 0 { // the next scales stay aligned
		b.add(n.Weights+".align", "I8", []int64{int64(4 - rest)}, func() { b.data = append(b.data, make([]byte, 4-rest)...) })
	}
}
