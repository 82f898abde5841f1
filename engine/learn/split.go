package learn

import (
	"math"

	"likeness/engine/internal/portable"
)

// Split divides the indices of class in two such that each class has about the
// same share of both: test holds share of them, 0 < share < 1, but at least one
// of each class that has two or more, and all but one at most. Both are in
// rising order; seed chooses.
func Split(class []int, classes int, share float64, seed uint64) (train, test []int) {
	rank, n := ranks(class, classes, seed), counts(class, classes)
	for i, c := range class {
		k := int(math.Floor(float64(share*float64(n[c])) + 0.5))
		if rank[i] < min(max(k, 1), n[c]-1) {
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	return train, test
}

// Folds divides the indices of class into k parts of about the same size and
// with about the same share of each class: fold i is part of index i, 0..k-1.
// The vectors of a class are dealt in an order that seed chooses; each class
// begins where the one before has ended, so that parts differ by one at most.
func Folds(class []int, classes, k int, seed uint64) []int {
	rank, n := ranks(class, classes, seed), counts(class, classes)
	begin := make([]int, classes)
	for c := 1; c < classes; c++ {
		begin[c] = begin[c-1] + n[c-1]
	}
	fold := make([]int, len(class))
	for i, c := range class {
		fold[i] = (begin[c] + rank[i]) % k
	}
	return fold
}

// ranks gives each index a place in a random order of its class.
func ranks(class []int, classes int, seed uint64) []int {
	chance := portable.Random(seed)
	of := make([][]int, classes)
	for i, c := range class {
		of[c] = append(of[c], i)
	}
	rank := make([]int, len(class))
	for _, members := range of {
		chance.Shuffle(members)
		for r, i := range members {
			rank[i] = r
		}
	}
	return rank
}

// without divides indices by fold: those of other folds, and those of one.
func without(fold []int, one int) (train, test []int) {
	for i, f := range fold {
		if f == one {
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	return train, test
}
