package model

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Write validates f and writes it. Equal files give equal bytes.
func Write(w io.Writer, f *File) error {
	if err := f.Validate(); err != nil {
		return err
	}
	g, err := json.Marshal(&f.Graph)
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
	header := map[string]any{"__metadata__": meta}
	var body []byte
	add := func(name, dtype string, shape []int64, put func()) {
		begin := uint64(len(body))
		put()
		header[name] = entry{dtype, shape, [2]uint64{begin, uint64(len(body))}}
	}
	real := func(name string, values []float32) {
		add(name, "F32", []int64{int64(len(values))}, func() {
			for _, v := range values {
				body = binary.LittleEndian.AppendUint32(body, math.Float32bits(v))
			}
		})
	}
	for i := range f.Graph.Nodes {
		n := &f.Graph.Nodes[i]
		if n.Weights == "" {
			continue
		}
		p := f.Params[n.Weights]
		if n.FloatParams() {
			real(n.Weights+".gain", p.Gain)
			if n.HasOffset() {
				real(n.Weights+".offset", p.Offset)
			}
			continue
		}
		shape := weightShape(&f.Graph, n)
		real(n.Weights+".scale", p.Scale)
		add(n.Weights+".bias", "I32", shape[:1], func() {
			for _, v := range p.Bias {
				body = binary.LittleEndian.AppendUint32(body, uint32(v))
			}
		})
		add(n.Weights+".weight", "I8", shape, func() {
			for _, v := range p.Weight {
				body = append(body, byte(v))
			}
		})
		for len(body)%4 != 0 { // the next scales stay aligned
			name := n.Weights + ".align"
			add(name, "I8", []int64{int64(4 - len(body)%4)}, func() {
				for len(body)%4 != 0 {
					body = append(body, 0)
				}
			})
		}
	}
	h, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(h)%8 != 0 {
		h = append(h, ' ')
	}
	for _, part := range [][]byte{binary.LittleEndian.AppendUint64(nil, uint64(len(h))), h, body} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("model file: writing: %w", err)
		}
	}
	return nil
}
