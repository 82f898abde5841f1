package picture

import "testing"

// letters are the rows of a picture, one letter a pixel.
func lettersToPixels(rows ...string) *Pixels {
	px := &Pixels{W: len(rows[0]), H: len(rows)}
	for _, row := range rows {
		for _, c := range []byte(row) {
			px.Pix = append(px.Pix, c, c, c, 255)
		}
	}
	return px
}

func TestUpright(t *testing.T) {
	want := [9]*Pixels{
		1: lettersToPixels("abc", "def"),
		2: lettersToPixels("cba", "fed"),
		3: lettersToPixels("fed", "cba"),
		4: lettersToPixels("def", "abc"),
		5: lettersToPixels("ad", "be", "cf"),
		6: lettersToPixels("da", "eb", "fc"),
		7: lettersToPixels("fc", "eb", "da"),
		8: lettersToPixels("cf", "be", "ad"),
	}
	want[0] = want[1]
	for o, w := range want {
		got, err := Upright(lettersToPixels("abc", "def"), o)
		if err != nil {
			t.Fatal(err)
		}
		if got.W != w.W || got.H != w.H || string(got.Pix) != string(w.Pix) {
			t.Errorf("orientation %d: %d x %d %q, want %d x %d %q", o, got.W, got.H, got.Pix, w.W, w.H, w.Pix)
		}
	}
	if _, err := Upright(&Pixels{W: 3, H: 2, Pix: make([]byte, 23)}, 6); err == nil {
		t.Error("pixels that are too few were taken")
	}
}
