package metadata

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"likeness/engine/graph"
	"likeness/engine/printable"
)

// kind of a value.
type kind int

const (
	word   kind = iota // a number, true, null, None, ...: its text
	text               // a string
	list               // of values
	object             // of keys and values
)

// value is one value of JSON, or of what Python and JavaScript write for lists
// and dictionaries: keys may be numbers or bare words, strings have either kind
// of quotes and may be parts joined by +, a comma may end a list.
type value struct {
	kind kind
	text string
	keys []string // of an object
	list []value  // of a list or an object
}

// at is the value of a key, nil if there is none.
func (v *value) at(key string) *value {
	for i, k := range v.keys {
		if k == key {
			return &v.list[i]
		}
	}
	return nil
}

const (
	maxDepth  = 32
	maxValues = 4 * graph.MaxLabels
)

// literal reads one value and reports how many bytes it took.
func literal(s string) (value, int, error) {
	r := &literalReader{s: s}
	v := r.value()
	return v, r.at, r.err
}

// whole is literal of all that there is.
func whole(s string) (value, error) {
	v, n, err := literal(s)
	if rest := strings.TrimSpace(s[min(n, len(s)):]); err == nil && rest != "" {
		err = fmt.Errorf("byte %d: %q follows the end", n, printable.Clip(rest))
	}
	return v, err
}

type literalReader struct {
	s     string
	at    int
	depth int
	count int
	err   error
}

func (r *literalReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %s", r.at, fmt.Sprintf(format, args...))
	}
}

// next is the byte after spaces, 0 at the end.
func (r *literalReader) next() byte {
	for ; r.err == nil && r.at < len(r.s); r.at++ {
		if c := r.s[r.at]; c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
	}
	return 0
}

func (r *literalReader) take(c byte) bool {
	if r.next() != c || r.err != nil {
		return false
	}
	r.at++
	return true
}

func (r *literalReader) value() (v value) {
	if r.count++; r.count > maxValues {
		r.fail("more than %d values", maxValues)
		return v
	}
	if r.depth++; r.depth > maxDepth {
		r.fail("more than %d lists in each other", maxDepth)
	}
	defer func() { r.depth-- }()
	switch c := r.next(); c {
	case '[', '(':
		r.at++
		v.kind = list
		end := map[byte]byte{'[': ']', '(': ')'}[c]
		for !r.take(end) {
			if r.err != nil || len(v.list) > 0 && !r.comma(c) {
				return v
			}
			if len(v.list) > 0 && r.next() == end {
				continue // after a comma
			}
			v.list = append(v.list, r.value())
		}
	case '{':
		r.at++
		return r.object()
	case '\'', '"':
		v.kind, v.text = text, r.text()
		for r.err == nil && r.take('+') {
			if c := r.next(); c != '\'' && c != '"' {
				r.fail("a string is wanted after +")
				break
			}
			v.text += r.text()
		}
	default:
		v.text = r.word()
	}
	return v
}

func (r *literalReader) object() (v value) {
	v.kind = object
	seen := map[string]bool{}
	for !r.take('}') {
		if r.err != nil || len(v.list) > 0 && !r.comma('{') {
			return v
		}
		c := r.next()
		if c == '}' && len(v.list) > 0 {
			continue // after a comma
		}
		var key string
		if c == '\'' || c == '"' {
			key = r.text()
		} else {
			key = r.word()
		}
		if r.err == nil && seen[key] {
			r.fail("the key %q comes twice", printable.Clip(key))
		}
		seen[key] = true
		if !r.take(':') {
			r.fail("a colon is wanted after the key %q", printable.Clip(key))
			return v
		}
		v.keys, v.list = append(v.keys, key), append(v.list, r.value())
	}
	return v
}

func (r *literalReader) comma(open byte) bool {
	if r.take(',') {
		return true
	}
	r.fail("a comma or the end of what %q opens is wanted", open)
	return false
}

// word is a number or name without quotes.
func (r *literalReader) word() string {
	r.next()
	start := r.at
	for r.at < len(r.s) && (isWord(r.s[r.at]) || r.at > start && strings.IndexByte("+-", r.s[r.at]) >= 0) {
		r.at++
	}
	if r.at == start {
		r.fail("a value is wanted")
	}
	return r.s[start:r.at]
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '.' || c == '-' || c == '$'
}

// text is a string in quotes.
func (r *literalReader) text() string {
	quote := r.s[r.at]
	r.at++
	var b strings.Builder
	for r.at < len(r.s) {
		c := r.s[r.at]
		r.at++
		switch {
		case c == quote:
			return b.String()
		case c == '\n':
			r.fail("a string is not closed in its line")
			return ""
		case c == '\\':
			r.escape(&b)
		default:
			b.WriteByte(c)
		}
		if r.err != nil {
			return ""
		}
	}
	r.fail("a string is not closed")
	return ""
}

func (r *literalReader) escape(b *strings.Builder) {
	if r.at == len(r.s) {
		r.fail("a string is not closed")
		return
	}
	c := r.s[r.at]
	r.at++
	switch digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; {
	case digits > 0:
		u := r.hex(digits)
		if utf16.IsSurrogate(u) && strings.HasPrefix(r.s[r.at:], `\u`) {
			r.at += 2
			u = utf16.DecodeRune(u, r.hex(4))
		}
		b.WriteRune(u)
	case strings.IndexByte("nrtbf", c) >= 0:
		b.WriteByte(map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}[c])
	default:
		b.WriteByte(c)
	}
}

func (r *literalReader) hex(digits int) rune {
	if len(r.s)-r.at < digits {
		r.fail("an escape is cut off")
		return utf8.RuneError
	}
	u, err := strconv.ParseUint(r.s[r.at:r.at+digits], 16, 32)
	if err != nil || u > utf8.MaxRune {
		r.fail("an escape is no number of a letter")
		return utf8.RuneError
	}
	r.at += digits
	return rune(u)
}
