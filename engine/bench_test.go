package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"likeness/engine"
	"likeness/engine/picture"
)

// BenchmarkPicture runs the models that have been obtained, one core, from
// 224 x 224 pixels to the default layer's vector.
func BenchmarkPicture(b *testing.B) {
	eachModel(b, func(b *testing.B, s *engine.Session, p picture.Preparation) *picture.Pixels {
		return noise(1, 224, 224)
	})
}

// BenchmarkNetwork is the same from pixels of the size of the network's input.
func BenchmarkNetwork(b *testing.B) {
	eachModel(b, func(b *testing.B, s *engine.Session, p picture.Preparation) *picture.Pixels {
		if err := s.Resize(picture.ResizeNone); err != nil {
			b.Fatal(err)
		}
		return noise(1, p.Width, p.Height)
	})
}

func eachModel(b *testing.B, prepare func(*testing.B, *engine.Session, picture.Preparation) *picture.Pixels) {
	files, _ := filepath.Glob("../models/*.safetensors")
	if len(files) == 0 {
		b.Skip("no models: make build obtains one")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		n, err := engine.Load(data)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(n.Name(), func(b *testing.B) {
			s, err := n.NewSession()
			if err != nil {
				b.Fatal(err)
			}
			px := prepare(b, s, n.Preparation())
			for b.Loop() {
				if err := s.Run(px); err != nil {
					b.Fatal(err)
				}
				if _, err := s.Vector("", engine.PoolAvg, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
