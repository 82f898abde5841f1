package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"path/filepath"
	"strings"

	"likeness/engine/signal"
	"likeness/tools/output"
	"likeness/tools/regular"
)

var renderCommand = command{
	name:    "render",
	summary: "make a picture of a sound, a time series, a text or any file",
	usage:   "[--as KIND] [--signal NAME=VALUE,...] FILE -o PICTURE.png\n\n" + signalHelp,
	example: "likeness render bird.wav -o bird.png\n" +
		"likeness render --as mel --signal sr=16000,n_fft=1024,hop_length=256,n_mels=64 bird.wav -o bird.png\n" +
		"likeness render --as recurrence --signal threshold=point,percentage=20 pulse.csv -o pulse.png",
	run: (*app).render,
}

// signalHelp lists the parameters.
const signalHelp = `Parameters of --signal, with their defaults:
  all but page  size=224 (side of the square the picture is stretched to; 0: a pixel for each value)
  mel           sr=22050 (0: the file's) n_fft=2048 hop_length=512 win_length=n_fft n_mels=128
                fmin=0 fmax=sr/2 power=2 top_db=80 offset=0 duration=all (seconds)
  gaf           column=the last of numbers image_size=at most 224 method=summation (or difference)
  recurrence    column image_size dimension=1 time_delay=1 threshold=none (point, distance or a
                number) percentage=10
  page          columns=40 lines=20
  bytes         width=by the file's size`

func (a *app) render(fs *flag.FlagSet, args []string) (int, error) {
	var f signalFlags
	f.define(fs)
	as := fs.Lookup("as")
	as.DefValue, as.Usage, f.as = signal.Auto, strings.Replace(as.Usage, "also take files that are no pictures, as pictures of a `KIND` that likeness render shows", "the `KIND` of picture", 1), signal.Auto
	out := fs.String("o", "", "`FILE.png` to write")
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	switch {
	case len(paths) != 1:
		return exitFatal, usagef("one file is wanted, %d are given", len(paths))
	case *out == "" || *out == "-":
		return exitFatal, usagef("where does the picture go: give -o FILE.png")
	}
	o, err := f.options()
	if err != nil {
		return exitFatal, err
	}
	if o == nil {
		return exitFatal, usagef("--as is empty: choose a kind")
	}
	if err := output.Distinct([]string{*out}, output.Inputs{What: "file", Paths: paths}); err != nil {
		return exitFatal, fmt.Errorf("%w with -o", err)
	}
	data, _, err := regular.Read(paths[0], maxPicture)
	if err != nil {
		return exitFatal, errors.New(failed(paths[0], err).String())
	}
	g, err := o.Render(filepath.Base(paths[0]), data)
	if err != nil {
		return exitFatal, errors.New(failed(paths[0], err).String())
	}
	if err := writePNG(*out, &image.Gray{Pix: g.Pix, Stride: g.W, Rect: image.Rect(0, 0, g.W, g.H)}); err != nil {
		return exitFatal, err
	}
	a.say("%d x %d pixels as %s, written to %s", g.W, g.H, o.Made(paths[0], data), shown(*out))
	return exitOK, nil
}
