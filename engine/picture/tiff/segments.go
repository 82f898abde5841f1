package tiff

import (
	"math"

	"likeness/engine/picture/raster"
)

// segments reads where the strips or tiles are.
func (l *layout) segments(d directory) error {
	_, l.tiled = d[tagTileWidth]
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripByteCounts)
	if l.tiled {
		// Some old files have tiles with the tags of strips.
		if _, ok := d[tagTileOffsets]; ok {
			offsets, counts = tagTileOffsets, tagTileByteCounts
		}
		if err := d.ints(intTag{tagTileWidth, 0, &l.segW}, intTag{tagTileLength, 0, &l.segH}); err != nil {
			return err
		}
		if l.segW < 1 || l.segH < 1 || l.segW > raster.MaxSide || l.segH > raster.MaxSide {
			return raster.Damaged(format, "the size of its tiles makes no sense")
		}
	} else {
		if err := d.ints(intTag{tagRowsPerStrip, math.MaxInt32, &l.segH}); err != nil {
			return err
		}
		l.segW = l.w
		if l.segH <= 0 || l.segH > l.h {
			l.segH = l.h
		}
	}
	l.across, l.down = ceil(l.w, l.segW), ceil(l.h, l.segH)
	l.offsets, l.counts = d[offsets], d[counts]
	n := l.across * l.down
	if l.planar {
		n *= l.samples
	}
	if l.offsets.count < n || l.counts.count > 0 && l.counts.count < n {
		return raster.Damaged(format, "it has fewer strips or tiles than its size needs")
	}
	return nil
}

func ceil(a, b int) int { return (a + b - 1) / b }

// rowBytes is the length of a row in a segment, unpacked. If chroma is
// subsampled, it is that of a row of blocks: the lumas of a block, then Cb and
// Cr.
func (l *layout) rowBytes() int {
	if l.subH*l.subV > 1 {
		return ceil(l.segW, l.subH) * (l.subH*l.subV + 2)
	}
	n := l.segW * l.bits
	if !l.planar {
		n *= l.samples
	}
	return ceil(n, 8)
}

// segmentBytes is the length of segment row y, unpacked. Strips end with the
// picture, tiles do not.
func (l *layout) segmentBytes(y int) int {
	rows := l.segH
	if !l.tiled {
		rows = l.segmentRows(y)
	}
	return ceil(rows, l.subV) * l.rowBytes()
}

// planes is the number of planes that are read: those of colours and alpha.
func (l *layout) planes() []int {
	if !l.planar {
		return []int{0}
	}
	var p []int
	for i := range l.colours {
		p = append(p, i)
	}
	if l.alpha >= 0 {
		p = append(p, l.alpha)
	}
	return p
}

// maxExpansion bounds how many bytes one byte of a compressed segment becomes.
// Fax compression has no bound: a bit can stand for a row.
var maxExpansion = map[int]int{compPackBits: 128, compLZW: 4096, compDeflate: 1040, compDeflate2: 1040}

// checkSegments refuses a file that ends before its segments do, or whose
// segments are too short for what they declare.
func (l *layout) checkSegments(directory) error {
	total := 0
	for _, plane := range l.planes() {
		for y := range l.down {
			need := l.segmentBytes(y)
			for x := range l.across {
				b, err := l.segment(x, y, plane)
				if err != nil {
					return err
				}
				if factor, ok := maxExpansion[l.compression]; ok && need > 64+len(b)*factor {
					return raster.Damaged(format, "a strip or tile is too short for its size")
				}
				total += len(b)
			}
		}
	}
	// Equal tiles may share their bytes, but not so that reading takes for ever.
	if l.compression != compNone && total > 64*len(l.data) {
		return raster.Damaged(format, "its strips or tiles overlap")
	}
	return nil
}

// segment returns the bytes of a segment.
func (l *layout) segment(x, y, plane int) ([]byte, error) {
	i := (plane*l.down+y)*l.across + x
	off, ok := l.offsets.uint(i)
	if !ok {
		return nil, raster.Damaged(format, "the offset of a strip or tile has no usable value")
	}
	if off > uint64(len(l.data)) {
		return nil, raster.CutOff(format)
	}
	rest := uint64(len(l.data)) - off
	size, ok := l.counts.uint(i)
	if !ok {
		size = rest // old files have no counts
	}
	if l.compression == compNone {
		need := uint64(l.segmentBytes(y))
		switch {
		case size == 0 && off != 0, l.across*l.down == 1:
			size = need // some programs write a wrong count
		case size < need:
			return nil, raster.Damaged(format, "a strip or tile is too short for its size")
		}
		size = need
	}
	if size > rest {
		return nil, raster.CutOff(format)
	}
	if size == 0 || off == 0 {
		return nil, raster.Damaged(format, "a strip or tile is missing")
	}
	return l.data[off:][:size], nil
}
