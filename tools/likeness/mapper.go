package main

import (
	"fmt"

	"likeness/engine/project"
	"likeness/engine/search"
)

// mapper makes a map of vectors.
type mapper struct {
	app   *app
	flags *mapFlags
	c     *vectorSet
	p     *progress
}

func (m *mapper) run() (coords []float32, s *mapSummary, err error) {
	f, n := m.flags, len(m.c.names)
	s = &mapSummary{Output: f.out, Vectors: n, Method: f.method, Seed: f.seed, Dims: f.dims}
	if s.Method == "" {
		if s.Method = "umap"; n < project.FewVectors {
			s.Method = "pca"
			m.p.line("the map is made by pca, since %d vectors are few for umap: --method umap makes that", n)
		}
	}
	if s.Method != "pca" && n < project.LeastVectors {
		return nil, nil, fmt.Errorf("--method %s wants %d vectors or more, there are %d: use --method pca, or embed more pictures", s.Method, project.LeastVectors, n)
	}
	if s.Method == "pca" {
		err = m.app.interruptible(func() (err error) {
			coords, s.Explained, err = project.PCA(m.c.data, n, m.c.dim, f.dims)
			return err
		})
	} else {
		coords, err = m.move(s)
	}
	if err != nil {
		return nil, nil, err
	}
	return coords, s, m.measure(s, coords)
}

// move makes a map by rounds.
func (m *mapper) move(s *mapSummary) ([]float32, error) {
	f := m.flags
	minDist := f.minDist
	if minDist == 0 {
		minDist = -1 // none at all
	}
	layout := project.Layout{Method: s.Method, Dims: f.dims, Seed: f.seed, Epochs: f.epochs,
		Neighbours: f.neighbours, MinDist: minDist, Perplexity: f.perplexity}
	under, neighbours, err := layout.Begin(m.c.data, len(m.c.names), m.c.dim, func(stage string) search.Check {
		return m.app.check(m.p, stage)
	})
	if err != nil {
		return nil, err
	}
	s.Neighbours = neighbours
	check := m.app.check(m.p, s.Method)
	for more := true; more; s.Rounds++ {
		more = under.Step(1)
		if err := check(under.Done()); err != nil {
			return nil, err
		}
	}
	return under.Coords(), nil
}

// measured bounds the vectors whose neighbours are compared with those on the
// map: with so many the figures are within about .002.
const measured = 500

// measure tells how well the map keeps neighbours, where there are enough.
func (m *mapper) measure(s *mapSummary, coords []float32) error {
	n := len(m.c.names)
	if s.Near = min(10, (n-1)/2); s.Near < 1 {
		return nil
	}
	q, err := project.Measure(m.c.data, m.c.dim, coords, s.Dims, s.Near, (n+measured-1)/measured, m.app.check(m.p, "measuring"))
	s.Faithfulness = &q
	return err
}
