package gif

import (
	"bytes"
	"testing"
)

// The frame that is shown: the first that leaves the canvas with more than one
// colour, composed with those before.
func TestFrameOfMoreThanOneColour(t *testing.T) {
	s := screen(2, 2, palette)
	plain := func(i byte) []byte { return picture(0, 0, 2, 2, i, i, i, i) }
	all := picture(0, 0, 2, 2, 0, 1, 2, 3)
	dot := picture(1, 1, 1, 1, 3)
	for _, r := range []struct {
		name string
		file []byte
		want []uint32
	}{
		{"first", file(s, all, plain(0)), []uint32{red, green, blue, yellow}},
		{"second", file(s, plain(1), all, plain(0)), []uint32{red, green, blue, yellow}},
		{"third", file(s, plain(1), plain(2), all), []uint32{red, green, blue, yellow}},
		{"none", file(s, plain(1), plain(2), plain(3)), []uint32{green, green, green, green}},
		{"one", file(s, plain(1)), []uint32{green, green, green, green}},
		{"part over what is left", file(s, control(1, -1), plain(1), dot), []uint32{green, green, green, yellow}},
		{"part over the background", file(s, control(2, -1), plain(1), dot), []uint32{none, none, none, yellow}},
		{"part over what was before", file(s, plain(2), control(3, -1), plain(1), dot), []uint32{blue, blue, blue, yellow}},
		{"the same, unofficially", file(s, plain(2), control(4, -1), plain(1), dot), []uint32{blue, blue, blue, yellow}},
		{"nothing was before", file(s, control(3, -1), plain(1), dot), []uint32{none, none, none, yellow}},
		{"unknown disposal", file(s, control(7, -1), plain(1), dot), []uint32{green, green, green, yellow}},
		{"transparent shows what is below", file(s, plain(1), control(0, 2), all), []uint32{red, green, green, yellow}},
		{"wholly transparent", file(s, control(0, 1), plain(1), all), []uint32{red, green, blue, yellow}},
		{"clipped", file(s, plain(1), picture(1, 1, 2, 2, 0, 1, 2, 3)), []uint32{green, green, green, red}},
		{"outside", file(s, plain(1), picture(5, 0, 2, 2, 0, 1, 2, 3), picture(0, 9, 2, 2, 0, 1, 2, 3), dot), []uint32{green, green, green, yellow}},
		{"cut off frames behind it", file(s, plain(1), all, plain(0)[:12]), []uint32{red, green, blue, yellow}},
		{"broken frame behind it", file(s, all, descriptor(0, 0, 2, 2, false, nil), []byte{2, 1, 0xff, 0}), []uint32{red, green, blue, yellow}},
		{"broken descriptor behind a plain frame", file(s, plain(1), all[:5]), []uint32{green, green, green, green}},
		{"no palette behind a plain frame", file(screen(2, 2, nil), descriptor(0, 0, 2, 2, false, palette), plain(1)[10:], all), []uint32{green, green, green, green}},
		{"interlaced", file(s, plain(1), append(append(descriptor(0, 0, 2, 2, true, nil), 2), subBlocks(codes(2, 0, 1, 2, 3))...)), []uint32{red, green, blue, yellow}},
	} {
		t.Run(r.name, func(t *testing.T) { wantPixels(t, r.file, 2, r.want...) })
	}
}

// The search ends after so many frames.
func TestSearchIsBounded(t *testing.T) {
	plain := picture(0, 0, 2, 2, 1, 1, 1, 1)
	all := picture(0, 0, 2, 2, 0, 1, 2, 3)
	s := screen(2, 2, palette)
	wantPixels(t, file(s, bytes.Repeat(plain, maxFrames-1), all), 2, red, green, blue, yellow)
	wantPixels(t, file(s, bytes.Repeat(plain, maxFrames), all), 2, green, green, green, green)
}
