package model

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"likeness/engine/graph"
	"likeness/engine/picture"
)

// emitter writes one JSON text, the bytes that Marshal of encoding/json gives
// for the same structs: their tags say what is written in which order, and tests
// hold the two together. A number that JSON cannot hold is the error, which is
// looked at once, at the end. Like scanner it spares the page encoding/json.
type emitter struct {
	b    []byte
	last string // key
	err  error
}

// emit returns what value writes.
func emit(value func(e *emitter)) ([]byte, error) {
	e := &emitter{}
	value(e)
	return e.b, e.err
}

// header writes what stands before the tensors' data.
func (e *emitter) header(entries map[string]entry, meta map[string]string) {
	const metadata = "__metadata__"
	names := append(slices.Collect(maps.Keys(entries)), metadata)
	slices.Sort(names)
	e.object(func() {
		for _, name := range names {
			e.key(name)
			if name == metadata {
				e.metadata(meta)
			} else {
				e.entry(entries[name])
			}
		}
	})
}

func (e *emitter) metadata(meta map[string]string) {
	e.object(func() {
		for _, key := range slices.Sorted(maps.Keys(meta)) {
			e.key(key)
			e.string(meta[key])
		}
	})
}

func (e *emitter) entry(t entry) {
	e.object(func() {
		e.key("dtype")
		e.string(t.Dtype)
		e.key("shape")
		emitSlice(e, t.Shape, e.int64)
		e.key("data_offsets")
		emitArray(e, t.Offsets[:], e.uint64)
	})
}

func (e *emitter) graph(g *graph.Graph) {
	e.object(func() {
		e.key("name")
		e.string(g.Name)
		e.key("tensors")
		emitSlice(e, g.Tensors, e.tensor)
		e.key("nodes")
		emitSlice(e, g.Nodes, e.node)
		e.key("prepare")
		e.preparation(g.Prepare)
		e.key("default_layer")
		e.string(g.DefaultLayer)
		e.optionalString("output", g.Output)
		e.optionalStrings("labels", g.Labels)
	})
}

func (e *emitter) tensor(t graph.Tensor) {
	e.object(func() {
		e.key("name")
		e.string(t.Name)
		e.key("shape")
		emitArray(e, t.Shape[:], e.int)
		e.key("scale")
		e.float(float64(t.Scale), 32)
		e.key("lo")
		e.int(int(t.Lo))
		e.key("hi")
		e.int(int(t.Hi))
		e.optionalStrings("also", t.Also)
		e.optionalStrings("joined", t.Joined)
	})
}

func (e *emitter) node(n graph.Node) {
	e.object(func() {
		e.key("op")
		e.string(n.Op)
		e.key("name")
		e.string(n.Name)
		e.key("inputs")
		emitSlice(e, n.Inputs, e.int)
		e.key("output")
		e.int(n.Output)
		e.optionalInts("kernel", n.Kernel[:])
		e.optionalInts("stride", n.Stride[:])
		e.optionalInts("dilation", n.Dilation[:])
		e.optionalInts("pads", n.Pads[:])
		e.optionalInt("groups", n.Groups)
		if n.CountPad {
			e.key("count_pad")
			e.b = append(e.b, "true"...)
		}
		e.optionalString("fn", n.Fn)
		e.optionalFloat("alpha", n.Alpha)
		e.optionalFloat("beta", n.Beta)
		if n.Channels != nil {
			e.key("channels")
			emitSlice(e, n.Channels, e.int)
		}
		e.optionalInts("start", n.Start[:])
		e.optionalFloat("epsilon", n.Epsilon)
		e.optionalInt("size", n.Size)
		e.optionalFloat("shift", n.Shift)
		e.optionalInt("block", n.Block)
		e.optionalString("order", n.Order)
		e.optionalString("coordinates", n.Coordinates)
		e.optionalString("rounding", n.Rounding)
		if n.Zoom != [2]float64{} {
			e.key("zoom")
			emitArray(e, n.Zoom[:], e.float64)
		}
		e.optionalString("weights", n.Weights)
	})
}

func (e *emitter) preparation(p picture.Preparation) {
	e.object(func() {
		e.key("width")
		e.int(p.Width)
		e.key("height")
		e.int(p.Height)
		e.key("resize")
		e.string(p.Resize)
		e.optionalInt("side", p.Side)
		e.key("interpolation")
		e.string(p.Interpolation)
		e.key("order")
		e.string(p.Order)
		e.key("mean")
		emitArray(e, p.Mean[:], e.float64)
		e.key("std")
		emitArray(e, p.Std[:], e.float64)
	})
}

func (e *emitter) head(h *Head) {
	e.object(func() {
		e.key("kind")
		e.string(h.Kind)
		e.key("layer")
		e.string(h.Layer)
		e.key("pool")
		e.string(h.Pool)
		e.optionalFloat("threshold", h.Threshold)
		e.optionalInt("k", h.K)
		e.optionalStrings("labels", h.Labels)
	})
}

// What is optional is left out where zero, as omitempty and omitzero say.

func (e *emitter) optionalString(key, v string) {
	if v != "" {
		e.key(key)
		e.string(v)
	}
}

func (e *emitter) optionalStrings(key string, v []string) {
	if len(v) > 0 {
		e.key(key)
		emitSlice(e, v, e.string)
	}
}

func (e *emitter) optionalInt(key string, v int) {
	if v != 0 {
		e.key(key)
		e.int(v)
	}
}

// optionalInts writes an array, which is zero if all of its elements are.
func (e *emitter) optionalInts(key string, v []int) {
	if slices.ContainsFunc(v, func(x int) bool { return x != 0 }) {
		e.key(key)
		emitArray(e, v, e.int)
	}
}

func (e *emitter) optionalFloat(key string, v float64) {
	if v != 0 {
		e.key(key)
		e.float64(v)
	}
}

// object writes braces around fields, each of which begins with key.
func (e *emitter) object(fields func()) {
	e.b = append(e.b, '{')
	fields()
	e.b = append(e.b, '}')
}

// key writes the name of a field; its value comes next. No value ends with an
// opening brace, so that one before the name means that it is the first.
func (e *emitter) key(name string) {
	if e.b[len(e.b)-1] != '{' {
		e.b = append(e.b, ',')
	}
	e.string(name)
	e.b = append(e.b, ':')
	e.last = name
}

// emitSlice writes an array of any length; nil is null.
func emitSlice[T any](e *emitter, v []T, element func(T)) {
	if v == nil {
		e.b = append(e.b, "null"...)
		return
	}
	emitArray(e, v, element)
}

func emitArray[T any](e *emitter, v []T, element func(T)) {
	e.b = append(e.b, '[')
	for i, x := range v {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		element(x)
	}
	e.b = append(e.b, ']')
}

func (e *emitter) int(v int)       { e.int64(int64(v)) }
func (e *emitter) int64(v int64)   { e.b = strconv.AppendInt(e.b, v, 10) }
func (e *emitter) uint64(v uint64) { e.b = strconv.AppendUint(e.b, v, 10) }

func (e *emitter) float64(v float64) { e.float(v, 64) }

// float writes the shortest number that reads as v among floats of some bits,
// 32 or 64. As in ECMAScript it has an exponent below 1e-6 and from 1e21.
func (e *emitter) float(v float64, bits int) {
	size, small, large := math.Abs(v), 1e-6, 1e21
	if bits == 32 {
		small, large = float64(float32(small)), float64(float32(large))
	}
	switch {
	case !(size <= math.MaxFloat64):
		if e.err == nil {
			e.err = fail("%q is %g, which no model file can hold: it must be finite", e.last, v)
		}
	case size == 0 || size >= small && size < large:
		e.b = strconv.AppendFloat(e.b, v, 'f', -1, bits)
	default:
		text := strconv.FormatFloat(v, 'e', -1, bits)
		e.b = append(e.b, strings.Replace(text, "e-0", "e-", 1)...)
	}
}

// string writes in quotes. Control characters and what HTML or JavaScript would
// take for its own are escaped; bytes that are not UTF-8 become U+FFFD.
func (e *emitter) string(s string) {
	const short, letters, hex = "\b\f\n\r\t\"\\", `bfnrt"\`, "0123456789abcdef"
	e.b = append(e.b, '"')
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && strings.IndexByte(short, byte(r)) >= 0:
			e.b = append(e.b, '\\', letters[strings.IndexByte(short, byte(r))])
		case r < ' ', r == '<', r == '>', r == '&', r == '\u2028', r == '\u2029':
			e.b = append(e.b, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			e.b = utf8.AppendRune(e.b, r)
		}
	}
	e.b = append(e.b, '"')
}
