package look

import (
	"bytes"
	"iter"
)

// JPEG markers (ITU-T T.81 table B.1), without their first byte 0xff.
const (
	markerTEM  = 0x01
	markerSOF0 = 0xc0
	markerDHT  = 0xc4
	markerJPG  = 0xc8
	markerDAC  = 0xcc
	markerRST0 = 0xd0
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerAPP1 = 0xe1
	markerAPP2 = 0xe2
)

// segments yields the marker segments before the first scan. Fill bytes before
// a marker (T.81 section B.1.1.2) and bytes that belong to no segment are
// skipped, as decoders do. A segment that is cut off ends the walk.
func segments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for at := 2; ; {
			i := bytes.IndexByte(data[min(at, len(data)):], 0xff)
			if i < 0 {
				return
			}
			at += i
			for at < len(data) && data[at] == 0xff {
				at++
			}
			if at >= len(data) {
				return
			}
			marker := data[at]
			at++
			switch {
			case marker == 0 || marker == markerTEM || marker >= markerRST0 && marker <= markerSOI:
				continue // no length follows
			case marker == markerSOS || marker == markerEOI || at+2 > len(data):
				return
			}
			size := int(be.Uint16(data[at:]))
			if size < 2 || size > len(data)-at || !yield(marker, data[at+2:at+size]) {
				return
			}
			at += size
		}
	}
}

func lookJPEG(data []byte, f *Facts) error {
	var icc iccPieces
	seen := false
	for marker, body := range segments(data) {
		switch {
		case isFrame(marker) && f.Width == 0 && len(body) >= 5:
			f.Height, f.Width = int(be.Uint16(body[1:])), int(be.Uint16(body[3:]))
		case marker == markerAPP1 && !seen:
			if exif, ok := trimEXIF(body); ok {
				f.Orientation, seen = exifOrientation(exif), true
			}
		case marker == markerAPP2:
			icc.add(body)
		}
	}
	f.Profile = icc.join()
	return nil
}

// isFrame tells the markers SOF0 to SOF15.
func isFrame(marker byte) bool {
	return marker&0xf0 == markerSOF0 && marker != markerDHT && marker != markerJPG && marker != markerDAC
}

// iccPieces collects a profile from APP2 segments: the mark, the number of the
// piece from 1, how many there are, the piece (ICC.1:2022 annex B.4).
type iccPieces struct {
	piece [256][]byte
	count int
	bad   bool
}

func (p *iccPieces) add(body []byte) {
	rest, ok := bytes.CutPrefix(body, []byte("ICC_PROFILE\x00"))
	if !ok || len(rest) < 2 {
		return
	}
	number, count := int(rest[0]), int(rest[1])
	if number == 0 || number > count || p.count != 0 && p.count != count {
		p.bad = true
		return
	}
	p.count = count
	if p.piece[number] == nil {
		p.piece[number] = rest[2:]
	}
}

// join returns the whole profile, nil if a piece is missing. Of one that is
// there twice the first counts.
func (p *iccPieces) join() []byte {
	if p.bad || p.count == 0 {
		return nil
	}
	var whole []byte
	for i := 1; i <= p.count; i++ {
		if p.piece[i] == nil {
			return nil
		}
		whole = append(whole, p.piece[i]...)
	}
	return whole
}
