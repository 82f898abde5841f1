package signal

import (
	"image"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font/inconsolata"
)

// pagePicture writes the beginning of a text black on white: Columns characters
// a line, Lines lines, in Inconsolata of 8 x 16 pixels (golang.org/x/image).
// Characters that the font lacks, those beyond Latin among them, are boxes.
func pagePicture(data []byte, o *Options) (*Gray, error) {
	text := strings.TrimPrefix(string(data), "\ufeff")
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		return nil, refuse(CodeFormat, "this is no text of UTF-8: save it as such, or take bytes in place of page")
	}
	lines := wrap(text, o.Columns, o.Lines)
	if len(lines) == 0 {
		return nil, refuse(CodeEmpty, "the text has no characters")
	}
	g := newGray(inconsolata.Regular8x16.Advance*o.Columns, inconsolata.Regular8x16.Height*o.Lines)
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	for row, line := range lines {
		column := 0
		for _, r := range line {
			g.write(r, column, row)
			column++
		}
	}
	return g, nil
}

// write puts a character in its place. The font's cells overlap by a pixel.
func (g *Gray) write(r rune, column, row int) {
	face := inconsolata.Regular8x16
	mask := face.Mask.(*image.Alpha)
	at := glyph(r)
	h := face.Ascent + face.Descent
	for y := range min(h, g.H-row*face.Height) {
		for x := range min(face.Width, g.W-column*face.Advance) {
			ink := byte(255)
			switch {
			case at >= 0:
				ink = mask.Pix[(at*h+y)*mask.Stride+x]
			case x == 0 || x > 6 || y < 4 || y > 14 || x > 1 && x < 6 && y > 4 && y < 14:
				ink = 0 // around the lines of the box, and in it
			}
			p := &g.Pix[(row*face.Height+y)*g.W+column*face.Advance+x]
			*p = min(*p, 255-ink)
		}
	}
}

// glyph is where the font has a character, -1 where it lacks it.
func glyph(r rune) int {
	for _, rr := range inconsolata.Regular8x16.Ranges {
		if r >= rr.Low && r < rr.High {
			return int(r-rr.Low) + rr.Offset
		}
	}
	return -1
}

// wrap breaks a text into at most count lines of width characters, between words
// where it can. Tabs are four spaces, other control characters none.
func wrap(text string, width, count int) (lines []string) {
	any := false
	for one := range strings.Lines(text) {
		one = strings.ReplaceAll(strings.TrimRight(one, "\r\n"), "\t", "    ")
		rest := make([]rune, 0, min(len(one), width*count+1))
		for _, r := range one {
			if !unicode.IsControl(r) {
				rest = append(rest, r)
			}
			any = any || unicode.IsGraphic(r) && !unicode.IsSpace(r)
			if len(rest) > width*count {
				break
			}
		}
		for first := true; first || len(rest) > 0; first = false {
			if len(lines) == count {
				return lines
			}
			end := min(width, len(rest))
			if end < len(rest) && rest[end] != ' ' {
				for at := end; at > 0; at-- {
					if rest[at-1] == ' ' {
						end = at
						break
					}
				}
			}
			lines = append(lines, string(rest[:end]))
			rest = rest[end:]
			for len(rest) > 0 && rest[0] == ' ' {
				rest = rest[1:]
			}
		}
	}
	if !any {
		return nil
	}
	return lines
}
