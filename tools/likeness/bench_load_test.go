package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// bench --load tells every stage, and that their sum is the whole.
func TestBenchLoad(t *testing.T) {
	path := "../../models/likeness_v1.safetensors"
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := likeness(t, "bench", "--model", path, "--load", "--runs", "1", "--json")
	if status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var got loadTiming
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Bytes != info.Size() || got.Runs != 1 || len(got.Stages) != len(loadStages) {
		t.Errorf("%+v", got)
	}
	sum := 0.0
	for i, s := range got.Stages {
		if s.Name != loadStages[i].Name || s.Time <= 0 {
			t.Errorf("stage %d: %+v", i, s)
		}
		sum += s.Time
	}
	if d := got.Median - sum; d > 1e-6 || d < -1e-6 {
		t.Errorf("the whole takes %g ms, its stages %g", got.Median, sum)
	}
	_, text, _ := likeness(t, "bench", "--model", path, "--load", "--runs", "2")
	for _, s := range loadStages {
		if !strings.Contains(text, " ms  "+s.Name) {
			t.Errorf("%s is not in:\n%s", s.Name, text)
		}
	}
}
