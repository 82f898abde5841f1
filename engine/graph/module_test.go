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
	g.Tensors = append(g.Tensors, Tensor{Name: "net/conv9_relu/Relu", Joined: []string{"net/conv9/Conv2D", "net/conv9_bn/Batch"}},
		Tensor{Name: "net/s/relu", Joined: []string{"net/s/conv"}})
	for name, want := range map[string]int{"conv9": 9, "conv9_bn": 9, "net/conv9/Conv2D": 9, "conv9_relu": -1, "s": -1, "fc2": -1, "": -1} {
		got, ok := g.JoinedInto(name)
		if !ok {
			got = -1
		}
		if _, own := g.Module(name); got != want || own && want > 0 {
			t.Errorf("%q is joined into %d, want %d; of its own: %v", name, got, want, own)
		}
	}
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
