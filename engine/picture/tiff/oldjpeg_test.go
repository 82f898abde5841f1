package tiff

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"strings"
	"testing"

	"likeness/engine/picture/jpeg"
	"likeness/engine/picture/raster"
)

// oldJPEG is a TIFF of a w x h picture in compression 6 whose whole JPEG stream
// stands behind the directory; length is what JPEGInterchangeFormatLength says,
// 0 leaves it out.
func oldJPEG(w, h int, stream []byte, length int) []byte {
	le := binary.LittleEndian
	tags := [][2]int{{tagImageWidth, w}, {tagImageLength, h}, {tagCompression, compOldJPEG}, {tagPhotometric, 6},
		{tagSamplesPerPixel, 3}, {tagJPEGInterchange, 0}}
	if length > 0 {
		tags = append(tags, [2]int{tagJPEGInterchangeLength, length})
	}
	at := 8 + 2 + 12*len(tags) + 4
	b := append([]byte("II*\x00"), 8, 0, 0, 0)
	b = le.AppendUint16(b, uint16(len(tags)))
	for _, t := range tags {
		if t[0] == tagJPEGInterchange {
			t[1] = at
		}
		b = le.AppendUint16(b, uint16(t[0]))
		b = le.AppendUint16(b, 4) // LONG
		b = le.AppendUint32(le.AppendUint32(b, 1), uint32(t[1]))
	}
	return append(append(b, 0, 0, 0, 0), stream...)
}

func TestOldJPEG(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 33, 21))
	for y := range 21 {
		for x := range 33 {
			m.SetRGBA(x, y, color.RGBA{byte(7 * x), byte(11 * y), byte(x * y), 255})
		}
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	stream := b.Bytes()
	rows := func(src raster.Source, err error) ([]byte, error) {
		if err != nil {
			return nil, err
		}
		w, h := src.Size()
		px := make([]byte, 4*w*h)
		for y := range h {
			if err := src.ReadRow(px[4*w*y:][:4*w]); err != nil {
				return nil, err
			}
		}
		return px, nil
	}
	for _, shrink := range []int{1, 2, 8} {
		o := raster.Options{Shrink: shrink}
		want, err := rows(jpeg.Open(stream, o))
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{
			"without a length": oldJPEG(33, 21, stream, 0), "with its length": oldJPEG(33, 21, append(bytes.Clone(stream), "more"...), len(stream)),
		} {
			if got, err := rows(Open(data, o)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s, shrink %d: %v", name, shrink, err)
			}
		}
	}
	for name, data := range map[string][]byte{
		"another size": oldJPEG(34, 21, stream, 0), "headers alone": oldJPEG(33, 21, stream, 200), "no stream": oldJPEG(33, 21, []byte("nothing"), 0),
	} {
		if _, err := rows(Open(data, raster.Options{})); err == nil || !strings.Contains(err.Error(), "old-style JPEG compression in parts") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := rows(Open(oldJPEG(33, 21, stream[:len(stream)-40], 0), raster.Options{})); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("cut: %v", err)
	}
}
