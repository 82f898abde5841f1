//go:build js && wasm

package main

import (
	"fmt"
	"math"
	"syscall/js"
	"unsafe"

	"likeness/engine"
	"likeness/engine/picture"
)

// arguments are those of one call. Whatever they are, reading them gives an
// error and never a panic.
type arguments struct {
	call string
	args []js.Value
}

func (a arguments) at(i int) js.Value {
	if i < len(a.args) {
		return a.args[i]
	}
	return js.Undefined()
}

func (a arguments) wrong(what, wanted string) error {
	return &coded{"argument", fmt.Sprintf("%s: %s must be %s", a.call, what, wanted)}
}

func (a arguments) text(i int, what string) (string, error) {
	v := a.at(i)
	if v.Type() != js.TypeString || v.String() == "" {
		return "", a.wrong(what, "a string that is not empty")
	}
	return v.String(), nil
}

func (a arguments) whole(i int, what string, least, most int) (int, error) {
	return whole(a, a.at(i), what, least, most)
}

func whole(a arguments, v js.Value, what string, least, most int) (int, error) {
	if v.Type() == js.TypeNumber {
		f := v.Float()
		if f == math.Trunc(f) && f >= float64(least) && f <= float64(most) {
			return int(f), nil
		}
	}
	return 0, a.wrong(what, fmt.Sprintf("a whole number of %d to %d", least, most))
}

// bytes checks that an argument is a Uint8Array.
func (a arguments) bytes(i int, what string) (js.Value, error) { return a.array(i, "Uint8Array", what) }

func (a arguments) array(i int, kind, what string) (js.Value, error) {
	v := a.at(i)
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get(kind)) {
		return v, a.wrong(what, "a "+kind)
	}
	return v, nil
}

func (a arguments) floats(i int, what string) ([]float32, error) {
	v, err := a.array(i, "Float32Array", what)
	if err != nil {
		return nil, err
	}
	out := make([]float32, v.Get("length").Int())
	view := js.Global().Get("Uint8Array").New(v.Get("buffer"), v.Get("byteOffset"), v.Get("byteLength"))
	js.CopyBytesToGo(raw(out), view)
	return out, nil
}

func (a arguments) ints(i int, what string) ([]int32, error) {
	v, err := a.array(i, "Int32Array", what)
	if err != nil {
		return nil, err
	}
	out := make([]int32, v.Get("length").Int())
	view := js.Global().Get("Uint8Array").New(v.Get("buffer"), v.Get("byteOffset"), v.Get("byteLength"))
	js.CopyBytesToGo(raw(out), view)
	return out, nil
}

// options is an object of options, which may be left out.
type options struct {
	arguments
	v js.Value
}

func (a arguments) options(i int) (options, error) {
	v := a.at(i)
	switch v.Type() {
	case js.TypeUndefined, js.TypeNull, js.TypeObject:
		return options{a, v}, nil
	}
	return options{}, a.wrong("the options", "an object")
}

func (o options) get(key string) js.Value {
	if o.v.Type() != js.TypeObject {
		return js.Undefined()
	}
	return o.v.Get(key)
}

func (o options) text(key string) (string, error) {
	v := o.get(key)
	switch v.Type() {
	case js.TypeUndefined:
		return "", nil
	case js.TypeString:
		return v.String(), nil
	}
	return "", o.wrong(key, "a string")
}

// whole returns missing where the option is left out.
func (o options) whole(key string, missing, least, most int) (int, error) {
	v := o.get(key)
	if v.IsUndefined() {
		return missing, nil
	}
	return whole(o.arguments, v, key, least, most)
}

// number returns missing where the option is left out.
func (o options) number(key string, missing, least, most float64) (float64, error) {
	v := o.get(key)
	if v.IsUndefined() {
		return missing, nil
	}
	if v.Type() == js.TypeNumber {
		if f := v.Float(); f >= least && f <= most {
			return f, nil
		}
	}
	return 0, o.wrong(key, fmt.Sprintf("a number of %v to %v", least, most))
}

// take is one vector wanted of a picture.
type take struct {
	layer string
	pool  engine.Pool
}

func (o options) take() (t take, err error) {
	if t.layer, err = o.text("layer"); err != nil {
		return t, err
	}
	pool, err := o.text("pool")
	if err != nil {
		return t, err
	}
	t.pool, err = engine.ParsePool(pool)
	return t, err
}

// reading says how vectors are taken: {layer, pool, layers, normalize, resize,
// memory, orientation, keep}. What is left out is the default.
type reading struct {
	options
	takes       []take // of one run: layer and pool, or those of layers
	several     bool   // layers was given
	keep        int    // where the feature map of the first is kept, -1 for nowhere
	normalize   bool
	resize      string
	limits      picture.Limits
	orientation int
}

func (a arguments) reading(i int) (r reading, err error) {
	o, err := a.options(i)
	if err != nil {
		return r, err
	}
	r.options = o
	if r.takes, r.several, err = o.takes(); err != nil {
		return r, err
	}
	if r.keep, err = o.whole("keep", -1, 0, len(maps)-1); err != nil {
		return r, err
	}
	if r.resize, err = o.text("resize"); err != nil {
		return r, err
	}
	switch v := o.get("normalize"); v.Type() {
	case js.TypeUndefined:
		r.normalize = true
	case js.TypeBoolean:
		r.normalize = v.Bool()
	default:
		return r, o.wrong("normalize", "true or false")
	}
	memory, err := o.whole("memory", 0, 0, math.MaxInt32)
	if err != nil {
		return r, err
	}
	r.limits.Memory = int64(memory)
	r.orientation, err = o.whole("orientation", 1, 1, 8)
	return r, err
}

func notesToJS(notes []picture.Note) []any {
	out := make([]any, len(notes))
	for i, n := range notes {
		out[i] = map[string]any{"code": n.Code, "message": n.Message}
	}
	return out
}

func list[T any](v []T) []any {
	out := make([]any, len(v))
	for i := range v {
		out[i] = v[i]
	}
	return out
}

// raw views numbers as bytes; wasm and typed arrays are both little-endian.
func raw[T int32 | float32 | float64](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), int(unsafe.Sizeof(v[0]))*len(v))
}

// typed copies bytes into a new typed array.
func typed(kind string, b []byte) js.Value {
	u := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(u, b)
	if kind == "Uint8Array" {
		return u
	}
	return js.Global().Get(kind).New(u.Get("buffer"))
}

func doublesToJS(v []float64) js.Value { return typed("Float64Array", raw(v)) }

func floatsToJS(v []float32) js.Value { return typed("Float32Array", raw(v)) }
