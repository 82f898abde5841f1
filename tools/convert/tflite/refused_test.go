package tflite

import (
	"errors"
	"math"
	"strings"
	"testing"

	"likeness/tools/convert/failure"
	"likeness/tools/convert/litefile"
	"likeness/tools/convert/lower"
)

// TestRefused lists what a file may ask for in vain, and the words that say so.
func TestRefused(t *testing.T) {
	full := []int32{1, 4, 4, 3}
	for _, c := range []struct {
		name, want string
		build      func(f *litefile.Chain)
	}{
		{"unknown operator", "FLOOR \"up\": the operator is not supported; supported are ABS, ADD, ADD_N, AVERAGE_POOL_2D,", func(f *litefile.Chain) { f.Op(8, "up", full, nil) }},
		{"operator of the future", "number 9999 \"g\": the operator is not supported", func(f *litefile.Chain) { f.Op(9999, "g", full, nil) }},
		{"custom operator", "CUSTOM (TFLite_Detection_PostProcess) \"boxes\": the operator is not supported", func(f *litefile.Chain) {
			f.Custom = "TFLite_Detection_PostProcess"
			f.Op(32, "boxes", full, nil)
		}},
		{"concatenation of pictures", "channels", func(f *litefile.Chain) { f.Op(2, "c", []int32{2, 4, 4, 3}, []int32{0}, int32(0), litefile.ActNone) }},
		{"concatenation of different sizes", "cannot be concatenated along axis 3", func(f *litefile.Chain) {
			f.Conv("small", []int32{1, 2, 2, 2}, 3, 3, 3, 2, litefile.PadSame, litefile.ActNone)
			f.Op(2, "c", []int32{1, 4, 4, 5}, []int32{0}, int32(3), litefile.ActNone)
		}},
		{"addition of different sizes", "do not match", func(f *litefile.Chain) {
			f.Conv("small", []int32{1, 2, 2, 3}, 3, 3, 3, 2, litefile.PadSame, litefile.ActNone)
			f.Op(0, "a", full, []int32{0}, litefile.ActNone)
		}},
		{"constant picture", "constant", func(f *litefile.Chain) {
			f.Op(0, "a", full, []int32{f.Constant("k", full, litefile.Ramp(48)...)}, litefile.ActNone)
		}},
		{"weights for other channels", "do not fit", func(f *litefile.Chain) {
			f.Conv("c", []int32{1, 4, 4, 2}, 1, 1, 5, 1, litefile.PadSame, litefile.ActNone)
		}},
		{"short weights", "bytes", func(f *litefile.Chain) {
			w := f.Tensor(litefile.Tensor{Name: "w", Shape: []int32{2, 1, 1, 3}, Data: litefile.Float32s(1, 2)})
			f.Op(3, "c", []int32{1, 4, 4, 2}, []int32{w}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
		{"weights that are not numbers", "holds NaN", func(f *litefile.Chain) {
			w := f.Constant("w", []int32{1, 1, 1, 3}, 1, float32(math.NaN()), 2)
			f.Op(3, "c", []int32{1, 4, 4, 1}, []int32{w}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
		{"stride 0", "stride [0 0]", func(f *litefile.Chain) {
			f.Conv("c", []int32{1, 4, 4, 2}, 1, 1, 3, 0, litefile.PadSame, litefile.ActNone)
		}},
		{"kernel beyond the picture", "a kernel of 5 pixels does not fit", func(f *litefile.Chain) {
			f.Conv("c", []int32{1, 1, 1, 2}, 5, 5, 3, 1, litefile.PadValid, litefile.ActNone)
		}},
		{"softmax with a temperature", "beta", func(f *litefile.Chain) {
			f.Op(22, "flat", []int32{1, 48}, nil)
			f.Op(25, "s", []int32{1, 48}, nil, float32(2))
		}},
		{"negative reshape", "reshape", func(f *litefile.Chain) { f.Op(22, "r", []int32{1, -4, -4, 3}, nil) }},
		{"padded channels", "only around height, width", func(f *litefile.Chain) {
			k := f.Tensor(litefile.Tensor{Name: "k", Shape: []int32{4, 2}, Type: typeInt32, Data: litefile.Int32s(0, 0, 1, 0, 0, 1, 1, -1)})
			f.Op(34, "y", []int32{1, 5, 5, 3}, []int32{k})
		}},
		{"cropping", "only around height, width", func(f *litefile.Chain) {
			k := f.Tensor(litefile.Tensor{Name: "k", Shape: []int32{4, 2}, Type: typeInt32, Data: litefile.Int32s(0, 0, -1, 0, 0, 0, 0, 0)})
			f.Op(34, "y", []int32{1, 3, 4, 3}, []int32{k})
		}},
		{"shuffled weights", "weights format 1", func(f *litefile.Chain) {
			w := f.Constant("w", []int32{1, 48}, litefile.Ramp(48)...)
			f.Op(9, "y", []int32{1, 1}, []int32{w}, litefile.ActNone, int8(1))
		}},
		{"an operator on nothing", "lacks input 0", func(f *litefile.Chain) { f.On(19, "y", full, []int32{-1}) }},
		{"convolution of one input", "CONV_2D) has 1 inputs, it takes 2 to 3", func(f *litefile.Chain) {
			f.Op(3, "c", []int32{1, 4, 4, 2}, nil, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
		{"convolution of four inputs", "CONV_2D) has 4 inputs", func(f *litefile.Chain) {
			f.Op(3, "c", []int32{1, 4, 4, 2}, []int32{0, 0, 0}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
		{"addition of one input", "ADD) has 1 inputs, it takes 2 to 2", func(f *litefile.Chain) { f.Op(0, "a", full, nil, litefile.ActNone) }},
		{"clamp of two inputs", "RELU) has 2 inputs", func(f *litefile.Chain) { f.Op(19, "y", full, []int32{0}) }},
		{"clamp of two outputs", "RELU) has 2 outputs", func(f *litefile.Chain) {
			f.Op(19, "y", full, nil)
			o := &f.Ops[len(f.Ops)-1]
			o.Out = append(o.Out, f.Tensor(litefile.Tensor{Name: "z", Shape: full}))
		}},
		{"weights left out", "lacks input 1", func(f *litefile.Chain) { f.Op(9, "y", []int32{1, 1}, []int32{-1}, litefile.ActNone) }},
		{"channels other than declared", "contradict", func(f *litefile.Chain) {
			w := f.Constant("w", []int32{2, 1, 1, 3}, litefile.Ramp(6)...)
			f.Op(3, "c", []int32{1, 4, 4, 5}, []int32{w}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
		{"values other than declared", "contradict", func(f *litefile.Chain) {
			f.Op(22, "flat", []int32{1, 48}, nil)
			w := f.Constant("w", []int32{2, 48}, litefile.Ramp(96)...)
			f.Op(9, "y", []int32{1, 7}, []int32{w}, litefile.ActNone)
		}},
		{"dilation 0", "dilation [1 0]", func(f *litefile.Chain) {
			w := f.Constant("w", []int32{2, 1, 1, 3}, litefile.Ramp(6)...)
			f.Op(3, "c", []int32{1, 4, 4, 2}, []int32{w}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(0), int32(1))
		}},
		{"stride negative", "stride [-1 -1]", func(f *litefile.Chain) {
			f.Conv("c", []int32{1, 4, 4, 2}, 1, 1, 3, -1, litefile.PadSame, litefile.ActNone)
		}},
		{"scales along an axis that is not there", "along axis 7", func(f *litefile.Chain) {
			w := f.Tensor(litefile.Tensor{Name: "w", Shape: []int32{2, 1, 1, 3}, Type: typeInt8, Data: make([]byte, 6), Scale: []float32{1, 2}, Zero: []int64{0, 0}, Axis: 7})
			f.Op(3, "c", []int32{1, 4, 4, 2}, []int32{w}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
		{"two biases for one channel", "2 biases", func(f *litefile.Chain) {
			w, b := f.Constant("w", []int32{1, 1, 1, 3}, 1, 2, 3), f.Constant("b", []int32{2}, 1, 2)
			f.Op(3, "c", []int32{1, 4, 4, 1}, []int32{w, b}, litefile.PadSame, int32(1), int32(1), litefile.ActNone, int32(1), int32(1))
		}},
		{"tensor out of range", "refers to tensor", func(f *litefile.Chain) { f.On(19, "y", full, []int32{77}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := litefile.New(4, 4)
			c.build(f)
			n, err := network(f.File(), lower.Options{Name: "test", Prepare: native()})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%+v, %v; want an error with %q", n, err, c.want)
			}
			if strings.Contains(err.Error(), "damaged") {
				t.Errorf("a readable file is called damaged: %v", err)
			}
		})
	}
}

func TestUnsupportedIsTyped(t *testing.T) {
	f := litefile.New(4, 4)
	f.Op(108, "t", []int32{1, 4, 4, 3}, nil)
	_, err := network(f.File(), lower.Options{Name: "test", Prepare: native()})
	var u *failure.Error
	if !errors.As(err, &u) || u.Code != failure.CodeOperator || u.Operator != "COS" || u.Node != "t" || !strings.Contains(u.Reason, "CONV_2D") {
		t.Errorf("%#v from %v", u, err)
	}
}
