package main

import (
	"path/filepath"
	"testing"
)

func TestGroupLimit(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		mkdir(t, filepath.Dir(path))
		writeFile(t, path, []byte(text))
		return path
	}
	put("2/memory.max", "max\n")
	put("2/a/memory.max", "3000\n")
	put("2/a/b/memory.max", "max\n")
	put("1/memory/memory.limit_in_bytes", "9223372036854771712\n")
	put("1/memory/docker/x/memory.limit_in_bytes", "5000\n")
	put("in/memory.max", "700\n") // a container that sees its own group as the root
	for _, c := range []struct {
		groups, root string
		want         int64
	}{
		{"0::/a/b\n", "2", 3000},
		{"0::/\n", "2", 0},
		{"12:cpu:/x\n9:memory:/docker/x\n", "1", 5000},
		{"9:memory:/\n", "1", 0},
		{"0::/system.slice/docker-1.scope\n", "in", 700},
		{"0::/../../x\n", "in", 700},
		{"rubbish", "2", 0},
	} {
		if got := groupLimit(put("cgroup", c.groups), filepath.Join(dir, c.root)); got != c.want {
			t.Errorf("%q: %d, want %d", c.groups, got, c.want)
		}
	}
	if got := memTotal(put("meminfo", "MemTotal:       16318480 kB\nMemFree: 1 kB\n")); got != 16318480<<10 {
		t.Errorf("MemTotal %d", got)
	}
	if memTotal(filepath.Join(dir, "gone")) != 0 || groupLimit(filepath.Join(dir, "gone"), dir) != 0 {
		t.Error("missing files tell a size")
	}
}
