package cluster

import (
	"errors"
	"fmt"

	"likeness/engine/search"
)

// Proposal is a number of groups and how well vectors fit into so many: the
// mean silhouette (Rousseeuw 1987), -1..1, of a sample.
type Proposal struct {
	Groups     int     `json:"groups"`
	Silhouette float64 `json:"silhouette"`
}

// silhouetteSample bounds the vectors that are looked at.
const silhouetteSample = 1000

// Propose tries numbers of groups from 2 to most, each about a fifth more than
// the one before, on a sample of 1,000 vectors, and returns the one of the
// highest silhouette, the lowest of equal ones, with all that were tried.
// Fewer than three vectors are one group.
func Propose(data []float32, dim, most int, o Options) (best Proposal, tried []Proposal, err error) {
	if most < 1 {
		return best, nil, errors.New("cluster: Propose: the most groups are not positive")
	}
	all, err := search.NewSet(data, dim)
	if err != nil {
		return best, nil, fmt.Errorf("cluster: Propose: %w", err)
	}
	best.Groups = 1
	chance := newRandom(o.Seed)
	chosen := sample(all.Len(), silhouetteSample, chance)
	n := len(chosen)
	most = min(most, n/2)
	if n < 3 || most < 2 {
		return best, nil, o.at(1)
	}
	some := make([]float32, 0, n*dim)
	for _, i := range chosen {
		some = append(some, data[i*dim:][:dim]...)
	}
	s, err := search.NewSet(some, dim)
	if err != nil {
		return best, nil, fmt.Errorf("cluster: Propose: %w", err)
	}
	far := make([]float32, n*n)
	for i := range n {
		for j := range i {
			d := float32(distance(s.Unit(i), s.Unit(j)))
			far[i*n+j], far[j*n+i] = d, d
		}
		if err := o.at(0.3 * float64(i+1) / float64(n)); err != nil {
			return best, nil, err
		}
	}
	for k := 2; k <= most; k = k + 1 + k/5 {
		labels, err := kMeans(s, dim, k, Options{Seed: o.Seed})
		if err != nil {
			return best, nil, err
		}
		p := Proposal{k, silhouette(far, labels, k)}
		if tried = append(tried, p); len(tried) == 1 || p.Silhouette > best.Silhouette {
			best = p
		}
		if err := o.at(0.3 + 0.7*float64(k)/float64(most+1)); err != nil {
			return best, nil, err
		}
	}
	return best, tried, o.at(1)
}

// silhouette is the mean over all vectors of (b-a)/max(a,b), a being the mean
// distance from the others of the group, b from the nearest other group; 0 for
// one that is alone.
func silhouette(far []float32, labels []int32, k int) float64 {
	n := len(labels)
	size := make([]int, k)
	for _, l := range labels {
		size[l]++
	}
	total := 0.0
	sum := make([]float64, k)
	for i, l := range labels {
		if size[l] == 1 {
			continue
		}
		clear(sum)
		for j, d := range far[i*n:][:n] {
			sum[labels[j]] += float64(d)
		}
		a, b := sum[l]/float64(size[l]-1), -1.0
		for c := range k {
			if mean := sum[c] / float64(size[c]); c != int(l) && size[c] > 0 && (b < 0 || mean < b) {
				b = mean
			}
		}
		if top := max(a, b); b >= 0 && top > 0 {
			total += (b - a) / top
		}
	}
	return total / float64(n)
}
