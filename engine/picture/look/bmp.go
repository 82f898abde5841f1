package look

const bmpCoreHeader = 12 // bytes of the oldest header, OS/2 1.x

// isBMP asks for more than "BM", with which a text may begin: behind the file
// header of 14 bytes stands the length of the next one.
func isBMP(data []byte) bool {
	if len(data) < 2 || string(data[:2]) != "BM" {
		return false
	}
	if len(data) < 18 {
		return !isText(data)
	}
	n := le.Uint32(data[14:])
	return n >= bmpCoreHeader && n <= 1<<12
}

func lookBMP(data []byte, f *Facts) error {
	switch {
	case len(data) < 26:
	case le.Uint32(data[14:]) == bmpCoreHeader:
		f.Width, f.Height = int(le.Uint16(data[18:])), int(le.Uint16(data[20:]))
	default:
		// A negative height says that the rows go from top to bottom.
		w, h := int64(int32(le.Uint32(data[18:]))), int64(int32(le.Uint32(data[22:])))
		f.Width, f.Height = int(max(w, 0)), int(min(max(h, -h), 1<<31-1))
	}
	return nil
}
