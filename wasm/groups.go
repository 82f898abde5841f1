//go:build js && wasm

package main

import (
	"math"

	"likeness/engine/cluster"
	"likeness/engine/search"
)

// groupVectors({method, groups, least, seed}, among Int32Array or null, hooks)
// divides the set, or those of it that among names: [group of each Int32Array, -1
// for none, then the members of each group Int32Array, the most central first].
func groupVectors(j *job) (any, error) {
	o, err := j.options(0)
	if err != nil {
		return nil, err
	}
	method, err := o.text("method")
	if err != nil {
		return nil, err
	}
	seed, err := o.whole("seed", 0, 0, 1<<53-1)
	if err != nil {
		return nil, err
	}
	data, n := set.data, set.n
	if !j.at(1).IsNull() {
		if data, err = j.vectorsAt(1, "those to divide"); err != nil {
			return nil, err
		}
		n = len(data) / max(set.dim, 1)
	}
	co := cluster.Options{Seed: uint64(seed), Check: j.check("grouping")}
	var g *cluster.Groups
	switch method {
	case "kmeans":
		k, err := o.whole("groups", 2, 1, max(n, 1))
		if err != nil {
			return nil, err
		}
		g, err = cluster.KMeans(data, max(set.dim, 1), k, co)
		if err != nil {
			return nil, groupFault(err)
		}
	case "hdbscan":
		least, err := o.whole("least", 5, 2, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		if g, err = cluster.HDBSCAN(data, max(set.dim, 1), least, co); err != nil {
			return nil, groupFault(err)
		}
	default:
		return nil, o.wrong("method", "kmeans or hdbscan")
	}
	return groupsToJS(g), nil
}

func groupsToJS(g *cluster.Groups) []any {
	out := []any{typed("Int32Array", raw(g.Of))}
	for _, members := range g.Members {
		out = append(out, typed("Int32Array", raw(members)))
	}
	return out
}

func groupFault(err error) error {
	if err == errStopped {
		return err
	}
	return vectorFault(err)
}

// proposeGroups({most, seed}, hooks) proposes a number of groups: {groups,
// silhouette}.
func proposeGroups(j *job) (any, error) {
	o, err := j.options(0)
	if err != nil {
		return nil, err
	}
	most, err := o.whole("most", 30, 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	seed, err := o.whole("seed", 0, 0, 1<<53-1)
	if err != nil {
		return nil, err
	}
	best, _, err := cluster.Propose(set.data, max(set.dim, 1), most, cluster.Options{Seed: uint64(seed), Check: j.check("proposing")})
	if err != nil {
		return nil, groupFault(err)
	}
	return map[string]any{"groups": best.Groups, "silhouette": best.Silhouette}, nil
}

// twinVectors({threshold}, hooks) finds near-duplicates: [members of each group
// Int32Array, the most central first, their cosines with it Float32Array, ...].
func twinVectors(j *job) (any, error) {
	o, err := j.options(0)
	if err != nil {
		return nil, err
	}
	threshold, err := o.number("threshold", cluster.DefaultThreshold, 0.01, 1)
	if err != nil {
		return nil, err
	}
	g, err := cluster.Duplicates(set.data, max(set.dim, 1), threshold, cluster.Options{Check: j.check("comparing")})
	if err != nil {
		return nil, groupFault(err)
	}
	s, err := search.NewSet(set.data, max(set.dim, 1))
	if err != nil {
		return nil, groupFault(err)
	}
	out := []any{}
	for _, members := range g.Members {
		cosines := make([]float32, len(members))
		for i, m := range members {
			cosines[i] = s.Cosine(int(members[0]), int(m))
		}
		out = append(out, typed("Int32Array", raw(members)), floatsToJS(cosines))
	}
	return out, nil
}
