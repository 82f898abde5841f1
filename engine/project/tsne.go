package project

import (
	"errors"
	"fmt"
	"math"

	"likeness/engine/kernel"
	"likeness/engine/search"
)

// TSNEOptions are the choices of [NewTSNE]; zeros stand for the usual ones.
type TSNEOptions struct {
	// Perplexity is about how many neighbours count, at least 1. It needs three
	// times as many neighbours. 0 stands for 30, or for a third of the
	// neighbours where there are less than 90.
	Perplexity float64
	// Iterations is the number of steps; 0 stands for 750. The first third of
	// them, at most 250, is early exaggeration.
	Iterations int
	// Seed chooses what is left to chance.
	Seed uint64
	// Start has the places to begin from, n x dims, as [Start] gives them. Nil
	// stands for places by lot; then far distances mean less.
	Start []float32
	// Check is called in NewTSNE and may be nil.
	Check search.Check
}

// TSNENeighbours returns the number of neighbours that [NewTSNE] wants for
// a perplexity, 0 standing for the usual one.
func TSNENeighbours(perplexity float64) int {
	if perplexity == 0 {
		perplexity = usualPerplexity
	}
	return int(math.Ceil(3 * perplexity))
}

const (
	usualPerplexity = 30
	usualIterations = 750

	earlyIterations = 250
	exaggeration    = 12
	earlyMomentum   = 0.5
	lateMomentum    = 0.8
	leastGain       = 0.01
	// leastRate lets maps of few vectors come to an end in the iterations.
	leastRate = 200
	tsneReach = 3e-4 // magnitude of the start
	// tsneAngle is from where on a box of points acts as one: README.md.
	tsneAngle = 1
)

// TSNE is a map under way, or a finished one (van der Maaten and Hinton 2008;
// van der Maaten 2014; Kobak and Berens 2019 for the start and the rates).
type TSNE struct {
	n, dims        int
	step, steps    int
	early          int
	coords         []float32
	update, gain   []float32
	attract, repel []float32
	graph          *graph
	tree           tree
	perplexity     float64
}

// NewTSNE prepares a map of nb.N vectors in 2 or 3 dimensions from their
// neighbours, [TSNENeighbours] each, or all others where there are not so
// many. The map is made by [TSNE.Step]. The same neighbours and options give
// the same map everywhere.
func NewTSNE(nb *search.Neighbours, dims int, o TSNEOptions) (*TSNE, error) {
	if err := checkNeighbours(nb, dims, o.Start); err != nil {
		return nil, fmt.Errorf("project: t-SNE: %w", err)
	}
	perplexity, most := o.Perplexity, max(float64(nb.K)/3, 1)
	switch {
	case perplexity == 0:
		perplexity = min(usualPerplexity, most)
	case !(perplexity >= 1 && perplexity <= search.MaxNeighbours):
		return nil, errors.New("project: t-SNE: the perplexity is less than 1, or no number")
	case perplexity > most:
		return nil, fmt.Errorf("project: t-SNE: a perplexity of %v needs %d neighbours of each vector, there are %d: choose one of at most %.4g",
			perplexity, TSNENeighbours(perplexity), nb.K, math.Floor(most))
	}
	if o.Iterations < 0 || o.Iterations > 1<<20 {
		return nil, fmt.Errorf("project: t-SNE: %d iterations are not in 1..%d", o.Iterations, 1<<20)
	}
	t := &TSNE{n: nb.N, dims: dims, steps: o.Iterations, perplexity: perplexity}
	if t.steps == 0 {
		t.steps = usualIterations
	}
	t.early = min(earlyIterations, (t.steps+2)/3)
	p := make([]float32, nb.N*nb.K)
	for i := range nb.N {
		_, score := nb.Of(i)
		affinities(p[i*nb.K:][:nb.K], score, perplexity)
		if i%1024 == 1023 && o.Check != nil {
			if err := o.Check(float64(i+1) / float64(nb.N)); err != nil {
				return nil, err
			}
		}
	}
	if o.Check != nil {
		if err := o.Check(1); err != nil {
			return nil, err
		}
	}
	half := 1 / (2 * float32(nb.N))
	t.graph = symmetric(nb.Index, p, nb.N, nb.K, func(a, b float32) float32 { return float32((a + b) * half) })
	seed := random(o.Seed)
	t.coords = begin(o.Start, nb.N, dims, &seed, tsneReach)
	t.update, t.gain = make([]float32, len(t.coords)), make([]float32, len(t.coords))
	t.attract, t.repel = make([]float32, len(t.coords)), make([]float32, len(t.coords))
	for i := range t.gain {
		t.gain[i] = 1
	}
	return t, nil
}

// affinities are the strengths of a vector's neighbours, of sum 1: Gaussian,
// of the width at which their entropy is that of as many equal ones as the
// perplexity says. The width is found by bisection.
func affinities(p []float32, score []float32, perplexity float64) {
	d := make([]float64, len(score))
	for r, s := range score {
		// Squares of distances beyond the first: the rest of the formula is the
		// same for all.
		d[r] = 2 * (float64(score[0]) - float64(s))
	}
	e := make([]float64, len(d))
	target := log(perplexity)
	beta, lo, hi := 1.0, 0.0, math.Inf(1)
	sum := 0.0
	for range 64 {
		sum = 0
		product := 0.0
		for r, x := range d {
			e[r] = exp(-float64(beta * x))
			sum += e[r]
			product += float64(x * e[r])
		}
		entropy := log(sum) + float64(beta*product)/sum
		if math.Abs(entropy-target) < 1e-5 {
			break
		}
		if entropy < target {
			hi = beta
			beta = (lo + hi) / 2
		} else if lo = beta; math.IsInf(hi, 1) {
			beta *= 2
		} else {
			beta = (lo + hi) / 2
		}
	}
	for r := range p {
		p[r] = float32(e[r] / sum)
	}
}

// Step runs up to n iterations more and reports whether any are left. On
// 20,000 vectors one takes about a twentieth of a second.
func (t *TSNE) Step(n int) (more bool) {
	for ; n > 0 && t.step < t.steps; n-- {
		t.iterate()
		t.step++
	}
	return t.step < t.steps
}

// Done returns the share of the iterations that have been run.
func (t *TSNE) Done() float64 { return float64(t.step) / float64(t.steps) }

// Coords returns the places of the vectors, n x dims. The slice is the map's
// own: [TSNE.Step] changes it.
func (t *TSNE) Coords() []float32 { return t.coords }

func (t *TSNE) iterate() {
	t.tree.build(t.coords, t.dims)
	z := t.tree.repel(t.repel, tsneAngle)
	if t.dims == 2 {
		t.graph.attract2(t.attract, t.coords)
	} else {
		t.graph.attract3(t.attract, t.coords)
	}
	pull, momentum := float32(1), float32(lateMomentum)
	if t.step < t.early {
		pull, momentum = exaggeration, earlyMomentum
	}
	push := float32(1 / z)
	rate := max(float32(t.n)/exaggeration, leastRate)
	for i, a := range t.attract {
		gradient := float32(pull*a) - float32(push*t.repel[i])
		u, g := t.update[i], t.gain[i]
		if float32(u*gradient) < 0 {
			g += 0.2
		} else {
			g = max(float32(g*0.8), leastGain)
		}
		u = float32(momentum*u) - float32(rate*float32(g*gradient))
		t.update[i], t.gain[i] = u, g
		t.coords[i] += u
	}
	t.centre()
}

// centre moves the map to the middle.
func (t *TSNE) centre() {
	for d := range t.dims {
		sum := 0.0
		for i := d; i < len(t.coords); i += t.dims {
			sum += float64(t.coords[i])
		}
		mean := float32(sum / float64(t.n))
		for i := d; i < len(t.coords); i += t.dims {
			t.coords[i] -= mean
		}
	}
}

// attract2 sets the attraction of each point in the plane by its edges.
func (g *graph) attract2(forces, coords []float32) {
	for i := range g.n() {
		x, y := coords[2*i], coords[2*i+1]
		var fx, fy float32
		weight := g.weight[g.first[i]:g.first[i+1]]
		for e, j := range g.to[g.first[i]:g.first[i+1]] {
			c := coords[2*int(j):][:2:2]
			dx, dy := x-c[0], y-c[1]
			w := weight[e] / (1 + (float32(dx*dx) + float32(dy*dy)))
			fx += float32(w * dx)
			fy += float32(w * dy)
		}
		forces[2*i], forces[2*i+1] = fx, fy
	}
}

// attract3 is attract2 in space.
func (g *graph) attract3(forces, coords []float32) {
	for i := range g.n() {
		x, y, z := coords[3*i], coords[3*i+1], coords[3*i+2]
		var fx, fy, fz float32
		weight := g.weight[g.first[i]:g.first[i+1]]
		for e, j := range g.to[g.first[i]:g.first[i+1]] {
			c := coords[3*int(j):][:3:3]
			dx, dy, dz := x-c[0], y-c[1], z-c[2]
			w := weight[e] / (1 + (float32(dx*dx) + float32(dy*dy) + float32(dz*dz)))
			fx += float32(w * dx)
			fy += float32(w * dy)
			fz += float32(w * dz)
		}
		forces[3*i], forces[3*i+1], forces[3*i+2] = fx, fy, fz
	}
}

// Place returns places for new vectors, nb.N x dims, given their neighbours
// among those of the map, as [search.Among] finds them; 15 each are usual.
// The others stay where they are, and each new vector comes to the same place
// whichever are placed with it. One that is a copy of a vector comes to its
// place.
func (t *TSNE) Place(nb *search.Neighbours) ([]float32, error) {
	if err := placeable(nb, t.n); err != nil {
		return nil, fmt.Errorf("project: t-SNE: Place: %w", err)
	}
	out := make([]float32, nb.N*t.dims)
	// All points as sources, each of weight 1.
	sources := make([]float32, 0, t.n*(t.dims+1))
	for i := range t.n {
		sources = append(append(sources, t.coords[i*t.dims:][:t.dims]...), 1)
	}
	perplexity := max(min(t.perplexity, float64(nb.K)/3), 1)
	for from := 0; from < nb.N; from += kernel.RepelLanes {
		t.placeGroup(out, nb, from, min(kernel.RepelLanes, nb.N-from), sources, perplexity)
	}
	return out, nil
}

// placeGroup goes down the divergence of each of up to eight new vectors.
func (t *TSNE) placeGroup(out []float32, nb *search.Neighbours, from, count int, sources []float32, perplexity float64) {
	const rounds = 50
	var at [kernel.RepelLanes][3]float32
	p := make([][]float32, count)
	for i := range count {
		index, score := nb.Of(from + i)
		p[i] = make([]float32, nb.K)
		affinities(p[i], score, perplexity)
		at[i] = middle(t.coords, t.dims, index, p[i])
	}
	for range rounds {
		var group kernel.Points3
		for i := range at {
			group.X[i], group.Y[i], group.Z[i] = at[i][0], at[i][1], at[i][2]
		}
		if t.dims == 2 {
			plane := kernel.Points2{X: group.X, Y: group.Y}
			kernel.Repel2(&plane, sources)
			group.ForceX, group.ForceY, group.Sum = plane.ForceX, plane.ForceY, plane.Sum
		} else {
			kernel.Repel3(&group, sources)
		}
		for i := range count {
			index, _ := nb.Of(from + i)
			pull := t.pull(at[i], index, p[i])
			push := [3]float32{group.ForceX[i], group.ForceY[i], group.ForceZ[i]}
			for d := range t.dims {
				at[i][d] -= pull[d] - push[d]/group.Sum[i]
			}
		}
	}
	for i := range count {
		to := out[(from+i)*t.dims:][:t.dims]
		if index, score := nb.Of(from + i); isCopy(score[0]) {
			copy(to, t.coords[int(index[0])*t.dims:])
		} else {
			copy(to, at[i][:])
		}
	}
}

// pull is the attraction of a place by points of the map.
func (t *TSNE) pull(at [3]float32, index []int32, p []float32) (force [3]float32) {
	for r, j := range index {
		var diff [3]float32
		square := float32(1)
		for d := range t.dims {
			diff[d] = at[d] - t.coords[int(j)*t.dims+d]
			square += float32(diff[d] * diff[d])
		}
		w := p[r] / square
		for d := range t.dims {
			force[d] += float32(w * diff[d])
		}
	}
	return force
}
