package main

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"likeness/engine/picture"
)

// prepareFlags say how pictures are prepared for a network. What is not given
// is the preset's, or what the converter guesses.
type prepareFlags struct {
	preset, order, resize, interpolation string
	mean, std                            []float64
	side, width, height                  int
}

func (p *prepareFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&p.preset, "preset", "", "preparation of pictures: torch, tf, caffe or unit (default: guessed)")
	fs.Func("mean", "`M` or M,M,M subtracted from values of 0 to 255, in channel order", floatList(&p.mean))
	fs.Func("std", "`S` or S,S,S that they are then divided by", floatList(&p.std))
	fs.StringVar(&p.order, "order", "", "channel `ORDER`: RGB or BGR")
	fs.StringVar(&p.resize, "resize", "", "shorter (short side to --side, then the centre), stretch, fit, tiles or none: as likeness embed --help has them")
	fs.IntVar(&p.side, "side", 0, "`PIXELS` of the short side before the centre is taken (default: 8/7 of the size)")
	size := func(s string) (err error) {
		w, h, two := strings.Cut(strings.ToLower(s), "x")
		if !two {
			h = w
		}
		if p.width, err = strconv.Atoi(w); err == nil {
			p.height, err = strconv.Atoi(h)
		}
		if err != nil || p.width < 1 || p.height < 1 {
			return fmt.Errorf("%q is neither PIXELS nor WIDTHxHEIGHT", s)
		}
		return nil
	}
	fs.Func("size", "network input, `PIXELS` or WIDTHxHEIGHT (default: the file's, or 224)", size)
	fs.Func("crop", "the same as --size: the part that is cut out is the network's input", size)
	fs.StringVar(&p.interpolation, "interpolation", "", "bilinear, bicubic or nearest")
}

// floatList reads one number for all channels, or three.
func floatList(dst *[]float64) func(string) error {
	return func(s string) error {
		var list []float64
		for part := range strings.SplitSeq(s, ",") {
			v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
			if err != nil {
				return fmt.Errorf("%q is not a number", part)
			}
			list = append(list, v)
		}
		if len(list) == 1 {
			list = append(list, list[0], list[0])
		}
		if len(list) != 3 {
			return fmt.Errorf("%d numbers, 1 or 3 are wanted", len(list))
		}
		*dst = list
		return nil
	}
}

// explicit reports whether the values of pixels are settled without a preset.
func (p *prepareFlags) explicit() bool { return p.mean != nil && p.std != nil }

// check refuses flags that no network can be prepared with.
func (p *prepareFlags) check() error {
	plain, err := picture.Preset("unit")
	if err != nil {
		return err
	}
	out, err := p.preparation(plain)
	if err != nil {
		return err
	}
	if out.Width == 0 {
		out.Width, out.Height = plain.Width, plain.Height
	}
	if out.Side == 0 {
		out.Side = max(out.Width, out.Height)
	}
	if p.width == 0 { // the file's size, which is not known yet
		out.Side = max(out.Side, plain.Side)
	}
	if err := out.Validate(); err != nil {
		return usagef("%s", strings.TrimPrefix(err.Error(), "picture: "))
	}
	return nil
}

// preparation is the preset, or otherwise, with what the other flags say. A
// size of 0 is the file's own.
func (p *prepareFlags) preparation(otherwise picture.Preparation) (picture.Preparation, error) {
	out := otherwise
	if p.preset != "" {
		var err error
		if out, err = picture.Preset(p.preset); err != nil {
			return out, usagef("%v", err)
		}
	}
	out.Width, out.Height, out.Side = p.width, p.height, p.side
	if p.mean != nil {
		out.Mean = [3]float64(p.mean)
	}
	if p.std != nil {
		out.Std = [3]float64(p.std)
	}
	for _, s := range []struct {
		flag string
		dst  *string
	}{{p.order, &out.Order}, {p.resize, &out.Resize}, {p.interpolation, &out.Interpolation}} {
		if s.flag != "" {
			*s.dst = s.flag
		}
	}
	return out, nil
}
