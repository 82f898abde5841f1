package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"reflect"
	"strings"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"likeness/engine"
	"likeness/engine/picture"
	"likeness/tools/heif"
)

// HEIC and AVIF are read as the command reads them.
func init() {
	picture.Register("heic", heif.Open)
	picture.Register("avif", heif.Open)
}

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
	files, err := filesystem.New(ctx, file)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	r, err := files.OpenRead(ctx, file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if len(data) > mostBytes {
		return nil, errLarge
	}
	return data, err
}

// mostBytes bounds a picture's file, as the command does.
const mostBytes = 1 << 30

var errLarge = errors.New("it is larger than 1 GiB")

// lasting reports whether an error of reading will be there the next time too;
// others are for the runner to try again.
func lasting(err error) bool {
	var p *picture.Error
	var e *engine.Error
	return errors.As(err, &p) || errors.As(err, &e) || errors.Is(err, errLarge) || errors.Is(err, errPanic) ||
		errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || strings.Contains(strings.ToLower(err.Error()), "not found") || strings.Contains(err.Error(), "doesn't exist")
}

var errPanic = errors.New("internal error")

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
// read, or that makes the engine panic, stops nothing; an error that may pass is
// returned, and the runner tries the chunk again.
func (f *embedFn) ProcessElement(ctx context.Context, chunk Chunk, row func(Row), failure func(Failure)) error {
	for i, name := range chunk.Names {
		v, err := f.vector(ctx, name)
		if err != nil && !lasting(err) {
			return fmt.Errorf("%s: %w", name, err)
		}
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
	return nil
}

func (f *embedFn) vector(ctx context.Context, name string) (v []float32, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
			// The session may be half-way through a picture.
			if s, fault := f.net.NewSession(f.Layer); fault == nil {
				f.session = s
			}
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
