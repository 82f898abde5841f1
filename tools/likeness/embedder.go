package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"likeness/engine"
	"likeness/engine/picture"
)

// failure is one picture that could not be embedded.
type failure struct {
	File  string `json:"file"`
	Code  string `json:"code"`
	Error string `json:"error"`
}

func (f failure) String() string { return f.File + ": " + f.Error }

// failed describes err for people and programs.
func failed(file string, err error) failure {
	var p *picture.Error
	var e *engine.Error
	switch {
	case errors.As(err, &p):
		return failure{file, p.Code, p.Msg}
	case errors.As(err, &e):
		return failure{file, e.Code, e.Msg}
	case errors.Is(err, fs.ErrNotExist):
		return failure{file, "file-missing", "there is no such file: check the name"}
	case errors.Is(err, fs.ErrPermission):
		return failure{file, "file-unreadable", "it may not be read: change its permissions"}
	}
	return failure{file, "file-unreadable", fmt.Sprintf("it cannot be read: %v", cause(err))}
}

// maxPicture bounds the bytes of one file; the pixels have limits of their own.
const maxPicture = 1 << 30

// take is one vector wanted of each picture.
type take struct {
	layer string
	pool  engine.Pool
}

// embedder runs files through one session a core. The vectors of one picture
// follow each other in the order of takes.
type embedder struct {
	net       *engine.Network
	takes     []take
	normalize bool
	progress  *progress
}

func (e *embedder) session() (*engine.Session, error) {
	layers := make([]string, len(e.takes))
	for i, t := range e.takes {
		layers[i] = t.layer
	}
	return e.net.NewSession(layers...)
}

// sink takes vectors in the order of the files.
type sink interface {
	add(file string, v []float32) error
}

type task struct {
	file string
	done chan result // of one
}

type result struct {
	vector []float32
	err    error
}

// run embeds files and hands the vectors over in order. Only a few pictures a
// core are under way at any time, so memory does not grow with the number of
// files. It returns the pictures that failed, or an error that ended all.
func (e *embedder) run(ctx context.Context, files []string, out sink) ([]failure, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := min(runtime.GOMAXPROCS(0), len(files))
	todo, ordered := make(chan task), make(chan task, 4*workers)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for range workers {
		s, err := e.session()
		if err != nil {
			return nil, err
		}
		wg.Go(func() {
			for t := range todo {
				v, err := e.one(s, t.file)
				t.done <- result{v, err}
			}
		})
	}
	wg.Go(func() {
		defer close(todo)
		defer close(ordered)
		for _, file := range files {
			t := task{file, make(chan result, 1)}
			for _, c := range []chan task{ordered, todo} {
				select {
				case c <- t:
				case <-ctx.Done():
					t.done <- result{err: ctx.Err()}
					return
				}
			}
		}
	})
	return e.collect(ctx, ordered, len(files), out)
}

func (e *embedder) collect(ctx context.Context, ordered <-chan task, total int, out sink) (fails []failure, err error) {
	done := 0
	for t := range ordered {
		r := <-t.done
		if ctx.Err() != nil {
			break
		}
		done++
		if r.err != nil {
			f := failed(t.file, r.err)
			fails = append(fails, f)
			e.progress.line("%v", f)
		} else if err := out.add(t.file, r.vector); err != nil {
			return fails, err
		}
		e.progress.step("embedded", "pictures", done, total)
	}
	if ctx.Err() != nil {
		return fails, errors.New("interrupted; nothing was written")
	}
	return fails, nil
}

func (e *embedder) one(s *engine.Session, file string) ([]float32, error) {
	data, err := readPicture(file)
	if err != nil {
		return nil, err
	}
	p, err := picture.Open(data, picture.DefaultLimits)
	if err != nil {
		return nil, err
	}
	if err := s.RunPicture(p); err != nil {
		return nil, err
	}
	var all []float32
	for _, t := range e.takes {
		v, err := s.Vector(t.layer, t.pool, e.normalize)
		if err != nil {
			return nil, err
		}
		if len(e.takes) == 1 {
			return v, nil
		}
		all = append(all, v...)
	}
	return all, nil
}

func readPicture(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if size > maxPicture {
		return nil, &picture.Error{Code: picture.CodeTooLarge, Msg: fmt.Sprintf("the file has %d MB, more than the limit of %d: make the picture smaller first", size>>20, maxPicture>>20)}
	}
	if !info.Mode().IsRegular() { // a pipe has no size
		return io.ReadAll(io.LimitReader(f, maxPicture))
	}
	data := make([]byte, size)
	_, err = io.ReadFull(f, data)
	return data, err
}
