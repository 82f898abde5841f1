//go:build js && wasm

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"syscall/js"

	"github.com/syumai/tinyutil/httputil"

	"likeness/engine"
)

// load(url, {onProgress(loaded, total)}) fetches a model; a promise of the
// result, as the other functions return it: the file's bytes, for the other
// workers.
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
	if err := use(data); err != nil {
		return nil, refused(url, data, err)
	}
	return typed("Uint8Array", data), nil
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
