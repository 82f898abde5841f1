//go:build js && wasm

// Command wasm is the engine in a browser worker: a thin boundary around
// package engine. It puts one object, __likeness, on the global scope and
// waits. Every function returns {value} or {error: {code, message}}; a panic
// becomes an error of code "internal" and the worker lives on.
package main

import (
	"errors"
	"fmt"
	"io"
	"syscall/js"
	"unsafe"

	"github.com/syumai/tinyutil/httputil"

	"likeness/engine"
	"likeness/engine/picture"
	"likeness/engine/project"
	"likeness/engine/search"
	"likeness/engine/vectors"
)

// version is compared with the library's at start; raise both together.
const version = 3

var (
	network  *engine.Network
	sessions = map[string]*engine.Session{}
	pixels   []byte // reused between pictures
)

func main() {
	js.Global().Set("__likeness", js.ValueOf(map[string]any{
		"version":   version,
		"load":      js.FuncOf(load),
		"loadBytes": function(loadBytes),
		"info":      function(info),
		"place":     function(place),
		"run":       function(run),
		"decode":    function(runEncoded),
		"rank":      function(rank),
		"pca":       function(pca),
		"export":    function(export),
	}))
	select {}
}

// function wraps a synchronous call.
func function(f func(args []js.Value) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any { return guarded(f, args) })
}

func guarded(f func(args []js.Value) (any, error), args []js.Value) (result any) {
	defer func() {
		if r := recover(); r != nil {
			// An arena may be half written.
			clear(sessions)
			pixels = nil
			result = failure(fmt.Errorf("internal error, please report it with this picture: %v", r))
		}
	}()
	v, err := f(args)
	if err != nil {
		return failure(err)
	}
	return map[string]any{"value": v}
}

// coded is an error made here.
type coded struct{ code, msg string }

func (e *coded) Error() string { return e.msg }

func failure(err error) any {
	code := "internal"
	var e *engine.Error
	var p *picture.Error
	var c *coded
	switch {
	case errors.As(err, &e):
		code = e.Code
	case errors.As(err, &p):
		code = p.Code
	case errors.As(err, &c):
		code = c.code
	}
	return map[string]any{"error": map[string]any{"code": code, "message": err.Error()}}
}

// load(url, onProgress(loaded, total)) fetches a model; a promise of the
// result, as the other functions return it: the file's bytes, for the other
// workers.
func load(_ js.Value, args []js.Value) any {
	url, progress := args[0].String(), args[1]
	executor := js.FuncOf(func(_ js.Value, p []js.Value) any {
		resolve := p[0]
		go func() {
			resolve.Invoke(guarded(func([]js.Value) (any, error) { return fetchModel(url, progress) }, nil))
		}()
		return nil
	})
	defer executor.Release()
	return js.Global().Get("Promise").New(executor)
}

// maxModel bounds a download; the largest model in use has 140 MB.
const maxModel = 1 << 30

func fetchModel(url string, progress js.Value) (any, error) {
	data, err := download(url, progress)
	if err != nil {
		return nil, err
	}
	if err := use(data); err != nil {
		return nil, err
	}
	return typed("Uint8Array", data), nil
}

// loadBytes(bytes Uint8Array) takes a model that another worker has fetched.
func loadBytes(args []js.Value) (any, error) {
	return nil, use(bytesFromJS(args[0]))
}

func use(data []byte) error {
	n, err := engine.Load(data)
	if err != nil {
		return err
	}
	network, sessions = n, map[string]*engine.Session{}
	return nil
}

func download(url string, progress js.Value) ([]byte, error) {
	resp, err := httputil.Get(url)
	if err != nil {
		return nil, &coded{"model-missing", "the model " + url + " could not be fetched: check the connection and reload"}
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return nil, &coded{"model-missing", fmt.Sprintf("the model %s could not be fetched: the server answered %d; check the address, or build the page again", url, resp.StatusCode)}
	}
	total := resp.ContentLength
	if total > maxModel {
		return nil, tooLarge(url)
	}
	data := make([]byte, 0, max(total, 1<<20))
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := resp.Body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		// A compressed transfer declares fewer bytes than arrive.
		if total < int64(len(data)) {
			total = 0
		}
		if progress.Type() == js.TypeFunction {
			progress.Invoke(len(data), float64(total))
		}
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, &coded{"model-missing", fmt.Sprintf("the download of %s broke off after %d bytes: reload to try again", url, len(data))}
		case len(data) > maxModel:
			return nil, tooLarge(url)
		}
	}
}

func tooLarge(url string) error {
	return &coded{"model-invalid", fmt.Sprintf("the model %s has more than %d MiB: check the address, or convert a smaller network", url, maxModel>>20)}
}

// info describes the network, built by hand: encoding/json costs 80 KB of
// download.
func info([]js.Value) (any, error) {
	layers := []any{}
	for _, l := range network.Layers() {
		layers = append(layers, map[string]any{"name": l.Name, "op": l.Op, "shape": list(l.Shape[:]), "macs": float64(l.MACs),
			"share": l.Share, "receptiveField": list(l.ReceptiveField[:]), "also": list(l.Also)})
	}
	p := network.Preparation()
	return map[string]any{
		"name": network.Name(), "hash": network.Hash(), "license": network.License(), "source": network.Source(),
		"defaultLayer": network.DefaultLayer(), "output": network.Output(), "labels": list(network.Labels()),
		"layers": layers, "backend": engine.Backend(),
		"preparation": map[string]any{
			"width": p.Width, "height": p.Height, "resize": p.Resize, "side": p.Side, "interpolation": p.Interpolation,
			"order": p.Order, "mean": list(p.Mean[:]), "std": list(p.Std[:]),
		},
	}, nil
}

func list[T any](v []T) []any {
	out := make([]any, len(v))
	for i := range v {
		out[i] = v[i]
	}
	return out
}

// maxKept bounds the pixels kept for the next picture, in bytes.
const maxKept = 64 << 20

// place(n) returns where in memory n bytes of pixels may be written, for a run
// without rgba. Any other call may move them.
func place(args []js.Value) (any, error) {
	n := args[0].Int()
	if n <= 0 {
		return nil, &coded{"internal", fmt.Sprintf("place for %d bytes of pixels", n)}
	}
	return float64(uintptr(unsafe.Pointer(&room(n)[0]))), nil
}

// room returns n bytes for pixels, kept for the next picture.
func room(n int) []byte {
	if cap(pixels) < n {
		pixels = nil // the old ones may be collected first
		pixels = make([]byte, n)
	}
	pixels = pixels[:n]
	return pixels
}

// run(rgba Uint8Array or null, width, height, layer, pool, normalize) returns a
// vector. Without rgba the pixels are where place has told.
func run(args []js.Value) (any, error) {
	px := &picture.Pixels{W: args[1].Int(), H: args[2].Int()}
	if args[0].IsNull() {
		px.Pix = pixels
	} else {
		px.Pix = room(args[0].Get("length").Int())
		js.CopyBytesToGo(px.Pix, args[0])
	}
	if len(px.Pix) > maxKept {
		pixels = nil
	}
	return vector(args[3:], func(s *engine.Session) error { return s.Run(px) })
}

// decode(bytes Uint8Array, layer, pool, normalize) decodes in Go: the same
// bits in every browser.
func runEncoded(args []js.Value) (any, error) {
	p, err := picture.Open(bytesFromJS(args[0]), picture.DefaultLimits)
	if err != nil {
		return nil, err
	}
	return vector(args[1:], func(s *engine.Session) error { return s.RunPicture(p) })
}

func vector(args []js.Value, run func(*engine.Session) error) (any, error) {
	layer, normalize := args[0].String(), args[2].Bool()
	pool, err := engine.ParsePool(args[1].String())
	if err != nil {
		return nil, err
	}
	s, ok := sessions[layer]
	if !ok {
		if s, err = network.NewSession(layer); err != nil {
			return nil, err
		}
		clear(sessions) // one arena at a time
		sessions[layer] = s
	}
	if err := run(s); err != nil {
		return nil, err
	}
	v, err := s.Vector(layer, pool, normalize)
	if err != nil {
		return nil, err
	}
	return floatsToJS(v), nil
}

// rank(query, data) returns [indices Int32Array, scores Float32Array].
func rank(args []js.Value) (any, error) {
	query, data := floatsFromJS(args[0]), floatsFromJS(args[1])
	if len(query) == 0 || len(data)%len(query) != 0 {
		return nil, &coded{"vectors-mixed", "the vectors have different lengths: they come from different layers or models"}
	}
	matches := search.Rank(query, data)
	index, score := make([]int32, len(matches)), make([]float32, len(matches))
	for i, m := range matches {
		index[i], score[i] = int32(m.Index), m.Score
	}
	return []any{typed("Int32Array", raw(index)), floatsToJS(score)}, nil
}

// pca(data, n, dim, k) returns [coords Float32Array, explained Float32Array].
func pca(args []js.Value) (any, error) {
	coords, explained, err := project.PCA(floatsFromJS(args[0]), args[1].Int(), args[2].Int(), args[3].Int())
	if err != nil {
		return nil, &coded{"vectors-mixed", err.Error()}
	}
	share := make([]float32, len(explained))
	for i, v := range explained {
		share[i] = float32(v)
	}
	return []any{floatsToJS(coords), floatsToJS(share)}, nil
}

// buffer collects an export.
type buffer struct{ b []byte }

func (w *buffer) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

// export(format, names, data, dim) returns [Uint8Array] or, for tsv, the
// vectors and the metadata.
func export(args []js.Value) (any, error) {
	set := &vectors.Set{Dim: args[3].Int(), Data: floatsFromJS(args[2])}
	for i := range args[1].Length() {
		set.Names = append(set.Names, args[1].Index(i).String())
	}
	if len(set.Data) != len(set.Names)*set.Dim {
		return nil, &coded{"vectors-mixed", "names and vectors do not agree in number"}
	}
	format := args[0].String()
	var out buffer
	if err := vectors.Write(&out, format, set); err != nil {
		return nil, &coded{"format-unknown", err.Error()}
	}
	files := []any{typed("Uint8Array", out.b)}
	if format == "tsv" {
		var meta buffer
		if err := vectors.WriteMetadata(&meta, set); err != nil {
			return nil, err
		}
		files = append(files, typed("Uint8Array", meta.b))
	}
	return files, nil
}

// raw views numbers as bytes; wasm and typed arrays are both little-endian.
func raw[T int32 | float32](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), 4*len(v))
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

func floatsToJS(v []float32) js.Value { return typed("Float32Array", raw(v)) }

func bytesFromJS(v js.Value) []byte {
	b := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(b, v)
	return b
}

func floatsFromJS(v js.Value) []float32 {
	out := make([]float32, v.Get("length").Int())
	view := js.Global().Get("Uint8Array").New(v.Get("buffer"), v.Get("byteOffset"), v.Get("byteLength"))
	js.CopyBytesToGo(raw(out), view)
	return out
}
