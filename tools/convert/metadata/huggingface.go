package metadata

import (
	"fmt"
	"strings"
)

// processor is preprocessor_config.json of Hugging Face's transformers. What it
// leaves out is as in its class (models/*/image_processing_*.py), as far as
// convolutional networks have one; else as in ViTImageProcessor.
type processor struct {
	ImageProcessor   string `json:"image_processor_type"`
	FeatureExtractor string `json:"feature_extractor_type"`

	DoResize   *bool     `json:"do_resize"`
	Size       *size     `json:"size"`
	CropPct    *float64  `json:"crop_pct"`
	Resample   *int      `json:"resample"`
	DoCrop     *bool     `json:"do_center_crop"`
	CropSize   *size     `json:"crop_size"`
	DoRescale  *bool     `json:"do_rescale"`
	Factor     *float64  `json:"rescale_factor"`
	Offset     *bool     `json:"rescale_offset"`
	DoNorm     *bool     `json:"do_normalize"`
	ImageMean  *channels `json:"image_mean"`
	ImageStd   *channels `json:"image_std"`
	IncludeTop *bool     `json:"include_top"`
	Flip       *bool     `json:"do_flip_channel_order"`
	DoPad      *bool     `json:"do_pad"`
}

// class is the name of the processor without the words that all have.
func (p *processor) class() string {
	name := p.ImageProcessor
	if name == "" {
		name = p.FeatureExtractor
	}
	for _, end := range []string{"Fast", "Pil", "ImageProcessor", "FeatureExtractor"} {
		name = strings.TrimSuffix(name, end)
	}
	return strings.ToLower(name)
}

// defaults of a class.
type defaults struct {
	resample int
	crop     bool
	edge     bool // a size that is one number is the short side's
	pct      float64
	flip     bool
	plain    bool // not normalised
}

var classes = map[string]defaults{
	"convnext":     {resample: 2, edge: true, pct: 224. / 256},
	"mobilenetv1":  {resample: 2, crop: true, edge: true},
	"mobilenetv2":  {resample: 2, crop: true, edge: true},
	"mobilevit":    {resample: 2, crop: true, edge: true, flip: true, plain: true},
	"efficientnet": {},
	"clip":         {resample: 3, crop: true, edge: true},
	"bit":          {resample: 3, crop: true, edge: true},
	"levit":        {resample: 3, crop: true, edge: true},
	"poolformer":   {resample: 3, crop: true, edge: true, pct: .9},
	"vit":          {resample: 2},
}

func is(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}

func (p *processor) preparation() (*Preparation, error) {
	d, ok := classes[p.class()]
	if !ok {
		d = classes["vit"]
	}
	out := &Preparation{}
	p.values(out, d)
	return out, p.resize(out, d)
}

// values settles mean, deviation and order of channels.
func (p *processor) values(out *Preparation, d defaults) {
	out.Order = "RGB"
	if is(p.Flip, d.flip) {
		out.Order = "BGR"
	}
	factor := 1.0
	if is(p.DoRescale, true) {
		if factor = 1. / 255; p.Factor != nil {
			factor = *p.Factor
		}
	}
	if !(factor > 0) {
		out.refuse("mean", "rescale_factor is %g, which leaves nothing of a picture", factor)
		return
	}
	normalise, twice := is(p.DoNorm, !d.plain), p.class() == "efficientnet" && is(p.IncludeTop, true)
	if (normalise || twice) && p.ImageStd == nil || normalise && p.ImageMean == nil {
		out.refuse("mean", "it has no image_mean and image_std")
		return
	}
	mean, std := same(0), same(1)
	if normalise {
		mean, std = &p.ImageMean.v, &p.ImageStd.v
	}
	if is(p.Offset, false) && is(p.DoRescale, true) { // EfficientNet: x * factor - 1
		mean = &[3]float64{mean[0] + 1, mean[1] + 1, mean[2] + 1}
	}
	if twice { // it is divided by the deviation once more
		both := *std
		for i := range both {
			both[i] = float64(both[i] * p.ImageStd.v[i])
		}
		std = &both
	}
	out.Mean, out.Std = scaled(mean, factor), scaled(std, factor)
}

// resampling are the numbers of Pillow's filters.
var resampling = []string{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"}

// resize settles size, resizing and crop.
func (p *processor) resize(out *Preparation, d defaults) error {
	filter := d.resample
	if p.Resample != nil {
		filter = *p.Resample
	}
	if filter < 0 || filter >= len(resampling) {
		return fmt.Errorf("resample is %d, 0 to %d are known", filter, len(resampling)-1)
	}
	out.interpolation(resampling[filter])
	switch {
	case is(p.DoPad, false):
		out.refuse("resize", "it pads pictures (do_pad)")
	case !is(p.DoResize, true):
		out.refuse("resize", "it does not resize pictures (do_resize is false)")
	case p.Size == nil:
		return nil // the network's own size, in the usual way
	}
	if p.Size == nil {
		return nil
	}
	crop := is(p.DoCrop, d.crop)
	h, w, edge := p.Size.dims(d.edge)
	if edge > 0 {
		p.fromEdge(out, edge, crop, d)
	} else {
		out.Height, out.Width, out.Resize = h, w, "stretch"
	}
	if crop && d.pct == 0 && p.CropSize == nil {
		out.refuse("resize", "it cuts the centre out (do_center_crop) and has no crop_size")
	}
	if ch, cw, e := p.CropSize.dims(false); crop && d.pct == 0 && p.CropSize != nil {
		if e > 0 {
			ch, cw = e, e
		}
		if out.Resize == "stretch" && (ch != out.Height || cw != out.Width) {
			out.refuse("resize", "it stretches pictures to %d x %d and cuts out %d x %d", out.Width, out.Height, cw, ch)
		}
		if out.Resize == "shorter" && out.Side < max(ch, cw) {
			out.refuse("resize", "it cuts %d x %d out of pictures whose short side is %d, with a border of black", cw, ch, out.Side)
		}
		out.Height, out.Width = ch, cw
	}
	if out.Width == 0 || out.Height == 0 {
		return fmt.Errorf("size has neither height and width nor shortest_edge")
	}
	return nil
}

// fromEdge is a size of the short side.
func (p *processor) fromEdge(out *Preparation, edge int, crop bool, d defaults) {
	out.Resize, out.Side, out.Height, out.Width = "shorter", edge, edge, edge
	pct := d.pct
	if p.CropPct != nil {
		pct = *p.CropPct
	}
	switch {
	case d.pct > 0 && p.class() == "convnext" && edge >= 384: // ConvNextImageProcessor.resize
		out.Resize, out.Side = "stretch", 0
	case d.pct > 0 && pct > 0 && pct <= 1:
		out.Side = truncated(float64(edge) / pct)
	case d.pct > 0:
		out.refuse("resize", "crop_pct is %g", pct)
	case p.class() == "levit":
		out.Side = truncated(256. / 224 * float64(edge))
	case !crop:
		out.refuse("resize", "it brings the short side to %d and cuts nothing, so that pictures stay of different shapes", edge)
	}
}

// dims are height and width, or the short side.
func (s *size) dims(oneIsEdge bool) (h, w, edge int) {
	switch {
	case s == nil:
	case s.ShortestEdge != nil:
		return 0, 0, *s.ShortestEdge
	case s.Height != nil && s.Width != nil:
		return *s.Height, *s.Width, 0
	case s.number != nil && oneIsEdge:
		return 0, 0, *s.number
	case s.number != nil:
		return *s.number, *s.number, 0
	}
	return 0, 0, 0
}

// interpolation takes Pillow's name of a filter.
func (p *Preparation) interpolation(name string) {
	switch name {
	case "nearest", "bilinear", "bicubic":
		p.Interpolation = name
	default:
		p.refuse("interpolation", "it resizes by the filter %s; bilinear, bicubic and nearest are there", name)
	}
}
