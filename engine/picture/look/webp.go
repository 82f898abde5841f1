package look

import "iter"

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// webpChunks yields the chunks of a WebP file, the last one as far as it is
// there: name, length, body, a byte of padding where the length is odd (WebP
// container specification). The length of the whole is not trusted.
func webpChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for rest := data[12:]; len(rest) >= 8; {
			name, size := string(rest[:4]), uint64(le.Uint32(rest[4:]))
			rest = rest[8:]
			body := rest[:min(size, uint64(len(rest)))]
			if !yield(name, body) {
				return
			}
			rest = rest[min(size+size&1, uint64(len(rest))):]
		}
	}
}

func lookWebP(data []byte, f *Facts) error {
	seen, extended := false, false
	for name, b := range webpChunks(data) {
		switch name {
		case "VP8X":
			if !extended && len(b) >= 10 {
				extended = true
				f.Animated = b[0]&2 != 0
				f.Width, f.Height = 1+int(le.Uint32(b[3:])>>8), 1+int(le.Uint32(b[6:])>>8)
			}
		case "VP8 ": // RFC 6386 section 9.1
			if f.Width == 0 && len(b) >= 10 && string(b[3:6]) == "\x9d\x01\x2a" {
				f.Width, f.Height = int(le.Uint16(b[6:])&0x3fff), int(le.Uint16(b[8:])&0x3fff)
			}
		case "VP8L": // RFC 9649 section 3.4
			if f.Width == 0 && len(b) >= 5 && b[0] == 0x2f {
				size := le.Uint32(b[1:])
				f.Width, f.Height = 1+int(size&0x3fff), 1+int(size>>14&0x3fff)
			}
		case "ICCP":
			if f.Profile == nil && len(b) > 0 {
				f.Profile = b
			}
		case "EXIF":
			if !seen {
				f.Orientation, seen = exifOrientation(b), true
			}
		}
	}
	return nil
}
