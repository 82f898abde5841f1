package search

import (
	"runtime"
	"sync"
)

// Quality says how well neighbours share labels. Each picture in turn is the
// query and all others are ranked as by [Rank]; queries whose label no other
// picture has are left out. All figures are means over Queries, 0..1.
type Quality struct {
	Queries int `json:"queries"`
	// P1 and P5 are the precision at 1 and 5: the share of the nearest one or
	// five others that have the query's label.
	P1 float64 `json:"p1"`
	P5 float64 `json:"p5"`
	// MAP is the mean average precision: of each query, the mean over all
	// others with its label of (relevant ones up to that rank) / rank.
	MAP float64 `json:"map"`
	// KNN is the accuracy of the label that most of the five nearest others
	// have; among labels as frequent, the one that comes first.
	KNN float64 `json:"knn"`
}

// neighbours is k of P5 and KNN; fewer where there are not so many others.
const neighbours = 5

// Evaluate measures n = len(labels) vectors of dim values each, by leaving one
// out. It uses all cores and gives the same bits everywhere. It panics if data
// does not have n*dim values.
func Evaluate(data []float32, dim int, labels []int) Quality {
	n := len(labels)
	if dim <= 0 || len(data) != n*dim {
		panic("search: Evaluate: data does not have len(labels)*dim values")
	}
	alike := map[int]int{}
	for _, l := range labels {
		alike[l]++
	}
	each := make([]Quality, n)
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				if others := alike[labels[i]] - 1; others > 0 {
					each[i] = query(Rank(data[i*dim:][:dim], data), i, labels, others)
				}
			}
		})
	}
	wg.Wait()
	var sum Quality
	for _, q := range each { // in order: floats do not add associatively
		sum.Queries += q.Queries
		sum.P1 += q.P1
		sum.P5 += q.P5
		sum.MAP += q.MAP
		sum.KNN += q.KNN
	}
	if sum.Queries > 0 {
		m := float64(sum.Queries)
		sum.P1, sum.P5, sum.MAP, sum.KNN = sum.P1/m, sum.P5/m, sum.MAP/m, sum.KNN/m
	}
	return sum
}

// query judges the ranking for picture self, which is itself in it; others is
// the number of relevant ones.
func query(ranking []Match, self int, labels []int, others int) Quality {
	q := Quality{Queries: 1}
	rank, relevant := 0, 0
	var near []int // labels of the nearest
	for _, m := range ranking {
		if m.Index == self {
			continue
		}
		rank++
		hit := labels[m.Index] == labels[self]
		if hit {
			relevant++
			q.MAP += float64(relevant) / float64(rank)
		}
		if rank == 1 && hit {
			q.P1 = 1
		}
		if rank <= neighbours {
			near = append(near, labels[m.Index])
			q.P5 = float64(relevant) / float64(rank)
		}
	}
	q.MAP /= float64(others)
	if vote(near) == labels[self] {
		q.KNN = 1
	}
	return q
}

// vote returns the most frequent label, among equals the first.
func vote(labels []int) int {
	best, most := 0, 0
	for _, l := range labels {
		count := 0
		for _, m := range labels {
			if m == l {
				count++
			}
		}
		if count > most {
			best, most = l, count
		}
	}
	return best
}
