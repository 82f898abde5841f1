//go:build js && wasm

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"syscall/js"
	"unsafe"

	"github.com/syumai/tinyutil/httputil"

	"likeness/engine"
	"likeness/engine/learn"
)

// load(url, {onProgress(loaded, total)}) fetches a model; a promise of the
// result, as the other functions return it.
func load(_ js.Value, args []js.Value) any {
	a := arguments{"load", args}
	return promise(func() (any, error) { return fetchModel(a) })
}

// maxModel bounds a download; the largest model in use has 140 MB.
const maxModel = 1 << 30

func fetchModel(a arguments) (any, error) {
	url, err := a.text(0, "the model's address")
	if err != nil {
		return nil, err
	}
	o, err := a.options(1)
	if err != nil {
		return nil, err
	}
	data, err := download(url, o.get("onProgress"))
	if err != nil {
		return nil, err
	}
	hash := digest(data)
	n, err := engine.Adopt(data, hash)
	if err != nil {
		return nil, refused(url, data, err)
	}
	use(n, data)
	return nil, nil
}

// loadBytes(bytes) takes a model that another worker has fetched.
func loadBytes(a arguments) (any, error) {
	v, err := a.bytes(0, "the model")
	if err != nil {
		return nil, err
	}
	data := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(data, v)
	n, err := engine.Adopt(data, func() (string, error) { return sha(data), nil })
	if err != nil {
		return nil, err
	}
	use(n, data)
	return nil, nil
}

func use(n *engine.Network, file []byte) {
	network, modelFile, session.Session, classifier = n, file, nil, learn.NewClassifier(n.File())
}

// file() returns {at, length}, where in memory the bytes of the model's file are.
func file(a arguments) (any, error) {
	if err := a.loaded(); err != nil {
		return nil, err
	}
	return map[string]any{"at": float64(uintptr(unsafe.Pointer(unsafe.SliceData(modelFile)))), "length": len(modelFile)}, nil
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// digest begins the hex sha256 of data beside other work, by the browser, and
// returns how to wait for it. Pages that are not served securely have no such
// call, and some browsers refuse large data: then it is computed here.
func digest(data []byte) func() (string, error) {
	here := func() (string, error) { return sha(data), nil }
	subtle := js.Global().Get("crypto").Get("subtle")
	memory := js.Global().Get("__likenessMemory")
	if len(data) == 0 || subtle.Type() != js.TypeObject || memory.Type() != js.TypeObject {
		return here
	}
	view := js.Global().Get("Uint8Array").New(memory.Get("buffer"), float64(uintptr(unsafe.Pointer(unsafe.SliceData(data)))), len(data))
	promise := subtle.Call("digest", "SHA-256", view)
	return func() (string, error) {
		answer, err := await(promise)
		if err != nil {
			return here()
		}
		var sum [sha256.Size]byte
		if n := js.CopyBytesToGo(sum[:], js.Global().Get("Uint8Array").New(answer)); n != len(sum) {
			return here()
		}
		return hex.EncodeToString(sum[:]), nil
	}
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
	// With room for one byte more: the end of the file is met by reading on, for
	// which a full slice would be copied.
	data := make([]byte, 0, max(total, 1<<20)+1)
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

// refused names the file that is no model, and tells the page that many hosts
// send in place of a missing file.
func refused(url string, data []byte, err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return &coded{e.Code, fmt.Sprintf("the model %s is not there, and the server answers with a page in its place: check the address, and that the file was copied to the host", url)}
	}
	return &coded{e.Code, fmt.Sprintf("%s: %v", url, err)}
}

func tooLarge(url string) error {
	return &coded{"model-invalid", fmt.Sprintf("the model %s has more than %d MiB: check the address, or convert a smaller network", url, maxModel>>20)}
}
