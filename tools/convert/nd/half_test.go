package nd

import (
	"math"
	"testing"
)

// Every half goes to float32 and back unchanged, and values between two halves
// go to the nearer, ties to the even one.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		v := Half(uint16(h))
		if v != v {
			if w := ToHalf(v); w&0x7c00 != 0x7c00 || w&1023 == 0 {
				t.Fatalf("NaN %#04x became %#04x", h, w)
			}
			continue
		}
		if w := ToHalf(v); w != uint16(h) {
			t.Fatalf("%#04x is %v and became %#04x", h, v, w)
		}
		if h&0x7fff >= 0x7bff { // the next is infinite
			continue
		}
		next := Half(uint16(h + 1))
		middle := (v + next) / 2
		even := uint16(h + h&1)
		for _, c := range []struct {
			v    float32
			want uint16
		}{{middle, even}, {math.Nextafter32(middle, v), uint16(h)}, {math.Nextafter32(middle, next), uint16(h + 1)}} {
			if w := ToHalf(c.v); w != c.want {
				t.Fatalf("%v became %#04x, want %#04x", c.v, w, c.want)
			}
		}
	}
	for v, want := range map[float32]uint16{65519: 0x7bff, 65520: 0x7c00, -1e30: 0xfc00, 1e-30: 0} {
		if w := ToHalf(v); w != want {
			t.Errorf("%v became %#04x, want %#04x", v, w, want)
		}
	}
}

func TestBFloat(t *testing.T) {
	for v, want := range map[float32]uint16{1: 0x3f80, 1.00390625: 0x3f80, 1.01171875: 0x3f82, float32(math.Inf(1)): 0x7f80} {
		if w := ToBFloat(v); w != want {
			t.Errorf("%v became %#04x, want %#04x", v, w, want)
		}
	}
}
