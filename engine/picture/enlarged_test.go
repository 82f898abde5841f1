package picture

import "testing"

// TestEnlarged: an enlarged preparation shows the same part of a picture.
func TestEnlarged(t *testing.T) {
	p := Preparation{Width: 160, Height: 160, Resize: ResizeShorter, Side: 168, Interpolation: "bilinear", Order: "RGB", Std: [3]float64{255, 255, 255}}
	for _, resize := range []string{ResizeShorter, ResizeStretch, ResizeFit, ResizeNone} {
		p.Resize = resize
		large := p.Enlarged(3)
		if err := large.Validate(); err != nil {
			t.Fatal(err)
		}
		for _, size := range [][2]int{{640, 480}, {479, 641}, {4000, 3000}, {160, 160}} {
			if resize == ResizeNone && size != [2]int{160, 160} {
				continue
			}
			a, b := p.placement(size[0], size[1]), large.placement(size[0], size[1])
			for _, v := range [][2]int{{a.left, b.left}, {a.top, b.top}, {a.width, b.width}, {a.height, b.height}, {a.x, b.x}, {a.y, b.y}} {
				if d := 3*v[0] - v[1]; d < -3 || d > 3 {
					t.Errorf("%s of %v: %+v, enlarged %+v", resize, size, a, b)
				}
			}
		}
	}
}
