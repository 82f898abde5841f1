package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// The shards one after the other are what one run gives, as text and in an index.
func TestShards(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	for i := range 10 {
		writePicture(t, filepath.Join(photos, fmt.Sprintf("s%d.png", i)), 30, 20+i, byte(i*11))
	}
	embed := func(args ...string) string {
		t.Helper()
		status, out, stderr := likeness(t, append([]string{"embed", "--model", modelFile}, args...)...)
		if status != exitOK {
			t.Fatal(stderr)
		}
		return out
	}
	for _, format := range []string{"jsonl", "pgvector", "qdrant"} {
		whole := embed("--format", format, photos)
		parts := ""
		for i := 1; i <= 4; i++ {
			parts += embed("--format", format, "--shard", fmt.Sprintf("%d/4", i), photos)
		}
		if parts != whole || strings.Count(whole, "\n") != 13 {
			t.Errorf("%s: the shards are not the whole:\n%s\n%s", format, parts, whole)
		}
	}
	var files []string
	for i := 1; i <= 3; i++ {
		name := filepath.Join(dir, fmt.Sprintf("part%d.parquet", i))
		embed("--format", "parquet", "--shard", fmt.Sprintf("%d/3", i), "-o", name, photos)
		files = append(files, name)
	}
	one := filepath.Join(dir, "one.npy")
	embed("-o", one, photos)
	index := func(out string, args ...string) string {
		t.Helper()
		args = append([]string{"index", "-o", filepath.Join(dir, out), "--no-runtime", "--model", modelFile, "--vectors"}, args...)
		if status, _, stderr := likeness(t, args...); status != exitOK {
			t.Fatal(stderr)
		}
		status, found, stderr := likeness(t, "search", "--json", "--model", modelFile, filepath.Join(dir, out), filepath.Join(photos, "s3.png"))
		if status != exitOK {
			t.Fatal(stderr)
		}
		return found
	}
	if parts, whole := index("parts", files...), index("whole", one); parts != whole || !strings.Contains(whole, "s3.png") {
		t.Errorf("an index of shards finds %s, of the whole %s", parts, whole)
	}
	for _, bad := range []string{"0/3", "4/3", "1", "a/b", "1/0"} {
		if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--shard", bad, photos); status != exitFatal || !strings.Contains(stderr, "I/N") {
			t.Errorf("--shard %s: %d %s", bad, status, stderr)
		}
	}
	if status, _, stderr := likeness(t, "embed", "--model", modelFile, "--shard", "1/99", photos); status != exitFatal || !strings.Contains(stderr, "fewer pictures than shards") {
		t.Errorf("%d %s", status, stderr)
	}
}
