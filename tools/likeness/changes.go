package main

import (
	"fmt"
	"path/filepath"
)

// changes is what --update did.
type changes struct {
	Kept       int `json:"kept"`       // from FILE
	Added      int `json:"added"`      // were not in FILE
	Recomputed int `json:"recomputed"` // were in FILE and have changed
	Dropped    int `json:"dropped"`    // in FILE, and no longer asked for or there
	Continued  int `json:"continued"`  // of those added and recomputed: from FILE.partial
}

func (c *changes) String() string {
	s := fmt.Sprintf("; %d kept, %d added, %d recomputed, %d dropped", c.Kept, c.Added, c.Recomputed, c.Dropped)
	if c.Continued > 0 {
		s += fmt.Sprintf("; %d of them were done by an interrupted run", c.Continued)
	}
	return s
}

// changes counts, or is nil without --update.
func (out *vectorOutput) changes() *changes {
	if out.known == nil {
		return nil
	}
	c := &changes{}
	old := map[string]bool{} // whether the picture is still wanted
	for _, name := range out.known.old.names {
		old[filepath.Clean(name)] = false
	}
	for i, name := range out.listed {
		name = filepath.Clean(name)
		_, was := old[name]
		if was {
			old[name] = true
		}
		row := out.rows[i]
		switch {
		case row != nil && !row.set.partial:
			c.Kept++
			old[filepath.Clean(row.set.names[row.i])] = true // it may have been moved
		case was:
			c.Recomputed++
		default:
			c.Added++
		}
		if row != nil && row.set.partial {
			c.Continued++
		}
	}
	for _, wanted := range old {
		if !wanted {
			c.Dropped++
		}
	}
	return c
}

// none reports whether FILE is what it would become. The metadata of tsv, which
// is not read, is written anew in any case.
func (c *changes) none(out *vectorOutput) bool {
	old := &out.known.old
	if out.meta != nil || c.Kept != len(out.listed) || c.Kept != len(old.names) {
		return false
	}
	for i, name := range out.listed {
		if name != old.names[i] || out.ids[i] != old.ids[i] {
			return false
		}
	}
	return true
}
