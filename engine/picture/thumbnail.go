package picture

// Thumbnailer makes small upright pictures.
type Thumbnailer struct {
	prep Preparation
	*Preparer
}

// NewThumbnailer gets ready for a small picture of p, neither side longer than
// side and none enlarged.
func NewThumbnailer(p *Picture, side int) (*Thumbnailer, error) {
	w, h := p.upright()
	long := max(w, h)
	side = min(side, long)
	prep, err := Preset("unit")
	if err != nil {
		return nil, err
	}
	prep.Resize = ResizeStretch
	prep.Width, prep.Height = max((w*side+long/2)/long, 1), max((h*side+long/2)/long, 1)
	pr, err := NewPreparer(prep, 1, 3)
	return &Thumbnailer{prep, pr}, err
}

// Make returns the small picture on white, three bytes a pixel, RGB, and its
// size in pixels. [Preparer.Memory] says what it takes.
func (t *Thumbnailer) Make(p *Picture) (rgb []byte, w, h int, err error) {
	if err := t.LoadPicture(p); err != nil {
		return nil, 0, 0, err
	}
	return t.RGB(), t.prep.Width, t.prep.Height, nil
}
