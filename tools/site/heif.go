package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"path/filepath"

	"likeness/tools/heif"
)

// writeHEIF writes the decoders of HEIC and AVIF, which are files of their own
// so that they can be replaced, and their licences.
func (s *site) writeHEIF() error {
	for _, format := range []string{"heic", "avif"} {
		packed := heif.Packed(format)
		if packed == nil {
			return fmt.Errorf("the decoder of %s is not in tools/heif/programs: make puts it there", format)
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		program, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if err := s.write("heif/"+format+".wasm", program); err != nil {
			return err
		}
	}
	texts, err := filepath.Glob("tools/heif/programs/LICENSE.*.txt")
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err := s.copy(text, "heif/"+filepath.Base(text)); err != nil {
			return err
		}
	}
	return s.copy("tools/heif/README.md", "heif/README.txt")
}
