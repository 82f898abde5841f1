//go:build js && wasm

package main

import (
	"fmt"
	"syscall/js"

	"likeness/engine/twins"
)

// twinCandidates({least}, group Int32Array, hooks) gives pairs of the set whose
// pictures may be turned copies: Int32Array, two indices a pair. group has the
// group of each vector, -1 for none.
func twinCandidates(j *job) (any, error) {
	o, err := j.options(0)
	if err != nil {
		return nil, err
	}
	least, err := o.number("least", twins.DefaultCandidate, -1, 1)
	if err != nil {
		return nil, err
	}
	group, err := j.ints(1, "the groups")
	if err != nil {
		return nil, err
	}
	if len(group) != set.n {
		return nil, &coded{"vectors-mixed", fmt.Sprintf("%d groups do not go with the %d vectors that were set", len(group), set.n)}
	}
	pairs, err := twins.Candidates(set.data, max(set.dim, 1), least, group, j.check("comparing"))
	if err != nil {
		return nil, groupFault(err)
	}
	out := make([]int32, 0, 2*len(pairs))
	for _, p := range pairs {
		out = append(out, p.A, p.B)
	}
	return typed("Int32Array", raw(out)), nil
}

// comparePrints(prints Uint8Array, pairs Int32Array) compares small pictures of
// luma, 32 x 32 bytes each: [correlations Float64Array, turns Int32Array].
func comparePrints(a arguments) (any, error) {
	v, err := a.bytes(0, "the prints")
	if err != nil {
		return nil, err
	}
	pairs, err := a.ints(1, "the pairs")
	if err != nil {
		return nil, err
	}
	const size = twins.Side * twins.Side
	n := v.Get("length").Int() / size
	prints := make([]twins.Print, n)
	for i := range prints {
		js.CopyBytesToGo(prints[i][:], v.Call("subarray", i*size, (i+1)*size))
	}
	scores, turns := make([]float64, len(pairs)/2), make([]int32, len(pairs)/2)
	for i := range scores {
		p, q := int(pairs[2*i]), int(pairs[2*i+1])
		if p < 0 || q < 0 || p >= n || q >= n {
			return nil, a.wrong("the pairs", fmt.Sprintf("indices of the %d prints", n))
		}
		c, t := twins.Compare(&prints[p], &prints[q])
		scores[i], turns[i] = c, int32(t)
	}
	return []any{doublesToJS(scores), typed("Int32Array", raw(turns))}, nil
}
