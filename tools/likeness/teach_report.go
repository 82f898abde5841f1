package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"likeness/engine/printable"
)

// mostConfused bounds the pairs of classes that the report names.
const mostConfused = 5

// printReport prints how well pictures were told that were not learned from.
func printReport(w io.Writer, r *taught) error {
	c := r.Cross
	fmt.Fprintf(w, "%d of %d pictures told right that were not learned from, in %d folds: accuracy %.3f (%.3f to %.3f by fold), log loss %.3f\n\n",
		right(c.Confusion), c.Vectors, c.Folds, c.Accuracy, slices.Min(c.Each), slices.Max(c.Each), c.LogLoss)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "class\tpictures\tprecision\trecall")
	for _, one := range c.Classes {
		fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f\n", printable.Text(one.Label), one.Vectors, one.Precision, one.Recall)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, p := range confused(c.Confusion) {
		fmt.Fprintf(w, "%d of %s taken for %s\n", p[0], printable.Text(c.Classes[p[1]].Label), printable.Text(c.Classes[p[2]].Label))
	}
	return nil
}

func right(confusion [][]int) (n int) {
	for c := range confusion {
		n += confusion[c][c]
	}
	return n
}

// confused lists how many of one class were taken for another, the most first.
func confused(confusion [][]int) (pairs [][3]int) {
	for a, row := range confusion {
		for b, n := range row {
			if a != b && n > 0 {
				pairs = append(pairs, [3]int{n, a, b})
			}
		}
	}
	slices.SortStableFunc(pairs, func(x, y [3]int) int { return y[0] - x[0] })
	return pairs[:min(len(pairs), mostConfused)]
}
