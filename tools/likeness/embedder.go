package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"

	"likeness/engine"
	"likeness/engine/picture"
	"likeness/engine/signal"
	"likeness/engine/tune"
	"likeness/tools/regular"
)

// failure is one picture that could not be embedded.
type failure struct {
	File  exactName `json:"file"`
	Code  string    `json:"code"`
	Error string    `json:"error"`
}

func (f failure) String() string { return shown(string(f.File)) + ": " + f.Error }

// failed describes err for people and programs.
func failed(file string, err error) failure {
	code, msg := "file-unreadable", fmt.Sprintf("it cannot be read: %v", cause(err))
	var coded engine.Coded
	var large *tooLarge
	switch {
	case errors.As(err, &coded):
		code, msg = coded.ErrorCode(), coded.Error()
	case errors.As(err, &large):
		code, msg = picture.CodeTooLarge, large.Error()
	case errors.Is(err, fs.ErrNotExist):
		code, msg = "file-missing", "there is no such file: check the name"
	case errors.Is(err, fs.ErrPermission):
		msg = "it may not be read: change its permissions"
	}
	return failure{exactName(file), code, msg}
}

// take is one vector wanted of each picture.
type take struct {
	layer string
	pool  engine.Pool
}

// embedder runs files through one session a core. The vectors of one picture
// follow each other in the order of takes.
type embedder struct {
	app       *app
	net       *engine.Network
	takes     []take
	normalize bool
	resize    string          // as picture.Preparation has it; "" is the model's
	signals   *signal.Options // of files that are no pictures, or nil
	memory    int64           // bytes for the whole run
	progress  *progress
	known     *known // vectors of earlier runs, or nil
	// reader makes what one core reads pictures with, where it is not a session.
	reader func() (reader, error)

	budget *budget
}

// reader makes numbers of pictures, one after the other.
type reader interface {
	Memory(p *picture.Picture) (int64, error)
	Notes() []picture.Note
	// read sets the vector or the views of a picture, whose file holds data.
	read(data []byte, pic *picture.Picture, p *embedded) error
}

// vectorReader is a session that takes vectors.
type vectorReader struct {
	*engine.Session
	e *embedder
}

func (r vectorReader) read(_ []byte, pic *picture.Picture, p *embedded) (err error) {
	if err := r.RunPicture(pic); err != nil {
		return err
	}
	p.vector, err = r.e.vectors(r.Session)
	return err
}

// identity tells whether a file is still what it was.
type identity struct {
	size   int64
	time   int64  // of the last modification, ns since 1970
	sha256 string // of the bytes, hex, where it was asked for
}

// embedded is one picture's vector, or its views.
type embedded struct {
	file   string
	id     identity
	vector []float32
	views  [][]int16 // as tune.Viewer makes them
	digest tune.Digest
	cached bool // the views are in the cache, under digest
	notes  []picture.Note
	from   *knownRow // where the vector was taken from, nil if it was computed
}

func (e *embedder) newReader() (reader, error) {
	if e.reader != nil {
		return e.reader()
	}
	layers := make([]string, len(e.takes))
	for i, t := range e.takes {
		layers[i] = t.layer
	}
	s, err := e.net.NewSession(layers...)
	if err == nil && e.resize != "" {
		err = s.Resize(e.resize)
	}
	return vectorReader{s, e}, err
}

// sink takes vectors in the order of the files.
type sink interface {
	add(p *embedded) error
}

type task struct {
	file string
	done chan result // of one
}

type result struct {
	picture *embedded
	err     error
}

// run embeds files and hands the vectors over in order. Only a few pictures a
// core are under way at any time, so memory does not grow with the number of
// files. It returns the pictures that failed, or an error that ended all.
func (e *embedder) run(files []string, out sink) ([]failure, error) {
	ctx, cancel := context.WithCancel(e.app.ctx)
	defer cancel()
	workers := min(runtime.GOMAXPROCS(0), len(files))
	readers := make([]reader, workers)
	for i := range readers {
		var err error
		if readers[i], err = e.newReader(); err != nil {
			return nil, err
		}
	}
	var err error
	if e.budget, err = newBudget(e.memory); err != nil {
		return nil, err
	}
	todo, ordered := make(chan task), make(chan task, 4*workers)
	for _, r := range readers {
		go func() {
			for t := range todo {
				p, err := e.one(ctx, r, t.file)
				t.done <- result{p, err}
			}
		}()
	}
	var feeder sync.WaitGroup
	defer feeder.Wait()
	defer cancel()
	feeder.Go(func() {
		defer close(todo)
		defer close(ordered)
		for _, file := range files {
			t := task{file, make(chan result, 1)}
			for _, c := range []chan task{ordered, todo} {
				select {
				case c <- t:
				case <-ctx.Done():
					return
				}
			}
		}
	})
	return e.collect(ctx, ordered, len(files), out)
}

// collect does not wait for the pictures under way when it is told to stop.
func (e *embedder) collect(ctx context.Context, ordered <-chan task, total int, out sink) (fails []failure, err error) {
	done := 0
	for t := range ordered {
		var r result
		select {
		case r = <-t.done:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		done++
		if r.err != nil {
			f := failed(t.file, r.err)
			fails = append(fails, f)
			e.progress.line("%v", f)
		} else if err := out.add(r.picture); err != nil {
			return fails, err
		} else if len(r.picture.notes) > 0 {
			e.progress.line("%s: %s", shown(t.file), told(r.picture.notes))
		}
		e.progress.step("embedded", "pictures", done, total)
	}
	if ctx.Err() != nil {
		return fails, e.app.interrupted()
	}
	return fails, nil
}

// one embeds a picture, or takes its vector from an earlier run.
func (e *embedder) one(ctx context.Context, r reader, file string) (*embedded, error) {
	f, info, err := regular.Open(file, maxPicture)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := &embedded{file: file, id: identity{size: info.Size(), time: info.ModTime().UnixNano()}}
	if e.known.sameFile(p) {
		return p, e.known.read(p)
	}
	data, err := e.budget.load(ctx, f, info)
	if err != nil {
		return nil, err
	}
	defer func() { data.free() }()
	if e.known.hashes() {
		sum := sha256.Sum256(data.data)
		p.id.sha256 = hex.EncodeToString(sum[:])
		if e.known.sameContent(p) {
			return p, e.known.read(p)
		}
	}
	pic, err := e.open(ctx, r, data, f, info, file)
	if err != nil {
		return nil, err
	}
	if err := r.read(data.data, pic, p); err != nil {
		return nil, err
	}
	p.notes = slices.Clone(r.Notes())
	return p, nil
}

// open looks at a picture and takes of the budget what reading it needs.
func (e *embedder) open(ctx context.Context, r reader, data *pictureFile, f *os.File, info fs.FileInfo, name string) (*picture.Picture, error) {
	if e.signals.KindOf(name) != "" {
		return data.openSignal(ctx, e.signals, f, info, name)
	}
	limits := picture.Limits{Memory: e.budget.limit}
	pic, err := picture.Open(data.data, limits)
	if err != nil {
		return nil, err
	}
	need, err := r.Memory(pic)
	if err != nil {
		return nil, err
	}
	again, err := data.reserve(ctx, f, info, need)
	if err != nil || !again {
		return pic, err
	}
	return picture.Open(data.data, limits)
}

// vectors are those of the session's last picture, one after the other.
func (e *embedder) vectors(s *engine.Session) ([]float32, error) {
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
