package icc

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// longestName is in characters, of a name that is shown to people.
const longestName = 60

// name returns the profile's description in one line, or "": the first of
// multiLocalizedUnicodeType (ICC.1:2022 section 10.15), or
// textDescriptionType of version 2 (ICC.1:2001-04 section 6.5.17).
func (p profile) name() string {
	b := p.tag("desc")
	if len(b) < 12 {
		return ""
	}
	var text []rune
	switch string(b[:4]) {
	case "desc":
		n := uint64(be.Uint32(b[8:]))
		for _, c := range b[12 : 12+min(n, uint64(len(b)-12), 4*longestName)] {
			if c == 0 {
				break
			}
			text = append(text, rune(c))
		}
	case "mluc":
		if len(b) < 28 || be.Uint32(b[8:]) == 0 {
			return ""
		}
		n, at := uint64(be.Uint32(b[20:])), uint64(be.Uint32(b[24:]))
		if at > uint64(len(b)) {
			return ""
		}
		var units []uint16
		for s := b[at : at+min(n, uint64(len(b))-at, 4*longestName)]; len(s) >= 2; s = s[2:] {
			units = append(units, be.Uint16(s))
		}
		text = utf16.Decode(units)
	}
	return clean(text)
}

// clean keeps what can be shown in one line.
func clean(text []rune) string {
	var s strings.Builder
	for i, r := range text {
		if i == longestName {
			break
		}
		if unicode.IsPrint(r) && r != '"' {
			s.WriteRune(r)
		}
	}
	return strings.TrimSpace(s.String())
}
