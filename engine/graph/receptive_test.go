package graph

import "testing"

func TestReceptiveFields(t *testing.T) {
	g := Graph{Tensors: []Tensor{{Shape: [3]int{64, 64, 3}}, {Shape: [3]int{32, 32, 8}}, {Shape: [3]int{16, 16, 8}}, {Shape: [3]int{16, 16, 8}}, {Shape: [3]int{1, 1, 8}}}}
	conv := func(in, k, stride, dilation int) Node {
		return Node{Op: Conv, Inputs: []int{in}, Output: in + 1, Kernel: [2]int{k, k}, Stride: [2]int{stride, stride}, Dilation: [2]int{dilation, dilation}}
	}
	g.Nodes = []Node{conv(0, 3, 2, 1), conv(1, 3, 2, 1), conv(2, 3, 1, 2), {Op: GlobalAvgPool, Inputs: []int{3}, Output: 4}}
	for i, want := range []int{1, 3, 7, 23, 64} {
		if got := g.ReceptiveFields()[i]; got != [2]int{want, want} {
			t.Errorf("tensor %d sees %v, want %d", i, got, want)
		}
	}
}
