package look

import "bytes"

// unspecified is the matrix code point of pictures that name none.
const unspecified = 2

// hevcColour reads matrix and range from the parameter sets in an item's hvcC
// property (ISO/IEC 14496-15 section 8.3.3.1). Without them HEVC's defaults
// hold: an unspecified matrix, limited range.
func hevcColour(list []property) (matrix int, fullRange bool) {
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
					return spsColour(unit[2:])
				}
			}
		}
	}
	return unspecified, false
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

// spsColour reads a sequence parameter set (ITU-T H.265 sections 7.3.2.2 and
// E.2.1) up to the description of its colours.
func spsColour(sps []byte) (matrix int, fullRange bool) {
	// Three bytes 0, 0, 3 stand for two zeros (section 7.3.1.1).
	s := &bits{b: bytes.ReplaceAll(sps, []byte{0, 0, 3}, []byte{0, 0})}
	s.u(4)
	layers := s.u(3)
	s.u(1)
	s.skipProfile(layers)
	s.ue()
	if s.ue() == 3 {
		s.u(1)
	}
	s.skipUE(2)
	if s.flag() { // conformance window
		s.skipUE(4)
	}
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
	if !s.skipReferences(orderBits) {
		return unspecified, false
	}
	s.u(2)
	if !s.flag() { // video usability information
		return unspecified, false
	}
	if s.flag() && s.u(8) == 255 { // aspect ratio
		s.u(32)
	}
	if s.flag() { // overscan
		s.u(1)
	}
	matrix = unspecified
	if s.flag() { // video signal type
		s.u(3)
		fullRange = s.flag()
		if s.flag() {
			s.u(16)
			matrix = s.u(8)
		}
	}
	if s.short {
		return unspecified, false
	}
	return matrix, fullRange
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
