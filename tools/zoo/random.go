package zoo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"likeness/tools/convert/nd"
)

// random is the source of one tensor: it depends on the seed and the tensor's
// name alone.
type random struct{ *rand.Rand }

func newRandom(seed uint64, name string) *random {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &random{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

func normal(mean, deviation float64) func(int, *random) []float32 {
	return func(n int, r *random) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(mean + deviation*r.NormFloat64())
		}
		return v
	}
}

// heNormal keeps the power of activations through a rectifier.
func heNormal(fanIn int) func(int, *random) []float32 {
	return normal(0, math.Sqrt(2/float64(fanIn)))
}

// Picture paints [H][W][3] bytes with the statistics of a photo: noise of all
// sizes, the coarse ones strongest, and a few hard edges.
func Picture(seed uint64, size int) []byte {
	r := newRandom(seed, "picture")
	px := make([]float64, size*size*3)
	for cells, amp := 2, 60.0; cells <= size; cells, amp = cells*2, amp*0.6 {
		addNoise(px, size, cells, amp, r)
	}
	for range 6 {
		addDisc(px, size, r)
	}
	out := make([]byte, len(px))
	for i, v := range px {
		out[i] = byte(min(max(v+118, 0), 255))
	}
	return out
}

// addNoise adds a grid of random colours, interpolated; the brightness of a
// cell is shared by its colours in part.
func addNoise(px []float64, size, cells int, amp float64, r *random) {
	grid := make([]float64, (cells+1)*(cells+1)*3)
	for i := 0; i < len(grid); i += 3 {
		light := r.NormFloat64()
		for c := range 3 {
			grid[i+c] = amp * (0.8*light + 0.6*r.NormFloat64())
		}
	}
	for y := range size {
		fy := float64(y) / float64(size) * float64(cells)
		iy := int(fy)
		fy -= float64(iy)
		for x := range size {
			fx := float64(x) / float64(size) * float64(cells)
			ix := int(fx)
			fx -= float64(ix)
			a, b := (iy*(cells+1)+ix)*3, ((iy+1)*(cells+1)+ix)*3
			for c := range 3 {
				top := grid[a+c]*(1-fx) + grid[a+3+c]*fx
				low := grid[b+c]*(1-fx) + grid[b+3+c]*fx
				px[(y*size+x)*3+c] += top*(1-fy) + low*fy
			}
		}
	}
}

func addDisc(px []float64, size int, r *random) {
	cx, cy, rad := r.Float64()*float64(size), r.Float64()*float64(size), (0.05+0.2*r.Float64())*float64(size)
	var colour [3]float64
	for c := range colour {
		colour[c] = 80 * r.NormFloat64()
	}
	for y := range size {
		for x := range size {
			if dx, dy := float64(x)-cx, float64(y)-cy; dx*dx+dy*dy < rad*rad {
				for c := range 3 {
					px[(y*size+x)*3+c] = px[(y*size+x)*3+c]/2 + colour[c]
				}
			}
		}
	}
}

// Picture paints [Size][Width][3] bytes, a part of a square one.
func (n *Net) Picture(seed uint64) []byte {
	side := max(n.Size, n.Width)
	px := Picture(seed, side)
	out := make([]byte, 0, n.Size*n.Width*3)
	for y := range n.Size {
		out = append(out, px[y*side*3:][:n.Width*3]...)
	}
	return out
}

// Input is such a picture, prepared.
func (n *Net) Input(seed uint64) *nd.Tensor {
	return &nd.Tensor{Shape: []int{1, 3, n.Size, n.Width}, F: Prepared(n.Picture(seed))}
}

// Prepared turns a picture into a network's input [1, 3, height, width], by the
// preset torch: (x/255 - mean) / std.
func Prepared(picture []byte) []float32 {
	mean, std := [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}
	plane := len(picture) / 3
	in := make([]float32, 3*plane)
	for i := range plane {
		for c := range 3 {
			in[c*plane+i] = float32((float64(picture[i*3+c])/255 - mean[c]) / std[c])
		}
	}
	return in
}
