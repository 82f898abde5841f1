package quantise

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"likeness/engine"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/regular"
)

// Agreement holds the vectors of a quantised layer against those of the float
// run, over many pictures.
type Agreement struct {
	Layer   string  `json:"layer"`
	Mean    float64 `json:"cosine_mean"`
	P1      float64 `json:"cosine_p1"` // one picture in a hundred lies below
	Min     float64 `json:"cosine_min"`
	Overlap float64 `json:"overlap_at_10"` // share of the ten nearest that both agree on
}

// Checked is the result of Check.
type Checked struct {
	Pictures int         `json:"pictures"`
	Layers   []Agreement `json:"layers"`
	Worst    string      `json:"worst_layer"`
	// Top1 is the share of pictures with the same best class, if Output is set.
	Top1   float64 `json:"top1_agreement"`
	Output string  `json:"output,omitempty"`
}

// neighbours is how many are compared.
const neighbours = 10

// Check runs the network in float32 and its quantised file over the pictures of
// a folder, side by side, and compares the vectors of some layers: those given,
// or the default one, the output and a few between. Layers with height and
// width are averaged over them.
func Check(n *float.Network, f *model.File, dir string, layers []string, progress func(done, total int)) (*Checked, error) {
	files, err := PicturesIn(dir)
	if err != nil {
		return nil, err
	}
	net, err := engine.New(f)
	if err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		layers = spread(n, 5)
	}
	out := n.Output
	if out == "" {
		out = scores(n)
	}
	if out != "" && !slices.Contains(layers, out) {
		layers = append(layers, out)
	}
	s, err := net.NewSession(layers...)
	if err != nil {
		return nil, err
	}
	c := &comparison{n: n, session: s, layers: layers, output: out, float: make([][][]float32, len(layers)), quant: make([][][]float32, len(layers))}
	for i, file := range files {
		if err := c.add(file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if progress != nil {
			progress(i+1, len(files))
		}
	}
	if c.count == 0 {
		return nil, fmt.Errorf("no picture in %s can be read: name a folder of pictures", dir)
	}
	return c.result(), nil
}

// spread names the default layer, the output and about count more, evenly
// spread over the network.
func spread(n *float.Network, count int) []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for i := range count {
		add(n.Nodes[(i+1)*(len(n.Nodes)-1)/(count+1)].Name)
	}
	add(n.DefaultLayer)
	add(n.Output)
	return out
}

// scores is the last layer, if it looks like class scores.
func scores(n *float.Network) string {
	node := n.Nodes[len(n.Nodes)-1]
	if s := n.Tensors[node.Output].Shape; s[0]*s[1] == 1 && s[2] >= 10 && s[2] <= 22000 {
		return node.Name
	}
	return ""
}

type comparison struct {
	n            *float.Network
	session      *engine.Session
	layers       []string
	output       string
	count, agree int
	float, quant [][][]float32 // [layer][picture], of length 1
}

func (c *comparison) add(file string) error {
	data, _, err := regular.Read(file, maxPicture)
	if err != nil {
		return err
	}
	p, err := picture.Open(data, picture.DefaultLimits)
	if err != nil {
		return nil // not a picture
	}
	in, err := c.n.PreparedPicture(p)
	if err != nil {
		return err
	}
	if err := c.session.RunPicture(p); err != nil {
		return err
	}
	want := map[int][]float32{}
	at := make([]int, len(c.layers))
	for i, name := range c.layers {
		t, ok := c.n.Find(name)
		if !ok {
			return fmt.Errorf("the network has no layer %q", name)
		}
		at[i], want[t] = t, nil
	}
	c.n.Visit(in, func(t int, v []float32) {
		if _, ok := want[t]; ok {
			want[t] = v
		}
	})
	for i, name := range c.layers {
		pool := engine.PoolAvg
		got, err := c.session.Vector(name, pool, true)
		if err != nil {
			return err
		}
		float := averaged(want[at[i]], c.n.Tensors[at[i]].Shape[2])
		c.float[i], c.quant[i] = append(c.float[i], float), append(c.quant[i], got)
		if name == c.output && largest(float) == largest(got) {
			c.agree++
		}
	}
	c.count++
	return nil
}

// averaged is the mean over pixels, of length 1.
func averaged(v []float32, channels int) []float32 {
	sums := make([]float64, channels)
	for i, x := range v {
		sums[i%channels] += float64(x)
	}
	length := 0.0
	for _, x := range sums {
		length += x * x
	}
	out := make([]float32, channels)
	for i, x := range sums {
		out[i] = float32(x / max(math.Sqrt(length), 1e-30))
	}
	return out
}

func largest(v []float32) (best int) {
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

func (c *comparison) result() *Checked {
	r := &Checked{Pictures: c.count, Output: c.output, Top1: float64(c.agree) / float64(c.count)}
	worst := 2.0
	for i, name := range c.layers {
		var cos []float64
		sum := 0.0
		for p, v := range c.float[i] {
			d := similarity(v, c.quant[i][p])
			if d == 0 && !slices.ContainsFunc(v, func(x float32) bool { return x != 0 }) {
				d = 1 // both are zero
			}
			cos = append(cos, d)
			sum += d
		}
		sort.Float64s(cos)
		a := Agreement{Layer: name, Mean: sum / float64(c.count), P1: cos[len(cos)/100], Min: cos[0], Overlap: overlap(c.float[i], c.quant[i])}
		r.Layers = append(r.Layers, a)
		if a.Mean < worst {
			worst, r.Worst = a.Mean, name
		}
	}
	return r
}

func similarity(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// overlap is the share of each picture's ten nearest that both sets agree on.
func overlap(a, b [][]float32) float64 {
	k := min(neighbours, len(a)-1)
	if k < 1 {
		return 1
	}
	common := 0
	for i := range a {
		x, y := nearest(a, i, k), nearest(b, i, k)
		for _, p := range x {
			if slices.Contains(y, p) {
				common++
			}
		}
	}
	return float64(common) / float64(k*len(a))
}

func nearest(v [][]float32, i, k int) []int {
	type scored struct {
		at  int
		sim float64
	}
	var all []scored
	for p := range v {
		if p != i {
			all = append(all, scored{p, similarity(v[i], v[p])})
		}
	}
	sort.SliceStable(all, func(x, y int) bool { return all[x].sim > all[y].sim })
	out := make([]int, k)
	for p := range out {
		out[p] = all[p].at
	}
	return out
}
