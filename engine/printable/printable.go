// Package printable makes names that come from files safe and short enough to
// print: layer names, names of networks, file names. A control character in
// one could move the cursor, recolour the terminal or reorder a line.
package printable

import (
	"strconv"
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
