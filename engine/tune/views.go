package tune

import (
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"math"

	"likeness/engine"
	"likeness/engine/internal/portable"
	"likeness/engine/picture"
)

// ViewOptions says how further views of a picture are made. The zero value makes
// none.
type ViewOptions struct {
	Views int // with the picture itself, 1..64
	Seed  uint64
	Flip  bool // half of the views are mirrored
	// Crop takes a part whose sides are 1 - Crop to 1 of the picture's, 0..0.9.
	Crop float64
	// Colour changes brightness, contrast and saturation by up to this share,
	// 0..0.9.
	Colour float64
	// Resize is how pictures are brought to the network's size: one of
	// picture.Resizes but tiles; "" is the network's.
	Resize string
}

// DefaultViews are mirrored, cropped and coloured views.
var DefaultViews = ViewOptions{Views: 4, Flip: true, Crop: 0.25, Colour: 0.2}

// maxViews bounds the memory of a mistaken number.
const maxViews = 64

func (o *ViewOptions) check() error {
	in := func(v float64) bool { return v >= 0 && v <= 0.9 }
	switch {
	case o.Views < 1 || o.Views > maxViews:
		return errorf(CodeOptions, "%d views of a picture: 1 to %d are supported", o.Views, maxViews)
	case !in(o.Crop) || !in(o.Colour):
		return errorf(CodeOptions, "crop %v, colour %v: they must be within 0..0.9", o.Crop, o.Colour)
	case o.Resize == picture.ResizeTiles:
		return errorf(CodeOptions, "pictures taken in tiles cannot be learned from layer by layer: take resize fit, shorter or stretch")
	}
	return nil
}

// Viewer runs the frozen layers on views of pictures. It is not safe for
// concurrent use; viewers with the same options give the same views.
type Viewer struct {
	o       ViewOptions
	key     Digest
	layer   string
	plain   *engine.Session
	others  *engine.Session // that takes a part of the canvas whole
	canvas  *picture.Preparer
	width   int // of the canvas
	height  int
	values  []int16
	cropped picture.Pixels
}

// canvasSize is how much larger than the network's input the canvas is that
// views are cut from.
const canvasSize = 1.25

// NewViewer opens the network up to the layer that training begins after.
func NewViewer(net *engine.Network, from, layer string, o ViewOptions) (*Viewer, error) {
	if o.Views == 0 {
		o.Views = 1
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	g := &net.File().Graph
	p, err := resolve(g, from, layer)
	if err != nil {
		return nil, err
	}
	v := &Viewer{o: o, layer: g.Tensors[p.from].Name, values: make([]int16, g.Tensors[p.from].Elems())}
	if o.Resize == "" {
		o.Resize = net.Preparation().Resize
	}
	if v.plain, err = net.NewSession(v.layer); err != nil {
		return nil, err
	}
	if err = v.plain.Resize(o.Resize); err != nil {
		return nil, err
	}
	v.key = v.keyOf(net.Hash())
	if o.Views == 1 {
		return v, nil
	}
	if v.others, err = net.NewSession(v.layer); err != nil {
		return nil, err
	}
	if err = v.others.Resize(picture.ResizeStretch); err != nil {
		return nil, err
	}
	c := v.plain.Preparation()
	if c.Resize != picture.ResizeNone {
		c.Width, c.Height = int(canvasSize*float64(c.Width)), int(canvasSize*float64(c.Height))
		c.Side = max(c.Width, c.Height)
	}
	v.width, v.height = c.Width, c.Height
	v.canvas, err = picture.NewPreparer(c, 1, 3)
	return v, err
}

// viewsVersion is raised when the same picture and options give other views.
const viewsVersion = 1

// keyOf covers all that views depend on, beside the picture.
func (v *Viewer) keyOf(model string) Digest {
	o := v.o
	if o.Views == 1 {
		o = ViewOptions{Views: 1}
	}
	return sha256.Sum256(fmt.Appendf(nil, "likeness views %d\n%s\n%q\n%+v\n%d %d %t %v %v\n",
		viewsVersion, model, v.layer, v.plain.Preparation(), o.Views, o.Seed, o.Flip, o.Crop, o.Colour))
}

// Key names what Look gives of a picture: viewers of the same model file, layer,
// options and preparation have the same one.
func (v *Viewer) Key() Digest { return v.key }

// Views is how many views of a picture Look makes.
func (v *Viewer) Views() int { return v.o.Views }

// Chance is what Look takes for a picture's file (FNV-1a): its views then do not
// depend on its name or its place among others.
func Chance(file []byte) uint64 {
	h := fnv.New64a()
	h.Write(file)
	return h.Sum64()
}

// Len is how many values a view has.
func (v *Viewer) Len() int { return len(v.values) }

// Memory is the most bytes that Look takes for a picture, beside its file and
// the sessions.
func (v *Viewer) Memory(p *picture.Picture) (int64, error) {
	need, err := v.plain.Memory(p)
	if err != nil || v.canvas == nil {
		return need, err
	}
	more, err := v.canvas.Memory(p)
	return max(need, more), err
}

// Notes tells what there is to say of the last picture.
func (v *Viewer) Notes() []picture.Note { return v.plain.Notes() }

// Look makes the views of an encoded picture and hands each over; values may be
// kept until keep returns. chance chooses, with the seed, what is left to chance:
// Chance of the picture's file.
func (v *Viewer) Look(chance uint64, p *picture.Picture, keep func(view int, values []int16) error) error {
	if err := v.plain.RunPicture(p); err != nil {
		return err
	}
	return v.look(chance, func() error { return v.canvas.LoadPicture(p) }, keep)
}

// LookPixels is Look of pixels in memory.
func (v *Viewer) LookPixels(chance uint64, px *picture.Pixels, keep func(view int, values []int16) error) error {
	if err := v.plain.Run(px); err != nil {
		return err
	}
	return v.look(chance, func() error { return v.canvas.Load(px) }, keep)
}

func (v *Viewer) look(picture uint64, load func() error, keep func(view int, values []int16) error) error {
	if err := v.hand(v.plain, 0, keep); err != nil || v.o.Views == 1 {
		return err
	}
	if err := load(); err != nil {
		return err
	}
	chance := portable.Random(v.o.Seed ^ picture*0x9e3779b97f4a7c15)
	for view := 1; view < v.o.Views; view++ {
		v.cut(&chance)
		v.colour(&chance)
		if err := v.others.Run(&v.cropped); err != nil {
			return err
		}
		if err := v.hand(v.others, view, keep); err != nil {
			return err
		}
	}
	return nil
}

func (v *Viewer) hand(s *engine.Session, view int, keep func(view int, values []int16) error) error {
	if err := s.Integers(v.values, v.layer); err != nil {
		return err
	}
	return keep(view, v.values)
}

// cut takes a part of the canvas, perhaps mirrored.
func (v *Viewer) cut(chance *portable.Random) {
	side := func(all int) (n, first int) {
		n = max(int(float64(all)*(1-float64(v.o.Crop*chance.Share()))), 1)
		return n, chance.Below(all - n + 1)
	}
	w, x0 := side(v.width)
	h, y0 := side(v.height)
	flip := chance.Share() < 0.5 && v.o.Flip
	rgb := v.canvas.RGB()
	v.cropped.W, v.cropped.H, v.cropped.Pix = w, h, v.cropped.Pix[:0]
	for y := range h {
		for x := range w {
			if flip {
				x = w - 1 - x
			}
			at := 3 * ((y0+y)*v.width + x0 + x)
			v.cropped.Pix = append(v.cropped.Pix, rgb[at], rgb[at+1], rgb[at+2], 255)
		}
	}
}

// colour changes brightness, contrast and saturation of what was cut.
func (v *Viewer) colour(chance *portable.Random) {
	if v.o.Colour == 0 {
		return
	}
	factor := func() float64 { return 1 + float64(v.o.Colour*chance.Unit()) }
	bright, contrast, saturation := factor(), factor(), factor()
	px := v.cropped.Pix
	grey := func(i int) float64 { return float64(77*int(px[i])+150*int(px[i+1])+29*int(px[i+2])) / 256 }
	sum := 0.0
	for i := 0; i < len(px); i += 4 {
		sum += grey(i)
	}
	mean := sum / float64(len(px)/4)
	for i := 0; i < len(px); i += 4 {
		g := grey(i)
		for c := range 3 {
			x := g + float64(saturation*(float64(px[i+c])-g))
			x = mean + float64(contrast*(x-mean))
			px[i+c] = byte(math.RoundToEven(min(max(float64(bright*x), 0), 255)))
		}
	}
}
