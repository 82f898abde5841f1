package vectors

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Names are file names: any bytes, not only UTF-8. Each format keeps them
// exactly.
//
// CSV and the metadata of TSV hold a name as it is, unless that would harm or
// not come back: a spreadsheet would take it for a formula (it begins with
// = + - @), it holds control characters, line ends, marks that turn the
// direction of text, or bytes that are not UTF-8, it begins with a quotation
// mark or an apostrophe, or it is empty. Then it is an apostrophe and the name
// with \\, \n, \r, \t and \xHH (one byte) for what cannot stand as it is.
//
// JSON strings hold a byte that is not UTF-8 as \udc80 to \udcff, as Python's
// surrogateescape does: os.fsencode(name) gives the bytes back there.

const hex = "0123456789abcdef"

// EscapeName is a name as CSV and the metadata of TSV hold it, before CSV's
// quotation.
func EscapeName(s string) string {
	if plain(s) {
		return s
	}
	b := []byte{'\''}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\':
			b = append(b, '\\', '\\')
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case r == utf8.RuneError && n == 1 || unsafeRune(r):
			for _, c := range []byte(s[i : i+n]) {
				b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
			}
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return string(b)
}

// plain reports whether a name can stand as it is.
func plain(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0\u3000\ufeff"))
	switch first {
	case '=', '+', '-', '@', '\'', '"', '＝', '＋', '－', '＠':
		return false
	}
	if s == "" || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unsafeRune(r) {
			return false
		}
	}
	return true
}

// unsafeRune reports controls of terminals, ends of lines, and marks that turn
// the direction of text.
func unsafeRune(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x61c || r >= 0x200e && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

var errEscape = errors.New("vectors: a name has an unknown escape")

// UnescapeName undoes EscapeName.
func UnescapeName(s string) (string, error) {
	s, escaped := strings.CutPrefix(s, "'")
	if !escaped {
		return s, nil
	}
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b = append(b, s[i])
			continue
		}
		if i++; i == len(s) {
			return "", errEscape
		}
		switch s[i] {
		case '\\':
			b = append(b, '\\')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'x':
			v, ok := hexValue(s[i+1:], 2)
			if !ok {
				return "", errEscape
			}
			b = append(b, byte(v))
			i += 2
		default:
			return "", errEscape
		}
	}
	return string(b), nil
}

// hexValue reads n hexadecimal digits.
func hexValue(s string, n int) (v rune, ok bool) {
	if len(s) < n {
		return 0, false
	}
	for _, c := range []byte(s[:n]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | rune(c)
	}
	return v, true
}

// AppendJSONName appends a name as a JSON string.
func AppendJSONName(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == utf8.RuneError && n == 1:
			b = append(b, '\\', 'u', 'd', 'c', hex[s[i]>>4], hex[s[i]&15])
		case unsafeRune(r):
			b = append(b, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return append(b, '"')
}

var errJSONName = errors.New("vectors: a name is no JSON string of this program")

// CutJSONName reads the JSON string that s begins with and returns what
// follows it. It undoes AppendJSONName, and reads any other JSON string whose
// surrogates are paired.
func CutJSONName(s string) (name, rest string, err error) {
	if s == "" || s[0] != '"' {
		return "", "", errJSONName
	}
	var b []byte
	for i := 1; i < len(s); {
		switch c := s[i]; {
		case c == '"':
			if !utf8.ValidString(s[:i]) {
				return "", "", errJSONName
			}
			return string(b), s[i+1:], nil
		case c < ' ':
			return "", "", errJSONName
		case c != '\\':
			b = append(b, c)
			i++
		default:
			var n int
			if b, n = cutEscape(b, s[i+1:]); n == 0 {
				return "", "", errJSONName
			}
			i += 1 + n
		}
	}
	return "", "", errJSONName
}

// cutEscape appends what the escape after a backslash stands for, and returns
// its length, or 0 if it is none.
func cutEscape(b []byte, s string) ([]byte, int) {
	if s == "" {
		return b, 0
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if at := strings.IndexByte(from, s[0]); at >= 0 {
		return append(b, to[at]), 1
	}
	r, ok := hexValue(s[1:], 4)
	switch {
	case s[0] != 'u' || !ok:
		return b, 0
	case r >= 0xdc80 && r <= 0xdcff:
		return append(b, byte(r)), 5
	case r < 0xd800 || r > 0xdfff:
		return utf8.AppendRune(b, r), 5
	}
	if len(s) < 11 || s[5] != '\\' || s[6] != 'u' || r > 0xdbff {
		return b, 0
	}
	low, ok := hexValue(s[7:], 4)
	if !ok || low < 0xdc00 || low > 0xdfff {
		return b, 0
	}
	return utf8.AppendRune(b, 0x10000+(r-0xd800)<<10+(low-0xdc00)), 11
}
