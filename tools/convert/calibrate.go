package convert

import (
	"fmt"
	"math"
	"math/rand/v2"

	"likeness/engine/picture"
	"likeness/tools/regular"
)

// Prepared turns pixels into the float32 input of the network: resized and
// cropped, then (x - mean) / std.
func (n *Network) Prepared(px *picture.Pixels) ([]float32, error) {
	return floats(n.Prepare, func(pr *picture.Preparer) error { return pr.Load(px) })
}

// PreparedPicture is Prepared of an encoded picture.
func (n *Network) PreparedPicture(p *picture.Picture) ([]float32, error) {
	return floats(n.Prepare, func(pr *picture.Preparer) error { return pr.LoadPicture(p) })
}

// floats is a loaded picture as the float32 input of a network.
func floats(p picture.Preparation, load func(*picture.Preparer) error) ([]float32, error) {
	pr, err := picture.NewPreparer(p, 1, 3)
	if err != nil {
		return nil, err
	}
	if err := load(pr); err != nil {
		return nil, err
	}
	rgb := pr.RGB()
	in := make([]float32, len(rgb))
	for i := range in {
		c := i % 3
		x := rgb[i]
		if p.Order == "BGR" {
			x = rgb[i-c+2-c]
		}
		in[i] = float32((float64(x) - p.Mean[c]) / p.Std[c])
	}
	return in, nil
}

// maxCalibration is enough for stable ranges of a classification network.
const maxCalibration = 64

// CalibrationFolder prepares up to 64 pictures of a folder, evenly chosen.
func (n *Network) CalibrationFolder(dir string) ([][]float32, error) {
	files, err := PicturesIn(dir)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	var inputs [][]float32
	for i := 0; i < len(files) && len(inputs) < maxCalibration; i += max(len(files)/maxCalibration, 1) {
		data, _, err := regular.Read(files[i], maxPicture)
		if err != nil {
			return nil, fmt.Errorf("calibration: %s: %w", files[i], err)
		}
		p, err := picture.Open(data, picture.DefaultLimits)
		if err != nil {
			continue // not a picture
		}
		in, err := n.PreparedPicture(p)
		if err != nil {
			return nil, fmt.Errorf("calibration: %s: %w", files[i], err)
		}
		inputs = append(inputs, in)
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("calibration: no picture in %s can be read: name a folder of pictures", dir)
	}
	return inputs, nil
}

// Synthetic makes the built-in calibration set: seeded pictures of noise at
// several spatial frequencies, gradients, edges and discs.
func (n *Network) Synthetic(count int) ([][]float32, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	w, h := n.Prepare.Width, n.Prepare.Height
	whole := n.Prepare
	whole.Resize = picture.ResizeNone
	var inputs [][]float32
	for i := range count {
		px := &picture.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
		paint(px, rng, i)
		in, err := floats(whole, func(pr *picture.Preparer) error { return pr.Load(px) })
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// paint fills a picture with waves, discs and noise in random colours.
func paint(px *picture.Pixels, rng *rand.Rand, i int) {
	type wave struct{ fx, fy, phase, amp float64 }
	var waves [3][6]wave
	for c := range waves {
		for k := range waves[c] {
			f := math.Pow(2, float64(k)) * math.Pi / float64(px.W) * 2
			waves[c][k] = wave{f * rng.NormFloat64(), f * rng.NormFloat64(), rng.Float64() * 7, 120 / (1 + float64(k)) * rng.Float64()}
		}
	}
	cx, cy, r := rng.Float64()*float64(px.W), rng.Float64()*float64(px.H), rng.Float64()*float64(px.W)/2
	disc := [3]float64{rng.Float64() * 255, rng.Float64() * 255, rng.Float64() * 255}
	noise := float64(i%4) * 15
	for y := range px.H {
		for x := range px.W {
			inside := math.Hypot(float64(x)-cx, float64(y)-cy) < r
			for c := range 3 {
				v := 128 + noise*rng.NormFloat64()
				for _, s := range waves[c] {
					v += s.amp * math.Sin(s.fx*float64(x)+s.fy*float64(y)+s.phase)
				}
				if inside {
					v = 0.4*v + 0.6*disc[c]
				}
				px.Pix[4*(y*px.W+x)+c] = byte(min(max(v, 0), 255))
			}
			px.Pix[4*(y*px.W+x)+3] = 255
		}
	}
}
