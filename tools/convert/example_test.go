package convert_test

import (
	"bytes"
	"fmt"

	"likeness/tools/convert"
	"likeness/tools/convert/litefile"
	"likeness/tools/convert/quantise"
)

// A network in memory becomes a model file. Open reads a file, or a folder of
// TensorFlow.js, instead.
func ExampleParse() {
	file := litefile.New(32, 32)
	file.Conv("first", []int32{1, 16, 16, 8}, 3, 3, 3, 2, litefile.PadSame, litefile.ActReLU6)
	file.Conv("second", []int32{1, 8, 8, 4}, 3, 3, 8, 2, litefile.PadSame, litefile.ActNone)

	source, err := convert.Parse(convert.TFLite, file.File(), "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	net, err := source.Network(convert.Options{Name: "example", Prepare: source.Prepare})
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := quantise.Model(net, quantise.ModelOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var out bytes.Buffer
	if err := convert.Write(&out, model); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Graph.DefaultLayer, model.Graph.Prepare.Width, source.Said)
	// Output: second 32 pictures are prepared as "tf" (-1 to 1), as most TensorFlow Lite networks are; the file does not say
}
