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

// leastVectors is what t-SNE and UMAP need.
const leastVectors = 4

// stepped is a map under way.
type stepped interface {
	Step(n int) bool
	Done() float64
	Coords() []float32
}

func (m *mapper) run() (coords []float32, s *mapSummary, err error) {
	f, n := m.flags, len(m.c.names)
	s = &mapSummary{Output: f.out, Vectors: n, Method: f.method, Seed: f.seed, Dims: f.dims}
	if s.Method == "" {
		if s.Method = "umap"; n < fewVectors {
			s.Method = "pca"
			m.p.line("the map is made by pca, since %d vectors are few for umap: --method umap makes that", n)
		}
	}
	if s.Method != "pca" && n < leastVectors {
		return nil, nil, fmt.Errorf("--method %s wants %d vectors or more, there are %d: use --method pca, or embed more pictures", s.Method, leastVectors, n)
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
	f, n := m.flags, len(m.c.names)
	var start []float32
	err := m.app.interruptible(func() (err error) {
		start, err = project.Start(m.c.data, n, m.c.dim, f.dims)
		return err
	})
	if err != nil {
		return nil, err
	}
	want := f.neighbours
	if s.Method == "tsne" {
		want = project.TSNENeighbours(f.perplexity)
	}
	nb, err := search.Nearest(m.c.data, m.c.dim, want, search.Options{Seed: f.seed, Check: m.app.check(m.p, "neighbours")})
	if err != nil {
		return nil, err
	}
	s.Neighbours = nb.K
	check := m.app.check(m.p, "edges")
	var under stepped
	if s.Method == "tsne" {
		under, err = project.NewTSNE(nb, f.dims, project.TSNEOptions{Perplexity: f.perplexity, Iterations: f.epochs, Seed: f.seed, Start: start, Check: check})
	} else {
		minDist := f.minDist
		if minDist == 0 {
			minDist = -1 // none at all
		}
		under, err = project.NewUMAP(nb, f.dims, project.UMAPOptions{MinDist: minDist, Epochs: f.epochs, Seed: f.seed, Start: start, Check: check})
	}
	if err != nil {
		return nil, err
	}
	check = m.app.check(m.p, s.Method)
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
	m.p.share("measuring", 0)
	return m.app.interruptible(func() error {
		q, err := project.Measure(m.c.data, m.c.dim, coords, s.Dims, s.Near, (n+measured-1)/measured)
		s.Faithfulness = &q
		return err
	})
}
