package model

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"likeness/engine/printable"
)

// scanner reads one JSON text, value by value. The caller knows what comes
// next, so nothing is allocated but what it keeps. After an error every method
// does nothing and returns zeros: err is looked at once, at the end. The engine
// uses it in place of encoding/json, whose reflection is 90 KB of download.
type scanner struct {
	b     []byte
	at    int
	depth int
	err   error
}

// maxDepth of nested values; a graph has 4.
const maxDepth = 100

func (s *scanner) fail(want string) {
	if s.err != nil {
		return
	}
	found := "the end"
	if s.at < len(s.b) {
		found = strconv.QuoteRune(rune(s.b[s.at]))
	}
	s.err = fmt.Errorf("byte %d: %s where %s is wanted", s.at, found, want)
}

// next skips spaces and returns the byte after them, 0 at the end.
func (s *scanner) next() byte {
	for ; s.err == nil && s.at < len(s.b); s.at++ {
		switch c := s.b[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take steps over c if it comes next.
func (s *scanner) take(c byte) bool {
	if s.next() != c || s.err != nil {
		return false
	}
	s.at++
	return true
}

// word steps over a literal if it comes next.
func (s *scanner) word(w string) bool {
	s.next()
	if s.err != nil || len(s.b)-s.at < len(w) || string(s.b[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

// list reads open, items separated by commas, close.
func (s *scanner) list(open, end byte, item func()) {
	if !s.take(open) {
		s.fail(string(open))
		return
	}
	if s.depth++; s.depth > maxDepth {
		s.fail("less nesting")
		return
	}
	for first := true; !s.take(end); first = false {
		if !first && !s.take(',') {
			s.fail("a comma or " + string(end))
		}
		if s.err != nil {
			return
		}
		item()
	}
	s.depth--
}

// object calls field with each key; it must read the value. A key that comes
// twice is an error: readers differ in which of the two values they take.
func (s *scanner) object(field func(key string)) {
	var seen keys
	s.list('{', '}', func() {
		key := s.string()
		if s.err == nil && !seen.add(key) {
			s.err = fmt.Errorf("byte %d: the key %q comes twice", s.at, printable.Clip(key))
		}
		if !s.take(':') {
			s.fail("a colon")
		}
		if s.err == nil {
			field(key)
		}
	})
}

// keys is a set of strings, most of them small.
type keys struct {
	few  []string
	many map[string]bool
}

// add reports whether the key is new.
func (k *keys) add(key string) bool {
	if k.many == nil {
		if slices.Contains(k.few, key) {
			return false
		}
		if k.few = append(k.few, key); len(k.few) <= 16 {
			return true
		}
		k.many = make(map[string]bool, 64)
		for _, s := range k.few {
			k.many[s] = true
		}
		return true
	}
	if k.many[key] {
		return false
	}
	k.many[key] = true
	return true
}

// room reports whether one more may be kept besides have, and makes it the
// error if not.
func (s *scanner) room(have, most int, what string) bool {
	if have < most || s.err != nil {
		return s.err == nil
	}
	s.err = fmt.Errorf("byte %d: more than %d %s", s.at, most, what)
	return false
}

// array calls element at each element; it must read the value. null is an
// empty array.
func (s *scanner) array(element func()) {
	if !s.word("null") {
		s.list('[', ']', element)
	}
}

// fixed reads an array of exactly n elements.
func (s *scanner) fixed(n int, element func(i int)) {
	i := 0
	s.list('[', ']', func() {
		if i == n {
			s.fail(fmt.Sprintf("the end of %d elements", n))
			return
		}
		element(i)
		i++
	})
	if i < n {
		s.at = max(s.at-1, 0)
		s.fail(fmt.Sprintf("an array of %d elements", n))
	}
}

func (s *scanner) bool() bool {
	if s.word("true") {
		return true
	}
	if !s.word("false") {
		s.fail("true or false")
	}
	return false
}

// number returns the text of a number in JSON's grammar.
func (s *scanner) number() string {
	s.next()
	start := s.at
	digits := func() {
		from := s.at
		for s.at < len(s.b) && s.b[s.at] >= '0' && s.b[s.at] <= '9' {
			s.at++
		}
		if s.at == from {
			s.fail("a digit")
		}
	}
	at := func(set string) bool {
		for i := range len(set) {
			if s.err == nil && s.at < len(s.b) && s.b[s.at] == set[i] {
				s.at++
				return true
			}
		}
		return false
	}
	at("-")
	if !at("0") {
		digits()
	}
	if at(".") {
		digits()
	}
	if at("eE") {
		at("+-")
		digits()
	}
	if s.err != nil {
		return "0"
	}
	return string(s.b[start:s.at])
}

// int reads an integer of some bits.
func (s *scanner) int(bits int) int64 {
	text := s.number()
	v, err := strconv.ParseInt(text, 10, bits)
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("byte %d: %s is not an integer of %d bits", s.at, printable.Clip(text), bits)
	}
	return v
}

// float reads a number, rounded to the nearest of some bits.
func (s *scanner) float(bits int) float64 {
	text := s.number()
	v, err := strconv.ParseFloat(text, bits)
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("byte %d: %s is beyond a float of %d bits", s.at, printable.Clip(text), bits)
	}
	return v
}

// string reads a string. Bytes that are not UTF-8 become U+FFFD.
func (s *scanner) string() string {
	if !s.take('"') {
		s.fail("a string")
		return ""
	}
	var out []byte
	start := s.at
	for s.at < len(s.b) {
		switch c := s.b[s.at]; {
		case c == '"':
			out = append(out, s.b[start:s.at]...)
			s.at++
			if utf8.Valid(out) {
				return string(out)
			}
			return string([]rune(string(out)))
		case c < ' ':
			s.fail("a character of a string")
			return ""
		case c == '\\':
			out = append(out, s.b[start:s.at]...)
			s.at++
			out = s.escape(out)
			start = s.at
			if s.err != nil {
				return ""
			}
		default:
			s.at++
		}
	}
	s.fail("the end of a string")
	return ""
}

// escape appends what the characters after a backslash stand for.
func (s *scanner) escape(out []byte) []byte {
	const letters, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if s.at < len(s.b) {
		for i := range len(letters) {
			if s.b[s.at] == letters[i] {
				s.at++
				return append(out, meanings[i])
			}
		}
	}
	r, ok := s.unit()
	if !ok {
		s.fail("an escape")
		return out
	}
	if utf16.IsSurrogate(r) {
		at := s.at
		if s.at < len(s.b) && s.b[s.at] == '\\' {
			s.at++
			if low, ok := s.unit(); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return utf8.AppendRune(out, pair)
				}
			}
		}
		s.at = at
		r = utf8.RuneError
	}
	return utf8.AppendRune(out, r)
}

// unit reads u and four hexadecimal digits.
func (s *scanner) unit() (rune, bool) {
	if len(s.b)-s.at < 5 || s.b[s.at] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s.b[s.at+1:s.at+5]), 16, 16)
	if err != nil {
		return 0, false
	}
	s.at += 5
	return rune(v), true
}

// skip reads any value.
func (s *scanner) skip() {
	switch s.next() {
	case '{':
		s.object(func(string) { s.skip() })
	case '[':
		s.array(s.skip)
	case '"':
		s.string()
	case 't', 'f':
		s.bool()
	case 'n':
		if !s.word("null") {
			s.fail("a value")
		}
	default:
		s.number()
	}
}

// end returns the first error; anything but spaces after the value is one.
func (s *scanner) end() error {
	if s.next(); s.at < len(s.b) {
		s.fail("the end")
	}
	return s.err
}
