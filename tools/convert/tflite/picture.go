package tflite

import (
	"fmt"
	"slices"
)

// Size is the size of pictures that a file takes, 0 where it leaves that open.
func Size(data []byte) (width, height int) {
	if s := input(data).shape; len(s) == 4 {
		return max(s[2], 0), max(s[1], 0)
	}
	return 0, 0
}

// Bytes reports whether a file takes bytes, whose scale and zero settle which
// values they stand for.
func Bytes(data []byte) bool {
	in := input(data)
	return in.typ == typeUint8 && len(in.scale) == 1
}

// input is the picture of a file; Read tells what is wrong with a file without one.
func input(data []byte) tensor {
	if r, err := marked(data); err == nil {
		return r.tensors[r.pictures[0]]
	}
	return tensor{}
}

func marked(data []byte) (*reader, error) {
	if len(data) < 8 || string(data[4:8]) != "TFL3" {
		return nil, fmt.Errorf("no mark")
	}
	return parse(data)
}

// Preparation is what a file tells of the values of pixels, and how: its input is
// of 8-bit integers, whose value is scale * (pixel - zero); or the network scales
// and shifts its input itself, which is then 0 to 255. why is empty where it tells
// nothing.
func Preparation(data []byte) (mean, std float64, why string) {
	r, err := marked(data)
	if err != nil {
		return 0, 0, ""
	}
	in := r.tensors[r.pictures[0]]
	if in.typ == typeUint8 && len(in.scale) == 1 && len(in.zero) <= 1 && in.scale[0] > 0 {
		for _, z := range in.zero {
			mean = float64(z)
		}
		return mean, 1 / in.scale[0], fmt.Sprintf("as the scale and zero of the file's input say: mean %.6g, std %.6g", mean, 1/in.scale[0])
	}
	for _, op := range r.ops {
		if slices.Contains(op.inputs, r.pictures[0]) && slices.Contains(scaling, op.code) && len(op.inputs) == 2 {
			return 0, 1, "as values of 0 to 255: the network scales and shifts its input itself"
		}
	}
	return 0, 0, ""
}

// scaling are the operators ADD, MUL, SUB and DIV.
var scaling = []int32{0, 18, 41, 42}
