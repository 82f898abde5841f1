package look

import (
	"bytes"
	"compress/zlib"
	"hash/crc32"
	"io"
	"iter"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// maxProfile bounds an inflated colour profile, in bytes. Those of displays and
// cameras take some kilobytes, large lookup tables one or two megabytes.
const maxProfile = 4 << 20

// pngChunk is one chunk (PNG, third edition, section 5.3).
type pngChunk struct {
	name string
	body []byte
	crc  []byte // of name and body, 4 bytes
}

// intact tells whether the checksum is right. That of a damaged ancillary chunk
// is not, and the chunk is ignored.
func (c pngChunk) intact() bool {
	return crc32.Update(crc32.ChecksumIEEE([]byte(c.name)), crc32.IEEETable, c.body) == be.Uint32(c.crc)
}

// pngChunks yields the chunks that are there as a whole.
func pngChunks(data []byte) iter.Seq[pngChunk] {
	return func(yield func(pngChunk) bool) {
		for rest := data[len(pngSignature):]; len(rest) >= 12; {
			size := uint64(be.Uint32(rest))
			if size > uint64(len(rest)-12) {
				return
			}
			end := 8 + int(size)
			c := pngChunk{string(rest[4:8]), rest[8:end], rest[end : end+4]}
			if !yield(c) || c.name == "IEND" {
				return
			}
			rest = rest[end+4:]
		}
	}
}

func lookPNG(data []byte, f *Facts) error {
	// The size is told even where the header chunk is cut off or damaged.
	if len(data) >= 24 && string(data[12:16]) == "IHDR" {
		f.Width, f.Height = side(uint64(be.Uint32(data[16:]))), side(uint64(be.Uint32(data[20:])))
	}
	seen, pixels := false, false
	for c := range pngChunks(data) {
		switch c.name {
		case "IDAT":
			pixels = true
		case "eXIf":
			if !seen && c.intact() {
				f.Orientation, seen = exifOrientation(c.body), true
			}
		case "iCCP":
			if !pixels && f.Profile == nil && c.intact() {
				f.Profile = inflateProfile(c.body)
			}
		case "cICP":
			if !pixels && f.Coding == nil && len(c.body) == 4 && c.intact() {
				f.Coding = &Coding{int(c.body[0]), int(c.body[1]), int(c.body[2]), c.body[3] == 1}
			}
		case "acTL":
			if !pixels && len(c.body) == 8 && c.intact() {
				f.Animated = be.Uint32(c.body) > 1
			}
		}
	}
	return nil
}

// inflateProfile unpacks an iCCP chunk: a name of 1 to 79 bytes, a zero, the
// method 0, a zlib stream. It returns nil for a damaged or oversized one.
func inflateProfile(body []byte) []byte {
	end := bytes.IndexByte(body[:min(len(body), 80)], 0)
	if end < 1 || end+2 > len(body) || body[end+1] != 0 {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(body[end+2:]))
	if err != nil {
		return nil
	}
	// The profile's header says how long it is: no more is inflated, and a
	// wrong checksum behind it does no harm.
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil
	}
	n := be.Uint32(size[:])
	if n < 132 || n > maxProfile {
		return nil
	}
	var profile bytes.Buffer
	profile.Write(size[:])
	if got, _ := io.Copy(&profile, io.LimitReader(r, int64(n)-4)); got != int64(n)-4 {
		return nil
	}
	return profile.Bytes()
}
