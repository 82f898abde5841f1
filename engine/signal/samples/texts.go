package samples

import (
	"bytes"
	"fmt"
	"strings"
)

// texts differ in how they are set out, not in what they say.
var texts = []kind{
	{"prose", func(d *dice) []byte {
		var b bytes.Buffer
		for range 4 {
			for range 60 + d.Below(60) {
				b.WriteString(word(d) + " ")
			}
			b.WriteString("\n\n")
		}
		return b.Bytes()
	}},
	{"list", func(d *dice) []byte {
		var b bytes.Buffer
		for range 12 + d.Below(12) {
			fmt.Fprintf(&b, "- %s %s\n", word(d), strings.Repeat(word(d)+" ", d.Below(3)))
		}
		return b.Bytes()
	}},
	{"table", func(d *dice) []byte {
		var b bytes.Buffer
		for range 14 + d.Below(8) {
			fmt.Fprintf(&b, "%-9.8s|%8.2f |%8.2f |%8d\n", word(d), d.from(0, 99999), d.from(0, 99), d.Below(9999999))
		}
		return b.Bytes()
	}},
	{"code", func(d *dice) []byte {
		var b bytes.Buffer
		depth := 0
		for range 24 {
			b.WriteString(strings.Repeat("    ", depth))
			switch n := d.Below(4); {
			case n == 0 && depth < 4:
				fmt.Fprintf(&b, "if %s(%s) {\n", word(d), word(d))
				depth++
			case n == 1 && depth > 0:
				b.WriteString("}\n")
				depth--
			default:
				fmt.Fprintf(&b, "%s = %s(%d);\n", word(d), word(d), d.Below(100))
			}
		}
		return b.Bytes()
	}},
}

// word is one that can be said.
func word(d *dice) string {
	var b strings.Builder
	for range 1 + d.Below(4) {
		b.WriteByte("bcdfghklmnprstvw"[d.Below(16)])
		b.WriteByte("aeiou"[d.Below(5)])
	}
	return b.String()
}
