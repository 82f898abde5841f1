package picture

// nearest takes one pixel of the picture for each of the input's, as Pillow's
// NEAREST does and so load_img of Keras: that in which the middle of the input's
// pixel lies. It is equal to Pillow to the last bit, whose place of a pixel is
// the sum of the steps before it (ImagingScaleAffine in Geometry.c).
type nearest struct {
	size  size
	place placement
	x, y  []int32 // columns and rows of the picture
	row   [1]int32
}

func (r *nearest) fit(s size, pl placement) {
	if r.size == s && r.place == pl {
		return
	}
	r.size, r.place = s, pl
	x, y := s.axes(pl)
	r.x, r.y = nearestPlaces(r.x[:0], x), nearestPlaces(r.y[:0], y)
}

func nearestPlaces(places []int32, a axis) []int32 {
	step := a.length / float64(a.size)
	at := a.begin + float64(step*0.5)
	for o := range a.from + a.out {
		if o >= a.from {
			places = append(places, int32(min(int(at), a.in-1)))
		}
		at += step
	}
	return places
}

// run writes the resized and cropped picture, 3 bytes a pixel, rows of dst
// stride bytes apart.
func (r *nearest) run(dst []byte, stride int, f *feeder) {
	left := r.x[0]
	f.begin(int(left), int(r.x[len(r.x)-1]-left)+1, int(r.y[0]), 1)
	for oy, y := range r.y {
		src := f.window(r.row[:], int(y))[r.row[0]:]
		d := dst[stride*oy:][:3*len(r.x)]
		for ox, x := range r.x {
			copy(d[3*ox:][:3], src[4*(x-left):])
		}
	}
}
