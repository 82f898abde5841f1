package icc

import "testing"

// The wanted colours are what Chromium and Firefox show, within 5 for the
// exponent 1/2.2, which they do not take for the curve of sRGB where cHRM is
// there.
func TestFromGamma(t *testing.T) {
	p3 := &[8]uint32{31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000}
	d50 := &[8]uint32{34570, 35850, 64000, 33000, 30000, 60000, 15000, 6000}
	nonsense := []*[8]uint32{nil, {}, {31270, 32900, 64000, 33000, 64000, 33000, 15000, 6000}, {1 << 31, 1 << 31, 1, 1, 1, 1, 1, 1},
		{31270, 32900, 64000, 0, 30000, 60000, 15000, 6000}, {100, 99000, 64000, 33000, 30000, 60000, 15000, 6000}}
	for _, c := range []struct {
		name      string
		gamma     uint32
		chroma    *[8]uint32
		from, to  [3]byte
		tolerance int
	}{
		{"linear", 100000, nil, [3]byte{200, 60, 30}, [3]byte{229, 133, 96}, 1},
		{"linear, grey", 100000, nil, [3]byte{64, 64, 64}, [3]byte{137, 137, 137}, 1},
		{"linear, white", 100000, nil, [3]byte{255, 255, 255}, [3]byte{255, 255, 255}, 0},
		{"Macintosh", 55555, nil, [3]byte{200, 128, 64}, [3]byte{210, 146, 81}, 1},
		{"Display P3, linear", 100000, p3, [3]byte{200, 60, 30}, [3]byte{244, 127, 87}, 1},
		{"Display P3", 45455, p3, [3]byte{200, 60, 30}, [3]byte{219, 37, 0}, 5},
		{"white of D50", 45455, d50, [3]byte{200, 60, 30}, [3]byte{210, 60, 33}, 5},
		{"white of D50, white", 45455, d50, [3]byte{255, 255, 255}, [3]byte{255, 255, 255}, 0},
		{"dark", 1000, nil, [3]byte{200, 60, 30}, [3]byte{}, 0},
	} {
		tr := FromGamma(c.gamma, c.chroma)
		if tr == nil {
			t.Errorf("%s: none", c.name)
			continue
		}
		r, g, b := tr.pixel(c.from[0], c.from[1], c.from[2])
		for i, v := range []byte{r, g, b} {
			if d := int(v) - int(c.to[i]); d > c.tolerance || -d > c.tolerance {
				t.Errorf("%s: %d %d %d, want %v", c.name, r, g, b, c.to)
				break
			}
		}
	}
	for _, gamma := range []uint32{45455, 45000, 45454, 46000, 0, 1 << 31, 1<<32 - 1} {
		for i, chroma := range nonsense {
			if FromGamma(gamma, chroma) != nil {
				t.Errorf("gamma %d, chroma %d: a conversion", gamma, i)
			}
		}
	}
	if FromGamma(45455, &[8]uint32{31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000}) != nil {
		t.Error("sRGB: a conversion")
	}
}

func FuzzFromGamma(f *testing.F) {
	f.Add(uint32(45455), uint32(31270), uint32(32900), uint32(68000), uint32(32000), uint32(26500), uint32(69000), uint32(15000), uint32(6000))
	f.Add(uint32(1), uint32(1), uint32(100), uint32(0), uint32(100), uint32(99900), uint32(100), uint32(0), uint32(100000))
	f.Fuzz(func(t *testing.T, g, a, b, c, d, e, h, i, j uint32) {
		if tr := FromGamma(g, &[8]uint32{a, b, c, d, e, h, i, j}); tr != nil {
			tr.Convert([]byte{255, 128, 1, 0, 255, 77}, 3)
		}
	})
}
