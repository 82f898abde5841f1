package float_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"likeness/engine"
	"likeness/engine/internal/testnet"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/engine/tune/float"
)

// The float run of a file agrees with the engine's, for the default model from
// several layers on, and for networks of all operators that can be trained.
func TestEngine(t *testing.T) {
	data, err := os.ReadFile("../../../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"Conv", "expanded_conv_6/project", "expanded_conv_12/add", "expanded_conv_16/depthwise"} {
		if c := agreement(t, f, from); c < 0.9995 {
			t.Errorf("likeness_v1 from %s: cosine %v", from, c)
		} else {
			t.Logf("likeness_v1 from %s: cosine %.6f", from, c)
		}
	}
	for seed := range uint64(5) {
		n := testnet.All(seed)
		for _, to := range []string{"scaled", "relu", "concat"} {
			n.File.Graph.DefaultLayer = to
			if c := agreement(t, &n.File, "stem"); c < 0.999 {
				t.Errorf("seed %d, stem to %s: cosine %v", seed, to, c)
			}
		}
	}
}

// agreement is the cosine of the default layer's vector of a picture of noise.
func agreement(t *testing.T, f *model.File, from string) float64 {
	t.Helper()
	net, err := engine.New(f)
	if err != nil {
		t.Fatal(err)
	}
	g := &f.Graph
	s, err := net.NewSession(from, g.DefaultLayer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Resize(picture.ResizeNone); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	px := &picture.Pixels{W: g.Prepare.Width, H: g.Prepare.Height}
	for i := range px.W * px.H {
		x, y := float64(i%px.W), float64(i/px.W)
		for c := range 3 {
			px.Pix = append(px.Pix, byte(128+60*math.Sin(x/(9+3*float64(c)))+40*math.Cos(y/17)+rnd.Float64()*25))
		}
		px.Pix = append(px.Pix, 255)
	}
	if err := s.Run(px); err != nil {
		t.Fatal(err)
	}
	in, _ := g.Tensor(from)
	out, _ := g.Tensor(g.DefaultLayer)
	n, err := float.New(f, in, out, 2, float.Head{Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	q := make([]int16, g.Tensors[in].Elems())
	if err := s.Integers(q, from); err != nil {
		t.Fatal(err)
	}
	n.Input.Fill(1, q, g.Tensors[in].Scale)
	n.Forward(2)
	want, err := s.Vector(g.DefaultLayer, engine.PoolAvg, false)
	if err != nil {
		t.Fatal(err)
	}
	got := n.Pooled.Value[n.Pooled.Each():]
	var dot, a, b float64
	for i, w := range want {
		dot, a, b = dot+float64(w)*float64(got[i]), a+float64(w)*float64(w), b+float64(got[i])*float64(got[i])
	}
	return dot / math.Sqrt(a*b)
}
