package engine_test

import (
	"bytes"
	"testing"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
	"likeness/engine/model"
)

// FuzzLoad: whatever loads runs, on any picture, to its default layer.
func FuzzLoad(f *testing.F) {
	add := func(n *testnet.Net) {
		var b bytes.Buffer
		if err := model.Write(&b, &n.File); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	n := testnet.New(3, 9, 8)
	a := n.Conv("conv", 0, 5, 1, testnet.Square(3, 1, 1), true)
	n.Softmax("soft", n.FC("fc", n.Pool(graph.MaxPool, "pool", a, testnet.Square(2, 2, 0)), 4))
	add(n)
	add(testnet.New(1, 6, 6).Plain())
	for seed := range uint64(8) {
		add(testnet.Random(seed, 5))
	}
	f.Add(encode(f, &testnet.All(1).File.Graph, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := model.Read(data)
		if err != nil {
			return
		}
		net, err := engine.New(m)
		if err != nil {
			return
		}
		work := int64(0)
		for i := range m.Graph.Nodes {
			n := &m.Graph.Nodes[i]
			work += n.MACs(&m.Graph) + int64(m.Graph.Tensors[n.Output].Elems())*int64(max(n.Kernel[0]*n.Kernel[1], 1))
		}
		p := net.Preparation()
		if work+int64(p.Width*p.Height) > 1<<21 {
			return
		}
		s, err := net.NewSession()
		if err != nil {
			t.Fatalf("loaded, and then: %v", err)
		}
		px := noise(uint64(len(data)), p.Width, p.Height)
		for i := 0; i < len(px.Pix); i += 5 {
			px.Pix[i] = byte(i % 2 * 255)
		}
		if err := s.Run(px); err != nil {
			t.Fatalf("loaded, and then: %v", err)
		}
		if _, err := s.Vector("", engine.PoolAvg, true); err != nil {
			t.Fatal(err)
		}
	})
}
