package main

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/picture"
	"likeness/engine/signal"
)

// signalFlags say what pictures are made of files that are none. Without --as
// there are none: a folder's sounds, tables and texts stay what they are.
type signalFlags struct{ as, parameters string }

func (f *signalFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.as, "as", "", "also take files that are no pictures, as pictures of a `KIND` that likeness render shows: auto (sounds as mel, tables as gaf, texts as page), mel (log-mel spectrogram of .wav), gaf (Gramian angular field of .csv), recurrence (recurrence plot of .csv), page (of .txt) or bytes (of any file)")
	fs.StringVar(&f.parameters, "signal", "", "`NAME=VALUE,...` for --as, by their names in librosa and pyts: such as sr=16000,n_fft=1024,hop_length=256,n_mels=64 or method=difference; likeness render --help lists them")
}

// options are nil where nothing was asked for.
func (f *signalFlags) options() (*signal.Options, error) {
	if f.as == "" {
		if f.parameters != "" {
			return nil, usagef("--signal says how --as makes pictures, which is not given")
		}
		return nil, nil
	}
	o, err := signal.Parse(f.as, f.parameters)
	if err != nil {
		return nil, usagef("--as: %v", err)
	}
	return o, nil
}

// signalName is what a setting keeps of the options, "" for none.
func signalName(o *signal.Options) string {
	if o == nil {
		return ""
	}
	return o.String()
}

// takes is what files of a folder are taken, for people.
func takes(o *signal.Options) string {
	if o == nil {
		return strings.Join(pictureExtensions, " ")
	}
	if o.Kind == signal.Bytes {
		return "or other files"
	}
	return strings.Join(pictureExtensions, " ") + " " + strings.Join(o.Extensions(), " ")
}

// openSignal makes the picture of a file that is none, and takes of the budget
// what that needs.
func (p *pictureFile) openSignal(ctx context.Context, o *signal.Options, f *os.File, info fs.FileInfo, name string) (*picture.Picture, error) {
	if _, err := p.reserve(ctx, f, info, o.Memory(info.Size())); err != nil {
		return nil, err
	}
	g, err := o.Render(filepath.Base(name), p.data)
	if err != nil {
		return nil, err
	}
	return picture.Open(g.BMP(), picture.Limits{Memory: p.budget.limit})
}
