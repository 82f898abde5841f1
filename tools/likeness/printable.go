package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"likeness/engine/printable"
	"likeness/engine/vectors"
)

// Names of files, layers and networks come from others: on a terminal they
// must neither move the cursor nor forge lines.

// maxMessage bounds one line of a message, bytes: files may quote themselves.
const maxMessage = 2000

// forTerminal is a message that can be printed: what a terminal would obey is
// escaped, and no line is endless.
func forTerminal(s string) string {
	if len(s) > maxMessage {
		lines := strings.SplitAfter(s, "\n")
		for i, l := range lines {
			lines[i] = clip(l, maxMessage)
		}
		s = strings.Join(lines, "")
	}
	return printable.Message(s)
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
	if name == "" || strings.TrimSpace(name) != name {
		return strconv.Quote(name)
	}
	return printable.Text(name)
}

// safeWriter makes text printable. Each write holds whole characters.
type safeWriter struct{ w io.Writer }

func (s *safeWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(s.w, printable.Message(string(p))); err != nil {
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
