package png

// pass is one of the seven reduced pictures of an interlaced one
// (specification, section 8): its first pixel and the steps between pixels.
type pass struct{ x, y, dx, dy int }

var adam7 = [7]pass{
	{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
}

// size is that of the pass in a picture of w x h pixels; a pass without pixels
// has no rows either.
func (p pass) size(w, h int) (pw, ph int) {
	pw, ph = (w-p.x+p.dx-1)/p.dx, (h-p.y+p.dy-1)/p.dy
	if pw <= 0 || ph <= 0 {
		return 0, 0
	}
	return pw, ph
}

// readPasses fills the canvas.
func (r *reader) readPasses() error {
	line := make([]byte, 4*r.frame.w)
	for _, p := range adam7 {
		pw, ph := p.size(r.frame.w, r.frame.h)
		if pw == 0 {
			continue
		}
		r.rows.restart(r.rowBytes(pw))
		for y := range ph {
			src, err := r.rows.next()
			if err != nil {
				return err
			}
			row := r.canvas[4*r.frame.w*(p.y+y*p.dy):][:4*r.frame.w]
			r.expand(line[:4*pw], src)
			for i, x := 0, p.x; i < pw; i, x = i+1, x+p.dx {
				*(*[4]byte)(row[4*x:]) = *(*[4]byte)(line[4*i:])
			}
		}
	}
	return r.rows.end()
}
