package graph

import "testing"

// A part of a network is found by its name alone, where only one has it, and is
// its last value.
func TestModule(t *testing.T) {
	g := &Graph{Tensors: []Tensor{
		{Name: "input"},
		{Name: "vgg16/block5_conv3", Also: []string{"vgg16/block5_conv3/Conv2D:0"}},
		{Name: "StatefulPartitionedCall/vgg16/block5_pool/MaxPool:0"},
		{Name: "net_1/fc2_1/MatMul"}, {Name: "net_1/fc2_1/Relu"},
		{Name: "/layer1/layer1.0/relu/Relu"},
		{Name: "a/conv1/Relu"}, {Name: "b/conv1/Relu"},
		{Name: "block12_x"},
	}}
	for name, want := range map[string]int{"block5_conv3": 1, "block5_pool": 2, "fc2": 4, "layer1": 5, "conv1": -1, "block1": -1, "block12": -1, "input": -1, "": -1} {
		got, ok := g.Module(name)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", name, got, want)
		}
	}
}
