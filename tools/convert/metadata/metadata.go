// Package metadata reads what files tell of a network beside its layers: the names
// of its classes and how pictures are prepared for it. The file may be the
// network's own, as TensorFlow Lite and ONNX have it, or one that its publisher
// laid beside it: metadata.json of Teachable Machine, preprocessor_config.json
// and config.json of Hugging Face and timm, a list of labels.
package metadata

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"likeness/engine/picture"
)

// Source is what one file tells.
type Source struct {
	From        string       // the file's name
	Labels      []string     // of the classes in order, or nil
	Preparation *Preparation // or nil
}

// Preparation is the part of a picture.Preparation that a file tells. What is
// zero or nil is not told.
type Preparation struct {
	From          string
	Width, Height int // pixels
	Resize        string
	Side          int  // of the short side, where Resize is shorter
	NoMargin      bool // Side is the network's own size, whatever that is
	Interpolation string
	Order         string
	Mean, Std     *[3]float64 // in 0..255 units, red first if Order is not told

	// Refusals are what the file asks for and the engine does not do, each with
	// the flag that settles it otherwise.
	Refusals []Refusal
}

// Refusal is a step of a preparation that cannot be carried out.
type Refusal struct {
	Flag string // without dashes: resize, interpolation, mean
	Why  string
}

func (p *Preparation) refuse(flag, format string, args ...any) {
	p.Refusals = append(p.Refusals, Refusal{flag, fmt.Sprintf(format, args...)})
}

// check refuses sizes that no preparation has, and marks values that none has.
func (p *Preparation) check() error {
	for _, n := range []int{p.Width, p.Height, p.Side} {
		if n < 0 || n > maxSide {
			return fmt.Errorf("a size of %d pixels, at most %d are possible", n, maxSide)
		}
	}
	if p.Mean == nil || p.Std == nil {
		return nil
	}
	for i, s := range p.Std {
		if m := p.Mean[i]; !(s > 1e-6 && s < 1e6) || !(m > -1e6 && m < 1e6) {
			p.refuse("mean", "mean and std of channel %d are %.6g and %.6g", i, m, s)
			return nil
		}
	}
	return nil
}

// truncated cuts off a fraction, and what no size reaches.
func truncated(v float64) int { return int(min(max(v, -1e6), 1e6)) }

// Over is what is told, and of the rest what otherwise has. Its size may be 0:
// the network's own.
func (p *Preparation) Over(otherwise picture.Preparation) picture.Preparation {
	out := otherwise
	out.Width, out.Height = p.Width, p.Height
	for _, s := range []struct {
		told string
		dst  *string
	}{{p.Resize, &out.Resize}, {p.Interpolation, &out.Interpolation}, {p.Order, &out.Order}} {
		if s.told != "" {
			*s.dst = s.told
		}
	}
	if p.Mean != nil && p.Std != nil {
		out.Mean, out.Std = *p.Mean, *p.Std
		if p.Order == "" {
			out.Order = "RGB"
		}
	}
	out.Side = p.Side
	return out
}

// OfBytes is the preparation for a network that takes bytes: what these mean is
// settled by the network.
func (p *Preparation) OfBytes() *Preparation {
	if p == nil {
		return nil
	}
	out := *p
	out.Mean, out.Std = nil, nil
	out.Refusals = slices.DeleteFunc(slices.Clone(p.Refusals), func(r Refusal) bool { return r.Flag == "mean" })
	return &out
}

// SideFor is the short side for a network of another size than the file tells:
// in the same proportion, 0 where none is told.
func (p *Preparation) SideFor(width, height int) int {
	if p.NoMargin {
		return max(width, height)
	}
	if p.Side == 0 || p.Width == 0 || p.Height == 0 {
		return p.Side
	}
	side := math.RoundToEven(float64(p.Side) * float64(min(width, height)) / float64(min(p.Width, p.Height)))
	return max(int(side), width, height)
}

// same is one number for each channel.
func same(v float64) *[3]float64 { return &[3]float64{v, v, v} }

// scaled is values of 0..1 in 0..255 units: those of (x/255 - m) / s. A factor
// other than 1/255 is that of x.
func scaled(v *[3]float64, factor float64) *[3]float64 {
	out := *v
	for i := range out {
		out[i] = tidy(out[i] / factor)
	}
	return &out
}

// tidy drops what quotients leave behind the ninth digit: .485*255 is 123.675.
func tidy(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 9, 64), 64)
	if err == nil && math.Abs(short-v) <= 1e-12*math.Abs(v) {
		return short
	}
	return v
}

// Describe says in words how pictures are prepared.
func Describe(p picture.Preparation) string {
	resize := map[string]string{
		picture.ResizeShorter: fmt.Sprintf("the short side to %d and the centre cut out", p.Side),
		picture.ResizeStretch: "stretched", picture.ResizeFit: "fitted in", picture.ResizeTiles: "in tiles", picture.ResizeNone: "not resized",
	}[p.Resize]
	if p.Resize == picture.ResizeShorter && p.Side == min(p.Width, p.Height) && p.Width == p.Height {
		resize = fmt.Sprintf("the short side to %d, the longer one cut to the centre", p.Side)
	}
	return fmt.Sprintf("%d x %d, %s, %s, %s, (x - %.6g) / %.6g", p.Width, p.Height, resize, p.Interpolation, p.Order, p.Mean, p.Std)
}
