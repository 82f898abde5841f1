package look

import "bytes"

// unspecified is the matrix code point of pictures that name none.
const unspecified = 2

// sequence is what a sequence parameter set tells (ITU-T H.265 section 7.4.3.2
// and E.3.1).
type sequence struct {
	width, height int // of the picture that is shown, without padding
	matrix        int
	fullRange     bool
}

// readSequence finds the parameter set in an item's hvcC property (ISO/IEC
// 14496-15 section 8.3.3.1).
func readSequence(list []property) (q sequence, ok bool) {
	for _, p := range list {
		if p.kind != "hvcC" || len(p.body) < 23 {
			continue
		}
		r := reader{b: p.body[22:]}
		for arrays := r.u8(); arrays > 0 && !r.short; arrays-- {
			kind := r.u8() & 0x3f
			for units := r.u16(); units > 0 && !r.short; units-- {
				unit := r.take(r.u16())
				if kind == 33 && !r.short && len(unit) > 2 { // a sequence parameter set
					return parseSequence(unit[2:]), true
				}
			}
		}
	}
	return sequence{}, false
}

// hevcBits returns the bits of a luma sample by an item's hvcC property.
func hevcBits(list []property) int {
	for _, p := range list {
		if p.kind == "hvcC" && len(p.body) > 17 {
			return 8 + int(p.body[17]&7)
		}
	}
	return 0
}

// bits reads a bit stream (ITU-T H.265 section 9.2). Behind the end it gives
// zeros and is short.
type bits struct {
	b     []byte
	at    int
	short bool
}

func (s *bits) u(n int) int {
	v := 0
	for range n {
		v <<= 1
		if i := s.at >> 3; i < len(s.b) {
			v |= int(s.b[i]>>(7-s.at&7)) & 1
		} else {
			s.short = true
		}
		s.at++
	}
	return v
}

func (s *bits) flag() bool { return s.u(1) == 1 }

// ue reads an Exp-Golomb code, signed ones too where only their length counts.
func (s *bits) ue() int {
	zeros := 0
	for !s.short && zeros < 32 && !s.flag() {
		zeros++
	}
	return 1<<zeros - 1 + s.u(zeros)
}

func (s *bits) skipUE(n int) {
	for range n {
		s.ue()
	}
}

// parseSequence reads a sequence parameter set (sections 7.3.2.2 and E.2.1) up
// to the description of its colours. Without one HEVC's defaults hold: an
// unspecified matrix, limited range.
func parseSequence(sps []byte) sequence {
	// Three bytes 0, 0, 3 stand for two zeros (section 7.3.1.1).
	s := &bits{b: bytes.ReplaceAll(sps, []byte{0, 0, 3}, []byte{0, 0})}
	q := sequence{matrix: unspecified}
	s.u(4)
	layers := s.u(3)
	s.u(1)
	s.skipProfile(layers)
	s.ue()
	s.readSize(&q)
	s.skipUE(2)
	orderBits := s.ue() + 4
	sets := 1
	if s.flag() {
		sets = layers + 1
	}
	s.skipUE(3 * sets)
	s.skipUE(6)
	if lists := s.flag(); lists && s.flag() {
		s.skipScaling()
	}
	s.u(2)
	if s.flag() { // PCM
		s.u(8)
		s.skipUE(2)
		s.u(1)
	}
	if s.skipReferences(orderBits) {
		s.u(2)
		s.readColour(&q)
	}
	return q
}

// readSize reads the chroma format, the coded size and the window that is cut
// out of it, whose offsets are in samples of chroma.
func (s *bits) readSize(q *sequence) {
	chroma := s.ue()
	separate := chroma == 3 && s.flag()
	q.width, q.height = s.ue(), s.ue()
	if !s.flag() {
		return
	}
	left, right, top, bottom := s.ue(), s.ue(), s.ue(), s.ue()
	unitX, unitY := 1, 1
	if !separate && (chroma == 1 || chroma == 2) {
		unitX = 2
	}
	if !separate && chroma == 1 {
		unitY = 2
	}
	q.width -= unitX * (left + right)
	q.height -= unitY * (top + bottom)
}

// readColour reads video usability information as far as the matrix.
func (s *bits) readColour(q *sequence) {
	if !s.flag() {
		return
	}
	if s.flag() && s.u(8) == 255 { // aspect ratio
		s.u(32)
	}
	if s.flag() { // overscan
		s.u(1)
	}
	if !s.flag() { // video signal type
		return
	}
	s.u(3)
	fullRange, matrix := s.flag(), unspecified
	if s.flag() {
		s.u(16)
		matrix = s.u(8)
	}
	if !s.short {
		q.fullRange, q.matrix = fullRange, matrix
	}
}

// skipProfile goes over profile_tier_level (section 7.3.3).
func (s *bits) skipProfile(layers int) {
	s.at += 96
	profile, level := [8]bool{}, [8]bool{}
	for i := range layers {
		profile[i], level[i] = s.flag(), s.flag()
	}
	if layers > 0 {
		s.u(2 * (8 - layers))
	}
	for i := range layers {
		if profile[i] {
			s.at += 88
		}
		if level[i] {
			s.at += 8
		}
	}
}

// skipScaling goes over scaling_list_data (section 7.3.4).
func (s *bits) skipScaling() {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for m := 0; m < 6; m += step {
			if !s.flag() {
				s.ue()
				continue
			}
			if size > 1 {
				s.ue()
			}
			s.skipUE(min(64, 1<<(4+2*size)))
		}
	}
}

// skipReferences goes over the reference picture sets (section 7.3.7). Still
// pictures have none; sets that are predicted from others are not read.
func (s *bits) skipReferences(orderBits int) bool {
	sets := s.ue()
	for i := range min(sets, 64) {
		if i > 0 && s.flag() {
			return false
		}
		before, after := s.ue(), s.ue()
		for range min(before, 16) + min(after, 16) {
			s.ue()
			s.u(1)
		}
	}
	if s.flag() {
		for range min(s.ue(), 32) {
			s.u(orderBits + 1)
		}
	}
	return !s.short
}
