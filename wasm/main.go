//go:build js && wasm

// Command wasm is the engine in a browser worker: a thin boundary around
// package engine. It puts one object, __likeness, on the global scope and
// waits. Every function returns {value} or {error: {code, message}}; a panic
// becomes an error of code "internal" and the worker lives on.
//
// main.go has the table of calls; pictures.go those that take a picture, heif.go
// what HEIC and AVIF need, signal.go makes pictures of other files, inside.go what looks into the network, maps.go, groups.go and twins.go those
// about a set of vectors, teach.go learns classes from it, tune.go trains the network for them, pack.go keeps what that needs in files, classes.go tells them, calls.go the others, index.go searches in an index of
// static files, sets.go reads and writes files of vectors, fetch.go the download of a model; values.go has what crosses
// between Go and JavaScript, jobs.go how long calls let others have a turn.
package main

import (
	"cmp"
	"fmt"
	"syscall/js"

	"likeness/engine"
)

// version is compared with the library's at start; raise both together.
const version = 8

func main() {
	js.Global().Set("__likeness", js.ValueOf(map[string]any{
		"version":     version,
		"load":        js.FuncOf(load),
		"loadBytes":   function("loadBytes", loadBytes),
		"file":        function("file", file),
		"info":        function("info", info),
		"look":        function("look", look),
		"place":       function("place", place),
		"run":         function("run", run),
		"extract":     function("extract", extract),
		"thumbnail":   function("thumbnail", thumbnail),
		"render":      function("render", render),
		"seen":        function("seen", seen),
		"views":       function("views", views),
		"viewsKey":    function("viewsKey", viewsKey),
		"trainable":   function("trainable", trainable),
		"explain":     function("explain", explainMaps),
		"evaluate":    function("evaluate", evaluate),
		"classify":    function("classify", classify),
		"rank":        function("rank", rank),
		"searchIndex": js.FuncOf(searchIndex),
		"pca":         function("pca", pca),
		"export":      function("export", export),

		"readVectors":  function("readVectors", readVectors),
		"setVectors":   function("setVectors", setVectors),
		"nearest":      function("nearest", nearest),
		"rankSet":      function("rankSet", rankSet),
		"mapVectors":   promised("mapVectors", mapVectors),
		"placeVectors": promised("placeVectors", placeVectors),
		"measureMap":   promised("measureMap", measureMap),

		"groupVectors":  promised("groupVectors", groupVectors),
		"proposeGroups": promised("proposeGroups", proposeGroups),
		"twinVectors":   promised("twinVectors", twinVectors),
		"teachVectors":  promised("teachVectors", teachVectors),
		"tuneNetwork":   promised("tuneNetwork", tuneNetwork),

		"openPack":    function("openPack", openPack),
		"addFile":     function("addFile", addFile),
		"packFull":    function("packFull", packFull),
		"findViews":   function("findViews", findViews),
		"addViews":    function("addViews", addViews),
		"unusedFiles": function("unusedFiles", unusedFiles),

		"twinCandidates": promised("twinCandidates", twinCandidates),
		"comparePrints":  function("comparePrints", comparePrints),
	}))
	select {}
}

// function wraps a synchronous call.
func function(name string, f func(a arguments) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		return guarded(func() (any, error) { return f(arguments{name, args}) })
	})
}

func guarded(f func() (any, error)) (result any) {
	defer func() {
		if r := recover(); r != nil {
			// An arena may be half written.
			forget()
			result = failure(fmt.Errorf("internal error, please report it with this picture: %v", r))
		}
	}()
	v, err := f()
	if err != nil {
		return failure(err)
	}
	return map[string]any{"value": v}
}

// coded is an error made here.
type coded struct{ code, msg string }

func (e *coded) Error() string     { return e.msg }
func (e *coded) ErrorCode() string { return e.code }

func failure(err error) any {
	code := cmp.Or(engine.CodeOf(err), "internal")
	return map[string]any{"error": map[string]any{"code": code, "message": err.Error()}}
}
