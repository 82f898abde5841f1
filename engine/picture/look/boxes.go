package look

import "iter"

// boxes yields the boxes of an ISO base media file (ISO/IEC 14496-12 section
// 4.2), the last one as far as it is there.
func boxes(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(data) >= 8 {
			head, size := uint64(8), uint64(be.Uint32(data))
			kind := string(data[4:8])
			switch {
			case size == 0: // to the end of the file
				size = uint64(len(data))
			case size == 1:
				if len(data) < 16 {
					return
				}
				head, size = 16, be.Uint64(data[8:])
			}
			if size < head {
				return
			}
			end := min(size, uint64(len(data)))
			if !yield(kind, data[head:end]) {
				return
			}
			data = data[end:]
		}
	}
}

// cutBox returns the type of the last box if it ends behind the file's end,
// "header" if not even that is whole, "" if nothing is cut off.
func cutBox(data []byte) string {
	for len(data) >= 8 {
		size := uint64(be.Uint32(data))
		if size == 1 && len(data) >= 16 {
			size = be.Uint64(data[8:])
		}
		switch {
		case size == 0:
			return ""
		case size > uint64(len(data)) || size == 1:
			return string(data[4:8])
		case size < 8:
			return ""
		}
		data = data[size:]
	}
	if len(data) > 0 {
		return "header"
	}
	return ""
}

// reader takes big-endian integers from the front of a box. Behind the end it
// gives zeros and is short.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.short = nil, true
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u8() int     { return int(r.take(1)[0]) }
func (r *reader) u16() int    { return int(be.Uint16(r.take(2))) }
func (r *reader) u32() uint32 { return be.Uint32(r.take(4)) }

// uint reads an integer of 0, 4 or 8 bytes, the sizes that iloc allows.
func (r *reader) uint(size int) uint64 {
	switch size {
	case 4:
		return uint64(r.u32())
	case 8:
		return be.Uint64(r.take(8))
	}
	return 0
}

// id reads an item number, of 4 bytes where wide.
func (r *reader) id(wide bool) uint32 {
	if wide {
		return r.u32()
	}
	return uint32(r.u16())
}

// full reads the version and flags of a full box.
func (r *reader) full() (version int, flags uint32) {
	v := r.u32()
	return int(v >> 24), v & 0xffffff
}
