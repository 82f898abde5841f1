package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"likeness/engine/cluster"
	"likeness/engine/search"
	"likeness/tools/output"
)

var clusterCommand = command{
	name:    "cluster",
	summary: "divide vectors into groups of alike pictures",
	usage:   "[--method kmeans|hdbscan] [flags] VECTORS... [-o FILE.csv]",
	example: "likeness cluster vectors.npy -o groups.csv                                # as many groups as fit best\n" +
		"likeness cluster vectors.npy --groups 12 -o groups.csv\n" +
		"likeness cluster vectors.npy --method hdbscan --min-size 8 -o groups.csv  # only what holds together",
	run: (*app).cluster,
}

type clusterFlags struct {
	method, out     string
	groups, minSize int
	seed            uint64
	json            bool
}

func (f *clusterFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.method, "method", "kmeans", "kmeans (every picture has a group) or hdbscan (groups that hold together; others have none)")
	fs.IntVar(&f.groups, "groups", 0, "kmeans: `K` groups (default: the number of the best silhouette, up to "+strconv.Itoa(mostProposed)+")")
	fs.IntVar(&f.minSize, "min-size", 10, "hdbscan: `N` pictures at least in a group, 2 or more")
	fs.Uint64Var(&f.seed, "seed", 0, "`NUMBER` that chooses what is left to chance: the same gives the same groups, everywhere")
	fs.StringVar(&f.out, "o", "-", "`FILE` to write as csv: name, group (from 1, the largest; empty for none) and central (1 for the most central picture of each group); - is standard output")
	fs.BoolVar(&f.json, "json", false, "print the groups as JSON on standard output, in place of csv there")
}

// mostProposed bounds the number of groups that silhouettes are tried for.
const mostProposed = 60

func (f *clusterFlags) check(fs *flag.FlagSet, paths []string) error {
	set := map[string]bool{}
	fs.Visit(func(g *flag.Flag) { set[g.Name] = true })
	switch {
	case len(paths) == 0:
		return usagef("no vectors: name a file that likeness embed wrote")
	case f.method != "kmeans" && f.method != "hdbscan":
		return usagef("--method %s is not known: choose kmeans or hdbscan", f.method)
	case set["groups"] && f.method != "kmeans":
		return usagef("--groups is for kmeans: hdbscan finds the number itself, by --min-size")
	case set["min-size"] && f.method != "hdbscan":
		return usagef("--min-size is for --method hdbscan")
	case set["groups"] && f.groups < 1:
		return usagef("--groups %d is not positive", f.groups)
	case f.minSize < 2:
		return usagef("--min-size %d is less than 2", f.minSize)
	}
	return nil
}

// clustered is what cluster --json prints.
type clustered struct {
	Vectors    int      `json:"vectors"`
	Method     string   `json:"method"`
	Seed       uint64   `json:"seed"`
	MinSize    int      `json:"min_size,omitempty"`
	Silhouette *float64 `json:"silhouette,omitempty"` // where the number was proposed
	Output     string   `json:"output,omitempty"`
	Groups     []group  `json:"groups"`
	// None are in no group.
	None    []exactName `json:"none"`
	Seconds float64     `json:"seconds"`
}

type group struct {
	Group   int         `json:"group"`
	Size    int         `json:"size"`
	Central exactName   `json:"central"`
	Members []exactName `json:"members"` // the most central first
}

func (a *app) cluster(fs *flag.FlagSet, args []string) (int, error) {
	var f clusterFlags
	f.define(fs)
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if err := f.check(fs, paths); err != nil {
		return exitFatal, err
	}
	start := time.Now()
	c, err := a.readVectorSet(paths)
	if err != nil {
		return exitFatal, err
	}
	n := len(c.names)
	if f.groups > n {
		return exitFatal, usagef("--groups %d: there are only %d vectors", f.groups, n)
	}
	if f.method == "hdbscan" && f.minSize > n {
		return exitFatal, usagef("--min-size %d: there are only %d vectors", f.minSize, n)
	}
	out, err := a.openResult(f.out, beginning("groups", groupsHeading), output.Inputs{What: "file of vectors", Paths: c.files})
	if err != nil {
		return exitFatal, err
	}
	defer out.discard()
	r := &clustered{Vectors: n, Method: f.method, Seed: f.seed}
	g, err := a.findGroups(&f, c, r)
	if err != nil {
		return exitFatal, err
	}
	if f.out != "-" || !f.json {
		if err := out.write(groupsTable(c.names, g)); err != nil {
			return exitFatal, err
		}
	}
	r.Seconds = time.Since(start).Seconds()
	r.fill(c.names, g)
	if f.out != "-" {
		r.Output = f.out
	}
	if f.json {
		return exitOK, json.NewEncoder(a.text()).Encode(r)
	}
	a.say("%s", r)
	return exitOK, nil
}

func (a *app) findGroups(f *clusterFlags, c *vectorSet, r *clustered) (*cluster.Groups, error) {
	p := newProgress(a.stderr)
	defer p.clear()
	o := func(what string) cluster.Options {
		return cluster.Options{Seed: f.seed, Check: search.Check(a.check(p, what))}
	}
	if f.method == "hdbscan" {
		r.MinSize = f.minSize
		return cluster.HDBSCAN(c.data, c.dim, f.minSize, o("groups"))
	}
	k := f.groups
	if k == 0 {
		best, tried, err := cluster.Propose(c.data, c.dim, mostProposed, o("number of groups"))
		if err != nil {
			return nil, err
		}
		k = best.Groups
		if len(tried) > 0 {
			r.Silhouette = &best.Silhouette
		}
	}
	return cluster.KMeans(c.data, c.dim, k, o("groups"))
}

func (r *clustered) fill(names []string, g *cluster.Groups) {
	r.Groups, r.None = []group{}, []exactName{}
	for i, members := range g.Members {
		one := group{Group: i + 1, Size: len(members), Central: exactName(names[g.Central(i)])}
		for _, m := range members {
			one.Members = append(one.Members, exactName(names[m]))
		}
		r.Groups = append(r.Groups, one)
	}
	for i, of := range g.Of {
		if of == cluster.None {
			r.None = append(r.None, exactName(names[i]))
		}
	}
}

// mostListed bounds the groups of the summary.
const mostListed = 20

// String is the summary for people.
func (r *clustered) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d vectors in %d groups by %s", r.Vectors-len(r.None), len(r.Groups), r.Method)
	if len(r.None) > 0 {
		fmt.Fprintf(&b, ", %d in none", len(r.None))
	}
	if r.Silhouette != nil {
		fmt.Fprintf(&b, ", a number proposed by its silhouette of %.3f", *r.Silhouette)
	}
	fmt.Fprintf(&b, ", in %.1f s", r.Seconds)
	if r.Output != "" {
		fmt.Fprintf(&b, ", written to %s", shown(r.Output))
	}
	for i, g := range r.Groups {
		if i == mostListed {
			fmt.Fprintf(&b, "\n  and %d more", len(r.Groups)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %3d  %6d pictures about %s", g.Group, g.Size, shown(string(g.Central)))
	}
	return b.String()
}

const groupsHeading = "name,group,central\r\n"

// groupsTable is the groups as CSV, in the order of the vectors.
func groupsTable(names []string, g *cluster.Groups) []byte {
	b := []byte(groupsHeading)
	for i, name := range names {
		b = append(appendField(b, name), ',')
		central := byte('0')
		if of := g.Of[i]; of != cluster.None {
			b = strconv.AppendInt(b, int64(of)+1, 10)
			if g.Central(int(of)) == i {
				central = '1'
			}
		}
		b = append(b, ',', central, '\r', '\n')
	}
	return b
}
