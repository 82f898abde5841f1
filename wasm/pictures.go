//go:build js && wasm

package main

import (
	"errors"
	"math"
	"syscall/js"
	"unsafe"

	"likeness/engine"
	"likeness/engine/picture"
	heads "likeness/engine/picture/look"
)

var (
	// The session in use, one arena at a time, and what it was opened for.
	session struct {
		*engine.Session
		layer, resize string
	}
	// Reused from picture to picture.
	pixels  []byte // what place has given
	encoded []byte // the last file
)

// forget gives up what a panic may have left half done.
func forget() {
	session.Session = nil
	pixels, encoded, decoded = nil, nil, nil
}

// maxKept bounds a buffer that is kept for the next picture, in bytes.
const maxKept = 64 << 20

// room returns n bytes, those of kept if they are enough.
func room(kept []byte, n int) []byte {
	if cap(kept) < n {
		return make([]byte, n)
	}
	return kept[:n]
}

// file copies an encoded picture in, once; null stands for the last one.
func (a arguments) file() error {
	if v := a.at(0); v.IsNull() && encoded != nil {
		return nil
	}
	v, err := a.bytes(0, "the picture")
	if err != nil {
		return err
	}
	n := v.Get("length").Int()
	if cap(encoded) < n {
		encoded = nil // it may be collected first
	}
	encoded = room(encoded, n)
	js.CopyBytesToGo(encoded, v)
	return nil
}

// release lets large buffers go.
func release() {
	decoded = nil
	if cap(encoded) > maxKept {
		encoded = nil
	}
	if cap(pixels) > maxKept {
		pixels = nil
	}
}

// look(bytes) tells what is known before decoding: {format, width, height,
// orientation, way, heif}. The size is that before orientation. way is go, or
// browser for what Go does not read; heif then is for web/lib/heif.js. The bytes stay for an extract(null).
func look(a arguments) (any, error) {
	if err := a.file(); err != nil {
		return nil, err
	}
	decoded = nil
	p, err := picture.Open(encoded, picture.DefaultLimits)
	var e *picture.Error
	if errors.As(err, &e) && e.Code == picture.CodeHEIC {
		f, err := heads.Look(encoded)
		return map[string]any{"format": f.Format, "width": f.Width, "height": f.Height, "orientation": 1, "way": "browser", "heif": heifToJS(f.HEIF)}, err
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"format": p.Format, "width": p.Width, "height": p.Height, "orientation": p.Orientation, "way": "go"}, nil
}

// extract(bytes or null, {layer, pool, normalize, resize, memory, pixels})
// decodes in Go, the same bits in every browser: {vector, notes, format, width,
// height}. memory is in bytes. pixels are those of HEIC and AVIF.
func extract(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	if err := a.file(); err != nil {
		return nil, err
	}
	defer release()
	r, err := a.reading(1)
	if err != nil {
		return nil, err
	}
	if err := r.takeDecoded(); err != nil {
		return nil, err
	}
	p, err := picture.Open(encoded, r.limits)
	if err != nil {
		return nil, err
	}
	out, err := vector(r, func() error { return session.RunPicture(p) })
	if err != nil {
		return nil, err
	}
	out["format"], out["width"], out["height"] = p.Format, p.Width, p.Height
	if p.Orientation >= 5 {
		out["width"], out["height"] = p.Height, p.Width
	}
	return out, nil
}

// place(n) returns where in memory n bytes of pixels may be written, for a run
// without rgba. Any other call may move them.
func place(a arguments) (any, error) {
	n, err := a.whole(0, "the number of bytes", 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	pixels = room(pixels, n)
	return float64(uintptr(unsafe.Pointer(&pixels[0]))), nil
}

// run(rgba or null, width, height, {layer, pool, normalize, resize,
// orientation}) takes decoded pixels: {vector, notes, width, height}. Without
// rgba they are where place has told. orientation is EXIF's, still to be
// applied.
func run(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	defer release()
	px := &picture.Pixels{}
	var err error
	if px.W, err = a.whole(1, "width", 0, math.MaxInt32); err != nil {
		return nil, err
	}
	if px.H, err = a.whole(2, "height", 0, math.MaxInt32); err != nil {
		return nil, err
	}
	if !a.at(0).IsNull() {
		rgba, err := a.bytes(0, "the pixels")
		if err != nil {
			return nil, err
		}
		pixels = room(pixels, rgba.Get("length").Int())
		js.CopyBytesToGo(pixels, rgba)
	}
	px.Pix = pixels
	r, err := a.reading(3)
	if err != nil {
		return nil, err
	}
	if px, err = picture.Upright(px, r.orientation); err != nil {
		return nil, err
	}
	out, err := vector(r, func() error { return session.Run(px) })
	if err != nil {
		return nil, err
	}
	out["width"], out["height"] = px.W, px.H
	return out, nil
}

// vector opens the session that r asks for, runs it and reads the vector.
func vector(r reading, run func() error) (map[string]any, error) {
	if session.Session == nil || session.layer != r.layer {
		s, err := network.NewSession(r.layer)
		if err != nil {
			return nil, err
		}
		session.Session, session.layer, session.resize = s, r.layer, ""
	}
	if session.resize != r.resize {
		want := r.resize
		if want == "" {
			want = network.Preparation().Resize
		}
		if err := session.Resize(want); err != nil {
			return nil, err
		}
		session.resize = r.resize
	}
	if err := run(); err != nil {
		return nil, err
	}
	v, err := session.Vector(r.layer, r.pool, r.normalize)
	if err != nil {
		return nil, err
	}
	return map[string]any{"vector": floatsToJS(v), "notes": notesToJS(session.Notes())}, nil
}

// thumbnail(bytes or null, {side, memory, pixels}) gives a small upright picture on
// white, neither side longer than side: {rgba, width, height}.
func thumbnail(a arguments) (any, error) {
	if err := a.file(); err != nil {
		return nil, err
	}
	defer release()
	o, err := a.options(1)
	if err != nil {
		return nil, err
	}
	side, err := o.whole("side", 320, 1, 2048)
	if err != nil {
		return nil, err
	}
	memory, err := o.whole("memory", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if err := o.takeDecoded(); err != nil {
		return nil, err
	}
	p, err := picture.Open(encoded, picture.Limits{Memory: int64(memory)})
	if err != nil {
		return nil, err
	}
	t, err := picture.NewThumbnailer(p, side)
	if err != nil {
		return nil, err
	}
	rgb, w, h, err := t.Make(p)
	if err != nil {
		return nil, err
	}
	rgba := make([]byte, 0, len(rgb)/3*4)
	for ; len(rgb) >= 3; rgb = rgb[3:] {
		rgba = append(rgba, rgb[0], rgb[1], rgb[2], 255)
	}
	return map[string]any{"rgba": typed("Uint8Array", rgba), "width": w, "height": h}, nil
}
