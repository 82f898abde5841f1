package cluster_test

import (
	"errors"
	"math"
	"testing"

	"likeness/engine/cluster"
	"likeness/engine/search"
)

func TestOddInput(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	methods := map[string]func(data []float32, dim int, o cluster.Options) (*cluster.Groups, error){
		"k-means": func(data []float32, dim int, o cluster.Options) (*cluster.Groups, error) {
			return cluster.KMeans(data, dim, min(3, max(len(data)/max(dim, 1), 1)), o)
		},
		"HDBSCAN": func(data []float32, dim int, o cluster.Options) (*cluster.Groups, error) {
			return cluster.HDBSCAN(data, dim, 2, o)
		},
		"duplicates": func(data []float32, dim int, o cluster.Options) (*cluster.Groups, error) {
			return cluster.Duplicates(data, dim, 0.5, o)
		},
	}
	same := make([]float32, 400)
	for i := range same {
		same[i] = 0.3 + float32(i%4)
	}
	long, _ := kinds(3000, 4, 5, 1, 0)
	for name, method := range methods {
		for what, data := range map[string][]float32{"none": nil, "one": {1, 2, 3, 4}, "two": {1, 2, 3, 4, 4, 3, 2, 1}, "alike": same, "zeros": make([]float32, 400), "huge": {3e38, 3e38, 0, 0, -3e38, 3e38, 0, 1e-38, 1, 1, 1, 1}} {
			g, err := method(data, 4, cluster.Options{})
			if err != nil {
				t.Errorf("%s: %s: %v", name, what, err)
				continue
			}
			sound(t, g, data, 4, false)
		}
		for what, data := range map[string][]float32{"NaN": {1, 2, 3, nan}, "Inf": {inf, 2, 3, 4}, "part": {1, 2, 3}} {
			if _, err := method(data, 4, cluster.Options{}); !errors.Is(err, search.ErrNotFinite) && !errors.Is(err, search.ErrShape) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		stop := errors.New("stop")
		for _, at := range []float64{0, 0.3, 0.99} {
			if _, err := method(long, 4, cluster.Options{Check: func(done float64) error {
				if done >= at {
					return stop
				}
				return nil
			}}); !errors.Is(err, stop) {
				t.Errorf("%s: stopped at %v: %v", name, at, err)
			}
		}
		last := 0.0
		if _, err := method(long, 4, cluster.Options{Check: func(done float64) error {
			if done < last || done > 1 {
				t.Errorf("%s: progress %v after %v", name, done, last)
			}
			last = done
			return nil
		}}); err != nil || last != 1 {
			t.Errorf("%s: progress ended at %v, %v", name, last, err)
		}
	}
	for _, k := range []int{-1, 0, 3} {
		if _, err := cluster.KMeans([]float32{1, 2}, 1, k, cluster.Options{}); err == nil {
			t.Errorf("%d groups of 2: no error", k)
		}
	}
	if _, err := cluster.HDBSCAN([]float32{1, 2}, 1, 1, cluster.Options{}); err == nil {
		t.Error("groups of one: no error")
	}
}
