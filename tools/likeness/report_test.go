package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"likeness/engine"
)

// Sums of the default model's vectors in bench --report, and of its JPEG: what
// other machines report is held against these.
const (
	reportModel  = "09eca5d8677f99ff8a93331de0c142ac03178832fd0e9825e2adb411fcf75718"
	reportVector = "4d714ec7f28afae1bac4d1f478b730c31b92a5eef45712699910a0bf2d07b25d"
	reportPhoto  = "b20cc815cd29193ce07e0b3def0e8ff7fa036c1c2448c412f10e0e5583b65f44"
)

func TestReport(t *testing.T) {
	status, stdout, stderr := likeness(t, "bench", "--model", "../../models/likeness_v1.safetensors", "--runs", "1", "--report")
	if status != exitOK {
		t.Fatal(status, stderr)
	}
	var r measurement
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if r.ModelHash != reportModel {
		t.Fatalf("the default model is another, %s: find the sums anew", r.ModelHash)
	}
	if r.Vector != reportVector || r.Photo.Vector != reportPhoto {
		t.Errorf("vectors %s and, of the photo, %s: not those of other machines", r.Vector, r.Photo.Vector)
	}
	if r.Build.Version != engine.Version || r.Build.Kernels != engine.Backend() || len(r.Network.Layers) == 0 || r.Network.Median <= 0 || r.Photo.Median <= 0 {
		t.Errorf("the report lacks something: %+v", r)
	}
	if !strings.Contains(stderr, "no person") {
		t.Errorf("what the report holds is not said: %q", stderr)
	}
}

// The photo is the same file everywhere, or its vector could not be.
func TestTestPhoto(t *testing.T) {
	photo, err := testPhoto(160, 120)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(photo)
	if got := hex.EncodeToString(sum[:8]); got != "9c4b8da4706c2459" {
		t.Errorf("sum %s", got)
	}
}

func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}} {
		status, stdout, _ := likeness(t, args...)
		if status != exitOK || !strings.HasPrefix(stdout, "likeness "+engine.Version+", go") {
			t.Errorf("%v: %d, %q", args, status, stdout)
		}
	}
	status, stdout, _ := likeness(t, "--version", "--json")
	var b build
	if err := json.Unmarshal([]byte(stdout), &b); err != nil || status != exitOK {
		t.Fatalf("%d, %v: %q", status, err, stdout)
	}
	if b.Version != engine.Version || b.OS != runtime.GOOS || b.Kernels != engine.Backend() || b.Memory <= 0 || b.CPUs < 1 {
		t.Errorf("%+v", b)
	}
	if status, _, _ := likeness(t, "--version", "x"); status != exitFatal {
		t.Error("an argument is accepted")
	}
}

func TestProcessorName(t *testing.T) {
	for text, want := range map[string]string{
		"processor\t: 0\nmodel name\t: A 1 @ 2GHz\nflags\t: a b\n\nprocessor\t: 1\nmodel name\t: B\n": "A 1 @ 2GHz",
		"processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n":             "implementer 0x41, part 0xd0c",
		"Hardware\t: Board\n": "Board",
		"":                    "",
	} {
		if got := processorName(strings.NewReader(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
