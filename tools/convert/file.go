package convert

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"likeness/engine/model"
	"likeness/tools/output"
)

// Version names the converter in the files it writes. Raise it whenever the
// same input gives another file, so that models obtained before are converted
// anew.
const Version = "5"

// Remedy is what to do about a network that is refused for a reason that does
// not say.
const Remedy = "export the network again, or see models/IMPORT.md for what can be converted"

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
func (n *Network) Model(opt ModelOptions) (*model.File, error) {
	f, err := n.quantised(opt)
	if err != nil {
		return nil, err
	}
	f.Converter = Version
	return f, nil
}

func (n *Network) quantised(opt ModelOptions) (*model.File, error) {
	if opt.Calibrate == "" {
		if ranges, ok := n.Declared(); ok {
			return n.Quantise(ranges, DeclaredMargin)
		}
		inputs, err := n.Synthetic(syntheticCount)
		if err != nil {
			return nil, err
		}
		rounded, ranges := n.Settle(inputs, opt.Progress)
		return rounded.Quantise(ranges, SyntheticMargin)
	}
	inputs, err := n.CalibrationFolder(opt.Calibrate)
	if err != nil {
		return nil, err
	}
	rounded, ranges := n.Settle(inputs, opt.Progress)
	return rounded.Quantise(ranges, Margin)
}

// ModelKind is what files a model may replace: models.
var ModelKind = output.Kind{Name: "a model", Is: func(head []byte) bool {
	// The length of the header, and the header, a JSON object.
	return len(head) > 8 && binary.LittleEndian.Uint64(head) < 1<<32 && head[8] == '{'
}}

// Write writes a model.
func Write(w io.Writer, f *model.File) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := model.Write(b, f); err != nil {
		return err
	}
	return b.Flush()
}

// WriteFile writes a model so that no partial file is ever seen.
func WriteFile(path string, f *model.File) error {
	var set output.Set
	defer set.Discard()
	w, err := set.Create(path, ModelKind)
	if err != nil {
		return err
	}
	if err := Write(w, f); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return set.Commit()
}
