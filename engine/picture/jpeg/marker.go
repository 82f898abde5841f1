package jpeg

import "likeness/engine/picture/raster"

// Second bytes of markers, T.81 table B.1.
const (
	markerSOF0  = 0xC0 // baseline
	markerSOF1  = 0xC1 // extended sequential
	markerSOF2  = 0xC2 // progressive
	markerDHT   = 0xC4
	markerDAC   = 0xCC
	markerRST0  = 0xD0
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerDQT   = 0xDB
	markerDNL   = 0xDC
	markerDRI   = 0xDD
	markerDHP   = 0xDE
	markerEXP   = 0xDF
	markerAPP0  = 0xE0
	markerAPP14 = 0xEE
	markerTEM   = 0x01
)

func damaged(what string) error { return raster.Damaged("JPEG", what) }

func cutOff() error { return raster.CutOff("JPEG") }

func unsupported(feature string) error { return raster.Unsupported("JPEG", feature) }

// refusedFrame names the process that a marker stands for if it is not read.
func refusedFrame(marker byte) string {
	switch marker {
	case 0xC3, 0xC7, 0xCB, 0xCF:
		return "lossless coding"
	case 0xC5, 0xC6, 0xCD, 0xCE, markerDHP, markerEXP:
		return "hierarchical coding"
	case 0xC9, 0xCA, markerDAC:
		return "arithmetic coding"
	case 0xC8:
		return "a reserved coding process"
	case 0xF7:
		return "JPEG-LS coding"
	}
	return ""
}

// stream walks the marker segments of a file.
type stream struct {
	data []byte
	pos  int
}

// next returns the next marker and, for those that have one, its segment. It
// skips fill bytes and whatever is not a marker: the rest of a scan's data,
// RSTn and stray bytes, as decoders commonly do. At the end of the data ok is
// false.
func (s *stream) next() (marker byte, segment []byte, ok bool) {
	for {
		i := indexMarker(s.data, s.pos)
		if i < 0 {
			s.pos = len(s.data)
			return 0, nil, false
		}
		marker = s.data[i]
		s.pos = i + 1
		switch {
		case marker >= markerRST0 && marker < markerSOI, marker == markerTEM:
			continue
		case marker == markerSOI, marker == markerEOI:
			return marker, nil, true
		}
		rest := s.data[s.pos:]
		if len(rest) < 2 {
			return 0, nil, false
		}
		n := int(rest[0])<<8 | int(rest[1])
		if n > len(rest) {
			return 0, nil, false
		}
		// A length below 2 is left to the reader of the segment, which gets an
		// empty one.
		n = max(n, 2)
		s.pos += n
		return marker, rest[2:n], true
	}
}
