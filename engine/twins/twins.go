// Package twins compares pictures point by point, in every way that a picture
// can be turned: a copy that was turned by a quarter or mirrored has a vector of
// its own, since networks learn which way is up, and is not found by vectors
// alone. It is told from a stranger by its pixels.
//
// It imports engine/picture and engine/search.
package twins

import (
	"fmt"
	"math"

	"likeness/engine/picture"
	"likeness/engine/search"
)

// Side is the side of a print, pixels.
const Side = 32

// Print is a picture stretched to Side x Side, its luma 0..255, row by row.
type Print [Side * Side]uint8

// Turn is how a copy came from a picture: the picture is mirrored left to right
// for 4 to 7, then turned clockwise by so many quarters.
type Turn int

// Quarters is the number of quarters of a turn clockwise, 0..3.
func (t Turn) Quarters() int { return int(t) & 3 }

// Mirrored reports whether the copy is mirrored before it is turned.
func (t Turn) Mirrored() bool { return t >= 4 }

// Inverse is how the picture came from the copy: a turn back, while a mirrored one
// undoes itself.
func (t Turn) Inverse() Turn {
	if t.Mirrored() {
		return t
	}
	return (4 - t) % 4
}

const (
	// DefaultLeast is the correlation from which on prints are of one picture;
	// README.md has the figures it was chosen by.
	DefaultLeast = 0.92
	// flat is the standard deviation of luma below which a picture has too
	// little on it for its turns to be told apart.
	flat = 6
)

// Read makes the print of a picture.
func Read(p *picture.Picture) (*Print, error) {
	prep, err := picture.Preset("unit")
	if err != nil {
		return nil, err
	}
	prep.Resize = picture.ResizeStretch
	prep.Width, prep.Height = Side, Side
	pr, err := picture.NewPreparer(prep, 1, 3)
	if err != nil {
		return nil, err
	}
	if err := pr.LoadPicture(p); err != nil {
		return nil, err
	}
	out := &Print{}
	rgb := pr.RGB()
	for i := range out {
		out[i] = Luma(rgb[3*i], rgb[3*i+1], rgb[3*i+2])
	}
	return out, nil
}

// Luma is the brightness of a colour by ITU-R BT.601, in integers.
func Luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// Compare gives the highest correlation of two prints (Pearson's, -1..1) over
// the eight ways in which b may have come from a, and that way; 0 for prints
// that are nearly of one brightness.
func Compare(a, b *Print) (float64, Turn) {
	ma, va := a.moments()
	mb, vb := b.moments()
	if min(va, vb) < flat*flat*Side*Side {
		return 0, 0
	}
	best, way := math.Inf(-1), Turn(0)
	for t := range Turn(8) {
		sum := int64(0)
		for y := range Side {
			for x := range Side {
				sum += int64(a[t.from(x, y)]) * int64(b[y*Side+x])
			}
		}
		// Sums of integers are exact; one division rounds alike everywhere.
		c := (float64(sum) - float64(float64(ma*mb)/(Side*Side))) / math.Sqrt(va*vb)
		if c > best {
			best, way = c, t
		}
	}
	return best, way
}

// from is the place in a picture that comes to (x, y) of its copy.
func (t Turn) from(x, y int) int {
	const last = Side - 1
	for range t.Quarters() { // back by a quarter
		x, y = y, last-x
	}
	if t.Mirrored() {
		x = last - x
	}
	return y*Side + x
}

// moments are the sum, and the sum of the squared differences from the mean.
func (p *Print) moments() (sum, spread float64) {
	s, q := int64(0), int64(0)
	for _, v := range p {
		s += int64(v)
		q += int64(v) * int64(v)
	}
	return float64(s), float64(q) - float64(float64(s*s)/(Side*Side))
}

// Candidate is a pair of vectors whose pictures are worth comparing; A < B.
type Candidate struct{ A, B int32 }

const (
	// candidateNeighbours is how many neighbours of each vector are candidates.
	candidateNeighbours = 4
	// DefaultCandidate is the cosine from which on they are, for the default
	// model: half of all turned copies have more than .6.
	DefaultCandidate = 0.35
)

// Candidates finds pairs among the nearest vectors of cosine least or more, that
// are not of one group already; group has the group of each vector, -1 for
// none.
func Candidates(data []float32, dim int, least float64, group []int32, check search.Check) ([]Candidate, error) {
	n := len(group)
	if dim < 1 || len(data) != n*dim {
		return nil, fmt.Errorf("twins: Candidates: %d values are not %d vectors of %d", len(data), n, dim)
	}
	if n < 2 {
		return nil, nil
	}
	nb, err := search.Nearest(data, dim, min(candidateNeighbours, n-1), search.Options{Check: check})
	if err != nil {
		return nil, fmt.Errorf("twins: Candidates: %w", err)
	}
	var out []Candidate
	seen := map[Candidate]bool{}
	for i := range n {
		index, score := nb.Of(i)
		for r, j := range index {
			if float64(score[r]) < least || group[i] >= 0 && group[i] == group[j] {
				continue
			}
			c := Candidate{min(int32(i), j), max(int32(i), j)}
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out, nil
}
