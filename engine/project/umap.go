package project

import (
	"errors"
	"fmt"
	"math"

	"likeness/engine/search"
)

// UMAPOptions are the choices of [NewUMAP]; zeros stand for the usual ones.
type UMAPOptions struct {
	// MinDist is how close alike vectors may come on the map, 0..1; 0 stands
	// for 0.1, a negative value for none at all.
	MinDist float64
	// Epochs is the number of rounds; 0 stands for 500 for less than 10,000
	// vectors, otherwise for 200.
	Epochs int
	// Seed chooses what is left to chance.
	Seed uint64
	// Start has the places to begin from, n x dims, as [Start] gives them. Nil
	// stands for places by lot; then far distances mean less.
	Start []float32
	// Check is called in NewUMAP and may be nil.
	Check search.Check
}

// UMAP is a map under way, or a finished one (McInnes, Healy, Melville 2018).
type UMAP struct {
	n, dims       int
	epoch, epochs int
	coords        []float32
	graph         *graph
	head, tail    []int32 // edges, each way
	// An edge is drawn whenever its phase, which grows by its rate each epoch,
	// passes 1<<31.
	rate, phase []uint32
	force       *umapForce
	chance      uint64
}

const (
	umapReach    = 10 // magnitude of the start
	umapNegative = 5  // vectors repelled for each drawn edge
)

// NewUMAP prepares a map of nb.N vectors in 2 or 3 dimensions from their
// neighbours; 15 each are usual. The map is made by [UMAP.Step]. The same
// neighbours, options and platform-independent arithmetic give the same map
// everywhere.
func NewUMAP(nb *search.Neighbours, dims int, o UMAPOptions) (*UMAP, error) {
	if err := checkNeighbours(nb, dims, o.Start); err != nil {
		return nil, fmt.Errorf("project: UMAP: %w", err)
	}
	minDist, err := leastDistance(o.MinDist)
	if err != nil {
		return nil, err
	}
	epochs := o.Epochs
	switch {
	case epochs < 0 || epochs > 1<<20:
		return nil, fmt.Errorf("project: UMAP: %d epochs are not in 1..%d", epochs, 1<<20)
	case epochs == 0 && nb.N < 10000:
		epochs = 500
	case epochs == 0:
		epochs = 200
	}
	w, err := memberships(nb, o.Check)
	if err != nil {
		return nil, err
	}
	u := &UMAP{n: nb.N, dims: dims, epochs: epochs, chance: o.Seed ^ 0x6a09e667f3bcc909}
	u.graph = symmetric(nb.Index, w, nb.N, nb.K, func(a, b float32) float32 { return a + b - float32(a*b) })
	u.edges()
	seed := random(o.Seed)
	u.coords = begin(o.Start, nb.N, dims, &seed, umapReach)
	a, b := fitCurve(minDist)
	u.force = newUMAPForce(a, b)
	return u, nil
}

// leastDistance reads UMAPOptions.MinDist.
func leastDistance(minDist float64) (float64, error) {
	switch {
	case minDist == 0:
		return 0.1, nil
	case minDist < 0:
		return 0, nil
	case !(minDist <= 1):
		return 0, errors.New("project: UMAP: the least distance is not in 0..1")
	}
	return minDist, nil
}

// memberships gives each edge from a vector to a neighbour its strength, such
// that those of a vector sum to log2(K), the nearest having 1.
func memberships(nb *search.Neighbours, check search.Check) ([]float32, error) {
	const chunk = 4096
	w := make([]float32, nb.N*nb.K)
	mean := 0.0
	for _, s := range nb.Score {
		mean += chord(s)
	}
	mean /= float64(max(len(nb.Score), 1))
	for i := range nb.N {
		_, score := nb.Of(i)
		membershipsOf(w[i*nb.K:][:nb.K], score, mean)
		if i%chunk == chunk-1 && check != nil {
			if err := check(float64(i+1) / float64(nb.N)); err != nil {
				return nil, err
			}
		}
	}
	if check != nil {
		return w, check(1)
	}
	return w, nil
}

// membershipsOf is the smooth distance of UMAP's section 3.1: the nearest
// distance that is not 0 is taken off, and the width of the rest found by
// bisection.
func membershipsOf(w []float32, score []float32, meanOfAll float64) {
	const least = 1e-3 // of the mean distance: a bound for the width
	d := make([]float64, len(score))
	rho, mean := 0.0, 0.0
	for r, s := range score {
		d[r] = chord(s)
		mean += d[r]
		if rho == 0 {
			rho = d[r]
		}
	}
	mean /= float64(max(len(d), 1))
	target := log(float64(len(d))) / math.Ln2
	lo, hi, sigma := 0.0, math.Inf(1), 1.0
	for range 64 {
		sum := 0.0
		for _, x := range d {
			if x > rho {
				sum += exp(-(x - rho) / sigma)
			} else {
				sum++
			}
		}
		if math.Abs(sum-target) < 1e-5 {
			break
		}
		if sum > target {
			hi = sigma
			sigma = (lo + hi) / 2
		} else if lo = sigma; math.IsInf(hi, 1) {
			sigma *= 2
		} else {
			sigma = (lo + hi) / 2
		}
	}
	if rho == 0 {
		mean = meanOfAll
	}
	sigma = max(sigma, least*mean, 1e-300)
	for r, x := range d {
		w[r] = 1
		if x > rho {
			w[r] = float32(exp(-(x - rho) / sigma))
		}
	}
}

// edges lists the edges that are drawn at least once, with their rates.
func (u *UMAP) edges() {
	top := float32(0)
	for _, w := range u.graph.weight {
		top = max(top, w)
	}
	for i := range u.n {
		for e := u.graph.first[i]; e < u.graph.first[i+1]; e++ {
			share := float64(u.graph.weight[e]) / float64(top)
			if share < 1/float64(u.epochs) {
				continue
			}
			u.head, u.tail = append(u.head, int32(i)), append(u.tail, u.graph.to[e])
			u.rate = append(u.rate, uint32(math.Floor(float64(share*(1<<31)))))
		}
	}
	u.phase = make([]uint32, len(u.rate))
}

// Step runs up to n epochs more and reports whether any are left. On 20,000
// vectors one takes less than a tenth of a second.
func (u *UMAP) Step(n int) (more bool) {
	for ; n > 0 && u.epoch < u.epochs; n-- {
		alpha := 1 - float32(u.epoch)/float32(u.epochs)
		if u.dims == 2 {
			u.epoch2(alpha)
		} else {
			u.epoch3(alpha)
		}
		u.epoch++
	}
	return u.epoch < u.epochs
}

// Done returns the share of the epochs that have been run.
func (u *UMAP) Done() float64 { return float64(u.epoch) / float64(u.epochs) }

// Coords returns the places of the vectors, n x dims. The slice is the map's
// own: [UMAP.Step] changes it.
func (u *UMAP) Coords() []float32 { return u.coords }
