package quantise

import (
	"fmt"

	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/regular"
)

// maxCalibration is enough for stable ranges of a classification network.
const maxCalibration = 64

// Folder prepares up to 64 pictures of a folder, evenly chosen.
func Folder(n *float.Network, dir string) ([][]float32, error) {
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
