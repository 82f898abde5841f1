package heif

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// TestPacked holds the embedded programs against the sums in README.md.
func TestPacked(t *testing.T) {
	needPrograms(t)
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"heic", "avif"} {
		sum := sha256.Sum256(Packed(format))
		if !strings.Contains(string(text), hex.EncodeToString(sum[:])) {
			t.Errorf("%s.wasm.gz has the sum %x", format, sum)
		}
	}
	if Packed("png") != nil {
		t.Error("a program for PNG")
	}
}

func needPrograms(t testing.TB) {
	t.Helper()
	if Packed("heic") == nil || Packed("avif") == nil {
		t.Skip("the decoders are not there: make build copies them")
	}
}
