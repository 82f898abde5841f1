//go:build js && wasm

package main

import (
	"syscall/js"

	"likeness/engine/signal"
)

// render(bytes, name, as, orPicture) makes a picture of a sound, a series, a text
// or any file: a BMP as a Uint8Array. as is what signal.Options.String writes,
// such as "mel n_fft=1024"; name, which may be empty, is asked by auto alone. With
// orPicture it gives null for what auto makes nothing of.
func render(a arguments) (any, error) {
	v, err := a.bytes(0, "the file")
	if err != nil {
		return nil, err
	}
	name := a.at(1)
	if name.Type() != js.TypeString {
		return nil, a.wrong("the name", "a string")
	}
	as, err := a.text(2, "as")
	if err != nil {
		return nil, err
	}
	o, err := signal.ParseString(as)
	if err != nil {
		return nil, err
	}
	data := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(data, v)
	if a.at(3).Truthy() && o.Made(name.String(), data) == "" {
		return nil, nil
	}
	g, err := o.Render(name.String(), data)
	if err != nil {
		return nil, err
	}
	return typed("Uint8Array", g.BMP()), nil
}
