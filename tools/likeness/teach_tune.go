package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/engine/signal"
	"likeness/engine/tune"
)

// tuneFlags are those of teach --from.
type tuneFlags struct {
	from, cache      string
	views            int
	optimiser        string
	momentum, warmUp float64
}

func (f *tuneFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.from, "from", "", "`LAYER` from which on the network itself is trained too (fine-tuning); likeness inspect lists layers")
	fs.IntVar(&f.views, "views", tune.DefaultViews.Views, "--from: `VIEWS` of each picture that are learned from: itself, and mirrored, cropped and coloured ones")
	fs.StringVar(&f.cache, "cache", "", "--from: `FOLDER` that keeps what the layers before have made of pictures for the next run, none for none (default: likeness/views in the system's folder for caches)")
	fs.StringVar(&f.optimiser, "optimiser", tune.Adam, "--from: adam or sgd")
	fs.Float64Var(&f.momentum, "momentum", 0, "--from: `SHARE` of the step before that sgd keeps (default 0.9)")
	fs.Float64Var(&f.warmUp, "warm-up", 1, "--from: `EPOCHS` in which the rate rises; then it falls by a cosine")
}

// options are those of package tune.
func (f *teachFlags) tuneOptions(s setting) tune.Options {
	o := tune.Options{From: f.tune.from, Layer: s.Layer, Pool: s.Pool, Optimiser: f.tune.optimiser, Momentum: f.tune.momentum, WarmUp: f.tune.warmUp,
		Rate: f.learn.Rate, Decay: f.learn.Decay, Epochs: f.learn.Epochs, Batch: f.learn.Batch, Smoothing: f.learn.Smoothing, Balanced: f.learn.Balanced,
		Patience: f.learn.Patience, C: f.learn.C, Seed: f.learn.Seed}
	if o.WarmUp == 0 {
		o.WarmUp = -1 // none, not the default
	}
	return o
}

// viewReader is a tune.Viewer that keeps what it sees.
type viewReader struct {
	*tune.Viewer
	cache   *viewCache // or nil
	signals *signal.Options
	found   bool           // the last picture was in the cache
	notes   []picture.Note // its
}

func (r *viewReader) read(data []byte, pic *picture.Picture, p *embedded) error {
	if r.found = false; r.cache != nil {
		p.digest = contentOf(data, p.file, r.signals)
		if r.notes, r.found = r.cache.find(p.digest); r.found {
			p.cached = true
			return nil
		}
	}
	return r.Look(tune.Chance(data), pic, func(_ int, values []int16) error {
		p.views = append(p.views, append([]int16(nil), values...))
		return nil
	})
}

// Notes tells what there is to say of the last picture.
func (r *viewReader) Notes() []picture.Note {
	if r.found {
		return r.notes
	}
	return r.Viewer.Notes()
}

// viewSink puts the views of pictures into a cache, and their classes beside.
type viewSink struct {
	comparison
	cache  *viewCache // from run to run, or nil
	values *tune.Kept // of the cache
	rest   tune.Cache // of pictures that the cache does not take, made by others
	others func() (tune.Cache, error)
	cached int // pictures that were in the cache
	line   func(format string, args ...any)
}

func (s *viewSink) add(p *embedded) error {
	if err := s.keep(p); err != nil {
		return err
	}
	p.views = nil
	return s.comparison.add(p)
}

// keep puts the views of the next picture where Data reads them.
func (s *viewSink) keep(p *embedded) error {
	if s.cache != nil {
		if p.cached {
			s.cached++
			s.values.Take(p.digest)
			return nil
		}
		if s.rest == nil {
			err := s.cache.add(p)
			if err == nil {
				s.values.Take(p.digest)
				return nil
			}
			s.line("%v: what is made of the pictures from here on is not kept for the next run", err)
		}
	}
	if s.rest == nil {
		var err error
		if s.rest, err = s.others(); err != nil {
			return err
		}
		if s.values != nil {
			s.values.Rest = s.rest
		}
	}
	for view, values := range p.views {
		if err := s.data().Put(len(s.labels), view, values); err != nil {
			return err
		}
	}
	return nil
}

// data is where the views of all pictures are.
func (s *viewSink) data() tune.Cache {
	if s.values != nil {
		return s.values
	}
	return s.rest
}

// tuneFrom teaches the network from a layer on.
func (a *app) tuneFrom(f *teachFlags, m *loaded, s setting, found *labelled, r *taught, p *progress) (*model.File, error) {
	o := f.tuneOptions(s)
	r.Head, r.From = learn.Softmax, o.From
	d, done, err := a.lookAll(f, m, s, found, r, p)
	if err != nil {
		return nil, err
	}
	defer done()
	o.Progress = func(step tune.Step) {
		what, share := "learning", float64(step.Done)/float64(step.Total)
		if step.Folds > 0 {
			what, share = fmt.Sprintf("learning part %d of %d", step.Fold, step.Folds), (float64(step.Fold-1)+share)/float64(step.Folds)
		}
		p.share(fmt.Sprintf("%s, epoch %d, loss %.3f, accuracy %.3f", what, step.Done, step.Loss, step.Accuracy), share)
	}
	if f.folds > 0 {
		report, err := tune.CrossValidate(a.ctx, m.file, d, o, f.folds)
		if err != nil {
			return nil, err
		}
		r.Cross, r.HeadAlone = report.Tuned, report.Head
	}
	t, err := tune.New(a.ctx, m.file, d, o)
	if err != nil {
		return nil, err
	}
	var astray *tune.Error
	if err := t.Run(a.ctx); errors.As(err, &astray) && astray.Code == tune.CodeDiverged && t.History().Rounds > 0 {
		r.Diverged = fmt.Sprintf("%s; the weights of epoch %d are written", astray.Msg, t.History().Rounds)
		p.line("%s", r.Diverged)
	} else if err != nil {
		return nil, err
	}
	made, agreement, err := t.Model(a.ctx, r.Cross, f.unsure)
	if err != nil {
		return nil, err
	}
	h := t.History()
	r.Agreement, r.Rounds, r.Accuracy, r.Threshold = agreement, h.Rounds, &h.Steps[h.Rounds-1].Accuracy, made.Head.Threshold
	return made, nil
}

// lookAll runs the frozen layers on all pictures. done ends what keeps the
// result.
func (a *app) lookAll(f *teachFlags, m *loaded, s setting, found *labelled, r *taught, p *progress) (d *tune.Data, done func(), err error) {
	views := tune.DefaultViews
	views.Views, views.Seed, views.Resize = f.tune.views, f.learn.Seed, s.Prepare.Resize
	open := func() (*tune.Viewer, error) { return tune.NewViewer(m.net, f.tune.from, s.Layer, views) }
	first, err := open()
	if err != nil {
		return nil, nil, err
	}
	var ends []func()
	done = func() {
		for _, end := range ends {
			end()
		}
	}
	sink := &viewSink{comparison: comparison{found: found}, line: p.line, others: func() (tune.Cache, error) {
		c, end, err := newCache(int64(len(found.files)), views.Views, first.Len(), int64(f.memory))
		if err == nil {
			ends = append(ends, end)
		}
		return c, err
	}}
	if err := sink.openCache(f.tune.cache, m.net.Hash(), first); err != nil {
		return nil, nil, err
	}
	if sink.cache != nil {
		ends = append(ends, sink.cache.close)
	}
	e := &embedder{app: a, net: m.net, signals: found.signals, memory: int64(f.memory), progress: p, reader: func() (reader, error) {
		v, err := open()
		return &viewReader{Viewer: v, cache: sink.cache, signals: found.signals}, err
	}}
	failed, err := e.run(found.files, sink)
	if err != nil {
		done()
		return nil, nil, err
	}
	if sink.cache != nil {
		sink.cache.trim()
	}
	r.Failures = append(r.Failures, failed...)
	d = &tune.Data{Cache: sink.data(), Views: views.Views, Class: sink.labels, Labels: sink.names}
	d.Sort(sink.files) // as the page does, so that both write the same file
	r.Pictures, r.Labels, r.Cached = len(d.Class), d.Labels, sink.cached
	return d, done, nil
}

// openCache opens what is kept from run to run. Where that was not asked for and
// cannot be, it says so and does without.
func (s *viewSink) openCache(asked, model string, v *tune.Viewer) error {
	dir := cacheFolder(asked)
	if dir == "" {
		return nil
	}
	c, err := openCache(dir, model, v)
	if err != nil && asked != "" {
		return err
	}
	if err != nil {
		s.line("%v: what is made of the pictures is not kept for the next run; --cache FOLDER keeps it elsewhere, --cache none nowhere", err)
		return nil
	}
	s.cache, s.values = c, tune.NewKept(c.Pack)
	return nil
}

// newCache keeps what the frozen layers make of pictures: in half of the memory
// that may be used, or else in a file that is gone when the command ends.
func newCache(pictures int64, views, each int, memory int64) (c tune.Cache, done func(), err error) {
	if pictures*int64(views)*int64(each)*2 <= memory/2 {
		return tune.NewMemory(views, each), func() {}, nil
	}
	f, err := os.CreateTemp("", "likeness-teach-*")
	if err != nil {
		return nil, nil, fmt.Errorf("the values of %d pictures need more than --memory allows, and no file can be made for them: %w", pictures, cause(err))
	}
	return tune.NewFile(f, views, each), func() {
		f.Close()
		os.Remove(f.Name())
	}, nil
}
