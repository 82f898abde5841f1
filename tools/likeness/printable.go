package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"likeness/engine/vectors"
)

// Names of files, layers and networks come from others: on a terminal they
// must neither move the cursor nor forge lines.

// maxMessage bounds one line of a message, bytes: files may quote themselves.
const maxMessage = 2000

// printable is text for a terminal: control characters other than line ends
// and tabs, and marks that turn the direction of text, are written as \u001b,
// bytes that are not UTF-8 as \xff; lines of a message are not endless.
func printable(s string) string {
	if len(s) > maxMessage {
		lines := strings.SplitAfter(s, "\n")
		for i, l := range lines {
			lines[i] = clip(l, maxMessage)
		}
		s = strings.Join(lines, "")
	}
	return escapeControls(s)
}

func escapeControls(s string) string {
	clean := utf8.ValidString(s)
	for _, r := range s {
		clean = clean && !unsafeRune(r)
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unsafeRune(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func unsafeRune(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x61c || r >= 0x200e && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// clip shortens s to about limit bytes by its middle.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	half := limit / 2
	return strings.ToValidUTF8(s[:half], "") + " ... " + strings.ToValidUTF8(s[len(s)-half:], "")
}

// shown is a name in a message: quoted where it could be mistaken.
func shown(name string) string {
	name = clip(name, 400)
	if escapeControls(name) != name || strings.ContainsAny(name, "\n\t") || name == "" || strings.TrimSpace(name) != name {
		return strconv.QuoteToGraphic(name)
	}
	return name
}

// safeWriter makes text printable. Each write holds whole characters.
type safeWriter struct{ w io.Writer }

func (s *safeWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(s.w, escapeControls(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// exactName is a file name in JSON: any bytes come back, see
// vectors.AppendJSONName.
type exactName string

func (n exactName) MarshalJSON() ([]byte, error) {
	return vectors.AppendJSONName(nil, string(n)), nil
}

func (n *exactName) UnmarshalJSON(b []byte) error {
	name, rest, err := vectors.CutJSONName(string(b))
	if err == nil && rest != "" {
		err = fmt.Errorf("%q follows a name", rest)
	}
	*n = exactName(name)
	return err
}
