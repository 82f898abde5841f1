package nd

import (
	"errors"
	"testing"

	"likeness/tools/convert/failure"
)

// sized is a float input of a shape; ints is one of a list of integers.
func sized(shape ...int) *Tensor { return New(Float32, shape) }

func ints(v ...int64) *Tensor { return &Tensor{Type: Int64, Shape: []int{len(v)}, I: v} }

func TestBadNodes(t *testing.T) {
	type attrs = map[string]Attr
	for _, c := range []struct {
		op    string
		opset int
		attrs attrs
		in    []*Tensor
		want  string
	}{
		{"Frobnicate", 13, nil, nil, `Frobnicate "n": the operator Frobnicate is not supported`},
		{"Conv", 13, attrs{"auto_pad": String("SOME")}, []*Tensor{sized(1, 3, 8, 8), sized(4, 3, 3, 3)}, `Conv "n": auto_pad="SOME" is not supported`},
		{"Conv", 13, attrs{"activation": String("Relu")}, []*Tensor{sized(1, 3, 8, 8), sized(4, 3, 3, 3)}, `Conv "n": activation="Relu" is not supported`},
		{"ConvTranspose", 13, attrs{"output_shape": Ints(4)}, []*Tensor{sized(1, 3, 8, 8), sized(3, 4, 3, 3)}, `ConvTranspose "n": output_shape [4] should be a list of 2`},
		{"ConvTranspose", 13, attrs{"auto_pad": String("SOME")}, []*Tensor{sized(1, 3, 8, 8), sized(3, 4, 3, 3)}, `ConvTranspose "n": auto_pad="SOME" is not supported`},
		{"ConvTranspose", 13, nil, []*Tensor{sized(1, 3, 8, 8), sized(4, 4, 3, 3)}, `ConvTranspose "n": 1 groups of weights [4 4 3 3] do not fit an input of shape [1 3 8 8]`},
		{"ConvTranspose", 13, attrs{"pads": Ints(9, 9, 9, 9)}, []*Tensor{sized(1, 3, 8, 8), sized(3, 4, 3, 3)}, `ConvTranspose "n": padding of 9 and 9 leaves -8 of 10`},
		{"Conv", 13, nil, []*Tensor{sized(1, 3, 8, 8), sized(4, 2, 3, 3)}, `Conv "n": 1 groups of weights [4 2 3 3] do not fit an input of shape [1 3 8 8]`},
		{"Conv", 13, nil, []*Tensor{sized(1, 3, 2, 2), sized(4, 3, 3, 3)}, `Conv "n": a window of 3 does not fit 2 numbers padded by 0 and 0`},
		{"Conv", 13, attrs{"strides": Ints(0, 1)}, []*Tensor{sized(1, 3, 8, 8), sized(4, 3, 3, 3)}, `Conv "n": strides [0 1] is outside 1 to 1048576`},
		{"Conv", 13, attrs{"strides": Ints(1)}, []*Tensor{sized(1, 3, 8, 8), sized(4, 3, 3, 3)}, `Conv "n": strides [1] should be a list of 2`},
		{"Conv", 13, attrs{"group": Float(2)}, []*Tensor{sized(1, 3, 8, 8), sized(4, 3, 3, 3)}, `Conv "n": attribute "group" is float instead of integer`},
		{"Conv", 13, nil, []*Tensor{sized(1, 3, 8, 8)}, `Conv "n": it has 1 inputs, the operator takes 2 to 3`},
		{"Conv", 13, nil, []*Tensor{sized(1, 3, 8, 8), nil}, `Conv "n": input 1 is missing`},
		{"Conv", 13, nil, []*Tensor{sized(1, 3, 8, 8), sized(4, 3, 3, 3), sized(3)}, `Conv "n": input "c" has shape [3] instead of [4]`},
		{"Conv", 13, nil, []*Tensor{ints(1), sized(4, 3, 3, 3)}, `Conv "n": input "a" is int64 instead of floating point`},
		{"MaxPool", 13, nil, []*Tensor{sized(1, 3, 8, 8)}, `MaxPool "n": kernel_shape [] does not fit an input of shape [1 3 8 8]`},
		{"BatchNormalization", 15, attrs{"training_mode": Int(1)}, []*Tensor{sized(1, 3), sized(3), sized(3), sized(3), sized(3)}, `BatchNormalization "n": training_mode=1 is not supported`},
		{"Gemm", 13, nil, []*Tensor{sized(1, 3), sized(4, 3)}, `Gemm "n": shapes [1 3] and [4 3] cannot be multiplied (transA=0, transB=0)`},
		{"MatMul", 13, nil, []*Tensor{sized(2, 3), sized(2, 3)}, `MatMul "n": shapes [2 3] and [2 3] cannot be multiplied`},
		{"Add", 13, nil, []*Tensor{sized(2, 3), sized(4)}, `Add "n": shapes [[2 3] [4]] do not broadcast`},
		{"Add", 13, nil, []*Tensor{sized(2), ints(1, 2)}, `Add "n": inputs "a" and "b" are of types float32 and int64`},
		{"Div", 13, nil, []*Tensor{ints(1), ints(0)}, `Div "n": an integer is divided by zero`},
		{"Concat", 13, attrs{"axis": Int(1)}, []*Tensor{sized(1, 2, 3), sized(1, 2, 4)}, `Concat "n": shapes [1 2 3] and [1 2 4] cannot be joined along axis 1`},
		{"Concat", 13, attrs{"axis": Int(3)}, []*Tensor{sized(1, 2, 3)}, `Concat "n": axis 3 is outside a tensor of 3 dimensions`},
		{"Reshape", 13, nil, []*Tensor{sized(2, 3), ints(4, -1)}, `Reshape "n": shape [4 -1] does not fit an input of shape [2 3]`},
		{"Reshape", 13, nil, []*Tensor{sized(2, 3), ints(-1, -1)}, `Reshape "n": shape [-1 -1] does not fit an input of shape [2 3]`},
		{"Reshape", 13, nil, []*Tensor{sized(2, 3), ints(1<<62, 1<<62)}, `Reshape "n": shape [4611686018427387904 4611686018427387904] does not fit an input of shape [2 3]`},
		{"Transpose", 13, attrs{"perm": Ints(0, 0)}, []*Tensor{sized(2, 3)}, `Transpose "n": perm [0 0] is no order of 2 axes`},
		{"Squeeze", 13, nil, []*Tensor{sized(2, 1), ints(0)}, `Squeeze "n": axis 0 of [2 1] is not 1`},
		{"Gather", 13, nil, []*Tensor{sized(2, 3), ints(2)}, `Gather "n": index 2 is outside the 2 of axis 0`},
		{"Split", 13, nil, []*Tensor{sized(4), ints(1, 2)}, `Split "n": split [1 2] does not fit 4 in 1 outputs`},
		{"Slice", 13, nil, []*Tensor{sized(4), ints(0), ints(1), ints(0), ints(0)}, `Slice "n": a step is 0`},
		{"Expand", 13, nil, []*Tensor{sized(1), ints(1<<20, 1<<20)}, `Expand "n": its output of shape [1048576 1048576] is negative or holds more than 268435456 numbers`},
		{"Tile", 13, nil, []*Tensor{sized(2), ints(1 << 40)}, `Tile "n": repeats [1099511627776] are outside 0 to 268435456`},
		{"ConstantOfShape", 13, nil, []*Tensor{ints(-2)}, `ConstantOfShape "n": its output of shape [-2] is negative or holds more than 268435456 numbers`},
		{"Pad", 13, attrs{"mode": String("wrap")}, []*Tensor{sized(2), ints(1, 1)}, `Pad "n": mode="wrap" is not supported`},
		{"Pad", 13, attrs{"pads": Ints(1, 1)}, []*Tensor{sized(2)}, `Pad "n": pads=[1 1] is not supported`},
		{"Clip", 13, attrs{"min": Float(0)}, []*Tensor{sized(2)}, `Clip "n": min=0 is not supported`},
		{"HardSwish", 13, nil, []*Tensor{sized(2)}, `HardSwish "n": operator set 13 has no HardSwish`},
		{"Upsample", 10, nil, []*Tensor{sized(2)}, `Upsample "n": operator set 10 has no Upsample`},
		{"Resize", 18, attrs{"antialias": Int(1)}, []*Tensor{sized(2), nil, nil, ints(3)}, `Resize "n": antialias=1 is not supported`},
		{"Resize", 13, nil, []*Tensor{sized(2), nil, nil, nil}, `Resize "n": scales [] and sizes []: one of them should be given, for 1 axes`},
		{"Cast", 13, attrs{"to": Int(8)}, []*Tensor{sized(2)}, `Cast "n": to=8 is not supported`},
		{"QuantizeLinear", 13, nil, []*Tensor{sized(1, 3), sized(2)}, `QuantizeLinear "n": input "b" has shape [2] instead of [3]`},
		{"LRN", 13, nil, []*Tensor{sized(1, 3, 2, 2)}, `LRN "n": size 0 is outside 1 to 1048576`},
	} {
		n := &Node{Op: c.op, Name: "n", Outputs: []string{"y"}, Attrs: c.attrs}
		for i, x := range c.in {
			n.Inputs = append(n.Inputs, "")
			if x != nil {
				n.Inputs[i] = string(rune('a' + i))
			}
		}
		if _, err := Eval(n, c.opset, c.in); err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

func TestUnsupportedIsTyped(t *testing.T) {
	n := &Node{Op: "Pad", Name: "p", Inputs: []string{"x"}, Outputs: []string{"y"}, Attrs: map[string]Attr{"mode": String("odd"), "pads": Ints(1, 1)}}
	_, err := Eval(n, 9, []*Tensor{sized(3)})
	var u *failure.Error
	if !errors.As(err, &u) || u.Code != failure.CodeAttribute || u.Node != "p" || u.Operator != "Pad" || u.Attribute != "mode" || u.Value != `"odd"` {
		t.Errorf("got %#v", err)
	}
	g := &Graph{Opset: 13, Nodes: []Node{
		{Op: "A", Name: "a", Domain: "ai.onnx.ml", Outputs: []string{"p"}}, {Op: "B", Name: "b", Outputs: []string{"q"}}, {Op: "B", Name: "c", Outputs: []string{"r"}},
	}}
	want := "A \"a\": the operator ai.onnx.ml.A is not supported\nB \"b\": the operator B is not supported"
	if err := Check(g); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestBadRuns(t *testing.T) {
	g := &Graph{
		Opset:   13,
		Inputs:  []Value{{Name: "x", Shape: []int{-1, 3, -1}}},
		Outputs: []Value{{Name: "y"}},
		Nodes:   []Node{{Op: "Relu", Name: "r", Inputs: []string{"x"}, Outputs: []string{"y"}}},
	}
	for _, c := range []struct {
		x    *Tensor
		keep string
		want string
	}{
		{nil, "y", `input "x" is missing`},
		{sized(1, 4, 2), "y", `input "x" has shape [-1 3 -1], [1 4 2] was given`},
		{ints(1), "y", `input "x" is int64 instead of float32`},
		{&Tensor{Shape: []int{1, 3, 2}, F: make([]float32, 5)}, "y", `input "x": a float32 tensor of shape [1 3 2] holds 5 floats and 0 integers`},
		{sized(1, 3, 2), "z", `the graph has no value "z"`},
	} {
		if _, err := Run(g, map[string]*Tensor{"x": c.x}, c.keep); err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
	if _, err := Infer(g, nil); err == nil || err.Error() != `input "x" has no fixed shape in the file ([-1 3 -1]): one must be given` {
		t.Error(err)
	}
	shaped := *g
	shaped.Inputs = append(shaped.Inputs, Value{Name: "s", Type: Int64, Shape: []int{2}})
	shaped.Nodes = []Node{{Op: "Reshape", Name: "r", Inputs: []string{"x", "s"}, Outputs: []string{"y"}}}
	want := `Reshape "r": its shape depends on the values of "s", which are computed from the input`
	if _, err := Infer(&shaped, map[string][]int{"x": {1, 3, 2}}); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	err := walk(g, map[string]*Tensor{"x": sized(1, 3, 100)}, 500, func(string, *Tensor) error { return nil })
	if want := `Relu "r": the values held at one time have more than 500 numbers`; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
