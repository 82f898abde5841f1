package vectors_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"likeness/engine/vectors"
)

// FuzzRoundTrip: any vectors of any names come back from every format, to the
// bit; jsonl alone has no values that are not finite.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint8(1), "a", []byte{0, 0, 128, 63})
	f.Add(uint8(3), "=1\n\xff,\"", []byte("\x00\x00\xc0\x7f\x00\x00\x80\xff\x01\x00\x00\x80\xff\xff\x7f\x7f\x00\x00\x00\x80\xcd\xcc\xcc\x3d"))
	f.Fuzz(func(t *testing.T, dim uint8, name string, raw []byte) {
		s := &vectors.Set{Dim: 1 + int(dim)%9}
		for ; len(raw) >= 4*s.Dim; raw = raw[4*s.Dim:] {
			s.Names = append(s.Names, name+string(raw[:1]))
			for i := range s.Dim {
				s.Data = append(s.Data, math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
			}
		}
		for _, format := range vectors.Formats {
			r := open(t, format, []byte(write(t, format, s)))
			if r.Len() != len(s.Names) {
				t.Fatalf("%s: %d rows of %d", format, r.Len(), len(s.Names))
			}
			for i := range s.Names {
				got, v, err := r.Row(i, nil)
				if format == "npy" || format == "tsv" {
					got = s.Names[i]
				}
				like := func(a, b float32) bool { return same(a, b) || a != a && (b != b || format == "jsonl" && b-b != 0) }
				if err != nil || got != s.Names[i] || !slices.EqualFunc(v, s.Row(i), like) {
					t.Errorf("%s: %q %v (%v), want %q %v", format, got, v, err, s.Names[i], s.Row(i))
				}
			}
		}
	})
}
