package picture

import (
	"bytes"
	"encoding/binary"
)

// Orientation returns the EXIF orientation (1..8, EXIF 2.3 section 4.6.4) of
// an encoded JPEG, PNG, WebP or TIFF. Missing or damaged EXIF gives 1.
func Orientation(data []byte) int {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8")):
		return tiffOrientation(jpegEXIF(data))
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return tiffOrientation(chunk(data[8:], "eXIf", binary.BigEndian, true))
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return tiffOrientation(chunk(data[12:], "EXIF", binary.LittleEndian, false))
	}
	return tiffOrientation(data)
}

// jpegEXIF finds the APP1 segment that holds EXIF.
func jpegEXIF(data []byte) []byte {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(data) {
			return nil
		}
		body := data[at+4 : at+2+size]
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return body[6:]
		}
		at += 2 + size
	}
	return nil
}

// chunk finds a PNG chunk (length, name, body, checksum) or a RIFF chunk
// (name, length, body padded to even).
func chunk(data []byte, name string, order binary.ByteOrder, png bool) []byte {
	for len(data) >= 8 {
		id, size := string(data[:4]), uint64(order.Uint32(data[4:]))
		extra := size & 1
		if png {
			id, size, extra = string(data[4:8]), uint64(order.Uint32(data)), 4
		}
		if size+extra > uint64(len(data)-8) {
			return nil
		}
		if id == name {
			return bytes.TrimPrefix(data[8:8+size], []byte("Exif\x00\x00"))
		}
		data = data[8+size+extra:]
	}
	return nil
}

const orientationTag = 0x0112

// tiffOrientation reads the orientation tag of the first image directory.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(b[:2]) == "MM" {
		order = binary.BigEndian
	} else if string(b[:2]) != "II" {
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	n := uint64(order.Uint16(b[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > uint64(len(b)) {
			return 1
		}
		if order.Uint16(b[e:]) == orientationTag {
			if o := int(order.Uint16(b[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}
