package picture

import "fmt"

// Note tells something about a picture that was read and whose vector may
// still mean less than it seems to.
type Note struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Codes of Note.
const (
	// NoteBlank: the network sees one colour, so that the vector is that of
	// every blank picture.
	NoteBlank = "picture-blank"
	// NoteGround: the picture vanishes on white and was laid on grey.
	NoteGround = "picture-ground"
	// NoteShape: the centre crop shows only a small part of a long picture.
	NoteShape = "picture-shape"
	// NoteProfile: the colour profile is of a kind that is not applied.
	NoteProfile = "picture-profile"
)

// smallShare is the part of a picture's area that the centre crop must show;
// a little less than that of a picture of 5:2.
const smallShare = 0.3

// blankRange is the largest difference within each channel of a picture that
// counts as one colour: what JPEG adds to a flat area is below it.
const blankRange = 8

// within widens lo and hi by RGB pixels and reports whether every channel still
// has at most blankRange values.
func within(rgb []byte, lo, hi *[3]byte) bool {
	for ; len(rgb) >= 3; rgb = rgb[3:] {
		for c, v := range rgb[:3] {
			lo[c], hi[c] = min(lo[c], v), max(hi[c], v)
			if int(hi[c])-int(lo[c]) > blankRange {
				return false
			}
		}
	}
	return true
}

func (pr *Preparer) note(code, format string, args ...any) {
	pr.notes = append(pr.notes, Note{code, fmt.Sprintf(format, args...)})
}

// noteContent tells what became of a picture that is hard to see.
func (pr *Preparer) noteContent(empty bool) {
	switch {
	case empty:
		pr.note(NoteBlank, "the picture has one colour, or nearly: its vector is that of every blank picture")
	case pr.feed.ground != white:
		pr.note(NoteGround, "the picture vanishes on white, so its transparent parts were laid on grey")
	}
}

// noteShape looks at what the crop leaves.
func (pr *Preparer) noteShape(pl placement, w, h int) {
	share := float64(pl.width*pl.height) / (float64(pl.fullW) * float64(pl.fullH))
	if pr.p.Resize == ResizeShorter && share < smallShare {
		pr.note(NoteShape, "the picture is %d x %d: only the middle %d %% of it is seen; resize fit takes it whole, tiles in parts", w, h, int(100*share))
	}
}
