package samples

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"testing"

	"likeness/engine/signal"
)

// TestFiles: the files and their pictures are the same on every platform; the
// hash was written down on linux/amd64.
func TestFiles(t *testing.T) {
	o, err := signal.New(signal.Auto)
	if err != nil {
		t.Fatal(err)
	}
	sum, count := sha256.New(), 0
	for name, data := range Files() {
		g, err := o.Render(path.Base(name), data)
		if err != nil {
			t.Fatal(name, err)
		}
		sum.Write([]byte(name))
		sum.Write(data)
		sum.Write(g.Pix)
		count++
	}
	if got, want := hex.EncodeToString(sum.Sum(nil)[:8]), "ccf9b61efb50c85f"; count != (8+6+4)*Each || got != want {
		t.Errorf("%d files, %s; want %s", count, got, want)
	}
}
