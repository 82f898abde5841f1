package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"likeness/engine/picture"
	"likeness/engine/signal"
	"likeness/engine/tune"
	"likeness/tools/output"
)

// userCache is the folder that a system has for caches. Tests set it.
var userCache = os.UserCacheDir

const (
	// noCache is what --cache says to keep nothing.
	noCache = "none"
	// mostCached is how many bytes stay in a cache after a run, beside those that
	// the run has used.
	mostCached = 4 << 30
	// staleAfter is how long views of another model stay unused.
	staleAfter = 30 * 24 * time.Hour
	viewsEnd   = ".views"
)

// viewCache keeps what frozen layers make of pictures from run to run, in files
// that one process at a time may use.
type viewCache struct {
	*tune.Pack
	dir, model, name string // folder; begin of the files of the model, and of this pack
	files            []*os.File
	most             int64 // bytes
}

// cachedFile is a file of a pack.
type cachedFile struct{ *os.File }

func (f cachedFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// cacheFolder is where views are kept, "" where they are not.
func cacheFolder(asked string) string {
	switch asked {
	case noCache:
		return ""
	case "":
		dir, err := userCache()
		if err != nil {
			return ""
		}
		return filepath.Join(dir, "likeness", "views")
	}
	return asked
}

// openCache opens the files of a viewer's views that no other process has.
func openCache(dir, model string, v *tune.Viewer) (*viewCache, error) {
	key := v.Key()
	c := &viewCache{Pack: tune.NewPack(key, v.Views(), v.Len()), dir: dir, model: model[:min(len(model), 16)] + "-", most: mostCached}
	c.name = c.model + hex.EncodeToString(key[:16]) + "-"
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", shown(dir), cause(err))
	}
	there, err := filepath.Glob(filepath.Join(globbed(dir), c.name+"*"+viewsEnd))
	if err != nil {
		return nil, err
	}
	for _, path := range there {
		if err := c.take(path); err != nil && !errors.Is(err, output.ErrLocked) {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// globbed is a folder's name for filepath.Glob.
func globbed(dir string) string {
	return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(dir)
}

// take opens a file and adds it to the pack.
func (c *viewCache) take(path string) error {
	f, err := output.OpenLocked(path, "")
	if err != nil {
		return err
	}
	if err := c.Append(cachedFile{f}); err != nil {
		f.Close()
		return fmt.Errorf("cannot write %s: %w", shown(path), cause(err))
	}
	c.files = append(c.files, f)
	return nil
}

// add keeps the views of a picture.
func (c *viewCache) add(p *embedded) error {
	for n := 0; c.Full(); n++ {
		path := filepath.Join(c.dir, fmt.Sprintf("%s%d%s", c.name, n, viewsEnd))
		if exists(path) {
			continue
		}
		if err := c.take(path); err != nil && !errors.Is(err, output.ErrLocked) {
			return err
		}
	}
	note, err := json.Marshal(p.notes)
	if err != nil {
		return err
	}
	return c.Add(p.digest, tune.Bytes(p.views), note)
}

// find looks for the views of a picture and gives its notes.
func (c *viewCache) find(digest tune.Digest) (notes []picture.Note, ok bool) {
	note, ok := c.Find(digest)
	if !ok || json.Unmarshal(note, &notes) != nil {
		return nil, false
	}
	return notes, true
}

// trim removes files that this run has no use for, until there are at most c.most
// bytes beside those in use: views of other models first, in each case what was
// unused for longest. Those of other processes stay.
func (c *viewCache) trim() {
	for _, i := range slices.Backward(c.Unused()) {
		c.files[i].Close()
		c.files = slices.Delete(c.files, i, i+1)
	}
	mine := map[string]bool{}
	for _, f := range c.files {
		mine[filepath.Base(f.Name())] = true
	}
	type old struct {
		path  string
		other bool
		size  int64
		used  time.Time
	}
	var all []old
	total := int64(0)
	entries, _ := os.ReadDir(c.dir)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || mine[e.Name()] || !info.Mode().IsRegular() || !strings.HasSuffix(e.Name(), viewsEnd) {
			continue
		}
		all = append(all, old{filepath.Join(c.dir, e.Name()), !strings.HasPrefix(e.Name(), c.model), info.Size(), info.ModTime()})
		total += info.Size()
	}
	slices.SortFunc(all, func(a, b old) int {
		if a.other != b.other {
			return cmp.Compare(b2i(b.other), b2i(a.other))
		}
		return a.used.Compare(b.used)
	})
	for _, o := range all {
		if total <= c.most && !(o.other && time.Since(o.used) > staleAfter) {
			continue
		}
		f, err := output.OpenLocked(o.path, "")
		if err != nil {
			continue
		}
		f.Close() // Windows removes no file that is open
		if os.Remove(o.path) == nil {
			total -= o.size
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// close lets other processes have the files.
func (c *viewCache) close() {
	for _, f := range c.files {
		f.Close()
	}
	c.files = nil
}

// contentOf names a picture by its file, and by how a picture is made of it where
// it is none.
func contentOf(data []byte, name string, o *signal.Options) tune.Digest {
	kind := o.KindOf(name)
	if kind == "" {
		return sha256.Sum256(data)
	}
	h := sha256.New()
	fmt.Fprintf(h, "likeness signal\n%s\n%q\n%+v\n", kind, filepath.Base(name), *o)
	h.Write(data)
	return tune.Digest(h.Sum(nil))
}
