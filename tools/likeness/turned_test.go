package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Copies that were turned or mirrored are found among strangers and said to be
// so; without the pictures, by vectors alone, they are not looked for.
func TestTurnedCopiesAreFound(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, m image.Image) {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 70}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var scenes []*image.RGBA
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := image.NewRGBA(image.Rect(0, 0, 240, 160))
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		for range 12 {
			c, x, y := color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}, r.IntN(200), r.IntN(120)
			for yy := y; yy < min(160, y+60); yy++ {
				for xx := x; xx < min(240, x+90); xx++ {
					m.SetRGBA(xx, yy, c)
				}
			}
		}
		scenes = append(scenes, m)
		save(string(rune('a'+seed))+".jpg", m)
	}
	quarter := image.NewRGBA(image.Rect(0, 0, 160, 240))
	for y := range 160 {
		for x := range 240 {
			quarter.SetRGBA(159-y, x, scenes[0].RGBAAt(x, y))
		}
	}
	save("z.jpg", quarter)
	status, out, stderr := likeness(t, "duplicates", "--json", "--model", "../../models/likeness_v1.safetensors", "--threshold", "0.9999", dir)
	var got struct {
		Groups []struct {
			Pictures []struct{ Name, Turned string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || status != 0 {
		t.Fatalf("%d %v %s", status, err, stderr)
	}
	if len(got.Groups) != 1 || len(got.Groups[0].Pictures) != 2 {
		t.Fatalf("%s", out)
	}
	names, turned := map[string]bool{}, ""
	for _, p := range got.Groups[0].Pictures {
		names[filepath.Base(p.Name)] = true
		turned += p.Turned
	}
	if !names["a.jpg"] || !names["z.jpg"] || turned != "turned by 90 degrees" && turned != "turned by 270 degrees" {
		t.Errorf("%s", out)
	}
}
