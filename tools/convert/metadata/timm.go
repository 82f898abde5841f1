package metadata

import "fmt"

// pretrained is pretrained_cfg of timm: data/config.py and data/transforms_factory.py
// (transforms_imagenet_eval) say what it stands for.
type pretrained struct {
	InputSize     []int     `json:"input_size"` // channels, height, width
	TestInputSize []int     `json:"test_input_size"`
	Mean          *channels `json:"mean"`
	Std           *channels `json:"std"`
	Interpolation string    `json:"interpolation"`
	CropPct       *float64  `json:"crop_pct"`
	CropMode      string    `json:"crop_mode"`
}

func (c *pretrained) preparation() (*Preparation, error) {
	out := &Preparation{Order: "RGB", Mean: &[3]float64{123.675, 116.28, 103.53}, Std: &[3]float64{58.395, 57.12, 57.375}}
	if len(c.InputSize) != 3 || c.InputSize[0] != 3 {
		return nil, fmt.Errorf("input_size is %v; 3 channels, height and width are wanted", c.InputSize)
	}
	if out.Height, out.Width = c.InputSize[1], c.InputSize[2]; min(out.Height, out.Width) < 1 || max(out.Height, out.Width) > maxSide {
		return nil, fmt.Errorf("input_size is %v, 1 to %d are possible", c.InputSize, maxSide)
	}
	if c.Mean != nil {
		out.Mean = scaled(&c.Mean.v, 1./255)
	}
	if c.Std != nil {
		out.Std = scaled(&c.Std.v, 1./255)
	}
	share := .875
	if c.CropPct != nil {
		share = *c.CropPct
	}
	if !(share > 0 && share <= 1) {
		return nil, fmt.Errorf("crop_pct is %g, above 0 and at most 1 are possible", share)
	}
	name := c.Interpolation
	if name == "" || name == "random" {
		name = "bilinear"
	}
	out.interpolation(name)
	side := truncated(float64(min(out.Height, out.Width)) / share)
	switch {
	case c.CropMode == "squash" && share == 1:
		out.Resize = "stretch"
	case c.CropMode == "" || c.CropMode == "center":
		out.Resize, out.Side = "shorter", side
		if out.Height != out.Width {
			out.refuse("resize", "its input of %d x %d is not square", out.Width, out.Height)
		}
	default:
		out.refuse("resize", "crop_mode is %s with crop_pct %g", c.CropMode, share)
	}
	return out, nil
}
