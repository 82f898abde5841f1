package quantise

import (
	"math"
	"math/rand/v2"

	"likeness/engine/picture"
	"likeness/tools/convert/float"
)

// Synthetic makes the built-in calibration set: seeded pictures of leaves that
// lie over one another, from small to large, which have the statistics of
// photos (Lee, Mumford and Huang, Occlusion models for natural images, 2001).
func Synthetic(n *float.Network, count int) ([][]float32, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	w, h := n.Prepare.Width, n.Prepare.Height
	whole := n.Prepare
	whole.Resize = picture.ResizeNone
	var inputs [][]float32
	for i := range count {
		px := newCanvas(w, h, rng).picture(i)
		in, err := float.Floats(whole, func(pr *picture.Preparer) error { return pr.Load(px) })
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// canvas is a picture that is being painted, [H][W][3], in grey levels. Products
// are rounded before they are added, so that it is the same everywhere.
type canvas struct {
	w, h     int
	v        []float64
	rng      *rand.Rand
	base     [3]float64 // mean colour
	contrast float64
}

const (
	// leastLeaves to mostLeaves lie on a picture.
	leastLeaves, mostLeaves = 60, 660
	tintLevels              = 20   // deviation of the colour of a picture
	chroma                  = 0.45 // of the contrast, by which colours differ
)

func newCanvas(w, h int, rng *rand.Rand) *canvas {
	c := &canvas{w: w, h: h, v: make([]float64, 3*w*h), rng: rng, contrast: 30 + float64(40*rng.Float64())}
	light := 70 + float64(110*rng.Float64())
	for k := range c.base {
		c.base[k] = light + float64(tintLevels*rng.NormFloat64())
	}
	ground := c.colour()
	for i := range c.v {
		c.v[i] = ground[i%3]
	}
	return c
}

// picture paints picture i of a set: some are out of focus, some are noisy.
func (c *canvas) picture(i int) *picture.Pixels {
	size := float64(min(c.w, c.h))
	least, most := size*(0.008+float64(0.02*c.rng.Float64())), size*(0.25+float64(0.35*c.rng.Float64()))
	for range leastLeaves + int((mostLeaves-leastLeaves)*c.rng.Float64()) {
		// The number of leaves falls with the third power of their radius, so
		// that all sizes cover as much.
		u := c.rng.Float64()
		l := c.leaf(1 / math.Sqrt(float64(u/float64(least*least))+float64((1-u)/float64(most*most))))
		c.paint(&l)
	}
	for range i % 3 {
		c.soften()
	}
	return c.pixels(float64(i%4) * 3)
}

func (c *canvas) colour() (out [3]float64) {
	light := c.rng.NormFloat64()
	for k := range out {
		out[k] = c.base[k] + float64(c.contrast*(light+float64(chroma*c.rng.NormFloat64())))
	}
	return out
}

// leaf is an ellipse or a rectangle with shading, stripes and roughness.
type leaf struct {
	x, y, radius, aspect float64
	dx, dy               float64 // direction of the longer axis, of length 1
	box                  bool
	colour               [3]float64
	shadeX, shadeY       float64 // grey levels a pixel
	stripe               int     // pixels
	striped, rough       float64 // grey levels
}

func (c *canvas) leaf(radius float64) leaf {
	r := c.rng
	l := leaf{x: r.Float64() * float64(c.w), y: r.Float64() * float64(c.h), radius: radius, aspect: 0.4 + float64(0.6*r.Float64()),
		dx: r.NormFloat64(), dy: r.NormFloat64(), box: r.IntN(3) == 0, colour: c.colour(), stripe: 2 + r.IntN(10)}
	length := math.Sqrt(float64(l.dx*l.dx) + float64(l.dy*l.dy) + 1e-9)
	l.dx, l.dy = l.dx/length, l.dy/length
	l.shadeX, l.shadeY = c.contrast*0.5*r.NormFloat64()/radius, c.contrast*0.5*r.NormFloat64()/radius
	if r.IntN(3) == 0 {
		l.striped = c.contrast * 0.4 * r.Float64()
	}
	if r.IntN(2) == 0 {
		l.rough = c.contrast * 0.25 * r.Float64()
	}
	return l
}

func (c *canvas) paint(l *leaf) {
	for y := max(int(l.y-l.radius)-1, 0); y < min(int(l.y+l.radius)+2, c.h); y++ {
		for x := max(int(l.x-l.radius)-1, 0); x < min(int(l.x+l.radius)+2, c.w); x++ {
			fx, fy := float64(x)-l.x, float64(y)-l.y
			along := float64(fx*l.dx) + float64(fy*l.dy)
			across := (float64(fy*l.dx) - float64(fx*l.dy)) / l.aspect
			if l.box && max(math.Abs(along), math.Abs(across)) > 0.7*l.radius ||
				!l.box && float64(along*along)+float64(across*across) > float64(l.radius*l.radius) {
				continue
			}
			light := float64(l.shadeX*fx) + float64(l.shadeY*fy)
			if l.striped > 0 {
				if int(math.Floor(along)+1<<20)/l.stripe%2 == 0 {
					light += l.striped
				} else {
					light -= l.striped
				}
			}
			if l.rough > 0 {
				light += float64(l.rough * c.rng.NormFloat64())
			}
			for k := range 3 {
				c.v[3*(y*c.w+x)+k] = l.colour[k] + light
			}
		}
	}
}

// soften takes means of three pixels along both axes.
func (c *canvas) soften() {
	for _, step := range []int{3, 3 * c.w} {
		out := make([]float64, len(c.v))
		for i := range c.v {
			before, after := i-step, i+step
			if x := i / 3 % c.w; step == 3 && x == 0 || before < 0 {
				before = i
			}
			if x := i / 3 % c.w; step == 3 && x == c.w-1 || after >= len(c.v) {
				after = i
			}
			out[i] = (c.v[before] + c.v[i] + c.v[after]) / 3
		}
		c.v = out
	}
}

// pixels adds light from one side, and noise of a deviation in grey levels.
func (c *canvas) pixels(noise float64) *picture.Pixels {
	px := &picture.Pixels{W: c.w, H: c.h, Pix: make([]byte, 4*c.w*c.h)}
	right, down := 30*c.rng.NormFloat64(), 30*c.rng.NormFloat64()
	for i := range c.w * c.h {
		light := float64(right*(float64(i%c.w)/float64(c.w)-0.5)) + float64(down*(float64(i/c.w)/float64(c.h)-0.5))
		for k := range 3 {
			px.Pix[4*i+k] = byte(min(max(c.v[3*i+k]+light+float64(noise*c.rng.NormFloat64()), 0), 255))
		}
		px.Pix[4*i+3] = 255
	}
	return px
}
