//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"syscall/js"

	"likeness/engine/index"
)

// opened is the index of the last search.
var opened *index.Index

// searchIndex(manifest, vector, {k, read, allowed}) returns a promise of
// {items Int32Array, scores Float32Array, lists, scored, bytes}, inside a
// result. read(ranges) gives a promise of a Uint8Array for each [file, offset,
// length]; length -1 stands for the whole file. allowed is a Uint8Array with 1
// for each item that may be found; without it all may.
func searchIndex(_ js.Value, args []js.Value) any {
	a := arguments{"searchIndex", args}
	return promise(func() (any, error) { return a.searchIndex() })
}

// promise runs work beside the event loop.
func promise(work func() (any, error)) any {
	executor := js.FuncOf(func(_ js.Value, p []js.Value) any {
		resolve := p[0]
		go func() { resolve.Invoke(guarded(work)) }()
		return nil
	})
	defer executor.Release()
	return js.Global().Get("Promise").New(executor)
}

func (a arguments) searchIndex() (any, error) {
	m, err := a.manifest(0)
	if err != nil {
		return nil, err
	}
	vector, err := a.floats(1, "the vector")
	if err != nil {
		return nil, err
	}
	o, err := a.options(2)
	if err != nil {
		return nil, err
	}
	k, err := o.whole("k", 10, 1, 1000)
	if err != nil {
		return nil, err
	}
	filter, err := o.allowed(m.Count)
	if err != nil {
		return nil, err
	}
	read := o.get("read")
	if read.Type() != js.TypeFunction {
		return nil, o.wrong("read", "a function")
	}
	ctx := context.Background()
	x := opened
	if x == nil || x.Manifest().Generation != m.Generation {
		if x, err = index.Open(ctx, m, pageStorage{read}); err != nil {
			return nil, indexError(err)
		}
		opened = x
	}
	answer, err := x.Search(ctx, vector, k, filter)
	if err != nil {
		return nil, indexError(err)
	}
	items, scores := make([]int32, len(answer.Matches)), make([]float32, len(answer.Matches))
	for i, match := range answer.Matches {
		items[i], scores[i] = int32(match.Item), match.Score
	}
	return map[string]any{"items": typed("Int32Array", raw(items)), "scores": floatsToJS(scores),
		"lists": answer.Lists, "scored": answer.Scored, "bytes": float64(answer.Bytes)}, nil
}

// indexError keeps the code of an error that reading has given.
func indexError(err error) error {
	var c *coded
	if errors.As(err, &c) {
		return c
	}
	return &coded{"index-invalid", err.Error()}
}

// manifest takes the fields that a search needs.
func (a arguments) manifest(i int) (*index.Manifest, error) {
	o, err := a.options(i)
	if err != nil {
		return nil, err
	}
	m := &index.Manifest{}
	for _, field := range []struct {
		key string
		to  *string
	}{{"format", &m.Format}, {"generation", &m.Generation}} {
		if *field.to, err = o.text(field.key); err != nil {
			return nil, err
		}
	}
	for _, field := range []struct {
		key string
		to  *int
	}{{"count", &m.Count}, {"dim", &m.Dim}, {"vectors", &m.Vectors}, {"codes", &m.Codes}, {"items", &m.Items}, {"thumbs", &m.Thumbs},
		{"lists", &m.Lists}, {"least", &m.Least}, {"most", &m.Most}, {"rerank", &m.Rerank}} {
		if *field.to, err = o.whole(field.key, 0, 0, math.MaxInt32); err != nil {
			return nil, err
		}
	}
	margin, err := o.whole("margin", 0, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	m.Margin = int32(margin)
	checks := o.get("checks")
	if checks.Type() != js.TypeObject || !checks.InstanceOf(js.Global().Get("Array")) {
		return nil, o.wrong("checks", "an array of numbers")
	}
	for i := range checks.Length() {
		c, err := whole(o.arguments, checks.Index(i), "checks", 0, math.MaxUint32)
		if err != nil {
			return nil, err
		}
		m.Checks = append(m.Checks, uint32(c))
	}
	return m, nil
}

// allowed is the filter that an option holds.
func (o options) allowed(count int) (index.Filter, error) {
	v := o.get("allowed")
	if v.IsUndefined() || v.IsNull() {
		return nil, nil
	}
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get("Uint8Array")) || v.Length() != count {
		return nil, o.wrong("allowed", fmt.Sprintf("a Uint8Array of %d", count))
	}
	has := make([]byte, count)
	js.CopyBytesToGo(has, v)
	return func(item int) bool { return has[item] != 0 }, nil
}

// pageStorage reads through the page.
type pageStorage struct{ read js.Value }

func (s pageStorage) Read(ctx context.Context, ranges []index.Range) ([][]byte, error) {
	asked := make([]any, len(ranges))
	for i, r := range ranges {
		asked[i] = []any{r.File, float64(r.Offset), float64(r.Length)}
	}
	parts, err := await(s.read.Invoke(asked))
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(ranges))
	for i := range out {
		part := parts.Index(i)
		out[i] = make([]byte, part.Length())
		js.CopyBytesToGo(out[i], part)
	}
	return out, nil
}

// await waits for a promise. What it is rejected with becomes an error with its
// code, if it has one.
func await(p js.Value) (js.Value, error) {
	type settled struct {
		value js.Value
		err   error
	}
	done := make(chan settled, 1)
	fulfilled := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{value: args[0]}
		return nil
	})
	defer fulfilled.Release()
	rejected := js.FuncOf(func(_ js.Value, args []js.Value) any {
		e := &coded{"internal", "no reason was given"}
		if r := args[0]; r.Type() == js.TypeObject {
			if c := r.Get("code"); c.Type() == js.TypeString {
				e.code = c.String()
			}
			if m := r.Get("message"); m.Type() == js.TypeString {
				e.msg = m.String()
			}
		}
		done <- settled{err: e}
		return nil
	})
	defer rejected.Release()
	p.Call("then", fulfilled, rejected)
	s := <-done
	return s.value, s.err
}
