package heif

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"likeness/engine/picture/look"
)

var update = flag.Bool("update", false, "write the cases for the page's tests")

// pageCase is a picture with what the page is told of it and what it must give.
type pageCase struct {
	Name   string     `json:"name"`
	Data   []byte     `json:"data"`
	HEIF   *look.HEIF `json:"heif"`
	Width  int        `json:"width"`
	Height int        `json:"height"`
	Sum    string     `json:"sum"` // of RGBA, the first 8 bytes of SHA-256
}

// TestPageCases keeps the cases of web/test/heif.test.js, which decodes them in
// browsers and compares.
func TestPageCases(t *testing.T) {
	const file = "../../web/test/heif-cases.json"
	var cases []pageCase
	add := func(name string, data []byte) {
		px := decode(t, data)
		f, err := look.Look(data)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(px.Pix)
		cases = append(cases, pageCase{name, data, f.HEIF, px.W, px.H, hex.EncodeToString(sum[:8])})
	}
	for _, name := range []string{"scene.heic", "odd.heic", "chroma422.heic", "rgb.heic", "deep.heic", "grey.heic", "alpha.heic",
		"scene.avif", "grey.avif", "alpha.avif"} {
		add(name, fixture(t, name))
	}
	for rotate := range 4 {
		for mirror := range 2 {
			turns := [][]byte{clap(42, 30, 20, 26, 3, 4), box("irot", []byte{byte(rotate)}), box("imir", []byte{byte(mirror)})}
			add(fmt.Sprintf("avif, cropped, %d quarters, mirror %d", rotate, mirror), container("avif", []item{picture(t, "scene.avif", 42, 30, turns...)}))
		}
	}
	add("heic, turned and mirrored", container("heic", []item{picture(t, "scene.heic", 42, 30, box("irot", []byte{1}), box("imir", []byte{1}))}))
	add("heic, BT.709, limited range", container("heic", []item{picture(t, "tile.heic", 64, 64, box("colr", []byte("nclx"), u16(1, 13, 1), []byte{0}))}))
	tile := picture(t, "tile.heic", 64, 64)
	add("heic, a grid, turned", container("heic", []item{grid(2, 2, 100, 90, box("irot", []byte{3})), tile, tile, tile, tile}, box("dimg", u16(1, 4, 2, 3, 4, 5))))
	auxC := full("auxC", []byte("urn:mpeg:hevc:2015:auxid:1\x00"))
	add("heic, multiplied by opacity", container("heic", []item{tile, picture(t, "grey.heic", 42, 30, auxC)}, box("auxl", u16(2, 1, 1)), box("prem", u16(1, 1, 2))))

	want, err := json.MarshalIndent(cases, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not of this program: go test ./tools/heif -run PageCases -update (%v)", file, err)
	}
}
