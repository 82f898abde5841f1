package tfjs

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A module of a bundler ends in a CommonJS assignment, exports=LITERAL, where
// the literal is an object (the model) or a string (a shard in base64). The
// literal is JSON but for keys without quotes, !0 and !1, undefined and void 0,
// either quote, and numbers such as .5 or -1e3. Anything else is refused.

// maxDepth of nested literals; a model needs about fifteen.
const maxDepth = 200

// moduleJSON rewrites the literal that a module exports as JSON.
func moduleJSON(js []byte) ([]byte, error) {
	at, err := exported(js)
	if err != nil {
		return nil, err
	}
	l := literal{js: js, at: at}
	if err := l.value(0); err != nil {
		return nil, fmt.Errorf("byte %d: %w", l.at, err)
	}
	return l.out.Bytes(), nil
}

// moduleBytes decodes the base64 string that a module exports.
func moduleBytes(js []byte) ([]byte, error) {
	at, err := exported(js)
	if err != nil {
		return nil, err
	}
	quote := js[at]
	end := bytes.IndexByte(js[at+1:], quote)
	if quote == '{' || end < 0 {
		return nil, fmt.Errorf("byte %d: a string is expected", at)
	}
	text := js[at+1 : at+1+end]
	data := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		return nil, err
	}
	return data[:n], nil
}

// exported finds where the exported literal starts. The loader around it
// assigns exports too, but never a literal.
func exported(js []byte) (int, error) {
	const assign = ".exports="
	for from := 0; ; {
		i := bytes.Index(js[from:], []byte(assign))
		if i < 0 {
			return 0, errors.New("the module exports no object and no string")
		}
		from += i + len(assign)
		if from < len(js) && strings.IndexByte(`{"'`, js[from]) >= 0 {
			return from, nil
		}
	}
}

type literal struct {
	js  []byte
	at  int
	out bytes.Buffer
}

// peek skips white space and returns the next byte, 0 at the end.
func (l *literal) peek() byte {
	for l.at < len(l.js) && strings.IndexByte(" \t\r\n", l.js[l.at]) >= 0 {
		l.at++
	}
	if l.at == len(l.js) {
		return 0
	}
	return l.js[l.at]
}

func (l *literal) value(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d levels of nesting", maxDepth)
	}
	switch c := l.peek(); {
	case c == '{':
		return l.list('}', func() error { return l.field(depth) })
	case c == '[':
		return l.list(']', func() error { return l.value(depth + 1) })
	case c == '"' || c == '\'':
		return l.text()
	case c == '-' || c == '.' || c >= '0' && c <= '9':
		return l.number()
	}
	for js, value := range map[string]string{"!0": "true", "!1": "false", "true": "true", "false": "false", "null": "null", "undefined": "null", "void 0": "null"} {
		if bytes.HasPrefix(l.js[l.at:], []byte(js)) {
			l.at += len(js)
			l.out.WriteString(value)
			return nil
		}
	}
	return errors.New("this is code, not data; only literals are read")
}

// list copies the opening bracket, items between commas and the closing one.
func (l *literal) list(end byte, item func() error) error {
	l.out.WriteByte(l.js[l.at])
	l.at++
	for n := 0; ; n++ {
		c := l.peek()
		switch {
		case c == end:
			l.at++
			l.out.WriteByte(end)
			return nil
		case n > 0 && c == ',':
			l.at++
			l.out.WriteByte(',')
		case n > 0:
			return fmt.Errorf("a comma or %q is expected", end)
		}
		if err := item(); err != nil {
			return err
		}
	}
}

func (l *literal) field(depth int) error {
	if c := l.peek(); c == '"' || c == '\'' {
		if err := l.text(); err != nil {
			return err
		}
	} else {
		from := l.at
		for l.at < len(l.js) && (l.js[l.at] == '_' || l.js[l.at] == '$' || l.js[l.at]|32 >= 'a' && l.js[l.at]|32 <= 'z' || l.js[l.at] >= '0' && l.js[l.at] <= '9') {
			l.at++
		}
		if l.at == from {
			return errors.New("a name is expected")
		}
		fmt.Fprintf(&l.out, "%q", l.js[from:l.at])
	}
	if l.peek() != ':' {
		return errors.New("a colon is expected")
	}
	l.at++
	l.out.WriteByte(':')
	return l.value(depth + 1)
}

func (l *literal) number() error {
	from := l.at
	for l.at < len(l.js) && strings.IndexByte("+-.eE0123456789", l.js[l.at]) >= 0 {
		l.at++
	}
	f, err := strconv.ParseFloat(string(l.js[from:l.at]), 64)
	if err != nil {
		return fmt.Errorf("%q is not a number", l.js[from:l.at])
	}
	l.out.Write(strconv.AppendFloat(nil, f, 'g', -1, 64))
	return nil
}

// text copies a string; of the escapes it knows those of JSON and \'.
func (l *literal) text() error {
	quote := l.js[l.at]
	l.at++
	l.out.WriteByte('"')
	for l.at < len(l.js) {
		switch c := l.js[l.at]; {
		case c == quote:
			l.at++
			l.out.WriteByte('"')
			return nil
		case c == '"':
			l.out.WriteString(`\"`)
		case c == '\\':
			l.at++
			if l.at == len(l.js) || strings.IndexByte(`"'\/bfnrtu`, l.js[l.at]) < 0 {
				return errors.New("an unknown escape in a string")
			}
			if l.js[l.at] != '\'' {
				l.out.WriteByte('\\')
			}
			l.out.WriteByte(l.js[l.at])
		case c < ' ':
			return errors.New("a string that does not end on its line")
		default:
			l.out.WriteByte(c)
		}
		l.at++
	}
	return errors.New("a string that does not end")
}
