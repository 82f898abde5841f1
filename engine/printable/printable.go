// Package printable makes names that come from files safe and short enough to
// print: layer names, names of networks, file names. A control character in
// one could move the cursor, recolour the terminal or reorder a line.
package printable

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// most is how many bytes of a text Clip keeps.
const most = 400

// Text is s if it is UTF-8 and every character can be printed, else s quoted
// as Go quotes strings.
func Text(s string) string {
	for _, r := range s {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}

// Message is a text of one or more lines in which every character that cannot
// be printed, line ends aside, is replaced by its escape: for messages that
// repeat names which Text has not seen.
func Message(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if q := Text(line); q != line {
			lines[i] = escaped(line)
		}
	}
	return strings.Join(lines, "\n")
}

// escaped replaces what cannot be printed and leaves quotes and backslashes.
func escaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			q := strconv.Quote(s[i : i+n])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Clip shortens a text that an error message repeats: at most 400 bytes, with
// an ellipsis where something is left out.
func Clip(s string) string {
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// Args clips the strings among the arguments of a format.
func Args(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Clip(s)
		}
	}
	return args
}
