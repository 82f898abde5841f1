package project

import (
	"errors"
	"fmt"

	"likeness/engine/search"
)

// The methods of a [Layout].
const (
	MethodPCA  = "pca"
	MethodTSNE = "tsne"
	MethodUMAP = "umap"
)

// FewVectors is the number below which neighbours say little: PCA is then the
// better choice.
const FewVectors = 16

// LeastVectors is what t-SNE and UMAP need.
const LeastVectors = 4

// DefaultNeighbours is the usual number of neighbours of UMAP.
const DefaultNeighbours = 15

// ErrFew is wrapped where t-SNE or UMAP is asked for with too few vectors.
var ErrFew = errors.New("too few vectors")

// Layout says how vectors are laid out step by step; zeros stand for the usual.
type Layout struct {
	Method     string  // MethodTSNE or MethodUMAP
	Dims       int     // 2 or 3
	Seed       uint64  // of what is left to chance
	Epochs     int     // rounds; 0: the method's own number
	Neighbours int     // UMAP: of each vector, at least 2; 0: 15
	MinDist    float64 // UMAP: as in UMAPOptions
	Perplexity float64 // t-SNE: as in TSNEOptions
}

// Moving is a map that is made step by step: a [TSNE] or a [UMAP].
type Moving interface {
	Step(n int) bool
	Done() float64
	Coords() []float32
}

// Begin finds the neighbours of n vectors of dim values each and prepares their
// map, which is made by Moving.Step. stage gives the check for each part of
// the work, by its name, and may be nil. neighbours is how many of each vector
// are in use.
func (l Layout) Begin(data []float32, n, dim int, stage func(name string) search.Check) (m Moving, neighbours int, err error) {
	if stage == nil {
		stage = func(string) search.Check { return nil }
	}
	if n < LeastVectors {
		return nil, 0, fmt.Errorf("project: %s wants %d vectors or more, there are %d: %w", l.Method, LeastVectors, n, ErrFew)
	}
	want := l.Neighbours
	switch {
	case l.Method == MethodTSNE:
		want = TSNENeighbours(l.Perplexity)
	case l.Method != MethodUMAP:
		return nil, 0, fmt.Errorf("project: a map by %q is not made step by step", l.Method)
	case want == 0:
		want = DefaultNeighbours
	}
	check := stage("start")
	if check != nil {
		if err := check(0); err != nil {
			return nil, 0, err
		}
	}
	start, err := Start(data, n, dim, l.Dims)
	if err != nil {
		return nil, 0, err
	}
	nb, err := search.Nearest(data, dim, want, search.Options{Seed: l.Seed, Check: stage("neighbours")})
	if err != nil {
		return nil, 0, err
	}
	check = stage("edges")
	if l.Method == MethodTSNE {
		m, err = NewTSNE(nb, l.Dims, TSNEOptions{Perplexity: l.Perplexity, Iterations: l.Epochs, Seed: l.Seed, Start: start, Check: check})
	} else {
		m, err = NewUMAP(nb, l.Dims, UMAPOptions{MinDist: l.MinDist, Epochs: l.Epochs, Seed: l.Seed, Start: start, Check: check})
	}
	return m, nb.K, err
}

// Place gives new vectors places on a finished map of this layout: coords are
// those of the vectors in data, n x dims, and stay as they are. As
// [UMAP.Place], [TSNE.Place] and, for MethodPCA, [PCA] on the axes of data.
func (l Layout) Place(coords, data, fresh []float32, dim int, check search.Check) ([]float32, error) {
	n := len(data) / max(dim, 1)
	if dim < 1 || len(data)%dim != 0 || len(fresh)%dim != 0 || len(coords) != n*l.Dims || n == 0 {
		return nil, errors.New("project: Place: vectors and map are not of the same number")
	}
	for _, v := range coords {
		if v-v != 0 {
			return nil, errors.New("project: Place: a place on the map is not finite")
		}
	}
	if l.Method == MethodPCA {
		return placePCA(data, fresh, n, dim, l.Dims)
	}
	if l.Dims != 2 && l.Dims != 3 {
		return nil, fmt.Errorf("project: Place: a map has 2 or 3 dimensions, not %d", l.Dims)
	}
	nb, err := search.Among(fresh, data, dim, DefaultNeighbours, search.Options{Check: check})
	if err != nil {
		return nil, err
	}
	switch l.Method {
	case MethodTSNE:
		perplexity := l.Perplexity
		if perplexity == 0 {
			perplexity = usualPerplexity
		}
		t := &TSNE{n: n, dims: l.Dims, coords: coords, perplexity: perplexity}
		return t.Place(nb)
	case MethodUMAP:
		minDist, err := leastDistance(l.MinDist)
		if err != nil {
			return nil, err
		}
		u := &UMAP{n: n, dims: l.Dims, coords: coords, force: newUMAPForce(fitCurve(minDist))}
		return u.Place(nb)
	}
	return nil, fmt.Errorf("project: Place: the method %q is not known", l.Method)
}
