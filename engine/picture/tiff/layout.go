package tiff

import (
	"encoding/binary"
	"fmt"

	"likeness/engine/picture/raster"
)

// layout says how the pixels of a picture lie in its file. Whatever it cannot
// say has been refused.
type layout struct {
	data  []byte
	order binary.ByteOrder

	w, h        int
	bits        int // of one sample
	samples     int // of one pixel
	float       bool
	signed      bool
	photometric int
	compression int
	planar      bool // each sample in segments of its own
	predictor   int
	reversed    bool // the lowest bit of a byte is the first
	t4          int

	colours       int // samples that make the colour, the first ones
	alpha         int // index of the alpha sample, or -1
	premultiplied bool

	palette      []rgb16
	ycc          *yccTables
	subH, subV   int // pixels that share a chroma sample, across and down
	jpegTables   []byte
	tiled        bool
	segW, segH   int // of a tile or strip
	across, down int
	offsets      entry
	counts       entry // may be empty
}

type rgb16 struct{ r, g, b uint16 }

// newLayout examines every tag that changes pixels.
func newLayout(f *file, d directory) (*layout, error) {
	l := &layout{data: f.data, order: f.order, alpha: -1, subH: 1, subV: 1}
	for _, step := range []func(directory) error{
		present, l.size, l.sampleSizes, l.compressionTags, l.colour, l.extraSamples, l.refuseRest,
		l.predictorTag, l.segments, l.checkSegments,
	} {
		if err := step(d); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// present refuses a directory whose values lie beyond the file.
func present(d directory) error {
	for tag, e := range d {
		if e.value == nil && tag != tagSubIFDs {
			return d.bad(tag)
		}
	}
	return nil
}

// ints reads several tags of one value; the first error counts.
type intTag struct {
	tag uint16
	def int
	to  *int
}

func (d directory) ints(tags ...intTag) error {
	for _, t := range tags {
		v, err := d.int(t.tag, t.def)
		if err != nil {
			return err
		}
		*t.to = v
	}
	return nil
}

func (l *layout) size(d directory) error {
	var depth int
	if err := d.ints(intTag{tagImageWidth, 0, &l.w}, intTag{tagImageLength, 0, &l.h}, intTag{tagImageDepth, 1, &depth}); err != nil {
		return err
	}
	if depth != 1 {
		return raster.Unsupported(format, "a picture of several slices")
	}
	return raster.CheckSize(l.w, l.h)
}

// maxSamples bounds a pixel; satellite pictures have a few hundred.
const maxSamples = 1024

func (l *layout) sampleSizes(d directory) error {
	bits := d[tagBitsPerSample]
	var planar, order, dataType, sampleFormat int
	if err := d.ints(
		intTag{tagBitsPerSample, 1, &l.bits}, intTag{tagSamplesPerPixel, max(bits.count, 1), &l.samples},
		intTag{tagPlanarConfig, 1, &planar}, intTag{tagFillOrder, 1, &order},
		intTag{tagDataType, 2, &dataType}, intTag{tagSampleFormat, 1, &sampleFormat},
	); err != nil {
		return err
	}
	if l.samples < 1 || l.samples > maxSamples {
		return raster.Unsupported(format, itoa(l.samples)+" samples per pixel")
	}
	for i := 1; i < min(bits.count, l.samples); i++ {
		if v, _ := bits.uint(i); v != uint64(l.bits) {
			return raster.Unsupported(format, "samples of different sizes")
		}
	}
	if planar < 1 || planar > 2 || order < 1 || order > 2 {
		return raster.Damaged(format, "planar configuration or fill order is unknown")
	}
	l.planar, l.reversed = planar == 2 && l.samples > 1, order == 2
	formats := d[tagSampleFormat]
	for i := 1; i < min(formats.count, l.samples); i++ {
		if v, _ := formats.uint(i); v != uint64(sampleFormat) {
			return raster.Unsupported(format, "samples of different formats")
		}
	}
	if formats.count == 0 && dataType != 2 {
		// The tag that came before SampleFormat.
		sampleFormat = map[int]int{1: 2, 3: 3}[dataType]
	}
	return l.sampleFormat(sampleFormat)
}

func (l *layout) sampleFormat(v int) error {
	switch v {
	case 0, 1, 4: // unsigned, or not said
		if l.bits < 1 || l.bits > 32 {
			return raster.Unsupported(format, itoa(l.bits)+" bits per sample")
		}
	case 2:
		l.signed = true
		if l.bits != 8 && l.bits != 16 {
			return raster.Unsupported(format, itoa(l.bits)+" bits per sample, signed")
		}
	case 3:
		l.float = true
		if l.bits != 16 && l.bits != 24 && l.bits != 32 && l.bits != 64 {
			return raster.Unsupported(format, itoa(l.bits)+" bits per floating-point sample")
		}
	case 5, 6:
		return raster.Unsupported(format, "complex numbers as samples")
	default:
		return raster.Unsupported(format, fmt.Sprintf("sample format %d", v))
	}
	return nil
}

func (l *layout) compressionTags(d directory) error {
	var t6 int
	if err := d.ints(intTag{tagCompression, compNone, &l.compression},
		intTag{tagT4Options, 0, &l.t4}, intTag{tagT6Options, 0, &t6}); err != nil {
		return err
	}
	l.jpegTables = d[tagJPEGTables].value
	switch l.compression {
	case compNone, compLZW, compDeflate, compDeflate2, compPackBits:
	case compJPEG, compWebP:
		if l.bits != 8 || l.float {
			return raster.Unsupported(format, "JPEG or WebP compression of samples that have not 8 bits")
		}
	case compFax2, compFax2Words, compFax3, compFax4:
		if l.bits != 1 || l.samples != 1 {
			return raster.Damaged(format, "fax compression of a picture that is not black and white")
		}
		const uncompressedMode = 2
		if l.compression == compFax3 && l.t4&uncompressedMode != 0 || l.compression == compFax4 && t6&uncompressedMode != 0 {
			return raster.Unsupported(format, "fax compression with uncompressed parts")
		}
	default:
		if name, ok := unreadCompression[l.compression]; ok {
			return raster.Unsupported(format, name)
		}
		return raster.Unsupported(format, "compression number "+itoa(l.compression))
	}
	return nil
}

func (l *layout) extraSamples(d directory) error {
	extra := d[tagExtraSamples]
	const associated, unassociated = 1, 2
	for i := l.colours; i < l.samples && l.alpha < 0; i++ {
		switch v, _ := extra.uint(i - l.colours); v {
		case associated:
			l.alpha, l.premultiplied = i, true
		case unassociated:
			l.alpha = i
		}
	}
	// Some programs write alpha without the tag.
	if extra.count == 0 && l.photometric == rgb && l.samples == 4 {
		l.alpha = 3
	}
	// The tag that came before ExtraSamples.
	if v, _ := d.int(tagMatteing, 0); v == 1 && extra.count == 0 && l.samples > l.colours {
		l.alpha, l.premultiplied = l.colours, true
	}
	return nil
}

// refuseRest looks at the tags that change pixels in ways that are not read.
func (l *layout) refuseRest(d directory) error {
	if v, _ := d.int(tagIndexed, 0); v != 0 && l.photometric != paletted {
		return raster.Unsupported(format, "indexed colours of another space than RGB")
	}
	if _, ok := d[tagDecode]; ok && (l.photometric == cieLab || l.photometric == iccLab) {
		return raster.Unsupported(format, "a Decode array")
	}
	if l.photometric == cmyk {
		if v, _ := d.int(tagInkSet, 1); v != 1 {
			return raster.Unsupported(format, "other inks than CMYK")
		}
		dots := d[tagDotRange]
		for i := range min(dots.count, 2*l.samples) {
			want := uint64(i&1) * (1<<l.bits - 1)
			if v, ok := dots.uint(i); ok && v != want {
				return raster.Unsupported(format, "a dot range that is not the whole range of samples")
			}
		}
	}
	return nil
}

func (l *layout) predictorTag(d directory) error {
	switch l.compression {
	case compLZW, compDeflate, compDeflate2:
	default:
		return nil // of no meaning
	}
	var err error
	if l.predictor, err = d.int(tagPredictor, 1); err != nil {
		return err
	}
	switch {
	case l.predictor == 1:
	case l.subH*l.subV > 1:
		return raster.Unsupported(format, "a predictor with subsampled colours")
	case l.predictor == 2:
		if l.bits != 8 && l.bits != 16 && l.bits != 32 && l.bits != 64 {
			return raster.Unsupported(format, "a predictor with "+itoa(l.bits)+" bits per sample")
		}
	case l.predictor == 3:
		if !l.float {
			return raster.Damaged(format, "the floating-point predictor with whole numbers")
		}
	default:
		return raster.Unsupported(format, "predictor number "+itoa(l.predictor))
	}
	return nil
}
