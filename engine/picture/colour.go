package picture

import (
	"bytes"

	"likeness/engine/picture/icc"
)

// colours converts resized pictures to sRGB. It remembers the last profile,
// since the pictures of one camera share theirs.
type colours struct {
	profile []byte
	to      *icc.Transform // nil for sRGB
	why     error          // the profile is not applied
}

// of settles how the colours of a picture are converted. The colour space by
// code points goes before the profile in PNG (PNG specification, third edition,
// section 4.3), and after it in HEIC and AVIF (ISO/IEC 23008-12).
func (c *colours) of(p *Picture) {
	if p.Coding != nil && (p.Format == "png" || p.Profile == nil) {
		c.profile = nil
		c.to, c.why = icc.FromCoding(p.Coding.Primaries, p.Coding.Transfer)
		return
	}
	if c.profile != nil && bytes.Equal(c.profile, p.Profile) {
		return
	}
	*c = colours{}
	// What TIFF stores as CIELAB has been converted by its reader.
	if p.Profile != nil && !(p.Format == "tiff" && icc.IsLab(p.Profile)) {
		c.profile = bytes.Clone(p.Profile)
		c.to, c.why = icc.Parse(p.Profile)
	}
}

// convert converts the loaded picture, or notes why it does not.
func (pr *Preparer) convert() {
	c := &pr.colours
	switch {
	case c.why != nil:
		pr.note(NoteProfile, "%v: its vector is a little less exact", c.why)
	case c.to == nil:
	case c.to.Grey() && !pr.isGrey():
		pr.note(NoteProfile, "its colour profile is for grey pictures, which this one is not, and is not applied")
	default:
		for row := range pr.placed {
			c.to.Convert(row, 3)
		}
	}
}

func (pr *Preparer) isGrey() bool {
	for row := range pr.placed {
		for ; len(row) >= 3; row = row[3:] {
			if row[0] != row[1] || row[0] != row[2] {
				return false
			}
		}
	}
	return true
}
