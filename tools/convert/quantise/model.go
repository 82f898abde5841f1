package quantise

import (
	"likeness/engine/model"
	"likeness/tools/convert/float"
)

// Version names the converter in the files it writes. Raise it whenever the
// same input gives another file, so that models obtained before are converted
// anew.
const Version = "6"

// ModelOptions choose how activation ranges are found.
type ModelOptions struct {
	Calibrate string                // folder of pictures; "" uses declared or synthetic ranges
	Progress  func(done, total int) // may be nil
}

// syntheticCount pictures settle the ranges of a MobileNetV2 within a few percent.
const syntheticCount = 24

// SyntheticMargin widens ranges seen on synthetic pictures, which photos exceed.
const SyntheticMargin = 3

// Model quantises the network: with the ranges of a folder of pictures if one
// is given, else those the file declares, else those of synthetic pictures.
func Model(n *float.Network, opt ModelOptions) (*model.File, error) {
	f, err := quantised(n, opt)
	if err != nil {
		return nil, err
	}
	f.Converter = Version
	return f, nil
}

func quantised(n *float.Network, opt ModelOptions) (*model.File, error) {
	if opt.Calibrate == "" {
		if ranges, ok := Declared(n); ok {
			return WithRanges(n, ranges, DeclaredMargin)
		}
		inputs, err := Synthetic(n, syntheticCount)
		if err != nil {
			return nil, err
		}
		rounded, ranges := Settle(n, inputs, opt.Progress)
		return WithRanges(rounded, ranges, SyntheticMargin)
	}
	inputs, err := Folder(n, opt.Calibrate)
	if err != nil {
		return nil, err
	}
	rounded, ranges := Settle(n, inputs, opt.Progress)
	return WithRanges(rounded, ranges, Margin)
}
