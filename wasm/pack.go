//go:build js && wasm

package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"syscall/js"

	"likeness/engine/tune"
)

// pack is what frozen layers have made of pictures, in files of the origin's
// private file system: FileSystemSyncAccessHandle.
var pack struct {
	*tune.Pack
	views, each int
}

// packFile is one of the files.
type packFile struct {
	handle js.Value
	bytes  js.Value // Uint8Array, made once for all reads of a length
}

// caught makes an error of an exception, such as QuotaExceededError.
func caught(err *error) {
	if r := recover(); r != nil {
		e, ok := r.(js.Error)
		if !ok {
			panic(r)
		}
		name := e.Value.Get("name")
		if name.Type() != js.TypeString {
			name = js.ValueOf("Error")
		}
		*err = fmt.Errorf("%s: %s", name.String(), e.Value.Get("message").String())
	}
}

func (f *packFile) room(n int) js.Value {
	if f.bytes.IsUndefined() || f.bytes.Get("length").Int() != n {
		f.bytes = js.Global().Get("Uint8Array").New(n)
	}
	return f.bytes
}

// ReadAt is that of io.ReaderAt.
func (f *packFile) ReadAt(p []byte, off int64) (n int, err error) {
	defer caught(&err)
	b := f.room(len(p))
	n = f.handle.Call("read", b, map[string]any{"at": float64(off)}).Int()
	js.CopyBytesToGo(p, b)
	if n < len(p) {
		return n, io.ErrUnexpectedEOF
	}
	return n, nil
}

// WriteAt is that of io.WriterAt.
func (f *packFile) WriteAt(p []byte, off int64) (n int, err error) {
	defer caught(&err)
	b := f.room(len(p))
	js.CopyBytesToJS(b, p)
	return f.handle.Call("write", b, map[string]any{"at": float64(off)}).Int(), nil
}

// Size is that of tune.Segment.
func (f *packFile) Size() (n int64, err error) {
	defer caught(&err)
	return int64(f.handle.Call("getSize").Float()), nil
}

// Truncate is that of tune.Segment.
func (f *packFile) Truncate(size int64) (err error) {
	defer caught(&err)
	f.handle.Call("truncate", float64(size))
	return nil
}

// viewsKey({from, layer, views, seed, resize}) names what views gives: [key, hash
// of the model, views, values of one].
func viewsKey(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	o, err := a.options(0)
	if err != nil {
		return nil, err
	}
	if err := o.openViewer(); err != nil {
		return nil, err
	}
	key := viewer.Key()
	return []any{hex.EncodeToString(key[:]), network.Hash(), viewer.Views(), viewer.Len()}, nil
}

func (a arguments) digest(v js.Value) (d tune.Digest, err error) {
	if v.Type() == js.TypeString {
		if b, err := hex.DecodeString(v.String()); err == nil && len(b) == len(d) {
			return tune.Digest(b), nil
		}
	}
	return d, a.wrong("the digest", "64 hexadecimal digits")
}

// openPack(key, views, each) begins a pack without files.
func openPack(a arguments) (any, error) {
	key, err := a.digest(a.at(0))
	if err != nil {
		return nil, err
	}
	if pack.views, err = a.whole(1, "the views", 1, 64); err != nil {
		return nil, err
	}
	if pack.each, err = a.whole(2, "the values of a view", 1, math.MaxInt32); err != nil {
		return nil, err
	}
	pack.Pack = tune.NewPack(key, pack.views, pack.each)
	return nil, nil
}

// opened refuses calls that come before openPack.
func (a arguments) opened() error {
	if pack.Pack == nil {
		return &coded{"not-open", a.call + ": call openPack before it"}
	}
	return nil
}

// addFile(handle) adds a file to the pack.
func addFile(a arguments) (any, error) {
	if err := a.opened(); err != nil {
		return nil, err
	}
	return nil, pack.Append(&packFile{handle: a.at(0)})
}

// packFull tells whether a file is to be added before the next addViews.
func packFull(a arguments) (any, error) {
	if err := a.opened(); err != nil {
		return nil, err
	}
	return pack.Full(), nil
}

// findViews(digest) tells whether the pack has the views of a picture, whole.
func findViews(a arguments) (any, error) {
	if err := a.opened(); err != nil {
		return nil, err
	}
	d, err := a.digest(a.at(0))
	if err != nil {
		return nil, err
	}
	_, ok := pack.Find(d)
	return ok, nil
}

// addViews(digest, values Uint8Array) keeps what views gave of a picture.
func addViews(a arguments) (any, error) {
	if err := a.opened(); err != nil {
		return nil, err
	}
	d, err := a.digest(a.at(0))
	if err != nil {
		return nil, err
	}
	v, err := a.bytes(1, "the values")
	if err != nil {
		return nil, err
	}
	b := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(b, v)
	if err := pack.Add(d, b, nil); err != nil {
		return nil, tuneFault(context.Background(), err)
	}
	return nil, nil
}

// unusedFiles takes the files out that no picture was found in or added to: their
// numbers, in the order in which they were added.
func unusedFiles(a arguments) (any, error) {
	if err := a.opened(); err != nil {
		return nil, err
	}
	return list(pack.Unused()), nil
}
