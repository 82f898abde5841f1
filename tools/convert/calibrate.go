package convert

import (
	"fmt"

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
