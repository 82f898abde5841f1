package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"likeness/engine/cluster"
	"likeness/engine/picture/look"
	"likeness/engine/search"
	"likeness/tools/regular"
)

// twinsOne is a group of duplicates, first the one with most pixels, then most
// bytes, then the oldest.
type twinsOne struct {
	Group    int    `json:"group"`
	Pictures []twin `json:"pictures"`
}

// twin is a picture of a group. What its file tells is left out where there is
// none.
type twin struct {
	Name     exactName `json:"name"`
	Width    int       `json:"width,omitempty"`
	Height   int       `json:"height,omitempty"`
	Bytes    int64     `json:"bytes,omitempty"`
	Modified string    `json:"modified,omitempty"` // RFC 3339, UTC
	Cosine   float32   `json:"cosine"`             // with the first of the group
	Same     bool      `json:"same_bytes"`         // as another of the group
	// Turned is how it differs from another of the group, where it was found by
	// its pixels and not by its vector.
	Turned string `json:"turned,omitempty"`

	index int
	time  time.Time
	sum   [sha256.Size]byte
}

// findTwins groups by vectors, blank pictures by their bytes, and turned copies by
// their pixels where there are pictures.
func (a *app) findTwins(c *vectorSet, r *twinsResult, pictures bool) error {
	p := newProgress(a.stderr)
	defer p.clear()
	seen := &vectorSet{dim: c.dim}
	var of, blank []int // seen's and blank pictures' places in c
	for i, name := range c.names {
		if c.blank[i] {
			blank = append(blank, i)
			continue
		}
		of = append(of, i)
		seen.names, seen.data = append(seen.names, name), append(seen.data, c.row(i)...)
	}
	r.Blank = len(blank)
	g, err := cluster.Duplicates(seen.data, seen.dim, r.Threshold, cluster.Options{Check: a.check(p, "comparing")})
	if err != nil {
		return err
	}
	groups := make([][]int, 0, len(g.Members))
	for _, members := range g.Members {
		at := make([]int, len(members))
		for k, m := range members {
			at[k] = of[m]
		}
		groups = append(groups, at)
	}
	same, unread, err := a.sameBytes(p, c, blank)
	if err != nil {
		return err
	}
	r.Unread = unread
	groups = append(groups, same...)
	var turned map[int]string
	if pictures {
		if groups, turned, err = a.addTurned(p, c, groups); err != nil {
			return err
		}
	}
	slices.SortStableFunc(groups, func(x, y []int) int { return len(y) - len(x) })
	set, err := search.NewSet(c.data, c.dim)
	if err != nil {
		return err
	}
	for i, members := range groups {
		if a.ctx.Err() != nil {
			return a.interrupted()
		}
		p.share("looking at files", float64(i)/float64(len(groups)))
		r.Groups = append(r.Groups, twinsOne{i + 1, twinsOf(c, set, members, turned)})
	}
	return nil
}

// sameBytes groups files by content, and counts those that cannot be read.
func (a *app) sameBytes(p *progress, c *vectorSet, which []int) (groups [][]int, unread int, err error) {
	at := map[[sha256.Size]byte]int{}
	for k, i := range which {
		if a.ctx.Err() != nil {
			return nil, 0, a.interrupted()
		}
		p.share("comparing bytes", float64(k)/float64(len(which)))
		sum, ok := sumOf(c.names[i])
		if !ok {
			unread++
			continue
		}
		g, found := at[sum]
		if !found {
			g = len(groups)
			at[sum] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return slices.DeleteFunc(groups, func(g []int) bool { return len(g) < 2 }), unread, nil
}

func sumOf(name string) (sum [sha256.Size]byte, ok bool) {
	f, _, err := regular.Open(name, maxPicture)
	if err != nil {
		return sum, false
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, false
	}
	return [sha256.Size]byte(h.Sum(nil)), true
}

// twinsOf describes a group and puts the one to keep first.
func twinsOf(c *vectorSet, set *search.Set, members []int, turned map[int]string) []twin {
	all := make([]twin, len(members))
	for k, i := range members {
		all[k] = twin{Name: exactName(c.names[i]), Turned: turned[i], index: i}
		all[k].lookAt(c.names[i])
	}
	for k := range all {
		for l := range all[:k] {
			if x, y := &all[k], &all[l]; x.Bytes > 0 && x.Bytes == y.Bytes {
				x.Same = x.same(y) || x.Same
				y.Same = x.same(y) || y.Same
			}
		}
	}
	slices.SortStableFunc(all, func(x, y twin) int {
		return cmp.Or(cmp.Compare(y.Width*y.Height, x.Width*x.Height), cmp.Compare(y.Bytes, x.Bytes), x.time.Compare(y.time), x.index-y.index)
	})
	for k := range all {
		all[k].Cosine = set.Cosine(all[0].index, all[k].index)
	}
	return all
}

// headBytes is what is read of a file for its size in pixels; a large profile
// or preview may come before it.
const headBytes = 1 << 20

// lookAt takes size and date from the file, if it is there.
func (t *twin) lookAt(name string) {
	f, info, err := regular.Open(name, maxPicture)
	if err != nil {
		return
	}
	defer f.Close()
	t.Bytes, t.time = info.Size(), info.ModTime()
	t.Modified = t.time.UTC().Format(time.RFC3339)
	head := make([]byte, min(info.Size(), headBytes))
	n, _ := io.ReadFull(f, head)
	facts, err := look.Look(head[:n])
	if err != nil || facts.Width < 1 || facts.Height < 1 || facts.Width > 1<<30/facts.Height {
		return
	}
	t.Width, t.Height = facts.Width, facts.Height
	if facts.Orientation > 4 {
		t.Width, t.Height = t.Height, t.Width
	}
}

// same compares the bytes of two files of the same length.
func (t *twin) same(u *twin) bool {
	for _, x := range []*twin{t, u} {
		if x.sum == [sha256.Size]byte{} {
			var ok bool
			if x.sum, ok = sumOf(string(x.Name)); !ok {
				return false
			}
		}
	}
	return t.sum == u.sum
}

func (t *twin) size() string {
	if t.Width == 0 {
		return ""
	}
	return fmt.Sprintf("%d x %d", t.Width, t.Height)
}

// printTwins lists the groups for people.
func printTwins(w io.Writer, groups []twinsOne) error {
	for _, g := range groups {
		wide := 0
		for _, t := range g.Pictures {
			wide = max(wide, len(shown(string(t.Name))))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%d alike:\n", len(g.Pictures))
		for _, t := range g.Pictures {
			line := fmt.Sprintf("  %-*s  %12s", min(wide, 60), shown(string(t.Name)), t.size())
			if t.Bytes > 0 {
				line += fmt.Sprintf("  %11d bytes  %s", t.Bytes, t.time.Format("2006-01-02 15:04"))
			}
			line += fmt.Sprintf("  %.3f", t.Cosine)
			if t.Same {
				line += "  same bytes"
			}
			if t.Turned != "" {
				line += "  " + t.Turned
			}
			b.WriteString(line + "\n")
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

const twinsHeading = "group,name,width,height,bytes,modified,cosine,same\r\n"

// twinsTable is the groups as CSV; what is not known is empty.
func twinsTable(groups []twinsOne) []byte {
	b := []byte(twinsHeading)
	known := func(n int64) {
		b = append(b, ',')
		if n > 0 {
			b = strconv.AppendInt(b, n, 10)
		}
	}
	for _, g := range groups {
		for _, t := range g.Pictures {
			b = append(strconv.AppendInt(b, int64(g.Group), 10), ',')
			b = appendField(b, string(t.Name))
			known(int64(t.Width))
			known(int64(t.Height))
			known(t.Bytes)
			b = append(append(b, ','), t.Modified...)
			b = strconv.AppendFloat(append(b, ','), float64(t.Cosine), 'g', -1, 32)
			same := ",0\r\n"
			if t.Same {
				same = ",1\r\n"
			}
			b = append(b, same...)
		}
	}
	return b
}
