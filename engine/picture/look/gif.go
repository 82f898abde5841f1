package look

// lookGIF walks the blocks (GIF89a sections 15 to 27) up to the second picture.
func lookGIF(data []byte, f *Facts) error {
	if len(data) < 13 {
		return nil
	}
	f.Width, f.Height = int(le.Uint16(data[6:])), int(le.Uint16(data[8:]))
	rest := skip(data[13:], colourTable(data[10]))
	frames := 0
	for len(rest) > 0 {
		switch rest[0] {
		case 0x21: // an extension: its label, then sub-blocks
			rest = skipBlocks(skip(rest, 2))
		case 0x2c:
			if len(rest) < 10 {
				return nil
			}
			if frames++; frames > 1 {
				f.Animated = true
				return nil
			}
			if f.Width == 0 || f.Height == 0 {
				// Browsers show the first frame where the screen has no size.
				f.Width = int(le.Uint16(rest[1:])) + int(le.Uint16(rest[5:]))
				f.Height = int(le.Uint16(rest[3:])) + int(le.Uint16(rest[7:]))
			}
			rest = skipBlocks(skip(rest, 10+colourTable(rest[9])+1))
		case 0: // surplus terminators occur
			rest = rest[1:]
		default:
			return nil
		}
	}
	return nil
}

// colourTable returns the bytes of the colour table that flags announce.
func colourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func skip(b []byte, n int) []byte { return b[min(n, len(b)):] }

// skipBlocks goes behind a chain of sub-blocks and its terminator.
func skipBlocks(b []byte) []byte {
	for len(b) > 0 {
		n := int(b[0])
		b = skip(b, n+1)
		if n == 0 {
			break
		}
	}
	return b
}
