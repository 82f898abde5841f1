package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"

	"likeness/engine/vectors"
)

// svgStart is how drawings are recognised that may be replaced.
const svgStart = `<svg data-made-by="likeness map" `

// svg writes the points in the order of the vectors,
// each with the name of its picture, which browsers show.
func (d *drawing) svg() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, svgStart+`xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d">`+"\n", d.width, d.height)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	fmt.Fprintf(&b, `<g fill-opacity="%.3f">`+"\n", float64(opacity)/255)
	for _, p := range d.points {
		e := d.entryOf(p)
		d.mark(&b, p.x, p.y, d.radius, e)
		b.WriteString("<title>")
		escapeXML(&b, vectors.EscapeName(p.name))
		b.WriteString("</title>" + e.end() + "\n")
	}
	b.WriteString("</g>\n")
	if len(d.legend) > 0 {
		b.WriteString(`<g font-family="sans-serif" font-size="13" fill="#222">` + "\n")
		for i, e := range d.legend {
			y := float64(margin + lineHeight*i + lineHeight/2)
			d.mark(&b, d.left+6, y, 5, e)
			b.WriteString(e.end())
			fmt.Fprintf(&b, `<text x="%s" y="%s">`, decimal(d.left+lineHeight), decimal(y+4.5))
			escapeXML(&b, e.label)
			b.WriteString("</text>\n")
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// entryOf is how a point looks.
func (d *drawing) entryOf(p point) entry {
	if len(d.legend) == 0 {
		return entry{colour: tints[0]}
	}
	return d.legend[p.entry]
}

// mark begins a disc or a square; entry.end ends it.
func (d *drawing) mark(b *bytes.Buffer, x, y, radius float64, e entry) {
	c := e.colour
	if e.square {
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%[3]s" fill="#%02x%02x%02x">`, decimal(x-radius), decimal(y-radius), decimal(2*radius), c[0], c[1], c[2])
		return
	}
	fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s" fill="#%02x%02x%02x">`, decimal(x), decimal(y), decimal(radius), c[0], c[1], c[2])
}

func (e entry) end() string {
	if e.square {
		return "</rect>"
	}
	return "</circle>"
}

// decimal has at most two digits behind the point.
func decimal(x float64) string {
	s := strconv.FormatFloat(x, 'f', 2, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

func escapeXML(b *bytes.Buffer, text string) {
	_ = xml.EscapeText(b, []byte(text)) // no error from a buffer
}
