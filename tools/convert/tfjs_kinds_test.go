package convert_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"
	"testing/fstest"

	"likeness/tools/convert/lower"
	"likeness/tools/convert/tensorflow"
	"likeness/tools/convert/tfjs"
)

// layersModel is a Keras model of a picture of 4 x 4 and the given layers; weights
// are small numbers of both signs.
func layersModel(t *testing.T, layers []map[string]any, weights map[string][]int) (fstest.MapFS, map[string][]float32) {
	t.Helper()
	var list []map[string]any
	var data []byte
	values := map[string][]float32{}
	for _, name := range []string{"c/kernel", "y/kernel", "y/bias", "y/gamma", "y/beta"} {
		shape, ok := weights[name]
		if !ok {
			continue
		}
		n := 1
		for _, d := range shape {
			n *= d
		}
		for i := range n {
			v := float32((i*37+11)%101-50) / 100
			values[name] = append(values[name], v)
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		list = append(list, map[string]any{"name": name, "shape": shape, "dtype": "float32"})
	}
	model, err := json.Marshal(map[string]any{"modelTopology": map[string]any{"class_name": "Sequential", "config": layers},
		"weightsManifest": []any{map[string]any{"paths": []string{"w.bin"}, "weights": list}}})
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{"model.json": {Data: model}, "w.bin": {Data: data}}, values
}

// TestKerasKinds: layers of Keras against their formulas.
func TestKerasKinds(t *testing.T) {
	conv := map[string]any{"class_name": "Conv2D", "config": map[string]any{"name": "c", "batch_input_shape": []any{nil, 4, 4, 3}, "kernel_size": 1, "use_bias": false}}
	for name, c := range map[string]struct {
		config  map[string]any
		weights map[string][]int
		want    func(w map[string][]float32, x []float32) []float64
	}{
		"UnitNormalization": {nil, nil, func(_ map[string][]float32, x []float32) []float64 {
			var y []float64
			for i, v := range x {
				y = append(y, float64(v)/math.Hypot(float64(x[i/2*2]), float64(x[i/2*2+1])))
			}
			return y
		}},
		"GroupNormalization": {map[string]any{"groups": 2, "epsilon": 1e-3}, map[string][]int{"y/gamma": {2}, "y/beta": {2}}, func(w map[string][]float32, x []float32) []float64 {
			y := make([]float64, len(x))
			for c := range 2 {
				sum, squares := 0.0, 0.0
				for i := c; i < len(x); i += 2 {
					sum, squares = sum+float64(x[i])/16, squares+float64(x[i])*float64(x[i])/16
				}
				for i := c; i < len(x); i += 2 {
					y[i] = (float64(x[i])-sum)/math.Sqrt(squares-sum*sum+1e-3)*float64(w["y/gamma"][c]) + float64(w["y/beta"][c])
				}
			}
			return y
		}},
		"Conv2DTranspose": {map[string]any{"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}, map[string][]int{"y/kernel": {3, 3, 3, 2}, "y/bias": {3}}, func(w map[string][]float32, x []float32) []float64 {
			y := make([]float64, 8*8*3)
			for i := range y {
				y[i] = float64(w["y/bias"][i%3])
			}
			for i, v := range x {
				for p := range 27 {
					if h, wd := i/8*2+p/9, i/2%4*2+p/3%3; h < 8 && wd < 8 { // one row and column too many, after
						y[(h*8+wd)*3+p%3] += float64(v) * float64(w["y/kernel"][p*2+i%2])
					}
				}
			}
			return y
		}},
	} {
		t.Run(name, func(t *testing.T) {
			config := map[string]any{"name": "y"}
			for k, v := range c.config {
				config[k] = v
			}
			weights := map[string][]int{"c/kernel": {1, 1, 3, 2}}
			for k, v := range c.weights {
				weights[k] = v
			}
			fsys, values := layersModel(t, []map[string]any{conv, {"class_name": name, "config": config}}, weights)
			g, err := tfjs.ReadFS(fsys, "", tensorflow.Options{})
			if err != nil {
				t.Fatal(err)
			}
			n, err := lower.Graph(g, lower.Options{Name: "keras", Prepare: preset(t, "tf"), Keep: []string{"c"}})
			if err != nil {
				t.Fatal(err)
			}
			x := make([]float32, 4*4*3)
			for i := range x {
				x[i] = float32(i*37%23)/11 - 1
			}
			var from, got []float32
			for i, v := range n.Run(x) {
				switch n.Tensors[i].Name {
				case "c":
					from = v
				case "y":
					got = v
				}
			}
			want := c.want(values, from)
			if len(got) != len(want) {
				t.Fatalf("%d values, want %d", len(got), len(want))
			}
			for i, v := range got {
				if math.Abs(float64(v)-want[i]) > 2e-3 {
					t.Fatalf("value %d is %g, want %g", i, v, want[i])
				}
			}
		})
	}
}
