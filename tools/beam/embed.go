package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"reflect"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"likeness/engine"
	"likeness/engine/picture"
)

func beamType[T any]() reflect.Type { return reflect.TypeOf((*T)(nil)).Elem() }

// embedFn turns the pictures of a chunk into vectors.
type embedFn struct {
	Model, Layer string

	net     *engine.Network
	session *engine.Session
}

// networks holds each model once for all workers of a process.
var networks struct {
	sync.Mutex
	loaded map[string]*engine.Network
}

func network(ctx context.Context, file string) (*engine.Network, error) {
	networks.Lock()
	defer networks.Unlock()
	if net := networks.loaded[file]; net != nil {
		return net, nil
	}
	data, err := readFile(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("the model %s cannot be read: %w", file, err)
	}
	net, err := engine.Load(data)
	if err != nil {
		return nil, fmt.Errorf("the model %s: %w", file, err)
	}
	if networks.loaded == nil {
		networks.loaded = map[string]*engine.Network{}
	}
	networks.loaded[file] = net
	return net, nil
}

func readFile(ctx context.Context, file string) ([]byte, error) {
	fs, err := filesystem.New(ctx, file)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Setup loads the model, once a process, and plans a session of its own.
func (f *embedFn) Setup(ctx context.Context) (err error) {
	if f.net, err = network(ctx, f.Model); err != nil {
		return err
	}
	if f.Layer == "" {
		f.Layer = f.net.DefaultLayer()
	}
	f.session, err = f.net.NewSession(f.Layer)
	return err
}

// ProcessElement gives a row or a failure for each picture: one that cannot be
// read, or that makes the engine panic, stops nothing.
func (f *embedFn) ProcessElement(ctx context.Context, chunk Chunk, row func(Row), failure func(Failure)) {
	for i, name := range chunk.Names {
		v, err := f.vector(ctx, name)
		if err != nil {
			failure(Failure{chunk.First + i, name, err.Error()})
			continue
		}
		bits := make([]uint32, len(v))
		for k, x := range v {
			bits[k] = math.Float32bits(x)
		}
		row(Row{chunk.First + i, name, bits})
	}
}

func (f *embedFn) vector(ctx context.Context, name string) (v []float32, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v", p)
			// The session may be half-way through a picture.
			f.session, _ = f.net.NewSession(f.Layer)
		}
	}()
	data, err := readFile(ctx, name)
	if err != nil {
		return nil, err
	}
	p, err := picture.Open(data, picture.Limits{})
	if err != nil {
		return nil, err
	}
	if err := f.session.RunPicture(p); err != nil {
		return nil, err
	}
	return f.session.Vector(f.Layer, engine.PoolAvg, true)
}
