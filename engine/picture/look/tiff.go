package look

import (
	"bytes"
	"math"
)

// TIFF tags.
const (
	tagSubfileType    = 254
	tagOldSubfileType = 255
	tagWidth          = 256
	tagHeight         = 257
	tagSubIFDs        = 330
	tagICC            = 34675
	tagDNGVersion     = 50706
)

// lookTIFF reads the directory that is shown. Camera raw files have the form of
// TIFF too: their first directory is a thumbnail or a preview, so that they are
// refused and not taken for it.
func lookTIFF(data []byte, f *Facts) error {
	if len(data) >= 10 && string(data[8:10]) == "CR" {
		return refuseRaw("CR2")
	}
	d, ok := firstDirectory(data)
	if !ok {
		return nil
	}
	if _, dng := d.find(tagDNGVersion); dng {
		return refuseRaw("DNG")
	}
	if _, more := d.find(tagSubIFDs); more && d.number(tagSubfileType)&1 != 0 {
		return refuseRaw(rawName(d))
	}
	d = d.shown()
	f.Width, f.Height = side(d.number(tagWidth)), side(d.number(tagHeight))
	f.Orientation = d.orientation()
	f.Profile = d.bytes(tagICC)
	return nil
}

// shown returns the directory whose picture package tiff gives: the first of a
// whole picture, not a reduced one or a mask; the first of all if there is none.
func (d directory) shown() directory {
	const maxDirectories = 64
	at, ok := d, true
	for range maxDirectories {
		if at.full() {
			return at
		}
		if at.next == 0 {
			break
		}
		if at, ok = at.at(at.next); !ok {
			break
		}
	}
	return d
}

func (d directory) full() bool {
	const reduced, mask = 1, 4
	return d.number(tagSubfileType)&(reduced|mask) == 0 && d.number(tagOldSubfileType) != 2 && d.number(tagWidth) != 0
}

// side keeps a size within int32, as wasm's and 32-bit machines' int wants.
func side(n uint64) int { return int(min(n, math.MaxInt32)) }

// rawName tells the kind of raw file by the camera's maker.
func rawName(d directory) string {
	const tagMake = 271
	e, ok := d.find(tagMake)
	at := uint64(0)
	if ok && !d.big {
		at = uint64(d.order.Uint32(e.value))
	}
	if at == 0 || at > uint64(len(d.data)) {
		return "of a camera"
	}
	switch name := d.data[at:]; {
	case bytes.HasPrefix(name, []byte("NIKON")):
		return "NEF"
	case bytes.HasPrefix(name, []byte("SONY")):
		return "ARW"
	}
	return "of a camera"
}
